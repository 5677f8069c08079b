"""The one question that is asked, on a real terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_loop import FILE, NEW

if TYPE_CHECKING:
    from tests.cli.conftest import Live, Shell
    from tests.cli.test_loop import Edit


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 130), ("", 130)], ids=["yes", "no", "return"])
def test_an_apply_is_carried_out_only_when_somebody_says_yes(
    answer: str, code: int, fleet: Shell, sandbox: Live, edit: Edit
) -> None:
    edit(FILE, "schools:\n", NEW)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "scopesync", "-C", str(fleet.root), "apply"]
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs, env=fleet.environ | {"TERM": "dumb"}
    ) as process:
        os.close(theirs)
        said = ""
        while "Apply this plan? [y/N]" not in said:
            said += os.read(ours, 1000).decode()
        os.write(ours, f"{answer}\n".encode())
        assert process.wait() == code
    assert bool(sandbox.writes) == (code == 0)
    assert ("nothing was written" in _rest(ours)) == (code != 0)


def _rest(terminal: int) -> str:
    """What is left to be read of a terminal whose other end is closed."""
    said = b""
    try:
        while piece := os.read(terminal, 1000):
            said += piece
    except OSError:  # Linux's end of a terminal
        pass
    finally:
        os.close(terminal)
    return said.decode()
