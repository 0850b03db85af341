"""Where a principal stands: the profile of roles and facts that plans are made for, and until when it holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from psycopg import sql

from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.errors import Unauthenticated
from server.policies.profile import Profile
from server.policies.vocabulary import CONDITIONS, ROLES, Capacity


@dataclass(frozen=True, slots=True)
class Standing:
    """`until` is the first day on which a date in any of its rows could change the profile; None: no such day."""

    profile: Profile
    profile_version: int
    policy_version: int
    until: date | None


# Roles of people who are no staff are their capacity's own: nobody assigns them.
_ROLE_OF = {Capacity.PARENT: "parent", Capacity.LEARNER: "learner", Capacity.CLIENT: "mis_client"}

_STANDING = """\
SELECT json_build_object(
  'person', p.person_id, 'capacity', p.capacity,
  'profile', p.profile_version, 'policy', h.version, 'from', p.valid_from, 'to', p.valid_to,
  'roles', (SELECT json_agg(json_build_array(x.role, x.valid_from, x.valid_to)) FROM usher.role_assignment x
    WHERE x.school_id = {school} AND x.person_id = {person}),
  'certificates', (SELECT json_agg(json_build_array(x.course, x.completed_on, x.expires_on))
    FROM usher.training_certificate x WHERE x.school_id = {school} AND x.person_id = {person}),
  'grants', (SELECT json_agg(json_build_array(x.scope, x.valid_from, x.valid_to)) FROM usher.client_grant x
    WHERE x.school_id = {school} AND x.person_id = {person}),
  'links', (SELECT json_agg(json_build_array('link', x.valid_from, x.valid_to)) FROM usher.guardian_link x
    WHERE x.school_id = {school} AND x.guardian_id = {person}))
FROM usher.access_profile p JOIN usher.policy_head h ON h.school_id = p.school_id
WHERE p.school_id = {school} AND p.person_id = {person} AND p.capacity = {capacity} AND h.school_id = {school}"""
_OPEN = """\
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL app.school_id = {school};
SET LOCAL app.person = {person};
SET LOCAL app.capacity = {capacity}"""


async def load_standing(pool: Pool, school_id: UUID, person_id: UUID, capacity: str, today: date) -> Standing:
    """Raises Unauthenticated where the person has no account in this capacity, or none that is valid today, and Unavailable."""
    row = await _row(pool, school_id, person_id, capacity)
    found = None if row is None else standing_of(row, today)
    if found is None:
        raise Unauthenticated("This account is not active at the school: sign in again.")
    return found


def everybody(school_id: UUID) -> sql.Composed:
    """A statement that returns a row as `standing_of` takes it for each account of the school."""
    named = {"person": sql.SQL("p.person_id"), "capacity": sql.SQL("p.capacity")}
    return sql.SQL(_STANDING).format(school=sql.Literal(str(school_id)), **named)


def standing_of(row: dict[str, Any], today: date) -> Standing | None:
    """What an account's rows come to; None for one that is not valid today."""
    if not _holds(row["from"], row["to"], today):
        return None
    acting = Capacity(row["capacity"])
    dated = {name: [tuple(entry) for entry in row[name] or ()] for name in ("roles", "certificates", "grants", "links")}
    profile = Profile.of(acting, _roles(acting, dated["roles"], today), _facts(acting, dated, today))
    edges = [day for rows in dated.values() for _, begins, ends in rows for day in (begins, ends)]
    return Standing(profile, row["profile"], row["policy"], _next([*edges, row["to"]], today))


async def _row(pool: Pool, school_id: UUID, person_id: UUID, capacity: str) -> dict[str, Any] | None:
    named = {
        "school": sql.Literal(str(school_id)),
        "person": sql.Literal(str(person_id)),
        "capacity": sql.Literal(capacity),
    }
    opening = sql.SQL(_OPEN).format(**named).as_bytes(None)
    statement = sql.SQL(_STANDING).format(**named)

    async def work(connection: PoolConnection) -> tuple[Any, ...] | None:
        await send(connection, opening)
        return await (await connection.execute(statement, prepare=False)).fetchone()

    found = await repeatable(pool, work)
    return None if found is None else cast(dict[str, Any], found[0])


def _roles(capacity: Capacity, rows: Iterable[tuple[str, str, str | None]], today: date) -> list[str]:
    if capacity in _ROLE_OF:
        return [_ROLE_OF[capacity]]
    return [role for role, begins, ends in rows if role in ROLES and _holds(begins, ends, today)]


def _facts(capacity: Capacity, dated: dict[str, list[tuple[Any, ...]]], today: date) -> list[str]:
    held = [f"trained:{course}" for course, begins, ends in dated["certificates"] if _holds(begins, ends, today)]
    scopes = [f"scope:{scope}" for scope, begins, ends in dated["grants"] if _holds(begins, ends, today)]
    facts = held if capacity is Capacity.STAFF else ["grant", *scopes] if scopes else []
    return [fact for fact in facts if fact in CONDITIONS]


def _holds(begins: str, ends: str | None, today: date) -> bool:
    return date.fromisoformat(begins) <= today and (ends is None or date.fromisoformat(ends) > today)


def _next(days: Iterable[str | None], today: date) -> date | None:
    ahead = [day for text in days if text is not None and (day := date.fromisoformat(text)) > today]
    return min(ahead, default=None)
