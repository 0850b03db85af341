"""What the database refuses of attainment, whatever statement the application sends."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege
from sqlalchemy import Numeric

from server import tables
from server.tables import metadata
from tests.contract.see import See
from tests.worlds import insert_rows

NUMBERS = sorted(
    (table.name, column.name)
    for table in metadata.tables.values()
    for column in table.columns
    if isinstance(column.type, Numeric)
)


def test_there_are_numbers_to_try() -> None:
    """Marks, their parts and versions, what second markers gave, estimates, points: whoever adds a column adds a case."""
    assert {("mark", "score"), ("mark_part", "maximum"), ("mark_version", "score"), ("mark_moderation", "score"),
            ("teacher_estimate", "score"), ("grade", "points"), ("grade_version", "fine"), ("target", "points"),
            ("assessment", "maximum"), ("learner", "key_stage_2")} <= set(NUMBERS)  # fmt: skip


@pytest.mark.parametrize(("table", "column"), NUMBERS, ids=[".".join(one) for one in NUMBERS])
def test_no_number_is_nan_or_infinite(
    see: See, owner: psycopg.Connection[tuple[Any, ...]], table: str, column: str
) -> None:
    """In any numeric column, and not even by the owner: NaN is above every bound, so that it passes `score >= 0`."""
    for value in ("NaN", "Infinity", "-Infinity"):
        change = f"UPDATE usher.{table} SET {column} = '{value}'::numeric WHERE school_id = '{see.world.school_id}'"
        with owner.transaction(force_rollback=True):
            with pytest.raises(CheckViolation, match=f"{column}"), owner.transaction():
                owner.execute(change.encode())
            kept = f"UPDATE usher.{table} SET {column} = {column} WHERE school_id = '{see.world.school_id}'"
            assert owner.execute(kept.encode()).rowcount >= 1


def test_a_second_score_is_a_number(see: See) -> None:
    """The application, which may add rows alone, adds none that is none."""
    given = {**see.world.rows[tables.MarkModerationRow][0], "moderated_by": see.world.ids["head"]}
    given["moderated_at"] = datetime.now(UTC)
    with see.as_("STAFF", "head") as connection:
        for value in ("NaN", "Infinity", "-1"):
            with pytest.raises(CheckViolation), connection.transaction():
                insert_rows(connection, tables.MarkModerationRow, [given | {"score": Decimal(value)}])
        insert_rows(connection, tables.MarkModerationRow, [given])


def test_an_estimate_says_something(see: See) -> None:
    """A first one that says nothing takes nothing back, and an empty grade is none."""
    known = see.world.rows[tables.TeacherEstimateRow][0]
    empty = {"score": None, "value": None, "component_code": ""}
    mine = {"recorded_by": see.world.ids["teacher"], "recorded_at": datetime.now(UTC)}
    with see.as_("STAFF", "teacher") as connection:
        for version, more in ((1, {}), (9, {"value": ""}), (0, {"value": "5"})):
            given = {**known, "estimate_id": see.world.new_id(), **mine, **empty, "version": version, **more}
            if version == 1:
                given["course_id"] = see.world.ids["english-10"]
            with pytest.raises(CheckViolation, match="teacher_estimate_says"), connection.transaction():
                insert_rows(connection, tables.TeacherEstimateRow, [given])
        taken_back = {**known, "estimate_id": see.world.new_id(), **mine, **empty, "version": 9}
        insert_rows(connection, tables.TeacherEstimateRow, [taken_back])


def test_a_target_is_set_in_one_s_own_name(see: See) -> None:
    """Or in nobody's, as imports do; nobody is said to have set what another one did."""
    known = see.world.rows[tables.TargetRow][0]
    mine, theirs = see.world.ids["maths-lead"], see.world.ids["head"]
    given = {**known, "target_id": see.world.new_id(), "course_id": see.world.ids["maths-11"]}
    change = b"UPDATE usher.target SET value = '8', set_by = %s WHERE target_id = %s"
    with see.as_("STAFF", "maths-lead") as connection:
        with pytest.raises(InsufficientPrivilege, match="set_wall"), connection.transaction():
            insert_rows(connection, tables.TargetRow, [given | {"set_by": theirs}])
        with pytest.raises(InsufficientPrivilege, match="row-level security"), connection.transaction():
            connection.execute(change, [theirs, known["target_id"]])
        insert_rows(connection, tables.TargetRow, [given | {"set_by": mine}])
        assert connection.execute(change, [mine, known["target_id"]]).rowcount == 1
        connection.execute(f"SET LOCAL app.person = '{theirs}'".encode())
        with pytest.raises(InsufficientPrivilege, match="row-level security"), connection.transaction():
            connection.execute(b"UPDATE usher.target SET value = '7' WHERE target_id = %s", [known["target_id"]])
        assert connection.execute(change, [None, known["target_id"]]).rowcount == 1


@pytest.mark.parametrize(
    ("capacity", "person", "seen"),
    [
        ("STAFF", "teacher", True), ("CLIENT", "mis", True), ("PARENT", "pat", False), ("LEARNER", "ann", False),
        ("OPERATOR", "support", False), ("", "head", False),
    ],
)  # fmt: skip
def test_steps_of_windows_are_for_the_staff_s_side(see: See, capacity: str, person: str, seen: bool) -> None:
    """Families and, without a live session, the vendor's support read none; support writes none."""
    assert (see.count(capacity, person, "window_step") > 0) == seen
    given = {**see.world.rows[tables.WindowStepRow][0], "step": 9, "taken_by": see.world.ids[person]}
    if capacity != "STAFF":
        with see.as_(capacity, person) as connection, pytest.raises(InsufficientPrivilege):
            insert_rows(connection, tables.WindowStepRow, [given | {"taken_at": datetime.now(UTC)}])
