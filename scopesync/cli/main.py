"""The console script: run the program, and turn what happened into words and an exit code.

Belongs here: the last line of defence. Does not belong here: any command. A person never meets a traceback; `-vv` logs
one, masked like everything else.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from scopesync.cli.console import Console
from scopesync.cli.program import program
from scopesync.errors import ConfigurationError, ScopesyncError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run one command line (`sys.argv` when None) and return its exit code (docs/exit-codes.md). Raises nothing.

    `environ` takes the place of the process's own environment.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are text streams of the interpreter
    console = Console(environ, stdout=sys.stdout, stderr=sys.stderr, run=main)
    try:
        return int(program.main(args=arguments, prog_name="scopesync", standalone_mode=False, obj=console) or 0)
    except (click.Abort, KeyboardInterrupt):
        console.err("interrupted\n")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last line of defence: whatever it is, it is reported and never dumped
        return _failed(console, _named(console, error))
    finally:
        console.close()


def _named(console: Console, error: Exception) -> ScopesyncError:
    """The failure in our own words."""
    match error:
        case ScopesyncError():
            return error
        case click.exceptions.NoArgsIsHelpError():
            return UsageError("no command given", hint="see `scopesync --help`")
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "scopesync"
            return UsageError(error.format_message(), hint=f"see `{command} --help`")
        case click.ClickException():
            return UsageError(error.format_message())
        case OSError():
            return ScopesyncError(f"{error.filename or 'a file'}: {error.strerror or error}")
        case _:
            return _internal(console, error)


def _failed(console: Console, error: ScopesyncError) -> int:
    """Say what failed: on stdout as a document when JSON was asked for, else on stderr in words."""
    from scopesync.report.problems_text import failure_text, problems_github
    from scopesync.report.renderers import json_text

    document = error.document()
    if console.form == "json":
        console.out(json_text(document))
    elif console.form == "github" and isinstance(error, ConfigurationError):
        console.out(problems_github(document, folder=console.folder))
    else:
        console.err(failure_text(document))
    return error.exit_code


def _internal(console: Console, error: Exception) -> ScopesyncError:
    import logging

    logging.getLogger("scopesync").debug("internal failure", exc_info=error)
    again = "this is a fault of scopesync, please report it"
    hint = again if console.verbosity > 1 else f"{again}; -vv shows where"
    return ScopesyncError(f"internal failure: {type(error).__name__}: {error}", hint=hint)
