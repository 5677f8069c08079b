"""What can stop a person from starting a sandbox.

Belongs here: the one failure that leaves this room. Does not belong here: refusals that a client gets over HTTP
(`api.messages.Refusal`).
"""

from __future__ import annotations


class SandboxError(Exception):
    """The sandbox cannot start: its data file or its script of faults is none, or its port is taken."""
