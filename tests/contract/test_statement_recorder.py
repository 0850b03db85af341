"""The recorder finds what it must, and lets pass what may."""

import psycopg
import pytest

from tests.statement_recorder import Recorder, unscoped
from tests.worlds import World

SCOPED = (
    "SELECT l.name FROM usher.learner AS l WHERE l.school_id = $1 AND l.learner_id = $2",
    "SELECT name FROM usher.school WHERE (school_id = $1::uuid)",
    "SELECT 1 FROM usher.mark AS m JOIN usher.learner AS l ON l.school_id = $1 AND l.learner_id = m.learner_id "
    "WHERE m.school_id = $1",
    "SELECT (SELECT count(*) FROM usher.mark AS m WHERE m.school_id = $1) FROM usher.learner AS l "
    "WHERE $1 = l.school_id",
    "SELECT 1 FROM usher.learner AS l LEFT JOIN LATERAL (SELECT 1 FROM usher.mark AS m WHERE m.school_id = $1) AS x "
    "ON true WHERE l.school_id = $1",
    "WITH mine AS (SELECT learner_id FROM usher.learner WHERE school_id = $1) SELECT * FROM mine",
    "WITH learner AS (SELECT 1 FROM usher.person AS p WHERE p.school_id = $1) SELECT * FROM learner",
    "INSERT INTO usher.mark (school_id, mark_id) VALUES ($1, $2)",
    "UPDATE usher.mark SET score = $3 WHERE school_id = $1 AND mark_id = $2",
    "UPDATE usher.mark AS m SET score = $3 WHERE m.school_id = $1",
    "DELETE FROM usher.idempotency_record WHERE school_id = $1",
    "SELECT content FROM usher.specification WHERE specification_id = $1",
    "SELECT relname FROM pg_catalog.pg_class",
)
UNSCOPED = (
    "SELECT name FROM usher.learner",
    "SELECT name FROM learner WHERE learner_id = $1",
    "SELECT 1 FROM usher.mark AS m JOIN usher.learner AS l ON l.learner_id = m.learner_id WHERE m.school_id = $1",
    "SELECT 1 FROM usher.mark AS m JOIN usher.learner AS l ON l.school_id = m.school_id WHERE m.school_id = $1",
    "SELECT 1 FROM usher.mark AS m, usher.learner AS l WHERE school_id = $1 AND m.school_id = $1",
    "SELECT (SELECT count(*) FROM usher.mark AS m) FROM usher.learner AS l WHERE l.school_id = $1",
    "SELECT 1 FROM usher.learner AS l LEFT JOIN LATERAL (SELECT 1 FROM usher.mark AS m) AS x ON true "
    "WHERE l.school_id = $1",
    "SELECT 1 FROM usher.learner WHERE school_id = $1 OR true",
    "SELECT 1 FROM usher.learner WHERE NOT school_id = $1",
    "SELECT 1 FROM usher.learner WHERE school_id = $1 UNION SELECT 1 FROM usher.person",
    "WITH mine AS (SELECT 1 FROM usher.learner) SELECT * FROM mine",
    "INSERT INTO usher.mark (mark_id) VALUES ($1)",
    "INSERT INTO usher.mark (school_id, mark_id) SELECT $1, learner_id FROM usher.learner",
    "UPDATE usher.mark SET school_id = $1",
    "DELETE FROM usher.idempotency_record",
    "SELECT 1 FROM usher.learner WHERE school_id = $1 AND (((",
)


@pytest.mark.parametrize("text", SCOPED)
def test_statements_that_name_their_school_pass(text: str) -> None:
    """Each of these goes to one node of a distributed database."""
    assert unscoped(text) == []


@pytest.mark.parametrize("text", UNSCOPED)
def test_statements_that_do_not_are_found(text: str) -> None:
    """Each of these would ask every node, or can't be judged."""
    assert unscoped(text)


def test_the_recorder_sees_what_the_application_role_sends(recorder: Recorder, app_url: str, school: World) -> None:
    """A bare SELECT through the suite's address is found, and would fail the test that sent it."""
    with psycopg.connect(app_url) as connection:
        connection.execute("SELECT count(*) FROM usher.learner WHERE school_id = %s", [school.school_id])
        assert list(recorder.judge()) == []
        connection.execute("SELECT count(*) FROM usher.learner")
    assert any("usher.learner" in finding for finding in recorder.judge())
