"""What opens or closes access is added in one's own name and capacity, whatever statement the application sends."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from psycopg.errors import InsufficientPrivilege

from server import tables
from server.migrations.access_hands import ENDING_HANDS, OWN_HANDS, SAID_BY, SET_BY
from server.tables.row import Row
from tests.contract.see import See
from tests.worlds import by_hand, insert_rows
from tests.worlds.world import qualified

# Who may add the row; the rest are tried and refused: another person in the right capacity, and they in another one.
HANDS: Final[dict[type[Row], tuple[str, str]]] = {
    tables.BreakGlassEndRow: ("STAFF", "senco"),
    tables.BreakGlassRow: ("STAFF", "senco"),
    tables.CourseScaleRow: ("STAFF", "head"),
    tables.ForecastConfirmationRow: ("STAFF", "teacher"),
    tables.LinkRestrictionEndRow: ("STAFF", "dpo"),
    tables.LinkRestrictionRow: ("STAFF", "dpo"),
    tables.MarkModerationRow: ("STAFF", "head"),
    tables.SupportDecisionRow: ("STAFF", "head"),
    tables.SupportEndRow: ("STAFF", "head"),
    tables.SupportRequestRow: ("OPERATOR", "support"),
    tables.TeacherEstimateRow: ("STAFF", "teacher"),
    tables.WindowGradingRow: ("STAFF", "head"),
    tables.WindowStepRow: ("STAFF", "head"),
}


def _rows(see: See, table: type[Row]) -> list[tuple[type[Row], dict[str, Any]]]:
    """The row that is tried, after those that must be there before it."""
    world, now = see.world, datetime.now(UTC)
    names, school = world.ids, {"school_id": world.school_id}
    request = {**school, "request_id": world.new_id(), "requester_id": names["support"]}
    asked = (tables.SupportRequestRow, {**request, "capacity": "OPERATOR", "name": "Sol Helper",
             "reason": "The marks look wrong.", "hours": 1, "requested_at": now})  # fmt: skip
    decided = (tables.SupportDecisionRow, {**request, "decision": "APPROVED", "decided_by": names["head"],
               "decided_at": now, "starts_at": now, "ends_at": now + timedelta(hours=1)})  # fmt: skip
    left = (tables.SupportEndRow, {**school, "request_id": request["request_id"], "decision": "APPROVED",
            "ended_by": names["head"], "ended_at": now})  # fmt: skip
    broken = (tables.BreakGlassRow, {**school, "glass_id": world.new_id(), "person_id": names["senco"],
              "capacity": "STAFF", "reason": "A learner has collapsed.", "started_at": now,
              "ends_at": now + timedelta(hours=2)})  # fmt: skip
    mended = (tables.BreakGlassEndRow, {**school, "glass_id": broken[1]["glass_id"], "ended_by": names["senco"],
              "ended_at": now})  # fmt: skip
    kept = (tables.LinkRestrictionRow, {**school, "restriction_id": world.new_id(), "guardian_id": names["pat"],
            "learner_id": names["ann"], "kind": "PROTECTION", "evidence": "Decision", "decided_by": names["dpo"],
            "restricted_at": now})  # fmt: skip
    lifted = (tables.LinkRestrictionEndRow, {**school, "restriction_id": kept[1]["restriction_id"],
              "evidence": "Decision", "ended_by": names["dpo"], "ended_at": now})  # fmt: skip
    chains: list[list[tuple[type[Row], dict[str, Any]]]] = [[asked, decided, left], [broken, mended], [kept, lifted]]
    chains += [[one] for one in _said(see, now)]
    for several in chains:
        for place, (one, _) in enumerate(several):
            if one is table:
                return several[: place + 1]
    raise AssertionError(table)


def _said(see: See, now: datetime) -> list[tuple[type[Row], dict[str, Any]]]:
    """What is said of a learner or a window: rows like those of the world."""
    world = see.world
    said = (
        (tables.CourseScaleRow, {"version": 9, "set_at": now}),
        (tables.ForecastConfirmationRow, {"confirmation_id": world.new_id(), "confirmed_at": now}),
        (tables.MarkModerationRow, {"moderated_by": world.ids["head"], "moderated_at": now}),
        (tables.TeacherEstimateRow, {"estimate_id": world.new_id(), "version": 2}),
        (tables.WindowGradingRow, {"version": 9, "set_by": world.ids["head"], "set_at": now}),
        (tables.WindowStepRow, {"step": 9, "taken_at": now}),
    )
    return [(table, {**world.rows[table][0], **changes}) for table, changes in said]


def test_every_such_table_is_tried() -> None:
    """A table that gets the wall gets its test."""
    assert {qualified(table).removeprefix("usher.") for table in HANDS} == {
        *OWN_HANDS,
        *ENDING_HANDS,
        *SAID_BY,
        *SET_BY,
    }


@pytest.mark.parametrize("table", HANDS, ids=lambda table: table.__name__)
def test_nobody_adds_it_in_the_name_of_somebody_else(see: See, table: type[Row]) -> None:
    """Not another person in the same capacity, not the person in another; they themselves may."""
    capacity, person = HANDS[table]
    other = ("senco" if person == "teacher" else "teacher") if capacity == "STAFF" else "mis"
    wrong = "OPERATOR" if capacity == "STAFF" else "STAFF"
    for whose, acting_as, allowed in ((other, capacity, False), (person, wrong, False), (person, capacity, True)):
        *before, (_, row) = _rows(see, table)
        with see.as_(acting_as, whose) as connection:
            for earlier, values in before:
                by_hand(connection, earlier, values)
            if allowed:
                insert_rows(connection, table, [row])
                continue
            with pytest.raises(InsufficientPrivilege, match=r"own_hand|people_wall"), connection.transaction():
                insert_rows(connection, table, [row])


def test_support_staff_approve_nothing_of_their_own(see: See) -> None:
    """In their own session, naming the head: no session begins, and nobody is seen."""
    with see.as_("OPERATOR", "support") as connection:
        (_, asked), (_, decided) = _rows(see, tables.SupportDecisionRow)
        insert_rows(connection, tables.SupportRequestRow, [asked])
        with pytest.raises(InsufficientPrivilege, match="own_hand"), connection.transaction():
            insert_rows(connection, tables.SupportDecisionRow, [decided])
        assert connection.execute("SELECT count(*) FROM usher.learner").fetchone() == (0,)


def test_support_staff_end_their_own_session_alone(see: See) -> None:
    """In their own name; another person of the vendor doesn't end it."""
    *before, (table, row) = _rows(see, tables.SupportEndRow)
    own = row | {"ended_by": see.world.ids["support"]}
    with see.as_("OPERATOR", "support") as connection:
        for earlier, values in before:
            by_hand(connection, earlier, values)
        connection.execute(f"SET LOCAL app.person = '{see.world.ids['mis']}'".encode())
        for whose in ("support", "mis"):
            with pytest.raises(InsufficientPrivilege, match="own_hand"), connection.transaction():
                insert_rows(connection, table, [row | {"ended_by": see.world.ids[whose]}])
        connection.execute(f"SET LOCAL app.person = '{see.world.ids['support']}'".encode())
        insert_rows(connection, table, [own])
