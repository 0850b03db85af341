"""What a source system said long ago: ids of its own, a field that is the school's, rows that it closed."""

from datetime import timedelta
from uuid import UUID

from server import tables
from tests.worlds.world import World

SYSTEM = "old-mis"


def add_rosters(world: World) -> None:
    """One of each, and all of it over: nothing of this stands in anybody's way today."""
    before = world.morning - timedelta(days=90)
    world.add(tables.SourceSystemRow, system=SYSTEM, program=world.name("mis"), since=before)
    world.add(
        tables.ExternalIdRow,
        naming_id=world.new_id(),
        kind="LEARNER",
        system=SYSTEM,
        source_id="old-1",
        record_id=world.name("ann"),
        begun_at=before,
        ended_at=before + timedelta(days=1),
    )
    world.add(
        tables.FieldMasterRow,
        kind="STAFF",
        field="title",
        program=world.name("mis"),
        set_by=world.name("head"),
        set_at=before,
    )
    closing = world.new_id()
    world.add(
        tables.RosterClosingRow,
        closing_id=closing,
        kind="ENROLMENT",
        requested_by=world.name("mis"),
        requested_at=before,
        waits=True,
        closed=0,
        records=[[str(UUID(int=0)), None, str(before.date())]],
    )
    world.add(
        tables.RosterClosingDecisionRow,
        closing_id=closing,
        decision="REFUSED",
        decided_by=world.name("head"),
        decided_at=before,
        reason="The file was last year's.",
    )
    world.add(
        tables.LearnerMergeRow,
        merged_id=world.name("fay"),
        kept_id=world.name("gus"),
        merged_by=world.name("head"),
        merged_at=before,
    )
