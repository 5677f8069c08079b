from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from scopesync.desired.project import load_project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Shell

STORY = [
    "make a project: scopesync init",
    "see which tenants there are: scopesync tenants",
    "write their live lists as files: scopesync import --all",
    "nothing differs yet: scopesync plan --detailed-exitcode",
    "edit a tenant's files: a school added, a course renamed, three courses removed",
    "check the files: scopesync validate",
    "what would change: scopesync plan --detailed-exitcode --out",
    "make it so: scopesync apply --plan",
    "live equals desired: scopesync plan --detailed-exitcode",
    "behind Git's back another client renames a course and removes the new school: two calls to the API",
    "what drifted: scopesync drift --detailed-exitcode",
    "repair it: scopesync apply --yes",
    "nothing drifts: scopesync drift --detailed-exitcode",
    "that was the whole loop",
]


def test_the_demo_tells_the_whole_loop_and_leaves_a_project_on_request(shell: Shell, tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    ended = shell("demo", "--keep", str(keep))
    assert ended.code == 0, ended.err
    told = [line.removeprefix("== ") for line in ended.out.splitlines() if line.startswith("== ")]
    assert len(told) == len(STORY)
    assert all(line.startswith(expected) for line, expected in zip(told, STORY, strict=True))
    assert "3 to remove, 1 to add, 1 to change" in ended.out
    assert "1 missing, 1 different" in ended.out
    assert len(load_project(keep, today=date(2026, 1, 1)).tenants) == 4


def test_the_demo_does_not_write_into_a_folder_in_use(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine")
    ended = shell("demo", "--keep", str(tmp_path / "mine"))
    assert ended.code == 64
    assert "not empty" in ended.err
