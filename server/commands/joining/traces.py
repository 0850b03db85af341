"""What joining leaves behind: audit rows, events and notices, by whoever joins and as nobody of the school yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import LiteralString

from server.commands.access.notice_kinds import NoticeKind
from server.commands.access.notices import post_notices_now
from server.commands.access.people import holders_now
from server.commands.joining.offers import Offer
from server.commands.outbox import Event, write_events_now
from server.compliance.audit import AuditRecord, write_audit_now
from server.database.blocking_pool import BlockingConnection as Connection
from server.database.keys import new_key
from server.policies.shipped import shipped_ceiling

_VERSIONS: LiteralString = """
SELECT p.profile_version, h.version FROM usher.access_profile AS p
JOIN usher.policy_head AS h ON h.school_id = %(school)s
WHERE p.school_id = %(school)s AND p.person_id = %(person)s AND p.capacity = %(kind)s"""


def leave_traces_now(
    connection: Connection, offer: Offer, change: str, address: str, now: datetime, events: Sequence[Event] = ()
) -> None:
    """Last of all: the school's counter of events stays locked until COMMIT."""
    named = {"school": offer.school_id, "person": offer.person_id, "kind": offer.kind}
    profile, policy = connection.execute(_VERSIONS, named).fetchone() or (0, 0)
    learners = [] if offer.learner_id is None else [str(offer.learner_id)]
    elements = {"account": learners} | ({"parent_link": learners} if offer.link_id is not None else {})
    ids: Mapping[str, object] = {"invitation": str(offer.invitation_id), "person": str(offer.person_id)}
    record = AuditRecord(
        school_id=offer.school_id,
        audit_id=new_key(),
        occurred_at=now,
        person_id=offer.person_id,
        capacity=offer.kind,
        profile_version=profile,
        policy_version=policy,
        ceiling_digest=shipped_ceiling().digest(),
        kind="write",
        document_digest="",
        elements=elements,
        operation_name="Join",
        footprint={"write": sorted(elements)},
        details={"change": change, **ids},
        ip_address=address,
    )
    write_audit_now(connection, record)
    write_events_now(connection, offer.school_id, [Event(change, dict(ids)), *events], now)


def tell_of_lock(connection: Connection, offer: Offer, now: datetime) -> list[Event]:
    """Whoever invited, and whoever looks after accounts, hears that nobody knew the date of birth."""
    told = {offer.invited_by, *holders_now(connection, offer.school_id, ("data_manager",), now.date())}
    ids = {"invitation": offer.invitation_id}
    return post_notices_now(connection, offer.school_id, sorted(told), NoticeKind.INVITATION_LOCKED, ids, now)
