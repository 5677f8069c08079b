"""What must be true of a world after every tenant was read, whatever struck them: invariants 6, 8 and 9.

**Never on doubt (6).** A list that `read` returns is

- exactly what the list was, row for row and in order, if nobody changed it while its last pass went on;
- exactly a state that it had during that pass, if rows only came in or moved: rows that slide to a later page are seen
  twice, so the list is read again until two passes agree;
- if rows were *taken out* between two pages: rows that slide to an earlier page are never shown, and nothing in the
  pages tells. No reading in ceil(rows / page) requests can notice that. What is promised then: no row that the list
  never had, and at most as many rows missing as were taken out. That is why `apply` reads once more before its first
  write, and writes nothing unless both readings are the same.

And where rows name their tenants, `verified` says that each of them is this tenant's.

**Isolated (8).** A reader whose requests no fault struck succeeds, whatever happened to the others; so does one that
met nothing but one mild fault.

**Silent (9).** No secret is in a message, a traceback, a log line or a `repr`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

from scopesync.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scopesync.model import LiveTenant, Row
    from tests.faults.world import Outcome, World

MOST_REQUESTS = 2_000
HOST = "api.us2.kimonocloud.com"


def check(world: World) -> None:
    """Every promise, for every reader."""
    for outcome in world.outcomes:
        assert outcome.requests < MOST_REQUESTS
        if outcome.live is not None:
            _check_lists(outcome, outcome.live)
            _check_identity(world, outcome, outcome.live)
        kinds = [name.split()[0] for name in outcome.struck]
        assert outcome.live or kinds not in ([], ["mild"]), f"{outcome.tenant_id} had to be read: {outcome.told}"
    assert world.hosts <= {HOST}
    _check_silence(world)


def _check_lists(outcome: Outcome, live: LiveTenant) -> None:
    if _met(outcome, "swap"):
        return  # whose rows these are is a question for the identity
    for kind in KINDS:
        states = [seen.state for seen in outcome.last_pass(kind.name)]
        _check_list(
            [_text(row) for row in live.listing(kind).rows], [[_text(row) for row in state] for state in states]
        )


def _check_list(rows: list[str], states: Sequence[list[str]]) -> None:
    removed = sum((Counter(before) - Counter(after)).total() for before, after in pairwise(states))
    if not removed:
        assert rows in states, f"{len(rows)} rows, though the list had {[len(state) for state in states]}"
        return
    assert set(rows) <= {row for state in states for row in state}, "a row that the list never had"
    stayed = Counter(states[0])
    for state in states:
        stayed &= Counter(state)
    missing = (stayed - Counter(rows)).total()
    assert missing <= removed, f"{missing} rows are missing, though only {removed} were taken out"


def _check_identity(world: World, outcome: Outcome, live: LiveTenant) -> None:
    rows = [row for kind in KINDS for row in live.listing(kind).rows]
    others = {row["tenant_id"].lower() for row in rows if row.get("tenant_id")} - {outcome.tenant_id}
    assert (live.identity.state == "foreign") == bool(others)
    if world.whole_rows and live.identity.state == "verified":
        assert _met(outcome, "swap") or not others


def _check_silence(world: World) -> None:
    left = "\n".join([*world.log, *(outcome.told for outcome in world.outcomes)])
    for secret in world.secrets:
        for form in (secret, quote(secret), b64encode(secret.encode()).decode().rstrip("=")[:-1]):
            assert form not in left, f"{form} was told"


def _met(outcome: Outcome, kind: str) -> bool:
    return any(name.startswith(kind) for name in outcome.struck)


def _text(row: Row) -> str:
    return json.dumps(row, sort_keys=True)
