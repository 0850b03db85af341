"""usher audit: seal it, verify it, take it elsewhere, forget what must be forgotten.

Exit status: 0 done and nothing wrong, 1 something was changed or the command failed, 2 a wrong call.
"""

import asyncio
import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from server.cli.console import ERRORS, OUT
from server.cli.databases import database
from server.commands.jobs.audit import audit_role
from server.compliance.audit_export import audit_connection, exported, schools
from server.compliance.forgetting import forget_all
from server.compliance.heads import Head, current_heads, keep_heads, kept_heads
from server.compliance.sealing import seal_all
from server.compliance.verification import Fault, Verdict, verified
from server.errors import BadUserInput, Unavailable
from server.settings import load_settings

audit = typer.Typer(help="The audit log: seal, verify, export, forget.", no_args_is_help=True, rich_markup_mode=None)
_SHOWN = 200

School = Annotated[str | None, typer.Option("--school", help="The id of one school; all where left out.")]


@audit.command("seal")
def seal() -> None:
    """Seal now what the jobs would seal within the minute, and keep the heads in USHER_HOME/audit."""
    heads = load_settings().usher_home / "audit"

    async def work(url: str) -> tuple[dict[UUID, int], int]:
        async with audit_role(url) as connection:
            sealed = await seal_all(connection, datetime.now(UTC))
            return sealed, keep_heads(heads, await current_heads(connection))

    with database(existing=True) as addresses:
        sealed, kept = asyncio.run(work(addresses.audit_or_refuse()))
    for school_id, count in sealed.items():
        OUT.print(f"{school_id}: {count} rows sealed", markup=False)
    OUT.print(f"{sum(sealed.values())} rows sealed in {len(sealed)} schools, {kept} heads kept.", markup=False)


@audit.command("verify")
def verify(school: School = None) -> None:
    """Say whether the audit is as it was sealed, and whether the kept heads are in it."""
    heads = _kept(load_settings().usher_home / "audit")
    with database(existing=True) as addresses, audit_connection(addresses.audit_or_refuse()) as connection:
        wanted = _wanted(school, schools(connection))
        if school is not None:
            heads = {name: lines for name, lines in heads.items() if name == school}
        now = datetime.now(UTC)
        verdict = verified(exported(connection, wanted, now), now, heads)
    _report(verdict)


@audit.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="A file to write; it must not be there.")], school: School = None
) -> None:
    """Write rows, seals and commitments to a file for tools/verify_audit.py, readable by its owner alone."""
    counts = Counter[str]()
    with database(existing=True) as addresses, audit_connection(addresses.audit_or_refuse()) as connection:
        wanted = _wanted(school, schools(connection))
        with open(file, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as lines:
            for record in exported(connection, wanted, datetime.now(UTC)):
                counts[next(iter(record))] += 1
                lines.write(json.dumps(record, ensure_ascii=True) + "\n")
    OUT.print(
        f"{counts['leaf']} rows under {counts['seal']} seals, {counts['waiting']} not sealed yet: {file}", markup=False
    )


@audit.command("forget")
def forget() -> None:
    """Forget now who it was in sealed rows older than 365 days: person, program, address. The jobs do it each day."""

    async def work(url: str) -> int:
        async with audit_role(url) as connection:
            return await forget_all(connection, datetime.now(UTC))

    with database(existing=True) as addresses:
        count = asyncio.run(work(addresses.audit_or_refuse()))
    OUT.print(f"{count} rows no longer say who it was.", markup=False)


def _wanted(school: str | None, known: list[UUID]) -> list[UUID]:
    if school is None:
        return known
    found = [school_id for school_id in known if str(school_id) == school]
    if not found:
        raise BadUserInput("--school names no school of this database: give its id.", ("school",))
    return found


def _kept(folder: Path) -> dict[str, list[Head]]:
    try:
        return kept_heads(folder)
    except ValueError:
        raise Unavailable(f"A file in {folder} isn't what was kept there: restore it from a copy.") from None


def _report(verdict: Verdict) -> None:
    """Faults on standard output, at most 200; then what was looked at. Exit status 1 if there is a fault."""
    for fault in verdict.faults[:_SHOWN]:
        OUT.print(_said(fault), markup=False)
    if len(verdict.faults) > _SHOWN:
        ERRORS.print(f"... and {len(verdict.faults) - _SHOWN} more.", markup=False)
    looked = f"{verdict.rows} rows under {verdict.seals} seals of {verdict.schools} schools"
    found = f"{len(verdict.faults)} faults" if verdict.faults else "everything is as it was sealed"
    OUT.print(f"{looked}, {verdict.waiting} not sealed yet, {verdict.forgotten} forgotten: {found}.", markup=False)
    if verdict.faults:
        raise typer.Exit(1)


def _said(fault: Fault) -> str:
    return f"{fault.code} {fault.school}: {fault.sentence}"
