"""Who may be invited by whom: those whom the plans let the asker find, and what stands in the way of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, bindparam, cast, null, or_, select

from server.commands.access.invitation_entries import Candidate, Delivery, Invited, Refusal
from server.commands.statements import Compiled, compiled, fetch
from server.database.unit_of_work import UnitOfWork
from server.errors import BadUserInput
from server.identity.letters.addresses import check_address
from server.policies.permit import Coordinate, Permit
from server.policies.plan import Plan
from server.policies.vocabulary import DECIDING_ROLES
from server.queries.binds import SCHOOL, TODAY, current
from server.queries.noun import alias
from server.queries.passing import passes
from server.queries.scopes import unrestricted
from server.tables import GuardianLinkRow, GuardianRow, LearnerContactRow, LearnerRow, StaffRow

SEES: Final[Mapping[Invited, tuple[Coordinate, Coordinate]]] = {
    Invited.STAFF: (("staff_name", "read"), ("staff_contact", "read")),
    Invited.PARENT: (("parent_link", "read"), ("guardian_contact", "read")),
    Invited.LEARNER: (("name", "read"), ("learner_contact", "read")),
}
"""What the asker must be able to read of those whom they invite, and, for a letter, of their addresses."""
_KEYS: Final = bindparam("keys", type_=ARRAY(Uuid()))

_MAY_ACT = """\
SELECT p.person_id FROM usher.access_profile AS p
WHERE p.school_id = $1::uuid AND p.capacity = $2::text AND p.person_id = ANY($3::uuid[])
    AND (p.valid_to IS NULL OR p.valid_to > $4::date)"""
_HAVE_ACCOUNTS = """\
SELECT i.person_id FROM usher.login_identity AS i
WHERE i.school_id = $1::uuid AND i.capacity = $2::text AND i.person_id = ANY($3::uuid[])"""
_VERIFIED = """\
SELECT l.link_id FROM usher.guardian_link AS l
WHERE l.school_id = $1::uuid AND l.link_id = ANY($2::uuid[]) AND l.verified_at IS NOT NULL"""
_WAITING = """\
SELECT coalesce(i.link_id, i.person_id) FROM usher.invitation AS i
WHERE i.school_id = $1::uuid AND i.kind = $2::text AND coalesce(i.link_id, i.person_id) = ANY($3::uuid[])
    AND i.expires_at > $4::timestamptz
    AND NOT EXISTS (SELECT 1 FROM usher.invitation_end AS e
        WHERE e.school_id = $1::uuid AND e.invitation_id = i.invitation_id)
    AND NOT EXISTS (SELECT 1 FROM usher.invitation_redemption AS r
        WHERE r.school_id = $1::uuid AND r.invitation_id = i.invitation_id)"""
_OFFICERS = """\
SELECT DISTINCT r.person_id FROM usher.role_assignment AS r
WHERE r.school_id = $1::uuid AND r.person_id = ANY($2::uuid[]) AND r.role = ANY($3::text[])
    AND (r.valid_to IS NULL OR r.valid_to > $4::date)"""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of the candidates of a batch."""

    found: Mapping[UUID, Candidate]
    may_act: Collection[UUID]
    have_accounts: Collection[UUID]
    verified: Collection[UUID]
    waiting: Collection[UUID]
    officers: Collection[UUID]

    def refusal(self, key: UUID, caller: UUID, delivery: Delivery, *, officers: bool) -> Refusal | None:
        """`officers`: whether the caller may also change grants."""
        one = self.found.get(key)
        if one is None:
            return Refusal.NOT_FOUND
        joined = one.person_id in self.have_accounts and (one.link_id is None or one.link_id in self.verified)
        stands = {
            Refusal.SELF_ASSIGNMENT: one.person_id == caller,
            Refusal.OFFICER_ROLE: one.person_id in self.officers and not officers,
            Refusal.HAS_LEFT: one.person_id not in self.may_act,
            Refusal.RESTRICTED: one.restricted,
            Refusal.ALREADY_JOINED: joined,
            Refusal.ALREADY_INVITED: key in self.waiting,
            Refusal.NO_ADDRESS: delivery is Delivery.MAIL and one.address is None,
        }
        return next((refusal for refusal, true in stands.items() if true), None)


