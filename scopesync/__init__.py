"""GitOps for school and course scoping behind the DataSync Interop API.

This is the library: a `Workspace`, and one function for each use case (docs/library.md). A name is imported when it is
first used, so that `import scopesync` costs nothing; docs/architecture.md draws the rooms.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scopesync.operations.applying import apply
    from scopesync.operations.drifting import drift
    from scopesync.operations.explaining import explain
    from scopesync.operations.history import history
    from scopesync.operations.importing import import_
    from scopesync.operations.planning import plan
    from scopesync.operations.undoing import undo
    from scopesync.operations.workspace import Workspace

__all__ = ["Workspace", "apply", "drift", "explain", "history", "import_", "plan", "undo"]

_HOMES = {
    "Workspace": "scopesync.operations.workspace",
    "apply": "scopesync.operations.applying",
    "drift": "scopesync.operations.drifting",
    "explain": "scopesync.operations.explaining",
    "history": "scopesync.operations.history",
    "import_": "scopesync.operations.importing",
    "plan": "scopesync.operations.planning",
    "undo": "scopesync.operations.undoing",
}


def __getattr__(name: str) -> object:
    """A public name, imported now and kept. Raises AttributeError for any other name."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Library(ModuleType):
    """Keeps `plan` and `apply` functions: two rooms bear these names, and Python binds a room that it has imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Library
