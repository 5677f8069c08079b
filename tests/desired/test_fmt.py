from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scopesync.desired.fmt import Formatted, format_project, formatted
from scopesync.desired.sources import yaml_reader
from scopesync.desired.sources.text_file import decode
from scopesync.desired.sources.yaml_scalars import quoted
from scopesync.errors import UsageError
from scopesync.model import COURSES, SCHOOLS, Kind
from tests.desired.conftest import HEAD
from tests.support.examples import examples

if TYPE_CHECKING:
    from tests.desired.conftest import Folder


def tenant(text: str) -> str:
    return formatted(text.encode(), "a.yaml", "tenant").decode()


UNTIDY = """\
# yaml-language-server: $schema=../schemas/tenant.schema.json
tenant: 0042abc   # ours


schools:   # the whole district
- name: Zoo   # comes last
  school_id: z1
  # why: a contract
- {local_id: '0042', school_id: a1, # the oldest
   name: no}
- {name: no, school_id: a1, local_id: "0042"} # pasted twice
# - school_id: not yet
courses:
    # The north.

    - {course_id: c2, school_id: z1, name: Biology}

    # read with care
    - {course_id: c1, school_id: a1, name: Zoology}
    # - {course_id: c0}
version: 1
allow:
  - {reason: 'Rollover', guard: max-removals, list: courses, count: 412, expires: 2026-12-01}
# the end
"""
TIDY = """\
# yaml-language-server: $schema=../schemas/tenant.schema.json
version: 1
tenant: "0042abc" # ours

schools: # the whole district
  # pasted twice
  - school_id: "a1" # the oldest
    name: "no"
    local_id: "0042"
  - school_id: "z1"
    name: Zoo # comes last
    # why: a contract
# - school_id: not yet
courses:
  # The north.

  # read with care
  - {course_id: "c1", school_id: "a1", name: Zoology}
  - {course_id: "c2", school_id: "z1", name: Biology}
  # - {course_id: c0}
allow:
  - {guard: max-removals, list: courses, count: 412, reason: "Rollover", expires: 2026-12-01}
# the end
"""


def test_an_untidy_file_becomes_a_tidy_one() -> None:
    assert tenant(UNTIDY) == TIDY


def test_what_is_tidy_stays() -> None:
    assert tenant(TIDY) == TIDY


def test_a_bom_and_the_sort_of_line_breaks_are_kept() -> None:
    untidy, tidy = (b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() for text in (UNTIDY, TIDY))
    assert formatted(untidy, "a.yaml", "tenant") == tidy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\n# top\n\nversion: 1\n...\n# end\n", "# top\n\nversion: 1\n# end\n"),
        ("{version: 1, # one\n tenant: a}\n", 'version: 1 # one\ntenant: "a"\n'),
        ("tenant: a\n\n\n\n# b\n\n\nversion: 1\n", '# b\n\nversion: 1\ntenant: "a"\n'),
        ("schools: [ # none\n]\n", "schools: [] # none\n"),
        ("schools: [\n# none\n]\n", "# none\nschools: []\n"),
        ("allow:\n- reason: >- # why\n    for\n    good\n  guard: empty-list\n", None),
        ("manage: {\n  # both\n  schools: exact}\n", "manage:\n  # both\n  schools: exact\n"),
        ("labels:\n  b: x\n  a: y # y\n", "labels:\n  b: x\n  a: y # y\n"),
        ("labels: {no: 12:30, b: null}\n", 'labels: {"no": "12:30", b: null}\n'),
        ("? name\n: a#b # c\n", "name: a#b # c\n"),
        ('name: "a # b\n\n  # c" # d\n', 'name: "a # b\\n# c" # d\n'),
        ("name: |\n  # a\n\n  b\n\n\n# c\nversion: 1\n", '# c\nversion: 1\nname: "# a\\n\\nb\\n"\n'),
        ("schools:\n  -\n    # above\n\n    school_id: a\n", 'schools:\n  # above\n\n  - school_id: "a"\n'),
    ],
)
def test_comments_stay_with_what_they_are_about(text: str, expected: str | None) -> None:
    expected = expected or 'allow:\n  - guard: empty-list\n    reason: "for good" # why\n'
    assert tenant(text) == expected
    assert tenant(expected) == expected


def test_a_csv_is_sorted_and_its_columns_too() -> None:
    text = 'protect,name,course_id,school_id\n,"Art",b,2\n\nTRUE,"x, y",c,1\n,Art,b,2\n'
    expected = 'course_id,school_id,name,protect\nc,1,"x, y",true\nb,2,Art,\n'
    assert formatted(text.encode(), "c.csv", COURSES).decode() == expected
    assert formatted(expected.encode(), "c.csv", COURSES).decode() == expected


