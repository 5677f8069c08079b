"""A world drawn from a seed: a fleet, a server with its habits, a script of faults, and readers that take turns.

Everything that is drawn is drawn before the first request, but for whose turn it is and what the script's own seed
decides; both are the same in every run.
"""

from __future__ import annotations

import logging
import traceback
import uuid
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from scopesync.environment import Environment
from scopesync.errors import LiveError
from scopesync.live.connection import reading
from scopesync.model import Connection, DesiredTenant, Limits, SecretRef, Tenant
from scopesync.sandbox.api.behaviour import Behaviour
from scopesync.sandbox.api.engine import Engine
from scopesync.sandbox.api.row_fields import ID_FIELD
from scopesync.sandbox.api.shown_rows import shown
from scopesync.sandbox.api.store import Store
from scopesync.sandbox.faults.faulty_engine import Faulty
from scopesync.sandbox.faults.script import read_script
from tests.faults.menu import ANNOUNCED, drawn_faults
from tests.faults.turns import Clock, Turns
from tests.support.engine_transport import engine_transport

if TYPE_CHECKING:
    from scopesync.live.reader import TenantReader
    from scopesync.model import LiveTenant
    from scopesync.sandbox.api.messages import Request, Response
    from scopesync.sandbox.api.row_fields import ListName

LISTS: tuple[ListName, ...] = ("schools", "courses")
VENDOR_KEY = "canary-vendor-key-8c1d"
ODD_TEXTS = ("Algebra I", "São Paulo", "<b>& | x</b>", "\x1b[2J", "=1+1", "\u202eevil", "", "0042")

Rows = tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Seen:
    """One answer to a reader's request for a list: which page, and the reader's own list at that moment."""

    list_name: ListName
    page: str
    state: Rows


@dataclass
class Outcome:
    """What one reader came to. `struck` are the faults that struck its requests, by name."""

    tenant_id: str
    live: LiveTenant | None = None
    error: LiveError | None = None
    told: str = ""
    seen: list[Seen] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    requests: int = 0

    def last_pass(self, list_name: ListName) -> list[Seen]:
        """What was seen of that list from the last request for its first page on."""
        seen = [one for one in self.seen if one.list_name == list_name]
        first = max(number for number, one in enumerate(seen) if one.page == "0")
        return seen[first:]


