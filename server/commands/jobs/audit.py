"""The audit's jobs: seal each minute, keep the heads outside the database, each day tell the officers, and forget."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import psycopg

from server.commands.jobs.job import Desk
from server.compliance.forgetting import forget_all
from server.compliance.heads import Head, current_heads, keep_heads
from server.compliance.heads_by_mail import letter, noting, officers, was_mailed
from server.compliance.sealing import Connection, seal_all
from server.errors import Unavailable


async def seal_audit(desk: Desk, now: datetime) -> int:
    """How many rows were sealed. A head that an earlier run could not keep is kept by this one."""
    async with audit_role(desk.audit_url) as connection:
        try:
            sealed = await seal_all(connection, now)
        finally:  # of the schools that were sealed, though another failed
            keep_heads(desk.heads, await current_heads(connection))
    return sum(sealed.values())


async def forget_people(desk: Desk, now: datetime) -> int:
    """How many sealed rows of more than a year ago no longer say who it was."""
    async with audit_role(desk.audit_url) as connection:
        return await forget_all(connection, now)


async def mail_heads(desk: Desk, now: datetime) -> int:
    """How many schools' officers were written to, each once a day. Without an officer's address there is no letter.

    Raises Unavailable where a letter could not be sent, after trying all of them.
    """
    async with audit_role(desk.audit_url) as connection:
        heads = await current_heads(connection)
    sent = failed = 0
    for head in heads:
        try:
            sent += await _mail(desk, head, now)
        except Unavailable:
            failed += 1
    if failed:
        raise Unavailable(f"{failed} of {len(heads)} letters about the audit could not be sent.")
    return sent


async def _mail(desk: Desk, head: Head, now: datetime) -> bool:
    school, today = UUID(head["school"]), now.date()
    if was_mailed(desk.heads, school, today):
        return False
    to = await officers(desk.pool, school, today)
    if not to:
        return False
    with noting(desk.heads, school, today):
        await desk.mailer.send(to, *letter(head), now)
    return True


@asynccontextmanager
async def audit_role(url: str | None) -> AsyncGenerator[Connection]:
    """A connection as usher_audit that commits by itself. Raises Unavailable."""
    if url is None:
        raise Unavailable("Set USHER_AUDIT_DATABASE_URL: the audit is sealed by a role of its own.")
    try:
        connection = await psycopg.AsyncConnection.connect(
            url, autocommit=True, client_encoding="utf8", application_name="usher sealer"
        )
    except psycopg.OperationalError:
        raise Unavailable("The database doesn't answer at USHER_AUDIT_DATABASE_URL.") from None
    async with connection:
        yield connection
