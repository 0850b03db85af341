"""A test per wall: bare SQL of the application's role, without any compiled predicate, sees what the wall allows."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from server import tables
from server.migrations import walls
from tests.contract.catalogue import TENANT, YEARLY
from tests.contract.see import EVERYBODY, YEAR_10, See
from tests.worlds import World, acting, insert_rows, special_values

NOT_ATTAINMENT = [name for name in walls.OF_LEARNERS if name != "learner_special"]
CAPACITIES = ("STAFF", "PARENT", "LEARNER", "CLIENT", "OPERATOR")
PERSON_OF = {"STAFF": "head", "PARENT": "pat", "LEARNER": "ann", "CLIENT": "mis", "OPERATOR": "support"}


OPTED_OUT = {"gus"}
OF_OTHERS = (*walls.SEALED, *walls.BEHIND_THE_AUDIT, *walls.SNAPSHOTS, *walls.FEEDS)


@pytest.mark.parametrize("table", [name for name in TENANT if name not in OF_OTHERS])
def test_tenant_wall(see: See, other_school: World, owner: psycopg.Connection[tuple[Any, ...]], table: str) -> None:
    """Staff see rows of their school alone, of every table; each holds rows of another one too."""
    with see.as_("STAFF", "head") as connection:
        rows = connection.execute(f"SELECT DISTINCT school_id FROM usher.{table}".encode()).fetchall()
    assert rows == [(see.world.school_id,)]
    (answer,) = owner.execute(f"SELECT count(DISTINCT school_id) FROM usher.{table}".encode()).fetchone() or (0,)
    assert answer >= 2


@pytest.mark.parametrize("table", [name for name in TENANT if name not in walls.UNREAD])
def test_unset_context_sees_nothing(bare_app_url: str, school: World, table: str) -> None:
    """Neither before any setting nor after a SET LOCAL has ended, when the setting is an empty string."""
    question = f"SELECT count(*) FROM usher.{table}".encode()
    with psycopg.connect(bare_app_url, autocommit=True) as connection:
        assert connection.execute(question).fetchone() == (0,)
        with connection.transaction():
            connection.execute(f"SET LOCAL app.school_id = '{school.school_id}'".encode())
        assert connection.execute("SELECT current_setting('app.school_id', true)").fetchone() == ("",)
        assert connection.execute(question).fetchone() == (0,)


def test_a_school_without_a_capacity_sees_no_learner(bare_app_url: str, school: World) -> None:
    """The school alone opens nothing that stands behind a wall."""
    with psycopg.connect(bare_app_url) as connection:
        connection.execute(f"SET LOCAL app.school_id = '{school.school_id}'".encode())
        for table in (*walls.OF_LEARNERS, *walls.ATTAINMENT, "guardian", "guardian_link"):
            assert connection.execute(f"SELECT count(*) FROM usher.{table}".encode()).fetchone() == (0,)


@pytest.mark.parametrize("capacity", ["", "staff", "GOVERNOR", "STAFF "])
def test_an_unknown_capacity_sees_no_learner(see: See, capacity: str) -> None:
    """Walls know the five words exactly as they are written."""
    for table in (*walls.OF_LEARNERS, *walls.ATTAINMENT, "guardian", "guardian_link"):
        assert see.count(capacity, "head", table) == 0


@pytest.mark.parametrize("table", NOT_ATTAINMENT)
def test_parent_wall(see: See, table: str) -> None:
    """A parent sees children by a verified, current link alone: not an ended, unverified or future one."""
    staff = see.learners("STAFF", "head", table)
    assert see.learners("PARENT", "pat", table) == staff & {"ann"}
    assert see.learners("PARENT", "quinn", table) == staff & {"cat"}
    assert see.learners("PARENT", "teacher", table) == staff & {"bob"}
    assert see.learners("PARENT", "head", table) == set()


@pytest.mark.parametrize("table", NOT_ATTAINMENT)
def test_learner_wall(see: See, table: str) -> None:
    """Learners see themselves."""
    staff = see.learners("STAFF", "head", table)
    for learner in ("ann", "bob", "dan"):
        expected = staff & {learner}
        if table in walls.REPORTS and learner == "dan":
            expected = set[str]()  # his publication was withdrawn
        assert see.learners("LEARNER", learner, table) == expected
    assert see.learners("LEARNER", "teacher", table) == set()


@pytest.mark.parametrize("table", NOT_ATTAINMENT)
def test_staff_and_programs_are_not_stopped_by_family_walls(see: See, table: str) -> None:
    """Theirs are the compiled predicates; the walls of families don't reach them."""
    staff = see.learners("STAFF", "head", table)
    assert see.learners("CLIENT", "mis", table) == staff - OPTED_OUT


