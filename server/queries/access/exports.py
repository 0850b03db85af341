"""When somebody took tables away lately, as the audit tells."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, bindparam, literal_column, select

from server.database.pool import PoolConnection
from server.queries.binds import SCHOOL
from server.queries.noun import alias
from server.queries.reach.statements import Compiled, compiled, fetched
from server.tables import AuditOperationRow


async def exports_since(
    connection: PoolConnection, school_id: UUID, person_id: UUID, since: datetime, most: int
) -> list[datetime]:
    """Newest first, at most so many. Those of transactions that haven't committed yet are missing."""
    given = {"school": school_id, "exporter": person_id, "since": since, "most": most}
    return [at async for (at,) in fetched(connection, _statement(), given)]


@lru_cache(maxsize=1)
def _statement() -> Compiled:
    row = alias(AuditOperationRow)
    return compiled(
        select(row.c.occurred_at)
        .where(
            row.c.school_id == SCHOOL,
            row.c.person_id == bindparam("exporter", type_=Uuid(), required=False),
            row.c.occurred_at > bindparam("since", type_=DateTime(timezone=True), required=False),
            row.c.kind == literal_column("'export'"),
        )
        .order_by(row.c.occurred_at.desc())
        .limit(bindparam("most", type_=Integer(), required=False))
    )
