"""import: the live lists of tenants, written as files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from scopesync.cli.console import Console
    from scopesync.desired.imports.importing import Imported

MOST_LEFT = 20
"""So many rows that were left are named; the others are counted."""


@click.command("import")
@click.argument("names", nargs=-1, metavar="[TENANT]...")
@click.option("--all", "everything", is_flag=True, help="Every tenant that the vendor key sees.")
@click.option("--force", is_flag=True, help="Let what is live win over edits in the lists of files that are there.")
@click.pass_obj
def import_(console: Console, *, names: tuple[str, ...], everything: bool, force: bool) -> int:
    """Write the live lists of tenants as files; a plan right after is empty.

    A tenant that has a file keeps it: rows that are live and not in it are added, everything else is left as it is.
    With --force its lists become what is live; credentials, labels, defaults, allow and comments stay in any case.
    """
    from scopesync.operations import importing

    result = importing.import_(console.workspace, names, everything=everything, force=force)
    for one in result.imported:
        console.out(_written(one))
        console.err(_notes(one))
    left = any(one.merged.left or one.merged.left_out for one in result.imported)
    if result.imported and not result.changed and not left:
        console.err("nothing to write: every file is as it is live\n")
    for failure in result.unread:
        console.err(f"{failure.name}: {failure.error.message}\n")
    return result.exit_code


def _written(one: Imported) -> str:
    """Each file that was written; rows are counted where the tenant had a file."""
    merged = one.merged
    if one.is_new:
        return "".join(f"wrote {name}\n" for name in merged.files)
    counts = ((merged.added, "added"), (merged.changed, "changed"), (merged.removed, "removed"))
    rows = ", ".join(f"{number:,} {verb}" for number, verb in counts if number)
    return "".join(f"updated {name}\n" for name in merged.files) + (f"  rows: {rows}\n" if rows else "")


def _notes(one: Imported) -> str:
    """What was not written, and why."""
    from scopesync.report.clean import one_line

    merged = one.merged
    more = len(merged.left) - MOST_LEFT
    return "".join(
        [
            *(f"left {left.place}: {left.reason}\n" for left in merged.left[:MOST_LEFT]),
            *([f"left {more:,} more rows of {one.file}\n"] if more > 0 else []),
            *(
                f"left out of {left.list}: {', '.join(left.fields) or 'a row'} of {one_line(left.row)}: {left.reason}\n"
                for left in merged.left_out
            ),
            *(
                f"{name} of {one.file} is additive: no plan removes the rows that were left out\n"
                for name in merged.additive
            ),
        ]
    )
