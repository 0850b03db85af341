"""What stands in the database: versions, walls, grants, partitions, rule books, the audit's chain, jobs and letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from server.cli.checkup.finding import Finding, fail, ok, warn
from server.cli.databases import Addresses
from server.commands.jobs.audit import audit_role
from server.commands.jobs.backlog import Backlog, backlog
from server.commands.jobs.job import DAY
from server.commands.jobs.listed import JOBS
from server.compliance.heads import Head, kept_heads, sealed_digests
from server.database.examined import Connection
from server.database.pool import Pool
from server.errors import PolicyUnavailable, Unavailable
from server.identity import installation
from server.migrations import at_head
from server.migrations.standing import differing_grants, differing_walls, expected, some_of, standing
from server.policies.planner import Planner
from server.policies.shipped import shipped_ceiling
from server.queries.rule_books import current_versions, load_planner

_MIGRATE: Final = "Run `usher migrate`."
_MINUTELY_LATE: Final = timedelta(minutes=10)
_WAITS: Final = timedelta(hours=1)


async def table_findings(connection: Connection, now: datetime) -> list[Finding]:
    """Of tables of ours; else that there are none."""
    version = await installation.migration_version(connection)
    if version is None:
        return [fail("migrations", "The database has no tables of Usher's.", _MIGRATE)]
    return [_at_head(version), *(await _walls(connection)), await _partitions(connection, now)]


async def content_findings(pool: Pool, addresses: Addresses, home: Path, now: datetime) -> list[Finding]:
    """Of what stands in tables of this program's version."""
    waits = await backlog(pool)
    return [
        await _rule_books(pool),
        await _chain(addresses, home / "audit"),
        *_jobs(waits, addresses, now),
        _letters(waits, now),
    ]


def _at_head(version: str) -> Finding:
    if at_head(version):
        return ok("migrations", f"Tables are of version {version}, this program's.")
    return fail("migrations", f"Tables are of version {version}, which isn't this program's.", _MIGRATE)


async def _walls(connection: Connection) -> Iterator[Finding]:
    wanted, there = expected(), await standing(connection)
    return iter((_one("walls", differing_walls(wanted, there)), _one("grants", differing_grants(wanted, there))))


def _one(check: str, differences: list[str]) -> Finding:
    if not differences:
        return ok(check, f"All {check} are as `usher migrate` makes them.")
    remedy = "Find out who changed them; then restore them from a database that was just migrated."
    return fail(check, f"{some_of(differences)[:1].upper()}{some_of(differences)[1:]}.", remedy)


async def _partitions(connection: Connection, now: datetime) -> Finding:
    missing = await installation.missing_partitions(connection, now.date())
    if missing:
        return fail("partitions", f"Missing: {some_of(missing)}.", _MIGRATE)
    return ok("partitions", "School years have their partitions, two years ahead.")


async def _rule_books(pool: Pool) -> Finding:
    """Each school's loads, and is what its chain sealed."""
    ceiling, known = shipped_ceiling(), dict[str, Planner]()
    versions = await current_versions(pool)
    broken = 0
    for school_id, version in versions:
        try:
            await load_planner(pool, school_id, version, ceiling, known)
        except PolicyUnavailable:
            broken += 1
    if broken:
        says = f"{broken} of {len(versions)} rule books don't load, or aren't what their chain sealed."
        return fail("rule books", says, "`usher audit verify` says which; nobody of those schools is answered.")
    return ok("rule books", f"{len(versions)} in force, of {len(known)} kinds, each as its chain sealed it.")


async def _chain(addresses: Addresses, folder: Path) -> Finding:
    if addresses.audit is None:
        return warn("audit chain", "It isn't looked at without usher_audit.", "Set USHER_AUDIT_DATABASE_URL.")
    try:
        kept = kept_heads(folder)
    except (ValueError, OSError):
        return fail(
            "audit chain", f"What was kept in {folder} can't be read.", "Restore it: it proves the audit whole."
        )
    last: dict[str, Head] = {school: heads[-1] for school, heads in kept.items() if heads}
    try:
        async with audit_role(addresses.audit) as connection:
            there = await sealed_digests(connection, last)
    except Unavailable as error:
        return fail("audit chain", error.message, "Check USHER_AUDIT_DATABASE_URL.")
    return _compared(last, there, folder)


def _compared(last: Mapping[str, Head], there: Mapping[str, Any], folder: Path) -> Finding:
    other = [school for school, head in last.items() if there.get(school) != head["digest"]]
    if other:
        says = f"The audit of {len(other)} schools doesn't hold the seal that was kept of it in {folder}."
        return fail("audit chain", says, "Run `usher audit verify`, and find out who was at the database.")
    if not last:
        return warn("audit chain", f"No head is kept in {folder} yet.", "`usher audit seal` keeps one now.")
    return ok("audit chain", f"The kept heads of {len(last)} schools are in their chains.")


def _jobs(waits: Backlog, addresses: Addresses, now: datetime) -> Iterator[Finding]:
    wanted = [job for job in JOBS if addresses.audit is not None or not job.as_auditor]
    late = [
        job.name
        for job in wanted
        if (done := waits.done.get(job.name)) is None or now - done > _allowed(job.every, job.lease)
    ]
    if len(late) == len(wanted):
        yield fail("jobs", "No job was done lately.", "Start `usher jobs`, or `usher run`, which starts them.")
    elif late:
        yield warn("jobs", f"Late: {some_of(late)}.", "The log says why, as `job failed`; a day's jobs run each night.")
    else:
        yield ok("jobs", f"All {len(wanted)} jobs were done when they were due.")


def _allowed(every: timedelta, lease: timedelta) -> timedelta:
    return every + (lease if every >= DAY else _MINUTELY_LATE)


def _letters(waits: Backlog, now: datetime) -> Finding:
    if waits.oldest is not None and now - waits.oldest > _WAITS:
        hours = (now - waits.oldest) / timedelta(hours=1)
        says = f"{waits.letters} letters wait, the oldest for {hours:.0f} hours."
        return warn("letters", says, "`usher letters list` says why; `usher letters retry` tries them again.")
    return ok("letters", f"{waits.letters} letters wait.")
