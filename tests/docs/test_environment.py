from __future__ import annotations

from pathlib import Path

from tests.docs.environment import page

PAGE = Path(__file__).parents[2] / "docs" / "environment.md"


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.docs.environment > docs/environment.md"
