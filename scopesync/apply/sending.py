"""Sending: a tenant's writes in their order, each recorded before and after.

Belongs here: the order, what may go side by side, and stopping at the first failure. Does not belong here: what follows
a failure (tenant).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, groupby
from threading import Lock
from typing import TYPE_CHECKING

from scopesync.errors import LedgerError, LiveError, LockedError, WriteError
from scopesync.row_identity import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Executor

    from scopesync.apply.ports import TenantLog, Writer
    from scopesync.errors import ScopesyncError
    from scopesync.plan.writes import Write


@dataclass(slots=True)
class Sender:
    """Sends the writes of one tenant. `sent` counts those that were answered with success.

    `answered` and `doubtful` are the writes of the last `send`: answered with success, or without a clear answer.
    `touched` says that the live side may have moved: a write succeeded, or nobody knows what became of it.
    `pool` runs writes side by side, at most `lanes`; `stopped` says that nothing more shall be sent.
    """

    writer: Writer
    log: TenantLog
    pool: Executor
    lanes: int
    stopped: Callable[[], bool]
    on_sent: Callable[[], object] = lambda: None
    sent: int = 0
    touched: bool = False
    answered: list[Write] = field(default_factory=list)
    doubtful: list[Write] = field(default_factory=list)
    _failures: list[ScopesyncError] = field(default_factory=list)
    _steps: Iterator[int] = field(default_factory=lambda: count(1))
    _lock: Lock = field(default_factory=Lock)

    def send(self, writes: Iterable[Write]) -> ScopesyncError | None:
        """Send the writes; the first failure, which ended them, or None.

        Item calls of one kind and list that follow each other depend on nothing of each other: they go side by side.
        """
        self._failures.clear()
        self.answered.clear()
        self.doubtful.clear()
        for _, group in groupby(writes, key=_may_go_together):
            self._send_together(list(group))
            if self._failures or self.stopped():
                break
        return self._failures[0] if self._failures else None

    def _send_together(self, writes: Sequence[Write]) -> None:
        if len(writes) == 1:
            self._send_one(writes[0])
            return
        rest = iter(writes)
        lanes = [self.pool.submit(self._lane, rest) for _ in range(min(self.lanes, len(writes)))]
        for lane in lanes:
            lane.result()

    def _lane(self, rest: Iterator[Write]) -> None:
        """Take writes one by one until there are none, one has failed, or nothing more shall be sent."""
        while not self._failures and not self.stopped():
            with self._lock:
                write = next(rest, None)
            if write is None:
                return
            self._send_one(write)

    def _send_one(self, write: Write) -> None:
        try:
            with self._lock:
                step = next(self._steps)
            token = self.log.intend(write.call(step), _keys(write))
            self._carry_out(write, token)
        except (LiveError, LedgerError, LockedError) as error:
            self._failures.append(error)

    def _carry_out(self, write: Write, token: int) -> None:
        try:
            _call(write, self.writer)
        except LiveError as error:
            landed = error.landed if isinstance(error, WriteError) else None
            if landed is None:
                self.touched = True
                if isinstance(error, WriteError):  # a refused credential is no call that may still be carried out
                    self.doubtful.append(write)
            self.log.failed(token, error.message, landed=landed)
            raise
        with self._lock:
            self.sent += 1
            self.touched = True
            self.answered.append(write)
        self.log.answered(token)
        self.on_sent()


def _may_go_together(write: Write) -> tuple[str, str] | int:
    """Equal for item calls of one sort; any other write is alone."""
    return (write.kind.name, write.op) if write.op in {"update", "delete"} else id(write)


def _keys(write: Write) -> list[str]:
    """The keys of the rows that the write concerns; none for a replace, which concerns every row of its list."""
    if write.item_id is not None:
        return [write.item_id]
    return [key_of(write.kind, row) for row in write.rows] if write.op == "append" else []


def _call(write: Write, writer: Writer) -> None:
    match write.op:
        case "append":
            writer.append(write.kind, write.rows)
        case "replace":
            writer.replace(write.kind, write.rows)
        case "clear":
            writer.clear(write.kind)
        case "update":
            assert write.item_id is not None
            writer.update(write.kind, write.item_id, write.rows[0])
        case "delete":
            assert write.item_id is not None
            writer.delete(write.kind, write.item_id)
