"""usher import: a school's own files into its rows."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from server.cli.console import ERRORS, OUT, bars
from server.cli.databases import database
from server.database.pool import owner_connection
from server.errors import BadUserInput
from server.exchange.context import ImportContext
from server.exchange.outcome import Commit, ImportOutcome
from server.exchange.records_of_import import Declaration
from server.exchange.roster import import_roster
from server.identity.accounts import Directory

imports = typer.Typer(help="Rosters and marks from files.", no_args_is_help=True, rich_markup_mode=None)
_SHOWN = 50

File = Annotated[Path, typer.Argument(help="The file.", show_default=False)]
By = Annotated[str, typer.Option("--as", help="The account of a person of the school who imports.")]
Declared = Annotated[str, typer.Option("--declare", help="In your words: why the school may give this data.")]
Keep = Annotated[Commit, typer.Option("--commit", help="What to keep; a check keeps nothing and says what would be.")]


@imports.command("roster")
def roster(file: File, account: By, declare: Declared, commit: Keep = Commit.CHECK) -> None:
    """Bring one school's people, groups and ties to what a workbook says."""
    content = _content(file)
    with database() as addresses, bars() as progress:
        found = Directory(addresses.app).find(account)
        with owner_connection(addresses.app) as connection:
            outcome = import_roster(
                connection,
                content,
                ImportContext(found.school_id, found.person_id),
                Declaration(declare),
                commit=commit,
                today=datetime.now(UTC).date(),
                progress=progress,
            )
    _report(outcome, commit)


def _content(file: Path) -> bytes:
    if not file.is_file():
        raise BadUserInput(f"{file} is no file.", ("file",))
    return file.read_bytes()


def _report(outcome: ImportOutcome, commit: Commit) -> None:
    """What was kept on standard output, what was refused on standard error; exit status 1 if anything was refused."""
    table = Table("Table", "Added", "Changed", "Ended")
    for name, counts in outcome.counts.items():
        table.add_row(name, str(counts.added), str(counts.changed), str(counts.ended))
    if outcome.counts:
        OUT.print(table)
    kept = "kept" if outcome.committed else "checked, nothing was kept"
    OUT.print(f"{outcome.accepted} rows accepted, {outcome.refused} refused: {kept}.", markup=False)
    for problem in outcome.problems[:_SHOWN]:
        place = " ".join(
            part
            for part in (
                problem.sheet,
                None if problem.row is None else f"row {problem.row}",
                problem.column,
            )
            if part
        )
        ERRORS.print(f"{problem.code} {place}: {problem.message}", markup=False)
    if len(outcome.problems) > _SHOWN:
        ERRORS.print(f"... and {len(outcome.problems) - _SHOWN} more.", markup=False)
    if outcome.problems or (commit is not Commit.CHECK and not outcome.committed):
        raise typer.Exit(1)