def test_a_list_of_rows_in_a_file_of_its_own_is_formatted_too() -> None:
    text = "# all\n\n- {name: B, school_id: b}\n- name: A\n  school_id: a\n"
    expected = '# all\n\n- school_id: "a"\n  name: A\n- {school_id: "b", name: B}\n'
    assert formatted(text.encode(), "s.yaml", SCHOOLS).decode() == expected


# Whole generated files

PLAIN = [
    "Zoo",
    "no",
    "1.5x",
    "a#b",
    "x: y",
    "- z",
    "0042",
    "12:30",
    "2024-01-01",
    "Zoë 🎻",
    "a\nb",
    "",
    " ",
    "'",
    '"',
    "#",
]
VALUES = st.sampled_from(PLAIN) | st.text(st.characters(exclude_categories=["C", "Z"]), max_size=4)
COMMENTS = st.lists(
    st.sampled_from(["", "# c", "  # deeper", "        # deep: [", "#", "# 'quote", "- # odd"]), max_size=3
)
SCALARS = st.sampled_from(["double", "single", "plain"])


def written(value: Any, style: str) -> str:
    """A scalar as a person might write it; plain and single quotes where these can hold it."""
    if not isinstance(value, str):
        return {None: "null", True: "true", False: "false"}[value]
    if style == "single" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    is_plain = (
        value[:1].isalpha()
        and value.lower() not in ("null", "true", "false")
        and ": " not in value
        and " #" not in value
        and value[-1] not in ": "
        and not set(value) & set(",[]{}")  # it may stand in a row in braces
    )
    return value if style == "plain" and is_plain and value.isprintable() and value.isascii() else quoted(value)


@st.composite
def rows(draw: st.DrawFn, kind: Kind) -> list[str]:
    """The lines of one list: rows in braces and in block layout, with comments above, beside and inside."""
    lines: list[str] = []
    for identity in draw(st.lists(st.sampled_from(["a", "b", "0042", "1e3", "é"]), max_size=4)):
        fields: dict[str, Any] = {kind.id_field: identity, "name": draw(VALUES), "selected": draw(st.booleans())}
        texts = [
            (name, written(fields[name], "double" if name == kind.id_field else draw(SCALARS)))
            for name in draw(st.permutations(list(fields)))
        ]
        lines += [line for line in draw(COMMENTS) if not line.startswith("-")]
        beside = draw(st.sampled_from(["", " # beside", "   # x"]))
        if any("," in text or text[:1] in "[{" for _, text in texts) or draw(st.booleans()):
            inner = [f"    {name}: {text}{draw(st.sampled_from(['', ' # field']))}" for name, text in texts]
            lines += draw(st.sampled_from([["  -" + beside, *inner], [f"  - {inner[0].strip()}", *inner[1:]]]))
            lines += [line for line in draw(COMMENTS) if not line.startswith("-")]
        else:
            glue = draw(st.sampled_from([", ", ",\n     ", ", # inside\n     "]))
            lines.append("  - {" + glue.join(f"{name}: {text}" for name, text in texts) + "}" + beside)
    return lines


@st.composite
def files(draw: st.DrawFn) -> str:
    """A whole tenant file, its parts in any order."""
    parts = [
        ["version: 1"],
        ["tenant: 7b0e0c0e # id"],
        ["labels: {region: no, tier: 'x'}"],
        ["manage:", "  courses: additive"],
    ]
    for kind in (SCHOOLS, COURSES):
        lines = draw(rows(kind))
        has_rows = any(not line.strip().startswith("#") and line.strip() for line in lines)
        parts.append([f"{kind.name}:{'' if has_rows else ' []'}", *lines])
    parts = draw(st.permutations(parts))
    return "".join(
        f"{line}\n" for part in parts for line in (*[one for one in draw(COMMENTS) if one[:1] != "-"], *part)
    )


def said(text: str) -> Any:
    """What a file says: rows as a set, for their order and their copies say nothing."""
    value = yaml_reader.load(decode(text.encode(), "a.yaml"))
    assert not value.problems
    return {
        key: {frozenset(row.items()) for row in item} if isinstance(item, list) else item
        for key, item in value.value.items()
    }


def comments(text: str) -> list[str]:
    """Every comment that `files` can have written: no value of theirs has a # before a blank in it."""
    return sorted(re.findall(r"# (?:id|c|deeper|deep: \[|'quote|odd|beside|x|field|inside)(?!\w)", text))


@examples(0.6)
@given(files())
@example("# a\nschools: []\n  # b\n")
def test_formatting_changes_no_meaning_loses_no_comment_and_is_done_in_one_go(text: str) -> None:
    once = tenant(text)
    assert said(once) == said(text)
    assert tenant(once) == once
    assert comments(once) == comments(text)


CELLS = st.sampled_from(["", "a", "b", "=A1", "x, y", '"', "a\nb", "<<<<<<< x", " ", "0042", "é"])


