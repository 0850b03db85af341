"""One or two rows of every other table, so that no wall is tested on an empty one."""

from server import tables
from tests.worlds.world import World


def add_records(world: World) -> None:
    """Behaviour, receipts, an import, its audit row and event, a used key, and the identities of sign-in."""
    for handle in ("ann", "bob", "dan"):
        world.add(
            tables.BehaviourEventRow,
            academic_year=world.year,
            behaviour_event_id=world.new_id(),
            learner_id=world.name(handle),
            happened_on=world.days(-5),
            kind="PRAISE",
            points=2,
            note="Helped to tidy up.",
        )
    for handle, guardian in (("ann", "pat"), ("cat", "quinn")):
        world.add(
            tables.ReportReceiptRow,
            report_id=world.name(f"report {handle}"),
            person_id=world.name(guardian),
            learner_id=world.name(handle),
            received_at=world.morning,
        )
    _written(world)
    for handle in ("teacher", "pat", "ann", "mis"):
        for row in [row for row in world.rows[tables.AccessProfileRow] if row["person_id"] == world.ids[handle]]:
            world.add(
                tables.LoginIdentityRow,
                identity=f"{handle}@{world.school_id}.example",
                school_id=world.school_id,
                person_id=world.ids[handle],
                capacity=row["capacity"],
                school_name=world.rows[tables.SchoolRow][0]["name"],
            )


def _written(world: World) -> None:
    world.add(
        tables.ImportBatchRow,
        batch_id=world.new_id(),
        kind="roster",
        file_digest="0" * 64,
        declared_by=world.name("data-manager"),
        imported_at=world.morning,
        rows_accepted=len(world.rows[tables.LearnerRow]),
        rows_refused=0,
    )
    world.add(
        tables.AuditOperationRow,
        audit_id=world.new_id(),
        occurred_at=world.morning,
        person_id=world.name("data-manager"),
        capacity="STAFF",
        roles=["data_manager"],
        facts=[],
        profile_version=1,
        policy_version=1,
        guardrail_digest="0" * 64,
        kind="import",
        document_digest="0" * 64,
        footprint={},
        elements={},
        salt=world.new_id(),
        user_salt=world.new_id(),
    )
    for handle, who in (("ann", "class teachers"), ("bob", "SEN coordinators")):
        world.add(
            tables.AccessSummaryRow,
            learner_id=world.name(handle),
            month=world.today.replace(day=1),
            who=who,
            times=3,
            computed_at=world.morning,
        )
    world.add(
        tables.AccessSummaryReleaseRow,
        release_id=world.new_id(),
        released_at=world.morning,
        released_by=world.name("dpo"),
    )
    world.add(tables.OutboxEventRow, sequence=1, kind="imported", payload={}, occurred_at=world.morning)
    world.rows[tables.OutboxHeadRow][0]["last_sequence"] = 1
    world.add(
        tables.IdempotencyRecordRow,
        person_id=world.name("teacher"),
        idempotency_key="used",
        parameters_digest="0" * 64,
        outcome={},
        created_at=world.morning,
    )
