from __future__ import annotations

from dataclasses import replace

from tests.support.builders import course, desired, live, planned, school


def test_rows_without_an_id_and_ids_that_rows_share_are_said_for_what_they_are() -> None:
    have = live([school("s"), school("s", name="Copy"), school(None, local_id="7")], [course("c"), course("c", "s")])
    assert planned(desired(), have).notes == (
        "1 live school has no school_id: only a replace of the list can change such rows",
        "2 live schools share the school_id s",
        "2 live courses share the course_id c",
    )


def test_what_was_noted_while_reading_comes_first() -> None:
    have = replace(live([school(None), school(None)]), notes=("the license expired on 2024-06-30",))
    assert planned(desired(), have).notes == (
        "the license expired on 2024-06-30",
        "2 live schools have no school_id: only a replace of the list can change such rows",
    )


def test_an_ordinary_list_needs_no_note() -> None:
    assert planned(desired(), live([school("s")], [course("c", "s")])).notes == ()
