from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from scopesync.model import Allow, SecretRef

if TYPE_CHECKING:
    from tests.desired.conftest import Folder


def test_a_tenant_file_in_full(folder: Folder) -> None:
    folder.tenant("""\
name: springfield
labels: {region: midwest}
connection: us2
credentials: {client_id: env:SPRINGFIELD_ID, client_secret: file:secrets/springfield}
defaults: {courses: {selected: true, keywords: math}}
manage: {schools: exact, courses: additive}
schools:
  - {school_id: s, name: Springfield Elementary, local_id: "0042", protect: true}
courses:
  - {course_id: c, school_id: s, keywords: null}
  - {course_id: d, school_id: s, selected: false}
allow:
  - {guard: max-removals, list: courses, count: 412, reason: School year rollover, expires: 2026-12-01}
""")
    tenant = folder.one()
    assert (tenant.tenant.name, tenant.connection.name, tenant.origin) == ("springfield", "us2", "tenants/a.yaml")
    assert tenant.labels == {"region": "midwest"}
    assert tenant.credentials == (SecretRef("env", "SPRINGFIELD_ID"), SecretRef("file", "secrets/springfield"))
    assert tenant.allow == (Allow("max-removals", "courses", 412, "School year rollover", date(2026, 12, 1)),)
    schools, courses = tenant.lists["schools"], tenant.lists["courses"]
    assert (schools.manage, courses.manage) == ("exact", "additive")
    assert dict(schools.rows[0].fields) == {"school_id": "s", "name": "Springfield Elementary", "local_id": "0042"}
    assert schools.rows[0].protect
    assert [dict(row.fields) for row in courses.rows] == [
        {"selected": True, "keywords": None, "course_id": "c", "school_id": "s"},
        {"selected": False, "keywords": "math", "course_id": "d", "school_id": "s"},
    ]


def test_what_is_left_out_has_its_default(folder: Folder) -> None:
    folder.tenant("schools: []\n", "west.side")
    tenant = folder.one()
    assert (tenant.tenant.name, tenant.connection.name, tenant.credentials) == ("west.side", "us2", None)
    assert tenant.lists.keys() == {"schools"}
    assert tenant.lists["schools"].rows == ()


def test_defaults_fill_rows_of_files_too(folder: Folder) -> None:
    folder.tenant("defaults: {schools: {keywords: k, protect: true}}\nschools: [{from: r.csv}]\n")
    folder.write("tenants/r.csv", "school_id,keywords\na,\nb,own\n")
    rows = folder.one().lists["schools"].rows
    assert [(row.fields["keywords"], row.protect) for row in rows] == [("k", True), ("own", True)]


def test_an_exception_holds_to_the_end_of_its_last_day(folder: Folder) -> None:
    entry = "allow:\n  - {guard: max-removals, list: courses, count: 1, reason: r, expires: %s}\n"
    folder.tenant(entry % "2026-06-01")
    assert folder.one().allow[0].expires == date(2026, 6, 1)
    folder.tenant(entry % "2026-05-31")
    assert folder.error().message == "this exception expired on 2026-05-31"
    folder.tenant(entry % "2026-02-30")
    assert folder.error().message == "the calendar has no such day"


@pytest.mark.parametrize(
    ("body", "place", "words", "hint"),
    [
        ("shcools: []\n", "3:1", 'unknown key "shcools"', 'did you mean "schools"?'),
        ("schools:\n", "3:9", "must be a list of rows, not null: [] means nothing in scope", None),
        ("schools: {}\n", "3:10", "must be a list of rows, not a mapping", 'begin every item of the list with "- "'),
        ("schools: ['from:x.csv']\n", "3:11", "must be a row, not text", "with a blank after the colon"),
        ("schools: [null]\n", "3:11", "must be a row", None),
        ("schools: [{school_id: a, name: 1e3}]\n", "3:32", "not a number", 'quote it: "1e3"'),
        ("schools: [{school_id: a, name: true}]\n", "3:32", "not true or false", 'quote it: "true"'),
        ("schools: [{school_id: a, selected: yes}]\n", "3:36", "must be true or false", None),
        ("schools: [{school_id: a, account_id: b}]\n", "3:26", 'unknown key "account_id"', "known here: school_id"),
        ("schools: [{School_ID: a}]\n", "3:12", 'unknown key "School_ID"', 'did you mean "school_id"?'),
        ("schools: [{school_id: a, name: Oak, North}]\n", "3:37", 'unknown key "North"', "a comma in it needs quotes"),
        ("schools: [{school_id: ' a'}]\n", "3:23", "is not a safe id", "remove the blank at its beginning"),
        ("schools: [{school_id: 'a '}]\n", "3:23", "is not a safe id", "remove the blank at its end"),
        ('schools: [{school_id: "a\\nb"}]\n', "3:23", "is not a safe id", "remove the line break in it"),
        ('schools: [{school_id: "a\\u200bb"}]\n', "3:23", "is not a safe id", "remove the invisible character U+200B"),
        ("schools: [{school_id: null}]\n", "3:23", "must be an id", None),
        ("manage: {schools: exat}\n", "3:19", "must be exact or additive", 'did you mean "exact"?'),
        ("name: ''\n", "3:7", "1 to 64 letters", None),
        ("name: a b\n", "3:7", "1 to 64 letters", None),
        ("labels: {a b: c}\n", "3:10", "is no name for a label", None),
        ("labels: {a: 'b,c'}\n", "3:13", "1 to 63 letters", None),
        ("connection: us3\n", "3:13", "no such connection", 'did you mean "us2"?'),
        ("allow: [{guard: max-removal}]\n", "3:17", "the name of a guard", 'did you mean "max-removals"?'),
        ("allow: [{guard: identity}]\n", "3:9", '"expires" is missing', "YYYY-MM-DD"),
        ("defaults: {schools: {school_id: a}}\n", "3:22", 'unknown key "school_id"', None),
        ("credentials: {client_id: env:A}\n", "3:14", '"client_secret" is missing', None),
    ],
)
def test_a_fault_is_told_at_its_place(folder: Folder, body: str, place: str, words: str, hint: str | None) -> None:
    folder.tenant(body)
    found = [problem for problem in folder.errors() if words in problem.message]
    assert [problem.place for problem in found] == [f"tenants/a.yaml:{place}"]
    assert (hint or "") in (found[0].hint or "")


def test_an_empty_id_is_told_once(folder: Folder) -> None:
    folder.tenant("schools: [{school_id: ''}]\n")
    assert folder.error().message == "school_id must not be empty"


def test_a_tenant_without_an_id_is_refused(folder: Folder) -> None:
    folder.write("tenants/a.yaml", "version: 1\nschools: []\n")
    assert folder.error().message == '"tenant" is missing'


def test_with_two_connections_a_tenant_says_which(folder: Folder) -> None:
    one = "{base_url: https://api.us2.kimonocloud.com}"
    folder.write("scopesync.yaml", f"version: 1\ntenants: tenants/*.yaml\nconnections: {{a: {one}, b: {one}}}\n")
    folder.tenant("schools: []\n")
    assert "which connection?" in folder.error().message
    folder.tenant("schools: []\nconnection: b\n")
    assert folder.one().connection.name == "b"


def test_a_stem_that_is_no_name_needs_one(folder: Folder) -> None:
    folder.tenant("schools: []\n", "Spring field")
    assert folder.error().message == "the file's stem is no name for a tenant"


def test_a_file_that_manages_nothing_is_worth_a_note(folder: Folder) -> None:
    folder.tenant("")
    assert [problem.severity for problem in folder.load().problems] == ["note"]
