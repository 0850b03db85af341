"""A client's trusted documents, as a school that has to do with the client may read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from server.database.pool import PoolConnection
from server.identity.oauth.documents import effective

PAGE: Final = 50

# Apps that people sign in to have to do with every school, other programs with those that let them in.
_CLIENT: Final = """\
SELECT c.client_id, c.name, d.mode,
    (SELECT l.person_id FROM usher.login_identity AS l
     WHERE l.identity = c.client_id AND l.school_id = $1::uuid AND l.capacity = 'CLIENT') AS program,
    c.first_party OR EXISTS (SELECT 1 FROM usher.oauth_redirect AS r WHERE r.client_id = c.client_id) AS app
FROM usher.oauth_client AS c LEFT JOIN usher.client_documents AS d ON d.client_id = c.client_id
WHERE c.client_id = $2::text AND c.ended_at IS NULL"""
_DOCUMENTS: Final = """\
SELECT t.digest, t.name, t.purpose, t.text, t.registered_at FROM usher.trusted_document AS t
WHERE t.client_id = $1::text AND t.ended_at IS NULL AND ($2::text IS NULL OR t.digest > $2::text)
ORDER BY t.digest LIMIT $3::integer"""
_SCOPES: Final = """\
SELECT DISTINCT g.scope FROM usher.client_grant AS g
WHERE g.school_id = $1::uuid AND g.person_id = $2::uuid
    AND g.valid_from <= $3::date AND (g.valid_to IS NULL OR g.valid_to > $3::date) ORDER BY g.scope"""


@dataclass(frozen=True, slots=True)
class KnownClient:
    """`program` is the person as whom it acts at the school, if the school ever let it in; `app`: people sign in to it."""

    client_id: str
    name: str
    mode: str | None
    program: UUID | None
    app: bool

    def shown(self, capacity: str) -> str:
        """What becomes of documents that it did not register, where that capacity asks."""
        return effective(self.mode, capacity).value


@dataclass(frozen=True, slots=True)
class Document:
    digest: str
    name: str
    purpose: str
    text: str
    registered_at: datetime


async def known_client(connection: PoolConnection, school_id: UUID, client_id: str) -> KnownClient | None:
    """None for one that is not registered, and for a program that the school never let in."""
    cursor = connection.reader
    await cursor.execute(_CLIENT.encode(), [school_id, client_id])
    row = await cursor.fetchone()
    found = None if row is None else KnownClient(*row)
    return found if found is not None and (found.app or found.program is not None) else None


async def documents(connection: PoolConnection, client_id: str, after: str | None) -> Sequence[Document]:
    """A page, in order of their digests."""
    cursor = connection.reader
    await cursor.execute(_DOCUMENTS.encode(), [client_id, after, PAGE])
    return [Document(*row) for row in await cursor.fetchall()]


async def granted_scopes(connection: PoolConnection, school_id: UUID, program: UUID, today: date) -> Sequence[str]:
    cursor = connection.reader
    await cursor.execute(_SCOPES.encode(), [school_id, program, today])
    return [scope for (scope,) in await cursor.fetchall()]