class World:
    """`run` reads the whole fleet once. `secrets` are all that there are, tokens included, once it has run."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)  # noqa: S311 - repeatable, not secret
        self.named = chance.random() < 0.8  # whether rows name their tenant
        self.behaviour = _behaviour(chance, named=self.named)
        self.vendor = chance.random() < 0.6
        self.connection = Connection(
            "us2",
            "https://api.us2.kimonocloud.com",
            auth=chance.choice(["oauth2", "basic"]),
            vendor_key=SecretRef("env", "VENDOR_KEY") if self.vendor else None,
            limits=Limits(page_size=chance.randint(1, 12), requests_per_second=1e6, timeout_s=30),
        )
        self.store = Store.in_memory()
        self.ids = [str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _ in range(chance.randint(1, 4))]
        self.secrets = [VENDOR_KEY, *(f"canary-secret-of-{tenant_id}" for tenant_id in self.ids)]
        self.whole_rows = chance.random() < 0.5  # every row has its id and names its tenant
        for tenant_id in self.ids:
            self._fill(chance, tenant_id)
        clock = Clock()
        self.engine = Engine(self.store, behaviour=self.behaviour, clock=clock, vendor_key=VENDOR_KEY)
        faults = drawn_faults(
            chance,
            self.ids,
            self.secrets,
            named=self.named and self.whole_rows,
            announces=self.behaviour.paging_next in ANNOUNCED,
            renews=self.connection.auth == "oauth2",
        )
        self.script = {"seed": seed, "faults": faults}
        self.faulty = Faulty(self.engine, read_script(self.script), sleep=clock.sleep)
        self.turns = Turns(chance, chance.choice([0.0, 0.3, 1.0]))
        self.outcomes = [Outcome(tenant_id) for tenant_id in self.ids]
        self.log: list[str] = []
        self.hosts: set[str] = set()
        self._clock = clock
        self._filed = [chance.random() < 0.5 or not self.vendor for _ in self.ids]
        self._tenants = [self._desired(chance, number) for number in range(len(self.ids))]

    def run(self) -> list[Outcome]:
        """Every tenant read once, in turns."""
        environ = {"VENDOR_KEY": VENDOR_KEY}
        environ |= {f"ID_{number}": f"client-{tenant_id}" for number, tenant_id in enumerate(self.ids)}
        environ |= {f"SECRET_{number}": secret for number, secret in enumerate(self.secrets[1:])}
        opening: dict[str, Any] = {
            "environment": Environment(environ),
            "root": Path(),
            "transport": engine_transport(self, sleep=self._clock.sleep),
            "clock": self._clock,
            "today": lambda: 0.0,
            "sleep": self._clock.sleep,
            "jitter": lambda: 0.5,
        }
        with _logged(self.log), reading(self.connection, **opening) as connection:
            if self.vendor:
                connection._accounts.listed()  # in nobody's turn: others would wait for a reader that waits for them
            readers = [connection.tenant(tenant) for tenant in self._tenants]
            self.turns.run([partial(self._read, *each) for each in zip(self.outcomes, readers, strict=True)])
        return self.outcomes

    def handle(self, request: Request) -> Response:
        """Answer as the faulty engine does, and note what the running reader saw."""
        self.turns.pause()
        self.hosts.add(request.header("Host") or "")
        before = len(self.faulty.struck)
        response = self.faulty.handle(request)
        if request.path == "/oauth/token" and response.status == 200:
            self.secrets += _tokens(response)
        if self.turns.running is not None:
            self._note(self.outcomes[self.turns.running], request, before)
        return response

    def _note(self, outcome: Outcome, request: Request, before: int) -> None:
        outcome.requests += 1
        outcome.struck += [struck.fault for struck in self.faulty.struck[before:]]
        for name in LISTS:
            if request.path.endswith(f"/scoping/{name}"):
                rows = self.store.rows(outcome.tenant_id, name)
                state = tuple(shown(row, name, self.behaviour) for row in rows)
                outcome.seen.append(Seen(name, request.parameter("page") or "", state))

    def _read(self, outcome: Outcome, reader: TenantReader) -> None:
        try:
            outcome.live = reader.read()
            outcome.told = repr((outcome.live.identity, outcome.live.notes))
        except LiveError as error:
            outcome.error = error
            outcome.told = "".join(traceback.format_exception(error)) + str(error.document())

    def _desired(self, chance: Random, number: int) -> DesiredTenant:
        tenant_id = self.ids[number].upper() if chance.random() < 0.2 else self.ids[number]
        pair = (SecretRef("env", f"ID_{number}"), SecretRef("env", f"SECRET_{number}"))
        return DesiredTenant(
            Tenant(tenant_id, f"t{number}"), self.connection, {}, credentials=pair if self._filed[number] else None
        )

    def _fill(self, chance: Random, tenant_id: str) -> None:
        number = self.ids.index(tenant_id)
        self.store.put_tenant(_record(chance, tenant_id, self.secrets[1 + number]))
        for name in LISTS:
            size = chance.choice([0, 1, chance.randint(2, 12), chance.randint(10, 60)])
            rows = [self._row(chance, tenant_id, name) for _ in range(size)]
            if rows and self._page_size > 1 and chance.random() < 0.1:
                rows.append(dict(chance.choice(rows)))  # a real duplicate; in pages of one row it would repeat a page
            self.store.replace(tenant_id, name, rows)

    @property
    def _page_size(self) -> int:
        """How long the server's pages really are."""
        asked = self.connection.limits.page_size if self.behaviour.honours_page_size else self.behaviour.max_page_size
        return min(asked, self.behaviour.max_page_size)

    def _row(self, chance: Random, tenant_id: str, name: ListName) -> dict[str, Any]:
        row: dict[str, Any] = {
            ID_FIELD[name]: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "tenant_id": tenant_id.upper() if chance.random() < 0.1 else tenant_id,
            "name": chance.choice(ODD_TEXTS),
            "selected": chance.choice([True, False, None]),
            "not_on_the_page": {"number": chance.getrandbits(40)},
        }
        if not self.whole_rows:
            for field_name in (ID_FIELD[name], "tenant_id", "name", "selected"):
                if chance.random() < 0.15:
                    row[field_name] = None
                if chance.random() < 0.15:
                    del row[field_name]
        return row


def _behaviour(chance: Random, *, named: bool) -> Behaviour:
    return Behaviour(
        paging_next=chance.choice(["number", "integer", "url", "relative", "token", "null", "absent"]),
        paging_end=chance.choice(["absent", "null", "empty"]),
        next_after_full_page=chance.random() < 0.3,
        max_page_size=chance.choice([1, 2, 5, 500]),
        honours_page_size=chance.random() < 0.8,
        rows_carry_tenant_id=named,
        expires_in=chance.choice([3600, None, 0, 1, "soon"]),
    )


def _record(chance: Random, tenant_id: str, secret: str) -> dict[str, Any]:
    return {
        "id": tenant_id,
        "name": f"District {tenant_id[:4]}",
        "account": {"id": tenant_id, "name": "District"},
        "integration": {"id": "i", "name": "Reading"},
        "license": {"status": chance.choice(["active", "expired"])},
        "status": {"op_state": chance.choice(["running", "stopped"])},
        "sis_status": None,
        "auth": {"type": "client_credentials", "client_id": f"client-{tenant_id}", "client_secret": secret},
    }


def _tokens(response: Response) -> list[str]:
    """The token that was given out, unless a fault has spoilt it."""
    try:
        token = response.document()["access_token"]
    except (ValueError, TypeError, KeyError):
        return []
    return [token] if isinstance(token, str) else []


class _logged(logging.Handler):  # noqa: N801 - used as a context, in the words of `with`
    """Collects every line that the live side logs, at the lowest level."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._lines = lines
        self._logger = logging.getLogger("scopesync")

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))

    def __enter__(self) -> None:
        self._level = self._logger.level
        self._logger.setLevel(logging.DEBUG)
        self._logger.addHandler(self)

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        self._logger.setLevel(self._level)
