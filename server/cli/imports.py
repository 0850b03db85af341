"""usher import: a school's own files into its rows."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Protocol

import typer
from rich.table import Table

from server.cli.console import ERRORS, OUT, bars
from server.cli.databases import database
from server.database.pool import owner_connection
from server.errors import BadUserInput
from server.exchange.bulk import Connection
from server.exchange.context import ImportContext
from server.exchange.marks import import_mark_parts, import_marks
from server.exchange.outcome import Commit, ImportOutcome
from server.exchange.progress import Progress
from server.exchange.records_of_import import Declaration
from server.exchange.roster import import_roster
from server.identity.accounts import Directory


class _Importer(Protocol):
    """What import_roster and import_marks have in common."""

    def __call__(
        self,
        connection: Connection,
        content: bytes,
        context: ImportContext,
        declaration: Declaration,
        *,
        commit: Commit,
        today: date,
        progress: Progress,
    ) -> ImportOutcome: ...


imports = typer.Typer(help="Rosters and marks from files.", no_args_is_help=True, rich_markup_mode=None)
_SHOWN = 50

File = Annotated[Path, typer.Argument(help="The file.", show_default=False)]
By = Annotated[str, typer.Option("--as", help="The account of a person of the school who imports.")]
Declared = Annotated[str, typer.Option("--declare", help="In your words: why the school may give this data.")]
Keep = Annotated[Commit, typer.Option("--commit", help="What to keep; a check keeps nothing and says what would be.")]


@imports.command("roster")
def roster(file: File, account: By, declare: Declared, commit: Keep = Commit.CHECK) -> None:
    """Bring one school's people, groups and ties to what a workbook says."""
    _import(import_roster, file, account, declare, commit)


@imports.command("marks")
def marks(file: File, account: By, declare: Declared, commit: Keep = Commit.CHECK) -> None:
    """Record the marks of a CSV file, with the grades that follow from them."""
    _import(import_marks, file, account, declare, commit)


@imports.command("mark-parts")
def mark_parts(file: File, account: By, declare: Declared, commit: Keep = Commit.CHECK) -> None:
    """Record what was scored question by question for marks that are there already."""
    _import(import_mark_parts, file, account, declare, commit)


def _import(importer: _Importer, file: Path, account: str, declare: str, commit: Commit) -> None:
    content = _content(file)
    with database() as addresses, bars() as progress:
        found = Directory(addresses.app).find(account)
        context = ImportContext(found.school_id, found.person_id)
        with owner_connection(addresses.app) as connection:
            connection.autocommit = True  # the importer opens and ends its own transaction
            today = datetime.now(UTC).date()
            outcome = importer(
                connection, content, context, Declaration(declare), commit=commit, today=today, progress=progress
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
        row = None if problem.row is None else f"row {problem.row}"
        place = " ".join(part for part in (problem.code, problem.sheet, row, problem.column) if part)
        ERRORS.print(f"{place}: {problem.message}", markup=False)
    if len(outcome.problems) > _SHOWN:
        ERRORS.print(f"... and {len(outcome.problems) - _SHOWN} more.", markup=False)
    if outcome.problems or (commit is not Commit.CHECK and not outcome.committed):
        raise typer.Exit(1)