def test_family_walls_have_something_to_hide(see: See) -> None:
    """The comparisons above are about full tables."""
    assert see.learners("STAFF", "head", "learner") == EVERYBODY
    assert see.learners("STAFF", "head", "report_line") == {*YEAR_10, "dan"}


def test_guardian_wall(see: See) -> None:
    """A parent sees their own row and links, no other guardian's; learners see none."""
    own = see.world.ids["pat"]
    with see.as_("PARENT", "pat") as connection:
        assert connection.execute("SELECT guardian_id FROM usher.guardian").fetchall() == [(own,)]
        assert set(connection.execute("SELECT guardian_id FROM usher.guardian_link").fetchall()) == {(own,)}
    for table, rows in (("guardian", 3), ("guardian_link", 6), ("link_restriction", 2)):
        assert see.count("STAFF", "head", table) == rows
        assert see.count("LEARNER", "ann", table) == 0


@pytest.mark.parametrize("table", walls.ATTAINMENT)
def test_attainment_wall(see: See, table: str) -> None:
    """Live marks, grades, targets and comments don't exist for parents and learners, their own neither."""
    assert see.count("STAFF", "teacher", table) > 0
    assert see.count("CLIENT", "mis", table) > 0
    assert see.count("PARENT", "pat", table) == 0
    assert see.count("LEARNER", "ann", table) == 0


@pytest.mark.parametrize("table", walls.REPORTS)
def test_published_wall(see: See, table: str) -> None:
    """A withdrawn report exists for staff, not for the learner it is about; it comes back with the publication."""
    assert "dan" in see.learners("STAFF", "head", table)
    assert see.learners("LEARNER", "dan", table) == set()
    with see.as_("STAFF", "head") as connection:
        live = [see.world.ids["reports 11"]]
        connection.execute("UPDATE usher.publication SET status = 'LIVE' WHERE publication_id = %s", live)
        connection.execute("SET LOCAL app.capacity = 'LEARNER'")
        connection.execute(f"SET LOCAL app.person = '{see.world.ids['dan']}'".encode())
        assert connection.execute(f"SELECT count(*) FROM usher.{table}".encode()).fetchone() == (1,)


SEEN = {
    "senco": {"sen_provision", "sen_needs", "medical", "access_arrangements"},
    "english": {"sen_provision", "sen_needs", "medical", "access_arrangements"},
    "senco-untrained": set[str](),
    "teacher": set[str](),
    "year-head": {"pupil_premium", "free_school_meals", "looked_after", "service_child"},
    "data-manager": {"ethnicity"},
}


@pytest.mark.parametrize("person", SEEN)
def test_special_wall(see: See, person: str) -> None:
    """Staff see the elements of their certificates in date, and those of no other course."""
    with see.as_("STAFF", person) as connection:
        rows = connection.execute("SELECT DISTINCT element FROM usher.learner_special").fetchall()
    assert {element for (element,) in rows} == SEEN[person]


