from __future__ import annotations

import pytest

from scopesync.sandbox.api.behaviour import Behaviour


def test_a_page_has_room_for_a_row() -> None:
    assert Behaviour(max_page_size=1).max_page_size == 1
    with pytest.raises(ValueError, match="max_page_size"):
        Behaviour(max_page_size=0)
