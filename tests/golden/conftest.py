"""Golden folders: a project, a live side, and what must come of them.

`pytest tests/golden --write-golden` writes the expected files anew; read the difference before you commit it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Callable[[Path, str], None]:
    """Compares a text with the file that holds it, or writes that file when asked to."""

    def compare(path: Path, text: str) -> None:
        if pytestconfig.getoption("--write-golden"):
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return compare
