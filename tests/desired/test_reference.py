from __future__ import annotations

from pathlib import Path

from scopesync.desired.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"


def test_the_page_is_what_the_schemas_say() -> None:
    assert PAGE.read_text("utf-8") == reference(), "python -m scopesync.desired.reference > docs/reference.md"


def test_it_has_the_keys_that_stand_deep_inside() -> None:
    for key in (
        "connections.NAME.limits.page_size",
        "schools[].protect",
        "courses[].from",
        "allow[].guard",
        "labels.NAME",
    ):
        assert f"| `{key}` |" in reference()
