"""What an invitation offers while it can be redeemed: looked at anew in every step, behind the school's walls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import sql

from server.database.blocking_pool import BlockingConnection as Connection
from server.migrations.invitation_walls import JOINING, MOST_TRIES

READS: Final = "CLIENT"
"""The capacity in which a date of birth is compared and a link verified: what it names is the installation's own work."""

_SETTINGS: Final = (
    "SET LOCAL app.school_id = {school}",
    "SET LOCAL app.person = {person}",
    "SET LOCAL app.capacity = {capacity}",
)
_FIND: LiteralString = """
SELECT i.kind, i.person_id, i.learner_id, i.link_id, i.invited_by, i.confirmation_digest FROM usher.invitation AS i
WHERE i.school_id = %(school)s AND i.invitation_id = %(invitation)s AND i.expires_at > %(now)s"""
_LOCKED: LiteralString = _FIND + " FOR UPDATE"
# A statement of its own, after the lock: one that waited for the lock would look at what was so before.
_TRIED: LiteralString = """
SELECT (SELECT count(*) FROM usher.invitation_try AS t
    WHERE t.school_id = %(school)s AND t.invitation_id = %(invitation)s)
WHERE NOT EXISTS (SELECT 1 FROM usher.invitation_redemption AS r
    WHERE r.school_id = %(school)s AND r.invitation_id = %(invitation)s)
  AND NOT EXISTS (SELECT 1 FROM usher.invitation_end AS e
    WHERE e.school_id = %(school)s AND e.invitation_id = %(invitation)s)"""
_LET_IN: LiteralString = """
SELECT 1 FROM usher.app_activation AS a WHERE a.school_id = %(school)s AND a.app = %(kind)s
  AND NOT EXISTS (SELECT 1 FROM usher.app_activation_end AS e
    WHERE e.school_id = %(school)s AND e.activation_id = a.activation_id)"""
_MAY_ACT: LiteralString = """
SELECT 1 FROM usher.access_profile AS p
WHERE p.school_id = %(school)s AND p.person_id = %(person)s AND p.capacity = %(kind)s
  AND (p.valid_to IS NULL OR p.valid_to > %(today)s)"""
_LINKED: LiteralString = """
SELECT 1 FROM usher.guardian_link AS l
WHERE l.school_id = %(school)s AND l.link_id = %(link)s
  AND l.valid_from <= %(today)s AND (l.valid_to IS NULL OR l.valid_to > %(today)s)
  AND NOT EXISTS (SELECT 1 FROM usher.link_restriction AS k
    WHERE k.school_id = %(school)s AND k.guardian_id = l.guardian_id AND k.learner_id = l.learner_id
      AND NOT EXISTS (SELECT 1 FROM usher.link_restriction_end AS e
        WHERE e.school_id = %(school)s AND e.restriction_id = k.restriction_id))"""


@dataclass(frozen=True, slots=True)
class Offer:
    """`kind` is the capacity of the account; `tries` how often a wrong date of birth was given."""

    school_id: UUID
    invitation_id: UUID
    kind: str
    person_id: UUID
    learner_id: UUID | None
    link_id: UUID | None
    invited_by: UUID
    confirmation_digest: str | None = field(repr=False)
    tries: int


def find_offer(
    connection: Connection, school_id: UUID, invitation_id: UUID, now: datetime, *, lock: bool = False
) -> Offer | None:
    """None for what was redeemed, ended or locked, is over, or would give nothing: alike. The transaction is in its school.

    `lock`: until the transaction ends nobody else redeems or ends it.
    """
    enter(connection, school_id, JOINING)
    asked: dict[str, Any] = {"school": school_id, "invitation": invitation_id, "now": now, "today": now.date()}
    row = connection.execute(_LOCKED if lock else _FIND, asked).fetchone()
    tried = None if row is None else connection.execute(_TRIED, asked).fetchone()
    if row is None or tried is None or tried[0] >= MOST_TRIES:
        return None
    kind, person_id, learner_id, link_id, invited_by, confirmation = row
    offer = Offer(
        school_id, invitation_id, kind, person_id, learner_id, link_id, invited_by, confirmation, int(tried[0])
    )
    return offer if _gives_something(connection, offer, asked) else None


def enter(connection: Connection, school_id: UUID, capacity: str, person_id: UUID | None = None) -> None:
    """From now on the transaction sees that school in that capacity."""
    named = {
        "school": sql.Literal(str(school_id)),
        "person": sql.Literal("" if person_id is None else str(person_id)),
        "capacity": sql.Literal(capacity),
    }
    for statement in _SETTINGS:
        connection.execute(sql.SQL(statement).format(**named))


def _gives_something(connection: Connection, offer: Offer, asked: dict[str, Any]) -> bool:
    named = asked | {"kind": offer.kind, "person": offer.person_id, "link": offer.link_id}
    wanted: list[LiteralString] = [_MAY_ACT]
    if offer.kind != "STAFF":
        wanted.append(_LET_IN)
    if offer.link_id is not None:
        wanted.append(_LINKED)
    enter(connection, offer.school_id, READS, offer.person_id)
    found = [connection.execute(statement, named).fetchone() for statement in wanted]
    enter(connection, offer.school_id, JOINING, offer.person_id)
    return None not in found
