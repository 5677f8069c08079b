"""A workspace: where an operation works, and what it may use there.

Belongs here: the project's folder, the environment, the clock, the way to the network, and who is notified. Does not
belong here: what any operation does, and anything that prints.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scopesync.environment import Environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scopesync.desired.project import Project
    from scopesync.errors import Problem
    from scopesync.live.http.network import Route
    from scopesync.operations.progress import OnProgress


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def ignore(_event: object) -> None:
    """Take no notice."""


@dataclass(frozen=True, slots=True)
class Network:
    """The way to the API's hosts: a PEM file of the only CA certificates to trust, and the URL of a proxy."""

    ca_file: Path | None = None
    proxy: str | None = field(default=None, repr=False)  # its URL may hold a password

    @property
    def route(self) -> Route:
        """The way, checked. Raises UsageError, which never shows the proxy's password."""
        from scopesync.live.http.network import route_of  # noqa: PLC0415 - httpx is for operations that go out

        return route_of(ca_file=self.ca_file, proxy=self.proxy)


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where an operation works: a project's folder, and everything of its surroundings that it uses.

    `clock` gives the time in UTC. `on_progress` is notified of how far the work is (`operations.progress`), in any
    thread and one event at a time. `on_problems` is notified of the warnings and notes on the project's files, each
    time that they are read. Both must return soon.
    """

    root: Path
    environment: Environment = field(default_factory=Environment)
    clock: Callable[[], datetime] = utc_now
    network: Network = field(default_factory=Network)
    on_progress: OnProgress = ignore
    on_problems: Callable[[Sequence[Problem]], object] = ignore

    @classmethod
    def from_environment(
        cls,
        root: str | Path = ".",
        environ: Mapping[str, str] | None = None,
        *,
        ca_file: str | Path | None = None,
        proxy: str | None = None,
        on_progress: OnProgress = ignore,
    ) -> Workspace:
        """The workspace of the project in that folder; `environ` takes the place of the process's own environment."""
        return cls(
            Path(root),
            Environment.of_process() if environ is None else Environment(dict(environ)),
            network=Network(None if ca_file is None else Path(ca_file), proxy),
            on_progress=on_progress,
        )

    def project(self, *, notify: bool = True) -> Project:
        """The project in the folder, checked. Raises ConfigurationError with every problem of every file.

        Without `notify`, `on_problems` is not called.
        """
        from scopesync.desired.project import load_project  # noqa: PLC0415 - history works without YAML and schemas

        project = load_project(self.root, today=self.clock().date())
        if notify and project.problems:
            self.on_problems(project.problems)
        return project

    @property
    def moment(self) -> str:
        """The time as documents have it: ISO 8601, in UTC, to the second."""
        return self.clock().isoformat(timespec="seconds")
