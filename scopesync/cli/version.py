"""The version of the tool.

Belongs here: asking the installed package. Nothing else.
"""

from __future__ import annotations

from importlib.metadata import version as installed_version


def version() -> str:
    """The installed package's version, as `pyproject.toml` says it."""
    return installed_version("scopesync")
