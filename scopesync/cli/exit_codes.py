"""Exit codes that depend on what the command line asks for; all others come with a result or an error.

Belongs here: `--detailed-exitcode`. Does not belong here: the codes of failures (errors).
"""

from __future__ import annotations

from typing import Final

DIFFERENCES: Final = 2


def compared(failure: int, *, changed: bool, detailed: bool) -> int:
    """The code of a comparison. A failure comes first: 2 says that everything was compared and something differs."""
    if failure:
        return failure
    return DIFFERENCES if changed and detailed else 0
