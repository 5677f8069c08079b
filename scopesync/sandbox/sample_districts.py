"""The districts that a fresh sandbox holds: believable, and the same ones on every machine, for ever.

Belongs here: ids and rows made from `sample_names`, deterministic to the byte. Does not belong here: serving them.
Every secret in here is public and opens nothing but a sandbox.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from scopesync.sandbox.sample_names import DISTRICTS, DistrictNames

if TYPE_CHECKING:
    from scopesync.sandbox.api.row_fields import Row
    from scopesync.sandbox.api.store import Store, TenantRecord

VENDOR_KEY = "sandbox-vendor-key"
"""The vendor's API key of every sandbox, unless an engine is told another."""

_ROOT = uuid.uuid5(uuid.NAMESPACE_DNS, "fleet.sandbox.invalid")
_LAST_SYNC = "2025-05-25T20:25:49.414Z"


@dataclass(frozen=True, slots=True)
class District:
    """One tenant of the fleet: its record as the API shows it, and its two lists."""

    record: TenantRecord
    schools: tuple[Row, ...]
    courses: tuple[Row, ...]

    @property
    def id(self) -> str:
        """The tenant's id."""
        return str(self.record["id"])

    @property
    def name(self) -> str:
        """The tenant's name."""
        return str(self.record["name"])

    @property
    def client_id(self) -> str:
        """The client id that opens the tenant's scoping."""
        return str(self.record["auth"]["client_id"])

    @property
    def client_secret(self) -> str:
        """The secret that goes with it."""
        return str(self.record["auth"]["client_secret"])


@cache
def districts() -> tuple[District, ...]:
    """The fleet: three active districts of 12 to 60 schools and 300 to 2,000 courses, and a small one that expired.

    The values are shared: read them, do not change them.
    """
    return tuple(_district(names) for names in DISTRICTS)


def load_fleet(store: Store) -> None:
    """Put the fleet into the store, in the place of whatever these districts had; other tenants stay."""
    for district in districts():
        store.put_tenant(district.record)
        store.replace(district.id, "schools", district.schools)
        store.replace(district.id, "courses", district.courses)


def _id(*path: object) -> str:
    return str(uuid.uuid5(_ROOT, "/".join(map(str, path))))


def _district(names: DistrictNames) -> District:
    record = _record(names)
    owner = {"account_id": record["account"]["id"], "tenant_id": record["id"]}
    taught = [(school, names.primary_courses) for school in names.primary]
    taught += [(school, names.secondary_courses) for school in names.secondary]
    schools: list[Row] = []
    courses: list[Row] = []
    for school_name, course_names in taught:
        school = {**owner, **_school(names.public_id, school_name, number=len(schools))}
        schools.append(school)
        for course_name in course_names:
            courses.append({**owner, **_course(names.public_id, school, course_name, number=len(courses))})
    return District(record, tuple(schools), tuple(courses))


def _school(public_id: str, name: str, *, number: int) -> Row:
    """A school. As in real life: numbers with leading zeros, now and then none, keywords where somebody cared."""
    school_id = _id(public_id, "school", name)
    row: Row = {"school_id": school_id, "school_ref_id": _ref(school_id), "name": name}
    if not _nth(number, 11):
        row["local_id"] = f"{number * 7 + 3:04d}"
    if _nth(number, 5):
        row["keywords"] = "pilot, 2025\u201326"
    return {**row, "selected": not _nth(number, 13)}


def _course(public_id: str, school: Row, name: str, *, number: int) -> Row:
    """A course of that school; one in seventeen has no number, one in twenty-three no ref id."""
    course_id = _id(public_id, "course", school["name"], name)
    row: Row = {"course_id": course_id}
    if not _nth(number, 23):
        row["course_ref_id"] = _ref(course_id)
    row |= {"school_id": school["school_id"], "school_ref_id": school["school_ref_id"], "name": name}
    if not _nth(number, 17):
        row["local_id"] = f"{number + 1:06d}"
    if _nth(number, 9):
        row["keywords"] = name.split(maxsplit=1)[0].strip(",:").lower()
    return {**row, "selected": not _nth(number, 19)}


def _nth(number: int, every: int) -> bool:
    """Whether it is the last one of each run of `every`."""
    return number % every == every - 1


def _ref(row_id: str) -> str:
    """A ref id as student information systems write them: 32 capital hexadecimal digits."""
    return uuid.uuid5(uuid.UUID(row_id), "ref").hex.upper()


def _record(names: DistrictNames) -> TenantRecord:
    active = names.license == "active"
    state = {"op_state": "running" if active else "stopped", "setup_state": "complete", "last_sync_at": _LAST_SYNC}
    return {
        "id": _id(names.public_id, "tenant"),
        "name": names.name,
        "account": _account(names),
        "cloud": _cloud(names.region),
        "integration": {"id": _id("integration"), "name": "Sandbox Reading", "version": "3.1"},
        "license": {
            "status": names.license,
            "valid_from": "2023-07-01T00:00:00.000Z",
            "valid_to": "2030-06-30T23:59:59.000Z" if active else "2024-06-30T23:59:59.000Z",
        },
        "status": state,
        "sis_status": dict(state),
        "auth": _auth(names.public_id),
    }


def _account(names: DistrictNames) -> dict[str, Any]:
    return {
        "id": _id(names.public_id, "account"),
        "name": names.name,
        "public_id": names.public_id,
        "timezone": names.timezone,
        "userdata": "",
    }


def _cloud(region: str) -> dict[str, Any]:
    environment = {"id": _id("cloud", region, "production"), "name": "production"}
    return {"id": _id("cloud", region), "name": region, "generation": 2, "env": environment}


def _auth(public_id: str) -> dict[str, Any]:
    return {
        "type": "client_credentials",
        "client_id": f"sandbox-{public_id.lower()}",
        "client_secret": f"sandbox-secret-{_id(public_id, 'secret')}",
        "updated_at": "2024-08-12T06:00:00.000Z",
    }
