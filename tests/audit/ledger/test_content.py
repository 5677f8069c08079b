from __future__ import annotations

import pytest

from scopesync.audit.ledger.content import json_content, masked, unpacked
from scopesync.errors import LedgerError

ROWS = [{"name": "Springfield", "selected": True}]


def test_a_value_comes_back_under_its_digest_and_equal_values_share_one() -> None:
    content = json_content({"b": 1, "a": 2})
    assert unpacked(content.digest, content.packed) == b'{"a":2,"b":1}'
    assert json_content({"a": 2, "b": 1}) == content


def test_what_is_not_the_content_is_refused() -> None:
    one, other = json_content([1]), json_content([2])
    with pytest.raises(LedgerError, match="was changed"):
        unpacked(one.digest, other.packed)
    with pytest.raises(LedgerError, match="is damaged"):
        unpacked(one.digest, b"no zlib")


@pytest.mark.parametrize("secret", ['can"ary', "caf\u00e9", "true", '","', "line\nbreak"])
def test_a_secret_is_hidden_in_keys_and_texts_and_nothing_else_changes(secret: str) -> None:
    value = {"name": f"x{secret}y", secret: [None, 3, True, (secret,)], "plain": "text"}
    assert masked(value, lambda text: text.replace(secret, "***")) == {
        "name": "x***y",
        "***": [None, 3, True, ["***"]],
        "plain": "text",
    }


def test_a_value_without_a_secret_is_itself() -> None:
    assert masked(ROWS, lambda text: text.replace("canary", "***")) is ROWS
