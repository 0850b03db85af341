"""Where a principal stands: the profile of roles and facts that plans are made for, and until when it holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from psycopg import sql

from server.database.messages import send
from server.database.pool import Pool, PoolConnection
from server.database.repeating import repeatable
from server.errors import Unauthenticated
from server.policies.profile import Profile
from server.policies.vocabulary import CONDITIONS, ROLES, TIME_BOXED, Capacity, scope_facts


@dataclass(frozen=True, slots=True)
class Standing:
    """`until` is the first moment at which the passing of time could change the profile; None: no such moment.

    `reason` is that of the glass which the person broke, while it is broken. `ended_tokens` names tokens, families of
    tokens and clients that were ended: ending one raises the profile version, so that no standing of before outlives it.
    """

    profile: Profile
    profile_version: int
    policy_version: int
    until: datetime | None
    reason: str | None = None
    ended_tokens: frozenset[str] = frozenset()
    roles_json: str = field(init=False, compare=False)
    facts_json: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """What every statement is told of the viewer, written once."""
        object.__setattr__(self, "roles_json", json.dumps(self.profile.named()))
        object.__setattr__(self, "facts_json", json.dumps(sorted(self.profile.facts)))


# Roles of people who are no staff are their capacity's own: nobody assigns them.
_ROLE_OF = {Capacity.PARENT: "parent", Capacity.LEARNER: "learner", Capacity.CLIENT: "mis_client"}

# A year that may hold a 29 February.
_LONGEST_BOX = timedelta(days=366)

# Capacities that the school lets in by a decision of its own.
_LET_IN = frozenset({Capacity.PARENT, Capacity.LEARNER})

_SPANS = ("roles", "certificates", "grants", "links", "sessions", "glass", "supervisors", "apps")
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
    WHERE x.school_id = {school} AND x.guardian_id = {person}),
  'sessions', (SELECT json_agg(json_build_array('session', x.starts_at, least(x.ends_at, e.ended_at)))
    FROM usher.support_decision x
    LEFT JOIN usher.support_end e ON e.school_id = {school} AND e.request_id = x.request_id
    WHERE x.school_id = {school} AND x.requester_id = {person} AND x.decision = 'APPROVED'),
  'glass', (SELECT json_agg(json_build_array(x.reason, x.started_at, least(x.ends_at, e.ended_at)))
    FROM usher.break_glass x LEFT JOIN usher.break_glass_end e ON e.school_id = {school} AND e.glass_id = x.glass_id
    WHERE x.school_id = {school} AND x.person_id = {person}),
  'supervisors', (SELECT json_agg(json_build_array('supervisor', greatest(x.valid_from, a.valid_from),
      least(x.valid_to, a.valid_to)))
    FROM usher.supervision x JOIN usher.access_profile a
      ON a.school_id = {school} AND a.person_id = x.supervisor_id AND a.capacity = 'STAFF'
    WHERE x.school_id = {school} AND x.trainee_id = {person}),
  'apps', (SELECT json_agg(json_build_array(x.app, x.decided_at, e.ended_at)) FROM usher.app_activation x
    LEFT JOIN usher.app_activation_end e ON e.school_id = {school} AND e.activation_id = x.activation_id
    WHERE x.school_id = {school} AND x.app = p.capacity),
  'ended', (SELECT json_agg(x.token_id) FROM usher.ended_token x
    WHERE x.school_id = {school} AND x.person_id = {person} AND x.capacity = p.capacity))
FROM usher.access_profile p JOIN usher.policy_head h ON h.school_id = p.school_id
WHERE p.school_id = {school} AND p.person_id = {person} AND p.capacity = {capacity} AND h.school_id = {school}"""
_OPEN = """\
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL app.school_id = {school};
SET LOCAL app.person = {person};
SET LOCAL app.capacity = {capacity}"""


async def load_standing(pool: Pool, school_id: UUID, person_id: UUID, capacity: str, now: datetime) -> Standing:
    """Raises Unauthenticated where the person has no account in this capacity, or none that is valid now, and Unavailable.

    Parents and learners have none that is valid while their school has not activated their app.
    """
    row = await _row(pool, school_id, person_id, capacity)
    found = None if row is None else standing_of(row, now)
    if found is None:
        raise Unauthenticated("This account is not active at the school: sign in again.")
    return found


def everybody(school_id: UUID) -> sql.Composed:
    """A statement that returns a row as `standing_of` takes it for each account of the school."""
    named = {"person": sql.SQL("p.person_id"), "capacity": sql.SQL("p.capacity")}
    return sql.SQL(_STANDING).format(school=sql.Literal(str(school_id)), **named)


def standing_of(row: dict[str, Any], now: datetime) -> Standing | None:
    """What an account's rows come to; None for one that is not valid now, or in a capacity that the school lets nobody in."""
    account = _Span("", _moment(row["from"]), _moment(row["to"]))
    if not account.holds(now):
        return None
    acting = Capacity(row["capacity"])
    found = {name: [_span(entry) for entry in row[name] or ()] for name in _SPANS}
    held = {name: [span.word for span in spans if span.holds(now)] for name, spans in found.items()}
    if acting in _LET_IN and not held["apps"]:
        return None
    held["boxes"] = [span.word for span in found["roles"] if span.holds(now) and span.is_box]
    profile = Profile.of(acting, _roles(acting, held["roles"]), _facts(acting, held))
    edges = [edge for spans in (*found.values(), [account]) for span in spans for edge in (span.begins, span.ends)]
    until = min((edge for edge in edges if edge is not None and edge > now), default=None)
    broken = held["glass"] if acting is Capacity.STAFF else []
    ended = frozenset(row["ended"] or ())
    return Standing(profile, row["profile"], row["policy"], until, broken[-1] if broken else None, ended)


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


def _roles(capacity: Capacity, held: Iterable[str]) -> list[str]:
    if capacity in _ROLE_OF:
        return [_ROLE_OF[capacity]]
    return [role for role in held if role in ROLES]


def _facts(capacity: Capacity, held: Mapping[str, Sequence[str]]) -> list[str]:
    if capacity is Capacity.STAFF:
        facts = [f"trained:{course}" for course in held["certificates"]]
        facts += ["supervised"] if held["supervisors"] else []
        # Whoever broke the glass has given a reason, which stands beside it.
        facts += ["break_glass", "reason"] if held["glass"] else []
        facts += ["grant"] if held["boxes"] else []
    elif capacity is Capacity.OPERATOR:
        facts = ["grant"] if held["sessions"] else []
    else:
        scopes = sorted(scope_facts(held["grants"]))
        facts = ["grant", *scopes] if scopes else []
    return [fact for fact in facts if fact in CONDITIONS]


@dataclass(frozen=True, slots=True)
class _Span:
    """What a row says from its first moment until the first moment no longer."""

    word: str
    begins: datetime | None
    ends: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.begins is not None and self.begins <= now and (self.ends is None or now < self.ends)

    @property
    def is_box(self) -> bool:
        """Whether it is a role that the school granted for a time, and for no longer than such a role may last."""
        ends = self.ends is not None and self.begins is not None and self.ends - self.begins <= _LONGEST_BOX
        return ends and self.word in TIME_BOXED


def _span(entry: Sequence[str | None]) -> _Span:
    return _Span(entry[0] or "", _moment(entry[1]), _moment(entry[2]))


def _moment(text: str | None) -> datetime | None:
    """Of JSON: a moment, or a day, which begins at midnight UTC."""
    if text is None:
        return None
    if len(text) == len("2026-11-21"):
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    return datetime.fromisoformat(text)
