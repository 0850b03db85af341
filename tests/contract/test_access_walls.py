"""The walls of restricted links, support sessions and notices: bare SQL, without any compiled predicate."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from server import tables
from server.migrations import walls
from tests.contract.see import See
from tests.worlds import World, by_hand, insert_rows

OF_LEARNERS: Final = [name for name in walls.OF_LEARNERS if name != "learner_special"]
LATER: Final = ("access_summary",)


def _live(see: See, connection: psycopg.Connection[tuple[Any, ...]], starts: timedelta, ends: timedelta) -> UUID:
    """A session of `support` from and until so long from now."""
    now = datetime.now(UTC)
    request = see.world.new_id()
    asked = {
        "school_id": see.world.school_id,
        "request_id": request,
        "requester_id": see.world.ids["support"],
        "capacity": "OPERATOR",
        "name": "Sol Helper",
        "reason": "The marks look wrong.",
        "hours": 1,
        "requested_at": now,
    }
    decided = {name: asked[name] for name in ("school_id", "request_id", "requester_id")} | {
        "decision": "APPROVED",
        "decided_by": see.world.ids["head"],
        "decided_at": now,
        "starts_at": now + starts,
        "ends_at": now + ends,
    }
    by_hand(connection, tables.SupportRequestRow, asked)
    by_hand(connection, tables.SupportDecisionRow, decided)
    return request


def _count(connection: psycopg.Connection[tuple[Any, ...]], table: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM usher.{table}".encode()).fetchone() or (-1,)
    return count


@pytest.mark.parametrize("table", [*OF_LEARNERS, *walls.ATTAINMENT, *walls.GUARDIANS, "staff"])
def test_support_staff_without_a_session_see_nobody(see: See, table: str) -> None:
    """A session that is over opens nothing; one that runs opens what the other walls leave open."""
    assert see.count("OPERATOR", "support", table) == 0
    with see.as_("OPERATOR", "support") as connection:
        _live(see, connection, -timedelta(minutes=5), timedelta(minutes=5))
        staff = see.count("STAFF", "head", table)
        assert _count(connection, table) == staff > 0


HOUR: Final = timedelta(hours=1)


@pytest.mark.parametrize(("starts", "ends"), [(-3 * HOUR, -HOUR), (HOUR, 2 * HOUR)])
def test_a_session_counts_from_its_first_moment_to_its_last(see: See, starts: timedelta, ends: timedelta) -> None:
    """Neither one of the past nor one of the future."""
    with see.as_("OPERATOR", "support") as connection:
        _live(see, connection, starts, ends)
        assert _count(connection, "learner") == 0


def test_a_session_that_was_ended_opens_nothing(see: See) -> None:
    """Whatever its time."""
    with see.as_("OPERATOR", "support") as connection:
        request = _live(see, connection, -HOUR, HOUR)
        assert _count(connection, "learner") > 0
        end = {"school_id": see.world.school_id, "request_id": request, "decision": "APPROVED"}
        by_hand(
            connection, tables.SupportEndRow, {**end, "ended_by": see.world.ids["head"], "ended_at": datetime.now(UTC)}
        )
        assert _count(connection, "learner") == 0


def test_a_session_is_of_one_person(see: See) -> None:
    """Another person of the vendor sees nothing by it."""
    with see.as_("OPERATOR", "support") as connection:
        _live(see, connection, -HOUR, HOUR)
        connection.execute(f"SET LOCAL app.person = '{see.world.ids['mis']}'".encode())
        assert _count(connection, "learner") == 0


def test_support_staff_change_nothing(see: See) -> None:
    """Not even during a session: neither a new row nor a changed one."""
    for statement in (
        "UPDATE usher.learner SET year_group = '11'",
        "UPDATE usher.mark SET score = 1",
        "INSERT INTO usher.learner_flag (school_id, flag_id, learner_id, kind, valid_from, decided_by)"
        " SELECT school_id, gen_random_uuid(), learner_id, 'PROTECTED', current_date, learner_id FROM usher.learner",
    ):
        with see.as_("OPERATOR", "support") as connection:
            _live(see, connection, -HOUR, HOUR)
            with pytest.raises(InsufficientPrivilege, match="row-level security"):
                connection.execute(statement.encode())


def _restricted(see: See, world: World) -> dict[str, Any]:
    return {
        "school_id": world.school_id,
        "restriction_id": world.new_id(),
        "guardian_id": world.ids["pat"],
        "learner_id": world.ids["ann"],
        "kind": "PROTECTION",
        "evidence": "Decision of the safeguarding lead",
        "decided_by": world.ids["dpo"],
        "restricted_at": datetime.now(UTC),
    }


@pytest.mark.parametrize("table", [name for name in OF_LEARNERS if name not in LATER])
def test_a_restricted_link_gives_nothing(see: See, table: str) -> None:
    """The verified, current link of pat to ann, from the restriction until it is lifted."""
    world = see.world
    row = _restricted(see, world)
    with see.as_("PARENT", "pat") as connection:
        before = _count(connection, table)
        by_hand(connection, tables.LinkRestrictionRow, row)
        assert _count(connection, table) == 0
        end = {"school_id": world.school_id, "restriction_id": row["restriction_id"], "evidence": "Lifted"}
        ended = {**end, "ended_by": world.ids["dpo"], "ended_at": datetime.now(UTC)}
        by_hand(connection, tables.LinkRestrictionEndRow, ended)
        assert _count(connection, table) == before


def test_a_restriction_is_of_one_guardian(see: See) -> None:
    """What is kept from quinn is not kept from pat."""
    row = _restricted(see, see.world) | {"guardian_id": see.world.ids["quinn"]}
    with see.as_("STAFF", "head") as connection:
        by_hand(connection, tables.LinkRestrictionRow, row)
        connection.execute("SET LOCAL app.capacity = 'PARENT'")
        connection.execute(f"SET LOCAL app.person = '{see.world.ids['pat']}'".encode())
        assert _count(connection, "learner") == 1


def test_notices_are_read_by_whom_they_address(see: See) -> None:
    """Anybody may post one; another's isn't read, nor marked as read."""
    world = see.world
    assert see.count("STAFF", "head", "notice") == see.count("STAFF", "dpo", "notice") == 1
    assert see.count("STAFF", "teacher", "notice") == 0
    with see.as_("STAFF", "head") as connection:
        (notice,) = connection.execute("SELECT notice_id FROM usher.notice").fetchone() or (None,)
    read = {"school_id": world.school_id, "notice_id": notice, "person_id": world.ids["head"], "read_at": world.morning}
    with see.as_("STAFF", "teacher") as connection, pytest.raises(InsufficientPrivilege, match="row-level security"):
        insert_rows(connection, tables.NoticeReadRow, [read])
