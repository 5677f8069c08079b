"""The faults that strike an apply, at its writes and at the reads between them. Each is one tenant's alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.faults.menu import SPOILS

if TYPE_CHECKING:
    from random import Random

Fault = dict[str, Any]

NOTHING_DONE: Fault = {"answer": {"status": 200, "json": {"data": {}}}}
"""Success, and nothing done (fault 28)."""


def drawn_apply_faults(chance: Random, tenant_id: str, secret: str) -> list[Fault]:
    """Up to four faults of that tenant."""
    found = [(_when(chance, tenant_id), _effect(chance, secret)) for _ in range(chance.choice([0, 1, 1, 2, 4]))]
    return [{"when": when, "do": do} for when, do in found]


def _when(chance: Random, tenant_id: str) -> Fault:
    """Nearly always a write: once, a few times, for ever, or by chance."""
    operation = chance.choices(["write", "create", "update", "delete", "list", "token"], [6, 3, 2, 2, 2, 0.5])[0]
    often: Fault = chance.choice([{"times": 1}, {"times": 1}, {"times": 3}, {}, {"probability": 0.3}])
    return {"tenant": tenant_id, "operation": operation, "from": chance.randint(1, 6), **often}


def _effect(chance: Random, secret: str) -> Fault:
    landed = {"status": chance.choice([500, 502, 503, 504, 408]), "done": True}
    echo = {"error": {"code": "invalid", "message": f"wrong credential {secret}"}}
    return chance.choice(
        [
            {"drop": "before"},
            {"drop": "after"},
            {"drop": "after"},
            {"answer": landed},
            {"answer": landed},
            {"answer": chance.choice([500, 502, 503, 504, 408])},
            {"answer": {"status": 429, "headers": {"Retry-After": chance.choice(["1", "0", "-1", "soon", "1e9"])}}},
            {"answer": chance.choice([409, 412])},
            {"answer": chance.choice([400, 401, 403, 404, 410, 413])},
            NOTHING_DONE,
            {"answer": {"status": chance.choice([200, 400, 500]), "json": echo}},
            {"cut": chance.choice([0, 1, -1])},
            {"spoil": chance.choice(SPOILS)},
            {"delay": {chance.choice(["before", "after"]): 50}},
            {"behaviour": {"max_body_bytes": chance.choice([150, 400, 900])}},
            {"behaviour": {"max_rows_per_post": chance.choice([1, 2])}},
            {"expire_tokens": "tenant"},
        ]
    )
