"""usher grading: check a folder of published boundaries, and put it into the database."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from rich.table import Table

from server.cli.console import OUT, bars, harmless
from server.cli.databases import database
from server.commands.jobs.regrade import regrade_all, standings
from server.commands.regrading import Regraded
from server.database.pool import Pool, owner_connection
from server.errors import BadUserInput
from server.exchange.references import import_pack
from server.exchange.specifications import standing
from server.grading.comparison import named
from server.grading.findings import Finding
from server.grading.pack_units import PackRow
from server.grading.packs import load_pack
from server.grading.sheet import sheet
from server.grading.sign_off import Signed
from server.grading.verification import CaseOutcome, Verification, run_cases
from server.settings import load_settings

grading = typer.Typer(help="Published grade boundaries.", no_args_is_help=True, rich_markup_mode=None)
Folder = Annotated[Path, typer.Argument(help="The folder of the pack.", show_default=False)]
Found = TypeVar("Found")


@grading.command("verify")
def verify(
    folder: Folder,
    shown: Annotated[
        int | None, typer.Option("--failures", min=0, help="Print only so many failed cases.", show_default="all")
    ] = None,
) -> None:
    """Check a pack and run its cases through the engine. Exit status 1 if anything fails."""
    _require_folder(folder)
    pack = load_pack(folder)
    outcomes: list[CaseOutcome] = []
    with bars() as progress:
        for outcome in run_cases(pack):
            outcomes.append(outcome)
            progress(description="Running the cases", advance=1, total=len(pack.cases))
    result = Verification(pack, tuple(outcomes))
    _print_findings(result.findings)
    _print_kinds(result)
    _print_failures(result.failures[:shown], len(result.failures))
    OUT.print(result.summary, markup=False)
    if not result.ok:
        raise typer.Exit(1)


@grading.command("import")
def import_folder(folder: Folder) -> None:
    """Store a sound pack's qualifications, boundaries and tables; what is stored already is left alone."""
    _require_folder(folder)
    with database() as addresses, owner_connection(addresses.app) as connection:
        done = import_pack(connection, folder, datetime.now(UTC))
    OUT.print(
        f"{done.specifications} specifications, {done.boundary_sets} boundary sets and "
        f"{done.tables} tables of measures stored, "
        f"{done.known} known already, {done.signed_off} signed off (pack {done.checksum[:12]}).",
        markup=False,
    )
    _print_findings(done.warnings)


@grading.command("sheet")
def print_sheet(
    row_id: Annotated[str, typer.Argument(metavar="ID", help="Such as AQA:8300:H:June_2025.", show_default=False)],
    folder: Annotated[Path | None, typer.Option("--folder", help="Read it from a pack, not from the database.")] = None,
) -> None:
    """Print one page to check against the published document, and to sign."""
    if folder is None:
        with database(existing=True) as addresses, owner_connection(addresses.app) as connection:
            found = standing(connection, row_id)
        versions = f"version {found.specification_version} of the specification, {found.version} of the series"
        lines = [f"Stored {found.imported_at:%Y-%m-%d %H:%M %Z} as {versions}"]
        page = sheet(row_id, found.specification, found.boundaries, found.signed, lines)
    else:
        _require_folder(folder)
        row = _row_of(folder, row_id)
        signed = Signed.in_files(row.specification.provenance, row.boundaries)
        page = sheet(row_id, row.specification, row.boundaries, signed, [f"From a folder, not stored: {folder}"])
    OUT.print("\n".join(harmless(line) for line in page.splitlines()), markup=False)


@grading.command("regrade")
def regrade(
    status: Annotated[bool, typer.Option("--status", help="Only say how many courses wait.")] = False,
) -> None:
    """Grade anew every course whose boundaries have a newer version, as the jobs do within a minute."""
    with database(existing=True) as addresses:
        if not status:
            asyncio.run(_regrade(addresses.app))
        found = asyncio.run(_with_pool(addresses.app, standings))
    table = Table("School", "Courses done", "Courses left")
    for each in found:
        table.add_row(harmless(each.name), str(each.courses - each.left), str(each.left))
    OUT.print(table)
    for each in found:
        for kept in each.kept:
            OUT.print(
                f"{harmless(each.name)}: {harmless(kept.course)}, {harmless(kept.window)}: {kept.grades} grades stand on "
                f"{kept.series}, version {kept.version}; reopenWindow moves them.",
                markup=False,
            )
    left = sum(each.left for each in found)
    OUT.print(f"{sum(each.courses for each in found) - left} courses done, {left} left.", markup=False)


async def _regrade(url: str) -> None:
    with bars() as progress:

        def told(school_id: UUID, course_id: UUID, regraded: Regraded, left: int) -> None:
            del school_id, course_id
            stand = sum(regraded.left.values())
            kept = f", {stand} stand in locked or published windows" if stand else ""
            progress.say(
                f"{harmless(regraded.course)}: {regraded.changed} of {regraded.grades} grades made anew{kept}; courses left: {left}"
            )

        await _with_pool(url, partial(regrade_all, progress=told))


async def _with_pool(url: str, work: Callable[[Pool], Awaitable[Found]]) -> Found:
    async with Pool(url, min_size=0, max_size=1, prepare=load_settings().usher_prepare_statements) as pool:
        return await work(pool)


def _row_of(folder: Path, row_id: str) -> PackRow:
    pack = load_pack(folder)
    if row_id in pack.rejected:
        raise BadUserInput(f"{row_id} has faults: run `usher grading verify` on the folder.", ("id",))
    if row_id not in pack.rows:
        raise BadUserInput("id names no series of the folder: write it as AQA:8300:H:June_2025.", ("id",))
    return pack.rows[row_id]


def _require_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise BadUserInput(f"{folder} is no folder.", ("folder",))


def _print_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        place = f"{finding.file} {finding.where}".strip()
        _say(f"{finding.severity} {finding.code} {place}: {finding.message} {finding.remedy}".rstrip())


def _print_kinds(result: Verification) -> None:
    table = Table("Kind", "Passed", "Failed", "")
    for kind, (passed, failed) in result.by_kind.items():
        table.add_row(harmless(kind), str(passed), str(failed), "unknown kind" if kind in result.unknown_kinds else "")
    if result.by_kind:
        OUT.print(table)


def _print_failures(failures: Iterable[CaseOutcome], total: int) -> None:
    for outcome in failures:
        said = "; ".join(_difference(outcome, name) for name in outcome.differences)
        _say(f"{outcome.case.case_id} ({outcome.case.kind}): {said or 'it expects nothing'}")
    if total:
        OUT.print("1 case failed." if total == 1 else f"{total} cases failed.", markup=False)


def _difference(outcome: CaseOutcome, name: str) -> str:
    """The field, what the case expects of it and what came out; or why the case could not be run."""
    expected, got = named(outcome.case.expected), named(outcome.actual)
    reason = outcome.actual.get("error", "nothing")
    if name not in expected:
        return f"expected {_shown(outcome.case.expected)}, got {reason}"
    return f"{name} expected {_shown(expected[name])}, got {_shown(got.get(name, reason))}"


def _shown(value: object) -> str:
    """As JSON has it, and as text where that is all there is."""
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def _say(line: str) -> None:
    """A line with text of the pack in it."""
    OUT.print(harmless(line), markup=False)
