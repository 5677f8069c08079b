from __future__ import annotations

from typing import Any

import pytest

from scopesync.errors import AnswerError
from scopesync.live.vendor_records import record_from


def test_a_record_is_read_whole(record: dict[str, Any]) -> None:
    read = record_from(record)
    assert (read.id, read.name, read.account) == (record["id"], "Springfield", "Springfield Schools")
    assert (read.license_status, read.valid_from, read.valid_to) == ("active", "2024-01-01", None)
    assert (read.op_state, read.setup_state, read.last_sync_at) == ("running", "complete", "2025-01-01")
    assert (read.sis_op_state, read.sis_setup_state, read.sis_last_sync_at) == (None, None, None)
    assert read.client_id == "springfield-client"
    assert read.client_secret is not None
    assert read.client_secret.reveal() == "canary-of-record"
    assert "canary-of-record" not in repr(read)


def test_a_record_may_hold_next_to_nothing() -> None:
    read = record_from({"id": "only"})
    assert (read.name, read.client_secret) == ("only", None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"id": 7},
        {"status": "running"},
        {"auth": {"client_secret": ["canary"]}},
        {"license": {"status": 1}},
    ],
)
def test_a_wrong_type_is_refused_without_its_value(record: dict[str, Any], wrong: dict[str, Any]) -> None:
    with pytest.raises(AnswerError) as caught:
        record_from({**record, **wrong})
    assert "canary" not in str(caught.value)
