"""The demo schools' first reports, published by their heads as anybody would publish them."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

import psycopg
from psycopg import sql

from server.commands.actor import Actor
from server.commands.reports.publish import EXPORT, PublishReports, publish_reports
from server.database.context import Context
from server.database.pool import Pool
from server.database.unit_of_work import UnitOfWork
from server.exchange.bulk import Connection
from server.exchange.progress import Progress, silent
from server.policies.shipped import shipped_ceiling
from server.queries.ids import GlobalId
from server.queries.rule_books import load_planner
from server.queries.standing import load_standing

_DONE: Final = "demo_reports"
_HEADS: Final = """\
SELECT i.school_id, i.person_id FROM usher.login_identity AS i WHERE i.identity IN ('head', 'other-head')"""
_WINDOW: Final = """\
SELECT w.window_id, w.name FROM usher.assessment_window AS w
WHERE w.school_id = %s AND w.ends_on <= %s ORDER BY w.ends_on DESC LIMIT 1"""
_YEARS: Final = """\
SELECT DISTINCT l.year_group FROM usher.learner AS l WHERE l.school_id = %s AND l.left_on IS NULL ORDER BY 1"""


def publish_first_reports(app_url: str, progress: Progress = silent) -> None:
    """Publish the newest window that has ended, for every year group of each demo school; once a database."""
    today = datetime.now(UTC).date()
    with psycopg.connect(app_url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM usher.installation WHERE name = %s", [_DONE]).fetchone():
            return
        heads = connection.execute(_HEADS).fetchall()
        for school_id, person_id in heads:
            asyncio.run(_publish(app_url, school_id, person_id, *_wanted(connection, school_id, today)))
            progress(description="Publishing reports", advance=1, total=len(heads))
        connection.execute(
            "INSERT INTO usher.installation (name, value) VALUES (%s, 'true') ON CONFLICT DO NOTHING", [_DONE]
        )


def _wanted(connection: Connection, school_id: UUID, today: date) -> tuple[tuple[UUID, str] | None, list[str]]:
    with connection.transaction():
        connection.execute(sql.SQL("SET LOCAL app.school_id = {}").format(sql.Literal(str(school_id))))
        connection.execute("SET LOCAL app.capacity = 'STAFF'")
        window = connection.execute(_WINDOW, [school_id, today]).fetchone()
        years = [row[0] for row in connection.execute(_YEARS, [school_id]).fetchall()]
    return (None if window is None else (window[0], window[1])), years


async def _publish(
    app_url: str, school_id: UUID, person_id: UUID, window: tuple[UUID, str] | None, years: list[str]
) -> None:
    if window is None:
        return
    async with Pool(app_url, min_size=1, max_size=1) as pool:
        for year in years:
            await _publish_year(pool, school_id, person_id, window, year)


async def _publish_year(pool: Pool, school_id: UUID, person_id: UUID, window: tuple[UUID, str], year: str) -> None:
    now = datetime.now(UTC)
    standing = await load_standing(pool, school_id, person_id, "STAFF", now)
    planner = await load_planner(pool, school_id, standing.policy_version, shipped_ceiling(), {})
    permit = planner.permit(standing.profile, [EXPORT])
    context = Context(school_id, person_id, "STAFF", standing.policy_version, standing.profile_version)
    actor = Actor(
        person_id=person_id,
        capacity="STAFF",
        profile_version=standing.profile_version,
        policy_version=standing.policy_version,
        ceiling_digest=planner.ceiling_digest,
        document_digest="",
        role_names=tuple(standing.profile.named()),
        operation_name="FirstReports",
    )
    command = PublishReports(
        GlobalId("win", window[0]), year, f"{window[1]} reports", f"first-reports-{window[0].hex}-{year}"
    )
    async with UnitOfWork(pool, context) as unit:
        await publish_reports(command, unit, permit, actor, now)
        await unit.commit()
