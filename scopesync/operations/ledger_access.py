"""Access to the ledger: where it is, and who acts.

Belongs here: what the workspace says of a ledger. Does not belong here: anything that the ledger does.
"""

from __future__ import annotations

import getpass
import socket
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from scopesync.audit.actor import Who
from scopesync.audit.ledger.book import open_ledger
from scopesync.audit.ledger.location import FILE
from scopesync.desired.source import git_source
from scopesync.errors import NoLedgerError
from scopesync.secrets import Secret, mask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scopesync.audit.ledger.book import Ledger
    from scopesync.operations.workspace import Workspace


@contextmanager
def ledger(workspace: Workspace) -> Iterator[Ledger]:
    """The project's ledger, made if need be: PostgreSQL where SCOPESYNC_LEDGER_URL names one, else a file."""
    with open_ledger(_location(workspace), clock=workspace.clock, mask=mask) as opened:
        yield opened


@contextmanager
def known_ledger(workspace: Workspace) -> Iterator[Ledger | None]:
    """The project's ledger; None: there is no ledger (an empty ledger is something else)."""
    with ExitStack() as stack:
        opening = open_ledger(_location(workspace), clock=workspace.clock, mask=mask, create=False)
        try:
            opened = stack.enter_context(opening)
        except NoLedgerError:
            opened = None
        yield opened


def actor(workspace: Workspace) -> Who:
    """Who acts, from which commit: what the environment and Git say."""
    source = git_source(workspace.root)
    return Who(
        user=workspace.environment.actor or _account(),
        host=socket.gethostname(),
        ci_url=workspace.environment.job_url,
        commit=source["commit"] if source else None,
        dirty=source["dirty"] if source else None,
    )


def _location(workspace: Workspace) -> str | Path:
    url = workspace.environment.ledger_url
    if url is None:
        return workspace.root / FILE
    password = urlsplit(url).password
    if password:
        Secret(unquote(password))
        Secret(password)
    return url


def _account() -> str:
    """The account, where it has a name; a container's user may have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # Windows has no `pwd` to ask; before 3.13 that is an ImportError
        return "unknown"
