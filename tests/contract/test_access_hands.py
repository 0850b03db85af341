"""What opens or closes access is added in one's own name and capacity, whatever statement the application sends."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from psycopg.errors import InsufficientPrivilege

from server import tables
from server.migrations.access_hands import OWN_HANDS
from server.tables.row import Row
from tests.contract.see import See
from tests.worlds import by_hand, insert_rows
from tests.worlds.world import qualified

# Who may add the row; the rest are tried and refused: another person in the right capacity, and they in another one.
HANDS: Final[dict[type[Row], tuple[str, str]]] = {
    tables.BreakGlassRow: ("STAFF", "senco"),
    tables.LinkRestrictionRow: ("STAFF", "dpo"),
    tables.SupportDecisionRow: ("STAFF", "head"),
    tables.SupportRequestRow: ("OPERATOR", "support"),
}


def _row(see: See, table: type[Row]) -> dict[str, Any]:
    world, now = see.world, datetime.now(UTC)
    names, school = world.ids, {"school_id": world.school_id}
    asked = {
        **school, "request_id": world.new_id(), "requester_id": names["support"], "capacity": "OPERATOR",
        "name": "Sol Helper", "reason": "The marks look wrong.", "hours": 1, "requested_at": now,
    }  # fmt: skip
    if table is tables.SupportRequestRow:
        return asked
    if table is tables.SupportDecisionRow:
        return asked | {"decision": "APPROVED", "decided_by": names["head"], "decided_at": now, "starts_at": now,
                        "ends_at": now + timedelta(hours=1)}  # fmt: skip
    if table is tables.BreakGlassRow:
        return {**school, "glass_id": world.new_id(), "person_id": names["senco"], "capacity": "STAFF",
                "reason": "A learner has collapsed.", "started_at": now, "ends_at": now + timedelta(hours=2)}  # fmt: skip
    return {**school, "restriction_id": world.new_id(), "guardian_id": names["pat"], "learner_id": names["ann"],
            "kind": "PROTECTION", "evidence": "Decision", "decided_by": names["dpo"], "restricted_at": now}  # fmt: skip


_ASKED_ALONE: Final = ("capacity", "name", "reason", "hours", "requested_at")


def test_every_such_table_is_tried() -> None:
    """A table that gets the wall gets its test."""
    assert {qualified(table).removeprefix("usher.") for table in HANDS} == set(OWN_HANDS)


@pytest.mark.parametrize("table", HANDS, ids=lambda table: table.__name__)
def test_nobody_adds_it_in_the_name_of_somebody_else(see: See, table: type[Row]) -> None:
    """Not another person in the same capacity, not the person in another; they themselves may."""
    capacity, person = HANDS[table]
    other = "teacher" if capacity == "STAFF" else "mis"
    wrong = "OPERATOR" if capacity == "STAFF" else "STAFF"
    for whose, acting_as, allowed in ((other, capacity, False), (person, wrong, False), (person, capacity, True)):
        row = _row(see, table)
        with see.as_(acting_as, whose) as connection:
            if table is tables.SupportDecisionRow:
                by_hand(connection, tables.SupportRequestRow, _request_of(row))
                row = {name: value for name, value in row.items() if name not in _ASKED_ALONE}
            if allowed:
                insert_rows(connection, table, [row])
                continue
            with pytest.raises(InsufficientPrivilege, match=r"own_hand|operator_wall"), connection.transaction():
                insert_rows(connection, table, [row])


def test_support_staff_approve_nothing_of_their_own(see: See) -> None:
    """In their own session, naming the head: no session begins, and nobody is seen."""
    with see.as_("OPERATOR", "support") as connection:
        row = _row(see, tables.SupportDecisionRow)
        insert_rows(connection, tables.SupportRequestRow, [_request_of(row)])
        decided = {name: value for name, value in row.items() if name not in _ASKED_ALONE}
        with pytest.raises(InsufficientPrivilege, match="own_hand"), connection.transaction():
            insert_rows(connection, tables.SupportDecisionRow, [decided])
        assert connection.execute("SELECT count(*) FROM usher.learner").fetchone() == (0,)


def _request_of(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("school_id", "request_id", "requester_id", *_ASKED_ALONE)}
