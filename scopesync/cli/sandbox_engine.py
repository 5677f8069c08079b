"""Sandboxes for the commands that need one: `sandbox` serves, `demo` plays on it.

Belongs here: opening the state, and saying what a person needs to connect. Does not belong here: the API itself.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from scopesync.errors import ScopesyncError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scopesync.cli.console import Console
    from scopesync.sandbox.api.engine import Engine


def serve_until_interrupted(
    console: Console, *, port: int, data: Path | None, faults: Path | None, behaviour: Path | None
) -> None:
    """Serve a sandbox until SIGINT or SIGTERM; its address and keys go to stdout once it listens.

    It behaves as that file says. It plays the script of faults in the other file; with or without one, its paths under
    `/_sandbox/` take another. Raises UsageError when one of the files or the port cannot be used.
    """
    with sandbox_engine(data) as engine:
        from scopesync.sandbox.behaviour_file import load_behaviour
        from scopesync.sandbox.control import Control
        from scopesync.sandbox.faults.faulty_engine import Faulty
        from scopesync.sandbox.faults.script import NO_FAULTS, load_script
        from scopesync.sandbox.server import serve
        from scopesync.sandbox.setup_error import SandboxError

        try:
            script = NO_FAULTS if faults is None else load_script(faults)
            if behaviour is not None:
                engine.behaviour = load_behaviour(behaviour)
            control = Control(Faulty(engine, script))
            serve(control, port=port, on_ready=lambda base_url: console.out(_greeting(base_url, len(script.faults))))
        except SandboxError as error:
            raise UsageError(str(error)) from error


@contextmanager
def sandbox_engine(data: Path | None = None) -> Iterator[Engine]:
    """A sandbox's engine: on the state in the file, where there is one; else, and in a new file, on the fleet.

    Raises ScopesyncError where the extra `sandbox` is not installed, UsageError when the file is no sandbox's state.
    """
    try:
        import_module("scopesync.sandbox.server")
    except ImportError as error:
        hint = "install scopesync with the extra sandbox, from where you installed it"
        raise ScopesyncError(f"the sandbox needs its extra: {error.name} is not installed", hint=hint) from error
    from scopesync.sandbox.api.engine import Engine
    from scopesync.sandbox.api.store import Store
    from scopesync.sandbox.sample_districts import load_fleet
    from scopesync.sandbox.setup_error import SandboxError

    try:
        store = Store.in_memory() if data is None else Store.open(data)
    except SandboxError as error:
        raise UsageError(str(error)) from error
    with closing(store):
        if not store.tenants():
            load_fleet(store)
        yield Engine(store)


def _greeting(base_url: str, faults: int) -> str:
    """What a person pastes: the address for `scopesync.yaml`, the vendor key for the environment."""
    from scopesync.sandbox.sample_districts import VENDOR_KEY, districts

    tenants = "".join(f"  {district.id}  {district.name}\n" for district in districts())
    script = f"{faults} faults; PUT others to {base_url}/_sandbox/faults\n"
    return f"sandbox on {base_url}\nvendor key {VENDOR_KEY}\n{tenants}{script}interrupt (Ctrl-C) ends it\n"
