"""What feeds the facts besides roles and certificates: support sessions, broken glass, restrictions, notices."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from server import tables
from tests.worlds.world import World


def add_access(world: World) -> None:
    """One of each, and all of it over: nothing of this opens or closes anything today."""
    yesterday = world.morning - timedelta(days=1)
    request = session(world, "support", yesterday, yesterday + timedelta(hours=2))
    world.add(
        tables.SupportEndRow,
        request_id=request,
        decision="APPROVED",
        ended_by=world.name("head"),
        ended_at=yesterday + timedelta(hours=1),
    )
    glass = break_glass(world, "senco", yesterday)
    world.add(
        tables.BreakGlassEndRow, glass_id=glass, ended_by=world.name("dpo"), ended_at=yesterday + timedelta(hours=1)
    )
    lifted = restrict(world, "pat", "ann", yesterday)
    world.add(
        tables.LinkRestrictionEndRow,
        restriction_id=lifted,
        evidence="Order discharged",
        ended_by=world.name("dpo"),
        ended_at=world.morning,
    )
    # A link of the future: it gives nothing yet, whatever stands in its way.
    restrict(world, "quinn", "dan", yesterday)
    world.add(
        tables.SupervisionRow,
        supervision_id=world.new_id(),
        trainee_id=world.name("cover"),
        supervisor_id=world.name("teacher"),
        source="manual",
        valid_from=world.days(-90),
        valid_to=world.days(-10),
    )
    for handle in ("head", "dpo"):
        notice = world.new_id()
        world.add(
            tables.NoticeRow,
            notice_id=notice,
            person_id=world.name(handle),
            kind="breakGlass",
            payload={"glass": str(glass)},
            posted_at=yesterday,
        )
        if handle == "head":
            world.add(tables.NoticeReadRow, notice_id=notice, person_id=world.name(handle), read_at=world.morning)


def session(world: World, handle: str, starts: datetime, ends: datetime) -> UUID:
    """A request of a person of the vendor, approved by the head; its id."""
    request = world.new_id()
    world.add(
        tables.SupportRequestRow,
        request_id=request,
        requester_id=world.name(handle),
        capacity="OPERATOR",
        name="Sol Helper",
        reason="Why do the grades of 10/Ma1 look wrong?",
        hours=8,
        requested_at=starts,
    )
    world.add(
        tables.SupportDecisionRow,
        request_id=request,
        requester_id=world.name(handle),
        decision="APPROVED",
        decided_by=world.name("head"),
        decided_at=starts,
        starts_at=starts,
        ends_at=ends,
    )
    return request


def live_session(world: World, handle: str) -> UUID:
    """One that began an hour ago: sessions are of hours, so its times are the clock's and not the world's."""
    begun = datetime.now(UTC) - timedelta(hours=1)
    return session(world, handle, begun, begun + timedelta(hours=8))


def break_glass(world: World, handle: str, started: datetime) -> UUID:
    """For two hours; its id."""
    glass = world.new_id()
    world.add(
        tables.BreakGlassRow,
        glass_id=glass,
        person_id=world.name(handle),
        capacity="STAFF",
        reason="A learner has collapsed on the field.",
        started_at=started,
        ends_at=started + timedelta(hours=2),
    )
    return glass


def restrict(world: World, guardian: str, learner: str, since: datetime, kind: str = "COURT_ORDER") -> UUID:
    """The restriction's id."""
    restriction = world.new_id()
    world.add(
        tables.LinkRestrictionRow,
        restriction_id=restriction,
        guardian_id=world.name(guardian),
        learner_id=world.name(learner),
        kind=kind,
        evidence="Order of the family court",
        decided_by=world.name("dpo"),
        restricted_at=since,
    )
    return restriction
