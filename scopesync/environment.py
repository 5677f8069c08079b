"""The environment variables that scopesync reads: every one of them, declared in a table and held in one frozen value.

Belongs here: their names, what each is for, its default, and the one place that asks the process for them. Does not
belong here: what follows from a value (the room that uses it says so), secrets that cannot be printed (`secrets`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that scopesync reads by its name; `meaning` and `default` are the words of the page on it."""

    name: str
    meaning: str
    default: str = "not set"


ALLOWED_HOSTS = Variable(
    "SCOPESYNC_ALLOWED_HOSTS",
    "Further hosts that credentials may be sent to: `host` or `host:port`, separated by commas or blanks. "
    "No file of a project can name one.",
    "`*.kimonocloud.com` and this machine alone",
)
CREDENTIAL_COMMAND = Variable(
    "SCOPESYNC_CREDENTIAL_COMMAND",
    "A program that prints a tenant's pair as JSON. It is run without a shell, in `/`.",
)
LEDGER_URL = Variable(
    "SCOPESYNC_LEDGER_URL",
    "The ledger's PostgreSQL database: `postgresql://user@host/database`.",
    "the file `.scopesync/ledger.db`",
)
ACTORS = (
    Variable("GITHUB_ACTOR", "Who started a job on GitHub: recorded in the ledger."),
    Variable("GITLAB_USER_LOGIN", "The same on GitLab."),
    Variable("BUILD_USER_ID", "The same on Jenkins."),
    Variable("SUDO_USER", "The person behind `sudo`: recorded in the ledger."),
    Variable("USER", "The account: recorded in the ledger.", "the account that the system names"),
)
"""Who acts: whoever started a job comes before the account that it happens to run as."""
JOB_URLS = (
    Variable("CI_JOB_URL", "The job's page on GitLab: recorded in the ledger."),
    Variable("BUILD_URL", "The same on Jenkins."),
    Variable("BUILDKITE_BUILD_URL", "The same on Buildkite."),
    Variable("CIRCLE_BUILD_URL", "The same on CircleCI."),
)
GITHUB_RUN = (
    Variable("GITHUB_SERVER_URL", "With the two that follow: the job's page on GitHub, recorded in the ledger."),
    Variable("GITHUB_REPOSITORY", "See `GITHUB_SERVER_URL`."),
    Variable("GITHUB_RUN_ID", "See `GITHUB_SERVER_URL`."),
)
GITHUB_WORKSPACE = Variable(
    "GITHUB_WORKSPACE", "The checkout: annotations of `validate --format github` count files from there."
)
NO_COLOR = Variable("NO_COLOR", "Anything: no colours, unless `--color always` asks for them (https://no-color.org).")
TERM = Variable("TERM", "`dumb`: no colours and no progress bars.")
COLUMNS = Variable("COLUMNS", "The width of text, in characters.", "the terminal's, else 200")

VARIABLES = (
    ALLOWED_HOSTS,
    CREDENTIAL_COMMAND,
    LEDGER_URL,
    *ACTORS,
    *JOB_URLS,
    *GITHUB_RUN,
    GITHUB_WORKSPACE,
    NO_COLOR,
    TERM,
    COLUMNS,
)
"""The table. Beside these, only the variables are read that a project's files or a tenant's name ask for (`named`)."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment of one run. Its values never show in a repr: some are secrets."""

    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    @classmethod
    def of_process(cls) -> Environment:
        """The process's own environment, as it is now."""
        return cls(dict(os.environ))

    def named(self, name: str) -> str | None:
        """The value of a variable that a file or a tenant's name asks for; None where it is not set."""
        return self.variables.get(name)

    @property
    def allowed_hosts(self) -> str:
        """SCOPESYNC_ALLOWED_HOSTS as it stands; empty where it is not set."""
        return self._value(ALLOWED_HOSTS) or ""

    @property
    def credential_command(self) -> str | None:
        """SCOPESYNC_CREDENTIAL_COMMAND as it stands."""
        return self._value(CREDENTIAL_COMMAND)

    @property
    def ledger_url(self) -> str | None:
        """SCOPESYNC_LEDGER_URL as it stands; it may hold a password."""
        return self._value(LEDGER_URL)

    @property
    def actor(self) -> str | None:
        """Who acts, as CI or the system names them."""
        return self._first(ACTORS)

    @property
    def job_url(self) -> str | None:
        """The page of the CI job that runs this."""
        github = [self._value(variable) for variable in GITHUB_RUN]
        if all(github):
            server, repository, run = github
            return f"{server}/{repository}/actions/runs/{run}"
        return self._first(JOB_URLS)

    @property
    def checkout(self) -> str | None:
        """The folder that GitHub's runner has checked out."""
        return self._value(GITHUB_WORKSPACE)

    @property
    def no_color(self) -> bool:
        """Whether NO_COLOR asks for text without colours."""
        return self._value(NO_COLOR) is not None

    @property
    def dumb_terminal(self) -> bool:
        """Whether the terminal can do nothing but show characters."""
        return self._value(TERM) == "dumb"

    @property
    def columns(self) -> int | None:
        """The width of text that COLUMNS asks for; None where it asks for none."""
        asked = self._value(COLUMNS) or ""
        return int(asked) or None if asked.isdecimal() else None

    def _value(self, variable: Variable) -> str | None:
        """The value of a declared variable; one that is empty counts as not set."""
        return self.variables.get(variable.name) or None

    def _first(self, variables: tuple[Variable, ...]) -> str | None:
        """The value of the first of these variables that is set."""
        values = (self._value(variable) for variable in variables)
        return next((value for value in values if value is not None), None)
