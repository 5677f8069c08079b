"""Wiring for the ledger: where it is, who acts, and what is remembered.

Belongs here: what the environment says of a ledger. Does not belong here: anything that the ledger does.
"""

from __future__ import annotations

import getpass
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from scopesync.audit.actor import Who
from scopesync.audit.ledger.book import open_ledger
from scopesync.audit.ledger.location import FILE
from scopesync.desired.source import git_source
from scopesync.errors import NoLedgerError
from scopesync.secrets import Secret, mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from scopesync.audit.ledger.book import Ledger
    from scopesync.cli.session import Session
    from scopesync.desired.project import Project

URL = "SCOPESYNC_LEDGER_URL"

_USER = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_USER_ID", "SUDO_USER")
"""Who started a job, before the account that it happens to run as."""

_CI_URL = ("CI_JOB_URL", "BUILD_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL")


@contextmanager
def ledger(session: Session) -> Iterator[Ledger]:
    """The project's ledger, made if need be: PostgreSQL where SCOPESYNC_LEDGER_URL names one, else a file."""
    with open_ledger(_place(session), clock=lambda: session.now, mask=mask) as opened:
        yield opened


@contextmanager
def known_ledger(session: Session) -> Iterator[Ledger | None]:
    """The project's ledger if there is one; None is no memory, not an empty one."""
    try:
        opening = open_ledger(_place(session), clock=lambda: session.now, mask=mask, create=False)
        opened = opening.__enter__()
    except NoLedgerError:
        yield None
        return
    try:
        yield opened
    finally:
        opening.__exit__(None, None, None)


def who(session: Session, project: Project) -> Who:
    """Who acts, from which commit: what the environment and Git say."""
    environ = session.environ
    source = git_source(project.root)
    return Who(
        user=next((environ[name] for name in _USER if environ.get(name)), None) or _account(environ),
        host=socket.gethostname(),
        ci_url=_ci_url(environ),
        commit=source["commit"] if source else None,
        dirty=source["dirty"] if source else None,
    )


def _place(session: Session) -> str | Path:
    url = session.environ.get(URL)
    if not url:
        return session.root / FILE
    password = urlsplit(url).password
    if password:
        Secret(unquote(password))
        Secret(password)
    return url


def _account(environ: Mapping[str, str]) -> str:
    """The account, where it has a name; a container's user may have none."""
    try:
        return environ.get("USER") or getpass.getuser()
    except (KeyError, OSError, ImportError):  # Windows has no `pwd` to ask; before 3.13 that is an ImportError
        return "unknown"


def _ci_url(environ: Mapping[str, str]) -> str | None:
    github = [environ.get(f"GITHUB_{name}") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    if all(github):
        server, repository, run = github
        return f"{server}/{repository}/actions/runs/{run}"
    return next((environ[name] for name in _CI_URL if environ.get(name)), None)