async def look(invited: Invited, keys: Sequence[UUID], unit: UnitOfWork, permit: Permit, now: datetime) -> Looked:
    """Everything that is asked about the keys, whoever is behind them."""
    context, connection, today = unit.context, unit.connection, now.date()
    sees, writes_to = (permit.plan(*coordinate) for coordinate in SEES[invited])
    statement = _STATEMENTS[invited](sees, writes_to)
    given = {"school": context.school_id, "viewer": context.person_id, "today": today, "keys": list(keys)}
    rows = await fetch(connection, statement.text, statement.values(given))
    found = {row[0]: _candidate(invited, row) for row in rows}
    people = sorted({one.person_id for one in found.values()})

    async def those(text: str, *values: object) -> frozenset[UUID]:
        return frozenset(row[0] for row in await fetch(connection, text, [context.school_id, *values]))

    return Looked(
        found,
        may_act=await those(_MAY_ACT, invited.value, people, today),
        have_accounts=await those(_HAVE_ACCOUNTS, invited.value, people),
        verified=await those(_VERIFIED, list(keys)) if invited is Invited.PARENT else frozenset(),
        waiting=await those(_WAITING, invited.value, list(keys), now),
        officers=await _officers(invited, those, people, today),
    )


async def _officers(invited: Invited, those: Any, people: Sequence[UUID], today: date) -> frozenset[UUID]:
    if invited is not Invited.STAFF:
        return frozenset()
    found: frozenset[UUID] = await those(_OFFICERS, people, sorted(DECIDING_ROLES), today)
    return found


def _candidate(invited: Invited, row: tuple[Any, ...]) -> Candidate:
    """Of key, person, learner, address, whether the asker may read the address, whether the link is restricted."""
    key, person_id, learner_id, address, readable, restricted = row
    usable = _usable(address or "") if readable else None
    return Candidate(key, person_id, learner_id, key if invited is Invited.PARENT else None, usable, restricted)


def _usable(address: str) -> str | None:
    """What a roster holds may be no address at all."""
    try:
        return check_address(address)
    except BadUserInput:
        return None


@lru_cache(maxsize=64)
def _of_links(sees: Plan, writes_to: Plan) -> Compiled:
    link: Any = alias(GuardianLinkRow)
    guardian: Any = alias(GuardianRow)
    held = and_(guardian.c.school_id == SCHOOL, guardian.c.guardian_id == link.c.guardian_id)
    readable = passes(writes_to, "guardian", link, link.c.learner_id).is_(True)
    return compiled(
        select(link.c.link_id, link.c.guardian_id, link.c.learner_id, guardian.c.email, readable, ~unrestricted(link))
        .select_from(link.join(guardian, held))
        .where(
            link.c.school_id == SCHOOL,
            link.c.link_id == any_(_KEYS),
            passes(sees, "guardian", link, link.c.learner_id).is_(True),
            *current(link),
        )
    )


@lru_cache(maxsize=64)
def _of_learners(sees: Plan, writes_to: Plan) -> Compiled:
    learner: Any = alias(LearnerRow)
    contact: Any = alias(LearnerContactRow)
    held = and_(contact.c.school_id == SCHOOL, contact.c.learner_id == learner.c.learner_id)
    readable = passes(writes_to, "learner", learner, learner.c.learner_id).is_(True)
    return compiled(
        select(
            learner.c.learner_id, learner.c.learner_id, learner.c.learner_id, contact.c.email, readable,
            learner.c.learner_id.is_(None),
        )
        .select_from(learner.outerjoin(contact, held))
        .where(
            learner.c.school_id == SCHOOL,
            learner.c.learner_id == any_(_KEYS),
            passes(sees, "learner", learner, learner.c.learner_id).is_(True),
            or_(learner.c.left_on.is_(None), learner.c.left_on > TODAY),
        )
    )  # fmt: skip


@lru_cache(maxsize=64)
def _of_staff(sees: Plan, writes_to: Plan) -> Compiled:
    staff: Any = alias(StaffRow)
    readable = passes(writes_to, "staff", staff, staff.c.staff_id).is_(True)
    nobody: Any = cast(null(), Uuid())
    return compiled(
        select(staff.c.staff_id, staff.c.staff_id, nobody, staff.c.email, readable, staff.c.staff_id.is_(None)).where(
            staff.c.school_id == SCHOOL,
            staff.c.staff_id == any_(_KEYS),
            passes(sees, "staff", staff, staff.c.staff_id).is_(True),
            or_(staff.c.left_on.is_(None), staff.c.left_on > TODAY),
        )
    )


_STATEMENTS: Final = {Invited.STAFF: _of_staff, Invited.PARENT: _of_links, Invited.LEARNER: _of_learners}