@given(
    st.permutations(["school_id", "name", "local_id", "keywords"]),
    st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=5),
)
def test_a_csv_says_the_same_in_the_same_form_for_ever(header: list[str], cells: list[list[str]]) -> None:
    text = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in (header, *cells))
    once = formatted(text.encode(), "s.csv", SCHOOLS)
    assert formatted(once, "s.csv", SCHOOLS) == once


# A project's files


def test_every_file_of_a_project_is_formatted_and_only_looked_at_by_check(folder: Folder) -> None:
    folder.write(
        "scopesync.yaml",
        "tenants: tenants/*.yaml\nversion: 1\nconnections: {us2: {base_url: 'https://a.kimonocloud.com'}}\n",
    )
    folder.tenant("courses: [{from: '*.csv'}]\nschools: [{from: s.yml}]\n")
    folder.write("tenants/c.csv", "name,course_id\nx,a\n")
    folder.write("tenants/s.yml", "- {name: x, school_id: a}\n")
    names = {"scopesync.yaml", "tenants/a.yaml", "tenants/c.csv", "tenants/s.yml"}
    before = {name: (folder.root / name).read_bytes() for name in names}
    (folder.root / "tenants/c.csv").chmod(0o640)
    checked = format_project(folder.root, check=True)
    assert (set(checked.changed), checked.problems) == (names, ())
    assert {name: (folder.root / name).read_bytes() for name in names} == before
    assert set(format_project(folder.root, check=False).changed) == names
    assert (folder.root / "tenants/c.csv").read_text() == "course_id,name\na,x\n"
    assert stat.S_IMODE((folder.root / "tenants/c.csv").stat().st_mode) == 0o640
    assert format_project(folder.root, check=False) == Formatted((), ())
    assert folder.one().lists["schools"].rows[0].fields == {"school_id": "a", "name": "x"}


def test_a_file_with_problems_is_left_and_the_others_are_not(folder: Folder) -> None:
    folder.tenant("shcools: []\n")
    folder.write("tenants/b.yaml", "tenant: b\nversion: 1\ncourses: [{from: c.csv}]\n")
    folder.write("tenants/c.csv", "nmae,course_id\nx,a\n")
    folder.write("tenants/d.yaml", "tenant: [\n")
    found = format_project(folder.root, check=False)
    assert found.changed == ("tenants/b.yaml",)
    assert {problem.file for problem in found.problems} == {"tenants/a.yaml", "tenants/c.csv", "tenants/d.yaml"}
    assert (folder.root / "tenants/c.csv").read_text() == "nmae,course_id\nx,a\n"


def test_tenants_are_chosen_by_name_id_or_label(folder: Folder) -> None:
    for name in "abc":
        folder.write(f"tenants/{name}.yaml", f"tenant: {name}1\nversion: 1\nlabels: {{tier: {name}x}}\n")
    assert format_project(folder.root, ["a"], check=False).changed == ("tenants/a.yaml",)
    assert format_project(folder.root, ["b1"], check=False).changed == ("tenants/b.yaml",)
    assert format_project(folder.root, (), ["tier=cx"], check=False).changed == ("tenants/c.yaml",)
    with pytest.raises(UsageError, match="nobody"):
        format_project(folder.root, ["nobody"], check=False)


def test_a_contradiction_is_not_settled_by_formatting(folder: Folder) -> None:
    folder.tenant("schools:\n  - {school_id: a, name: x}\n  - {school_id: a, name: y}\n  - {school_id: a, name: x}\n")
    format_project(folder.root, check=False)
    assert (folder.root / "tenants/a.yaml").read_text().count("school_id") == 2
    assert "the same school_id" in folder.error().message


def test_a_file_behind_a_symlink_stays_behind_it(folder: Folder) -> None:
    folder.write("real.yaml", HEAD + "schools: [{name: x, school_id: a}]\n")
    (folder.root / "tenants").mkdir()
    (folder.root / "tenants/a.yaml").symlink_to("../real.yaml")
    assert format_project(folder.root, check=False).changed == ("tenants/a.yaml",)
    assert (folder.root / "tenants/a.yaml").is_symlink()


def test_ids_are_written_in_their_one_spelling(folder: Folder) -> None:
    identifier = "5f0e8c1a-1111-4111-8111-00000000000a"
    folder.tenant(
        f"schools:\n  - {{school_id: '{{{identifier.upper()}}}', local_id: ABC}} # north\ncourses:\n  - from: c.csv\n"
    )
    folder.write("tenants/c.csv", f"course_id,school_id\n{identifier.upper()},{identifier.replace('-', '')}\n")
    format_project(folder.root, (), (), check=False)
    assert f'school_id: "{identifier}"' in (folder.root / "tenants/a.yaml").read_text()
    assert (folder.root / "tenants/c.csv").read_text() == f"course_id,school_id\n{identifier},{identifier}\n"
