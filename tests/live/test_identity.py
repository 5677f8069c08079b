from __future__ import annotations

import pytest

from scopesync.live.identity import judge_record, judge_rows
from scopesync.live.vendor_records import TenantRecord
from scopesync.model import Tenant

TENANT = Tenant("7b0e0c0e-6d8b-4d9e-9a52-0f6f6b3f5a11", "springfield")
OTHER = "00000000-6d8b-4d9e-9a52-0f6f6b3f5a11"


@pytest.mark.parametrize(
    ("ids", "state"),
    [
        ([TENANT.id], "verified"),
        ([TENANT.id.upper(), None], "verified"),
        ([], "unverified"),
        ([None, ""], "unverified"),
        ([OTHER], "foreign"),
        ([TENANT.id, TENANT.id, OTHER], "foreign"),
    ],
)
def test_what_rows_say(ids: list[str | None], state: str) -> None:
    identity = judge_rows(TENANT, [{"tenant_id": tenant_id} for tenant_id in ids])
    assert identity.state == state
    assert (OTHER in identity.evidence) == (state == "foreign")


@pytest.mark.parametrize(
    ("record", "state"),
    [
        (None, "unverified"),
        (TenantRecord(TENANT.id, "n"), "unverified"),
        (TenantRecord(TENANT.id.upper(), "n", client_id="in-use"), "verified"),
        (TenantRecord(TENANT.id, "n", client_id="another"), "foreign"),
        (TenantRecord(OTHER, "n", client_id="in-use"), "foreign"),
    ],
)
def test_what_the_record_says(record: TenantRecord | None, state: str) -> None:
    assert judge_record(TENANT, record, "in-use").state == state
