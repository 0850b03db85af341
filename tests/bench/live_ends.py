"""How long after the commit of an end a stream closes: of a role and of a guardian's link, beside batches of marks."""

from __future__ import annotations

import random
import time
from asyncio import sleep
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg

from server.identity.keys import token_key
from server.identity.tokens import MAXIMUM_LIFETIME, TokenIssuer
from tests.bench.dataset import Dataset
from tests.bench.live import Load, part
from tests.bench.live_client import follower
from tests.bench.operations import current
from tests.bench.recording import desks
from tests.bench.usher_server import UsherServer

OF_EACH: Final = 15
_ROLES: Final = f"""\
SELECT DISTINCT ON (r.person_id) r.person_id, r.role_assignment_id FROM usher.role_assignment r
JOIN usher.teaching_assignment t ON t.school_id = r.school_id AND t.staff_id = r.person_id AND {current("t")}
WHERE r.school_id = %(school)s AND r.role = 'class_teacher' AND r.valid_to IS NULL AND r.person_id <> ALL(%(busy)s)
ORDER BY r.person_id LIMIT {OF_EACH}"""
_LINKS: Final = f"""\
SELECT DISTINCT ON (g.guardian_id) g.guardian_id, g.link_id FROM usher.guardian_link g
JOIN usher.access_profile a ON a.school_id = g.school_id AND a.person_id = g.guardian_id AND a.capacity = 'PARENT'
WHERE g.school_id = %(school)s AND g.verified_at IS NOT NULL AND g.valid_to IS NULL AND {current("g")}
  AND NOT EXISTS (SELECT FROM usher.learner_flag f WHERE f.school_id = g.school_id AND f.learner_id = g.learner_id)
ORDER BY g.guardian_id LIMIT {OF_EACH}"""
_PROFILE: Final = """\
UPDATE usher.access_profile SET profile_version = profile_version + 1
WHERE school_id = %(school)s AND person_id = %(person)s AND capacity = %(capacity)s"""


@dataclass(frozen=True, slots=True)
class _Kind:
    capacity: str
    document: str
    found: str
    change: str


_KINDS: Final = {
    "role": _Kind(
        "STAFF",
        "subscription { markRecorded { id mark { score } } }",
        _ROLES,
        "UPDATE usher.role_assignment SET valid_to = %(end)s WHERE school_id = %(school)s AND role_assignment_id = %(key)s",
    ),
    "link": _Kind(
        "PARENT",
        "subscription { reportPublished { id report { name } } }",
        _LINKS,
        "UPDATE usher.guardian_link SET valid_to = %(end)s WHERE school_id = %(school)s AND link_id = %(key)s",
    ),
}


@dataclass(slots=True)
class Ends:
    """In seconds from the end's COMMIT to the last message of the stream, by what ended."""

    closed: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    rate: float = 0.0

    def data(self) -> dict[str, object]:
        closed = {f"{kind}_ms": [part(one, 0.5), part(one, 0.99), len(one)] for kind, one in self.closed.items()}
        return {"batches_a_second": self.rate, **closed}

    def line(self) -> str:
        several = (
            f"{kind} p50 {part(one, 0.5):.0f} ms, p99 {part(one, 0.99):.0f} ms ({len(one)} streams)"
            for kind, one in self.closed.items()
        )
        return f"From the commit of an end to the end of the stream, at {self.rate:.0f} batches/s: {'; '.join(several)}"


async def ends(data: Dataset, server: UsherServer) -> Ends:
    """Every row is as it was afterwards, but for the versions of profiles."""
    writers, found = desks(data), Ends()
    issuer = TokenIssuer(token_key(data.home / "keys"))
    async with (
        Load(server, writers).running() as load,
        await psycopg.AsyncConnection.connect(data.owner_url) as connection,
    ):
        for name, kind in _KINDS.items():
            given = {"school": data.school.school_id, "busy": [one.staff for one in writers]}
            rows = await (await connection.execute(kind.found.encode(), given)).fetchall()
            await connection.commit()
            found.closed[name] = [await _closed(data, server, connection, kind, row, issuer) for row in rows]
    found.rate = load.rate
    return found


async def _closed(
    data: Dataset,
    server: UsherServer,
    connection: psycopg.AsyncConnection[Any],
    kind: _Kind,
    row: tuple[UUID, UUID],
    issuer: TokenIssuer,
) -> float:
    """Of one stream, at any moment between two looks of the worker."""
    person, key = row
    token = issuer.issue(data.school.school_id, person, kind.capacity, MAXIMUM_LIFETIME, factor=True)
    given = {"school": data.school.school_id, "person": person, "capacity": kind.capacity, "key": key}
    async with follower(server, token, kind.document) as live:
        await sleep(random.Random(str(key)).random())
        await _change(connection, kind, given, "current_date")
        begun = time.perf_counter()
        assert await live.ended() == "PERMISSION_ENDED"
        took = time.perf_counter() - begun
    await _change(connection, kind, given, "NULL")
    return took


async def _change(connection: psycopg.AsyncConnection[Any], kind: _Kind, given: dict[str, Any], end: str) -> None:
    await connection.execute(kind.change.replace("%(end)s", end).encode(), given)
    await connection.execute(_PROFILE, given)
    await connection.commit()
