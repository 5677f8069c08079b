"""Faults 1 to 12 where a person meets them: a refusal with its place and what to do, and nothing is sent.

And what people do with files all day: fmt, import into a project that is there, hooks.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from scopesync.sandbox.sample_districts import districts
from tests.cli.conftest import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended, Live, Shell

    Edit = Callable[[str, str, str], None]

ROOT = Path(__file__).parents[2]
SMALL = districts()[3]
NAME = "st-brigids-diocesan-schools-ceatharlach"
FILE = f"tenants/{NAME}.yaml"
HEAD = f"version: 1\ntenant: {SMALL.id}\n"
CANARY = "hunter2canary"


@pytest.fixture
def offline(shell: Shell) -> Shell:
    """A project whose API nobody answers for: a command that tried it would end with 6."""
    (shell.root / "tenants").mkdir()
    (shell.root / "scopesync.yaml").write_text(PROJECT.format(base_url="http://127.0.0.1:1"))
    (shell.root / FILE).write_text(HEAD + "credentials: {client_id: env:A, client_secret: env:A}\n")
    shell.environ = {"A": "a", "VENDOR_KEY": "a"}
    assert shell("plan").code == 6
    return shell


def _refused(offline: Shell, *words: str) -> Ended:
    """The refusal of an apply, as a person sees it: validate says the same, and nothing was sent."""
    ended = offline("apply", "--yes")
    assert ended.code == 1
    assert "Traceback" not in ended.err + ended.out
    for word in words:
        assert word in ended.err
    assert offline("validate").err == ended.err
    return ended


REFUSED = {
    "1 empty": ("", f"{FILE}:1:1", "the file is empty", "to stop managing a tenant, delete its file"),
    "1 comments": ("# later\n", f"{FILE}:1:1", "the file is empty"),
    "1 braces": ("{}", FILE, '"tenant" is missing'),
    "1 null": (HEAD + "schools:\n", f"{FILE}:3:", "leave the key out", "not null"),
    "3 open quote": (HEAD + 'schools:\n  - school_id: "5f0', f"{FILE}:4:", "starts on line 4"),
    "4 key": (HEAD + "schools: []\nschools: []\n", f"{FILE}:4:1", "the first is on line 3"),
    "4 row": (HEAD + "schools:\n  - {school_id: a}\n  - {school_id: a}\n", f"{FILE}:5:5", f"{FILE}:4"),
    "5 exponent": (HEAD + "schools: [{school_id: a, local_id: 1e3}]\n", f"{FILE}:3:", 'quote it: "1e3"'),
    "5 zeros": (HEAD + "schools: [{school_id: a, local_id: 00123}]\n", f"{FILE}:3:", 'quote it: "00123"'),
    "6 dot": (HEAD + 'schools:\n  - school_id: "."\n', f"{FILE}:4:16", "not a safe id", "^"),
    "6 escape": (HEAD + 'schools:\n  - school_id: "a\\e[2J"\n', f"{FILE}:4:16", "not a safe id"),
    "7 alias": (HEAD + "a: &a [x]\nb: [*a, *a]\n", f"{FILE}:3:4", "anchors", "aliases"),
    "7 merge": (HEAD + "<<: {a: 1}\n", f"{FILE}:3:1", "merge keys"),
    "7 tag": (HEAD + "name: !!python/object:os.system x\n", f"{FILE}:3:7", "tags"),
    "7 documents": (HEAD + "---\n" + HEAD, f"{FILE}:3:1", "a second document"),
    "7 brackets": ("[" * 100_000, FILE, "nested deeper than 32 levels"),
    "8 conflict": (HEAD + "<<<<<<< ours\n", f"{FILE}:3:1", "Git conflict markers"),
    "9 key": (HEAD + "shcools: []\n", f"{FILE}:3:1", 'did you mean "schools"?', "    | shcools: []", "    | ^"),
    "9 newer": ("version: 2\nnews: yes\n", f"{FILE}:1:10", "upgrade scopesync"),
    "10 outside": (HEAD + "schools: [{from: ../../x.csv}]\n", f"{FILE}:3:18", "leaves the project"),
    "10 glob": (HEAD + "schools: [{from: 'none/*.csv'}]\n", f"{FILE}:3:18", "matches no file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_with_a_fault_is_refused_with_its_place_and_nothing_is_sent(offline: Shell, name: str) -> None:
    text, *words = REFUSED[name]
    (offline.root / FILE).write_text(text)
    _refused(offline, *words)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (HEAD.encode("utf-16"), "UTF-16, at byte offset 0"),
        ((HEAD + "name: é\n").encode("latin-1"), "not UTF-8"),
        (HEAD.encode() + b"\0", "NUL byte"),
    ],
)
def test_fault_8_other_encodings_are_refused_with_the_offset(offline: Shell, data: bytes, words: str) -> None:
    (offline.root / FILE).write_bytes(data)
    _refused(offline, FILE, words, "save the file as UTF-8")


def test_fault_1_an_empty_list_over_live_rows_meets_its_guard(fleet: Shell, sandbox: Live) -> None:
    (fleet.root / FILE).write_text(HEAD + "courses: []\n")
    ended = fleet("apply", "--yes")
    assert ended.code == 3
    assert "empty-list" in ended.out
    assert "guard: empty-list, list: courses, count: 18" in " ".join(ended.out.split())
    assert not sandbox.writes


def test_fault_2_a_tenant_whose_file_is_gone_is_untouched_and_listed_without_one(fleet: Shell, sandbox: Live) -> None:
    before = sandbox.store.rows(SMALL.id, "schools")
    (fleet.root / FILE).unlink()
    assert fleet("apply", "--yes").code == 0
    assert sandbox.store.rows(SMALL.id, "schools") == before
    (listed,) = [one for one in fleet("tenants", "--format", "json").document["tenants"] if one["id"] == SMALL.id]
    assert listed["file"] is None


def test_fault_3_a_file_cut_off_between_two_rows_meets_the_guard(fleet: Shell, sandbox: Live) -> None:
    path = fleet.root / FILE
    rows = path.read_text().split("  - course_id: ")
    path.write_text("  - course_id: ".join(rows[: len(rows) // 2]))
    assert fleet("validate").code == 0
    ended = fleet("apply", "--yes")
    assert ended.code == 3
    assert "max-removals" in ended.out
    assert not sandbox.writes


def test_fault_4_one_tenant_in_two_files_names_both(offline: Shell) -> None:
    (offline.root / "tenants/b.yaml").write_text((offline.root / FILE).read_text())
    _refused(offline, f"{FILE}:2:9", "tenants/b.yaml:2:9", "the tenant id is the same in")


def test_fault_4_one_row_in_two_files_names_both(offline: Shell) -> None:
    (offline.root / FILE).write_text(HEAD + "courses: [{from: 'rows/*.csv'}]\n")
    (offline.root / "tenants/rows").mkdir()
    for name in "ab":
        (offline.root / f"tenants/rows/{name}.csv").write_text("course_id\nx\n")
    _refused(offline, "tenants/rows/b.csv:2", "tenants/rows/a.csv:2")


def test_fault_5_text_of_yaml_1_2_is_planned_as_text(fleet: Shell) -> None:
    (fleet.root / FILE).write_text(
        HEAD
        + f"schools: [{{school_id: {SMALL.schools[0]['school_id']}, name: no}}]\n"
        + "manage: {schools: additive}\n"
    )
    (tenant,) = fleet("plan", NAME, "--format", "json").document["tenants"]
    assert [change["after"]["name"] for change in tenant["lists"]["schools"]["changes"]] == ["no"]


def test_fault_7_a_huge_file_is_refused_unread(offline: Shell) -> None:
    os.truncate(offline.root / FILE, 200 << 20)
    _refused(offline, FILE, "larger than 16 MiB", "split it")


def test_fault_8_a_bom_and_crlf_are_no_change(fleet: Shell) -> None:
    path = fleet.root / FILE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert fleet("plan", "--detailed-exitcode").code == 0


def test_fault_10_what_is_no_file_of_the_project_is_refused_at_its_from(offline: Shell) -> None:
    (offline.root.parent / "out.csv").write_text("school_id\na\n")
    (offline.root / "tenants/link.csv").symlink_to("../../out.csv")
    (offline.root / "tenants/dir.csv").mkdir()
    os.mkfifo(offline.root / "tenants/fifo.csv")
    names = ("link.csv", "dir.csv", "fifo.csv", "/dev/zero")
    (offline.root / FILE).write_text(HEAD + "schools:\n" + "".join(f"  - from: {name}\n" for name in names))
    _refused(offline, *(f"{FILE}:{line}:11: error" for line in (4, 5, 6, 7)), "a folder", "a FIFO")


def test_fault_11_a_csv_is_data_or_is_refused_with_the_line(fleet: Shell) -> None:
    (fleet.root / FILE).write_text(HEAD + "manage: {schools: additive}\nschools: [{from: rows.csv}]\n")
    rows = fleet.root / "tenants/rows.csv"
    rows.write_text('\ufeffschool_id,name\na,"two\nlines"\nb,=HYPERLINK(1)\n')
    document = fleet("plan", NAME, "--format", "json").document
    changes = document["tenants"][0]["lists"]["schools"]["changes"]
    assert {change["origin"]: change["name"] for change in changes} == {
        "tenants/rows.csv:2": "two\nlines",
        "tenants/rows.csv:4": "=HYPERLINK(1)",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("school_id,nmae\na,b\n", ["rows.csv:1:11: error", 'unknown column "nmae"', 'did you mean "name"?']),
        ("school_id,name\na,b\nc\n", ["rows.csv:3: error", "1 cell where the header has 2"]),
    ],
)
def test_fault_11_what_is_wrong_in_a_csv_is_refused_with_the_line(offline: Shell, text: str, words: list[str]) -> None:
    (offline.root / FILE).write_text(HEAD + "schools: [{from: rows.csv}]\n")
    (offline.root / "tenants/rows.csv").write_text(text)
    _refused(offline, *words)


@pytest.mark.parametrize("value", [CANARY, f'"env:{CANARY}\\n"', f"!x {CANARY}", f"'{CANARY}", f"[{CANARY}]"])
def test_fault_12_a_secret_in_a_file_is_refused_and_never_shown(offline: Shell, value: str) -> None:
    (offline.root / FILE).write_text(HEAD + f"credentials:\n  client_id: env:A\n  client_secret: {value}\n")
    for words in (["validate"], ["plan"], ["-vv", "apply", "--yes"], ["fmt"], ["validate", "--format", "json"]):
        ended = offline(*words)
        assert ended.code == 1
        assert CANARY not in ended.out + ended.err
        assert FILE in ended.out + ended.err


@pytest.mark.parametrize("words", [["plan"], ["plan", "--out", "plan.json"], ["apply", "--yes"], ["drift"]])
def test_a_project_without_tenants_is_no_success(words: list[str], offline: Shell) -> None:
    (offline.root / FILE).unlink(missing_ok=True)
    ended = offline(*words)
    assert ended.code == 1
    assert "no tenant file: nothing can be compared" in ended.err
    assert "scopesync import" in ended.err
    assert not (offline.root / "plan.json").exists()


# fmt


def test_what_import_writes_is_canonical(fleet: Shell) -> None:
    written = {path: path.read_bytes() for path in (fleet.root / "tenants").iterdir()}
    ended = fleet("fmt")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert {path: path.read_bytes() for path in (fleet.root / "tenants").iterdir()} == written


def test_what_init_writes_is_canonical(shell: Shell) -> None:
    shell("init")
    ended = shell("fmt", "--check")
    assert (ended.code, ended.out) == (0, "")


@pytest.mark.parametrize("example", ["one-district", "vendor-fleet"])
def test_fmt_changes_no_word_of_the_examples(shell: Shell, example: str) -> None:
    for path in (ROOT / "examples" / example).rglob("*.*"):
        target = shell.root / path.relative_to(ROOT / "examples" / example)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    assert shell("fmt").code == 0
    assert shell("fmt", "--check").code == 0
    assert shell("validate").code == 0


def test_fmt_check_names_the_files_that_would_change_and_writes_nothing(fleet: Shell, edit: Edit) -> None:
    edit(FILE, "schools:\n", "\n\n# all of them\nschools:\n")
    before = (fleet.root / FILE).read_text()
    checked = fleet("fmt", "--check")
    assert (checked.code, checked.out) == (1, f"would change {FILE}\n")
    assert (fleet.root / FILE).read_text() == before
    formatted = fleet("fmt", NAME)
    assert (formatted.code, formatted.out) == (0, f"formatted {FILE}\n")
    assert "\n\n# all of them\nschools:\n" in (fleet.root / FILE).read_text()
    assert fleet("fmt", "--check").code == 0
    assert fleet("plan", "--detailed-exitcode").code == 0


def test_fmt_leaves_a_file_with_problems_and_shows_them(fleet: Shell) -> None:
    (fleet.root / FILE).write_text(HEAD + "shcools:   []\n")
    ended = fleet("fmt")
    assert (ended.code, ended.out) == (1, "")
    assert 'did you mean "schools"?' in ended.err
    assert (fleet.root / FILE).read_text() == HEAD + "shcools:   []\n"


# import into a project that is there


def test_import_adds_what_is_new_and_names_what_it_left(fleet: Shell, sandbox: Live, edit: Edit) -> None:
    name = SMALL.schools[0]["name"]
    edit(FILE, f"name: {name}\n", "name: Mine # agreed\n")
    line = (fleet.root / FILE).read_text().partition(f'"{SMALL.schools[0]["school_id"]}"')[0].count("\n") + 1
    rows = sandbox.store.rows(SMALL.id, "schools")
    sandbox.store.replace(SMALL.id, "schools", [*rows, {"school_id": "new-one", "name": "New"}])
    ended = fleet("import", NAME)
    assert ended.code == 0
    assert ended.out == f"updated {FILE}\n  rows: 1 added\n"
    assert ended.err == f"left {FILE}:{line}: edited here; the live row is different\n"
    assert "name: Mine # agreed\n" in (fleet.root / FILE).read_text()
    forced = fleet("import", NAME, "--force")
    assert (forced.out, forced.err) == (f"updated {FILE}\n  rows: 1 changed\n", "")
    assert f"name: {name} # agreed\n" in (fleet.root / FILE).read_text()
    assert fleet("plan", "--detailed-exitcode").code == 0


def test_import_with_nothing_to_write_says_so(fleet: Shell, edit: Edit) -> None:
    ended = fleet("import", "--all")
    assert (ended.code, ended.out, ended.err) == (0, "", "nothing to write: every file is as it is live\n")
    edit(FILE, "name: ", "name: Mine ")
    ended = fleet("import", "--all")
    assert ended.err.startswith(f"left {FILE}")
    assert "nothing to write" not in ended.err


def test_import_says_in_words_what_no_file_can_say(fleet: Shell, sandbox: Live) -> None:
    rows = sandbox.store.rows(SMALL.id, "schools")
    sandbox.store.replace(SMALL.id, "schools", [*rows, {"name": "Nameless"}])
    ended = fleet("import", NAME, "--force")
    assert ended.code == 0
    assert "left out of schools: a row of" in ended.err
    assert "it has no school_id, school_ref_id or local_id" in ended.err
    assert f"schools of {FILE} is additive: no plan removes the rows that were left out" in ended.err
    assert fleet("plan", "--detailed-exitcode").code == 0


# Hooks


def test_the_hooks_of_pre_commit_run(fleet: Shell) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in hooks] == ["scopesync-validate", "scopesync-fmt"]
    for hook in hooks:
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)
        program, *words = shlex.split(hook["entry"])
        assert program == "scopesync"
        assert fleet(*words).code == 0
