"""What a worker knows of a client's trusted documents; each transaction proves that the version is today's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable

_LOAD: Final = """\
SELECT json_build_array(c.version, c.mode,
  (SELECT json_object_agg(d.digest, d.purpose) FROM usher.trusted_document AS d
    WHERE d.client_id = c.client_id AND d.ended_at IS NULL))
FROM usher.client_documents AS c WHERE c.client_id = %s"""
_TEXT: Final = """\
SELECT d.text FROM usher.trusted_document AS d WHERE d.client_id = %s AND d.digest = %s AND d.ended_at IS NULL"""


@dataclass(frozen=True, slots=True)
class ClientDocuments:
    """`purposes` of the registered documents, by the SHA-256 of their text. Version 0: nothing was ever registered."""

    version: int = 0
    mode: str | None = None
    purposes: Mapping[str, str] = field(default_factory=dict[str, str])


async def load_client_documents(pool: Pool, client_id: str) -> ClientDocuments:
    """Raises Unavailable and DatabaseDefect."""
    found = await _value(pool, _LOAD, client_id)
    return ClientDocuments() if found is None else ClientDocuments(found[0], found[1], found[2] or {})


async def load_text(pool: Pool, client_id: str, digest: str) -> str | None:
    """The text of a registered document. Raises Unavailable and DatabaseDefect."""
    return await _value(pool, _TEXT, client_id, digest)


async def _value(pool: Pool, statement: str, *values: str) -> Any:
    async def work(connection: PoolConnection) -> tuple[Any, ...] | None:
        return await (await connection.execute(statement.encode(), values, prepare=False)).fetchone()

    row = await repeatable(pool, work)
    return None if row is None else row[0]