def test_special_wall_opens_and_closes_with_the_certificate(see: See) -> None:
    """From the day of completion until the day before it expires; a date of the future or of today's end doesn't count."""
    day = timedelta(days=1)
    for completed, expires, open_ in (
        (see.world.today, see.world.today + day, True),
        (see.world.today - day, see.world.today, False),
        (see.world.today + day, see.world.today + 9 * day, False),
    ):
        with see.as_("STAFF", "senco-untrained") as connection:
            connection.execute(
                "UPDATE usher.training_certificate SET completed_on = %s, expires_on = %s WHERE person_id = %s",
                [completed, expires, see.world.ids["senco-untrained"]],
            )
            (count,) = connection.execute("SELECT count(*) FROM usher.learner_special").fetchone() or (-1,)
            assert (count > 0) is open_


@pytest.mark.parametrize(
    ("capacity", "person"), [("PARENT", "pat"), ("LEARNER", "ann"), ("CLIENT", "mis"), ("OPERATOR", "support")]
)
def test_special_values_are_for_staff(see: See, capacity: str, person: str) -> None:
    """No other capacity sees any, not even of a child of theirs or of themselves."""
    assert see.count(capacity, person, "learner_special") == 0


def test_a_certificate_opens_nothing_in_another_capacity(see: See) -> None:
    """The trained head, acting as a client, sees nothing."""
    assert see.count("STAFF", "head", "learner_special") > 0
    assert see.count("CLIENT", "head", "learner_special") == 0


def test_a_client_writes_what_it_can_not_read(see: See) -> None:
    """A plain INSERT of a new version passes; any form that would show rows is refused."""
    values = {"school_id": see.world.school_id, **special_values(see.world, "ann", "sen_provision", "E")}
    with see.as_("CLIENT", "mis") as connection:
        insert_rows(connection, tables.LearnerSpecialRow, [values])
        assert connection.execute("SELECT count(*) FROM usher.learner_special").fetchone() == (0,)
        connection.execute("SET LOCAL app.capacity = 'STAFF'")
        connection.execute(f"SET LOCAL app.person = '{see.world.ids['senco']}'".encode())
        newest = "SELECT value FROM usher.learner_special WHERE special_id = %s"
        assert connection.execute(newest, [values["special_id"]]).fetchone() == ("E",)
    with see.as_("CLIENT", "mis") as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(
            "INSERT INTO usher.learner_special SELECT school_id, %s, learner_id, 'medical', '[]', now(), %s, 'roster' "
            "FROM usher.learner RETURNING value",
            [see.world.new_id(), see.world.ids["mis"]],
        )


@pytest.mark.parametrize("capacity", CAPACITIES)
@pytest.mark.parametrize("partition", [f"{table}_{{year}}" for table in YEARLY])
def test_partitions_are_refused(see: See, capacity: str, partition: str) -> None:
    """Rows are reached through the parent alone, whoever asks."""
    name = partition.format(year=see.world.year)
    with see.as_(capacity, PERSON_OF[capacity]) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(f"SELECT count(*) FROM usher.{name}".encode())


@pytest.mark.parametrize("partition", YEARLY)
def test_a_partition_has_walls_of_its_own(owner_url: str, bare_app_url: str, school: World, partition: str) -> None:
    """Were it granted by mistake, its own policies would still hold."""
    name = f"usher.{partition}_{school.year}"
    questions = {"STAFF": ("head", 1), "PARENT": ("pat", 0), "LEARNER": ("bob", 0)}
    if partition not in walls.ATTAINMENT:
        questions = {"STAFF": ("head", 1), "PARENT": ("head", 0), "LEARNER": ("head", 0)}
    with psycopg.connect(owner_url) as connection:
        connection.execute(f"GRANT SELECT ON {name} TO usher_app".encode())
        connection.commit()
        try:
            for capacity, (person, seen) in questions.items():
                with acting(bare_app_url, school, capacity, person) as reader:
                    rows = reader.execute(f"SELECT DISTINCT school_id FROM {name}".encode()).fetchall()
                assert rows == [(school.school_id,)] * seen
        finally:
            connection.execute(f"REVOKE ALL ON {name} FROM usher_app".encode())
            connection.commit()
