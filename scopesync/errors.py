"""Every failure that scopesync names, each with its exit code.

Belongs here: exceptions that cross from one room to another, and `Problem`, one fault in a file that people write.
Does not belong here: wording of particular failures (their place raises them), printing, exiting.

    ScopesyncError                 1   an internal failure, unless a subclass says otherwise
    ├── ConfigurationError         1   the files that people write are wrong; carries every problem at once
    ├── UsageError                64   the command line asks for something that does not exist
    ├── RefusedError               3   a guard said no; nothing was written
    ├── StaleError                 4   what was reviewed is no longer what would happen; nothing was written
    ├── IncompleteError            5   some calls failed, or the result could not be confirmed
    ├── LedgerError                1   the ledger cannot be opened, read or written
    │   └── NoLedgerError              there is none, and none was to be made
    ├── LockedError                4   another run holds the tenant; this one sent nothing after it learned of that
    └── LiveError                  6   the live side could not be read or reached
        ├── UnreachableError           no answer in time, or a server error that outlived its retries
        ├── CredentialError            no usable credential, or the server refuses it
        ├── AnswerError                an answer that the API's page does not allow
        ├── UnstableReadError          the list moved while it was read, or its end could not be proved
        ├── HostError                  a place to which no credential may be sent
        └── WriteError                 a write that failed; it says whether it can have landed
            └── ConflictError          409 or 412: another client writes (exit code 4)

Exit codes: docs/exit-codes.md. 0 and 2 are no failures, 130 belongs to the command line.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a file that people write: where it is, what it is, and what to do instead.

    `file` is relative to the project, with `/`; `line` and `column` count from 1; None where a fault has no place.
    `excerpt` is the line itself, never one that may hold a secret.
    """

    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    excerpt: str | None = None
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """The place as editors understand it: `file:line:col`, as far as it is known; empty when it is not."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


def problems_document(problems: Iterable[Problem]) -> dict[str, Any]:
    """The problems as plain JSON data: a list under `problems`, each with every field of `Problem`."""
    return {"problems": [asdict(problem) for problem in problems]}


class ScopesyncError(Exception):
    """A failure that a person can read: what happened, and in `hint` what to do next."""

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "internal"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def document(self) -> dict[str, Any]:
        """The failure as plain JSON data: `{error: {kind, message, hint}}`."""
        return {"error": {"kind": self.kind, "message": self.message, "hint": self.hint}}


class ConfigurationError(ScopesyncError):
    """The files are wrong; `problems` holds every error of every file (never empty), in the order of place."""

    kind = "configuration"

    def __init__(self, problems: Iterable[Problem], *, hint: str | None = None) -> None:
        self.problems = tuple(problems)
        count = sum(problem.severity == "error" for problem in self.problems)
        super().__init__(f"{count} {'problem' if count == 1 else 'problems'} in the project's files", hint=hint)

    def document(self) -> dict[str, Any]:
        """The failure as plain JSON data, with `problems: [{message, file, line, column, hint, excerpt, severity}]`."""
        return {**super().document(), **problems_document(self.problems)}


class UsageError(ScopesyncError):
    """The command line asks for something that does not exist."""

    exit_code = 64
    kind = "usage"


class RefusedError(ScopesyncError):
    """A guard said no; nothing was written."""

    exit_code = 3
    kind = "refused"


class StaleError(ScopesyncError):
    """What was reviewed is no longer what would happen; nothing was written."""

    exit_code = 4
    kind = "stale"


class IncompleteError(ScopesyncError):
    """Some calls failed, or the result could not be confirmed."""

    exit_code = 5
    kind = "incomplete"


class LedgerError(ScopesyncError):
    """The ledger cannot be opened, read or written; what could not be recorded first was not sent."""

    kind = "ledger"


class NoLedgerError(LedgerError):
    """There is no ledger at that place, and none was to be made."""

    kind = "no-ledger"


class LockedError(ScopesyncError):
    """Another run holds the tenant; this one sent nothing after it learned of that."""

    exit_code = 4
    kind = "locked"


class LiveError(ScopesyncError):
    """The live side could not be read or reached."""

    exit_code = 6
    kind = "live"


class UnreachableError(LiveError):
    """No answer in time, or a server error that outlived its retries."""

    kind = "unreachable"


class CredentialError(LiveError):
    """No usable credential, or the server refuses it."""

    kind = "credential"


class AnswerError(LiveError):
    """An answer that the API's page does not allow."""

    kind = "answer"


class UnstableReadError(LiveError):
    """The list moved while it was read, or its end could not be proved."""

    kind = "unstable"


class HostError(LiveError):
    """A place to which no credential may be sent."""

    kind = "host"


class WriteError(LiveError):
    """A write failed. `landed` is False when the server said no, None when it cannot be known without reading back.

    `status` is the HTTP status, None when there was no answer.
    """

    kind = "write"

    def __init__(
        self,
        message: str,
        *,
        landed: Literal[False] | None,
        status: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.landed = landed
        self.status = status


class ConflictError(WriteError):
    """409 or 412: another client writes to this list."""

    exit_code = 4
    kind = "conflict"


def exit_code_of(kind: str) -> int:
    """The exit code of the exception class with that `kind`; 1 for a kind that no class bears."""
    classes: list[type[ScopesyncError]] = [ScopesyncError]
    while classes:
        candidate = classes.pop()
        if candidate.kind == kind:
            return candidate.exit_code
        classes.extend(candidate.__subclasses__())
    return ScopesyncError.exit_code
