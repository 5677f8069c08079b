from __future__ import annotations

from scopesync.plan.whose import labelled
from tests.support.builders import desired, live, planned, school

HAVE = live([school("s"), school("t"), school("u")])
BASE = planned(desired([school("s", name="Pending"), school("t", name="Then"), school("u")]), HAVE)
HEAD = planned(desired([school("s", name="Pending"), school("t", name="Now"), school("u", name="Mine")]), HAVE)


def test_a_change_is_the_branchs_or_was_pending_or_is_both() -> None:
    (schools, _) = labelled(HEAD, BASE).lists
    assert {change.key: change.whose for change in schools.changes} == {
        "s": "already pending",
        "t": "both",
        "u": "this branch",
    }


def test_everything_is_the_branchs_where_the_tenant_had_no_file() -> None:
    (schools, _) = labelled(HEAD, None).lists
    assert {change.whose for change in schools.changes} == {"this branch"}


def test_a_label_changes_nothing_else() -> None:
    assert labelled(HEAD, BASE).calls == HEAD.calls
    assert [change.after for change in labelled(HEAD, BASE).lists[0].changes] == [
        change.after for change in HEAD.lists[0].changes
    ]
