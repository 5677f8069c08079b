"""The faults from which a world's script is drawn. The first word of a fault's name is its kind.

mild     strikes one request of one tenant, once, in a way that a second attempt survives
hiccup   one page of a list, once, is answered as if the list had ended before it
shift    somebody changes a tenant's lists between two of its requests
swap     a credential opens another tenant
harsh    anything else that a server can do: again and again, to anybody, in forms that no page allows
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from scopesync.sandbox.faults.spoiled_answers import FORMS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

Fault = dict[str, Any]

ELSEWHERE = "https://evil.example/v2/interop/tenant/scoping/courses?page=1"
SPOILS = [form for form in FORMS if form != "nested"]  # 400 kB of brackets: tests/live reads them
VENDORS = ["list-tenants", "find-tenant"]
EXPIRED = {"expire_tokens": "tenant"}
ANNOUNCED = ["number", "integer", "url", "relative", "token"]


def drawn_faults(
    chance: Random, ids: Sequence[str], secrets: Sequence[str], *, named: bool, announces: bool, renews: bool
) -> list[Fault]:
    """Up to five faults. Rows are `named` where all name their tenant; a server `announces` its pages or does not.

    Where they are not named, or it does not, nobody can notice a swap or a hiccup, so there is none. Credentials that
    cannot be renewed are refused for good, which is not mild.
    """
    kinds = [_mild, _refused if renews else _mild, _shift, _harsh, _harsh]
    found = [chance.choice(kinds)(chance, chance.choice(ids), secrets) for _ in range(chance.randint(0, 3))]
    if named and len(ids) > 1 and chance.random() < 0.3:
        found.append(_swap(chance, *chance.sample(ids, 2)))
    if announces and chance.random() < 0.3:
        found.append(_hiccup(chance, chance.choice(ids)))
    return [{**fault, "name": f"{fault['name']} {number}"} for number, fault in enumerate(found)]


def _mild(chance: Random, tenant_id: str, _secrets: Sequence[str]) -> Fault:
    when = {"tenant": tenant_id, "from": chance.randint(1, 8), "times": 1}
    return {"name": "mild", "when": when, "do": _weak(chance)}


def _refused(chance: Random, tenant_id: str, _secrets: Sequence[str]) -> Fault:
    when = {"tenant": tenant_id, "operation": "list", "from": chance.randint(1, 8), "times": 1}
    return {"name": "mild", "when": when, "do": chance.choice([{"answer": 401}, {"answer": 403}, EXPIRED])}


def _weak(chance: Random) -> Fault:
    return chance.choice(
        [
            {"answer": chance.choice([500, 502, 503, 504, 408])},
            {"answer": {"status": 429, "headers": {"Retry-After": chance.choice(["1", "0", "-1", "soon", "1e9"])}}},
            {"drop": chance.choice(["before", "after"])},
            {"cut": chance.choice([0, 1, 40, -1])},
            {"spoil": chance.choice(SPOILS)},
            {"delay": {chance.choice(["before", "after"]): chance.choice([5, 50])}},
            {"drip": {"bytes": 50, "pause": 1}},
            {"endless": True, "drip": {"bytes": 1000, "pause": 5}},
            {"long_header": 1000},
            {"behaviour": {"paging_end": chance.choice(["absent", "null", "empty"])}},
        ]
    )


def _hiccup(chance: Random, tenant_id: str) -> Fault:
    when = {"tenant": tenant_id, "list": chance.choice(["schools", "courses"]), "page": chance.randint(1, 4)}
    empty = {"status": 200, "json": {"data": [], "paging": chance.choice([{}, {"next": None}, {"next": ""}])}}
    return {"name": "hiccup", "when": {**when, "operation": "list", "times": 1}, "do": {"answer": empty}}


def _shift(chance: Random, tenant_id: str, _secrets: Sequence[str]) -> Fault:
    when = {"tenant": tenant_id, "operation": "list", "probability": chance.choice([0.2, 0.6, 1])}
    kinds = chance.choice([["insert"], ["remove"], ["move"], ["insert", "remove"], ["insert", "remove", "move"]])
    shift = {kind: chance.randint(1, 4) for kind in kinds}
    return {"name": "shift", "when": {**when, "times": chance.randint(1, 4)}, "do": {"shift": shift}}


def _swap(chance: Random, tenant_id: str, other: str) -> Fault:
    when = {"tenant": tenant_id, "operation": chance.choice(["token", "list"])}
    times = chance.choice([{}, {"times": 1}, {"from": chance.randint(1, 5)}])
    return {"name": "swap", "when": {**when, **times}, "do": {"swap": other}}


def _harsh(chance: Random, tenant_id: str, secrets: Sequence[str]) -> Fault:
    whom: Fault = chance.choice([{}, {"tenant": tenant_id}, {"operation": VENDORS}])
    when = {"probability": chance.choice([0.1, 0.5, 1]), **chance.choice([{}, {"times": 3}, {"from": 4}])}
    if chance.random() < 0.3:
        return {"name": "harsh", **_echo(chance, tenant_id, secrets, when)}
    return {"name": "harsh", "when": {**whom, **when}, "do": chance.choice([_weak(chance), _bad(chance)])}


def _bad(chance: Random) -> Fault:
    return chance.choice(
        [
            {"answer": chance.choice([400, 401, 403, 404, 410, 204])},
            {"redirect": {"to": ELSEWHERE, "status": chance.choice([301, 302, 307, 308])}},
            {"answer": {"status": 200, "json": {"data": [{}], "paging": {"next": chance.choice([ELSEWHERE, 1.5])}}}},
            EXPIRED,
            {"cut": 10, "long_header": 1_000_000},
        ]
    )


def _echo(chance: Random, tenant_id: str, secrets: Sequence[str], when: Fault) -> Fault:
    """A server that says in its errors what it was sent: the vendor's key, or the secret of the tenant."""
    vendor = chance.random() < 0.5
    whom: Fault = {"operation": VENDORS} if vendor else {"tenant": tenant_id}
    secret = next(secret for secret in secrets if vendor or secret.endswith(tenant_id))
    text = chance.choice([secret, "x" * 290 + secret, b64encode(f"someone:{secret}".encode()).decode()])
    error = {"code": "invalid", "message": f"wrong credential {text}", "details": text}
    answer = {"status": chance.choice([200, 400, 401, 500]), "json": {"error": error}}
    return {"when": {**whom, **when}, "do": {"answer": answer}}
