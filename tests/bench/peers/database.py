"""What the peers need in the bench's database: roles, PostGraphile's views and policies, and a teacher of 600 learners.

All of it is made for one run and dropped after it; what a run that was killed has left is dropped first.
"""

from __future__ import annotations

import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from psycopg import sql

from server.database.embedded import SUPERUSER
from server.identity.accounts import Directory
from tests.bench.dataset import Dataset
from tests.bench.operations import current
from tests.bench.peers.project import FOLDER

Connection = psycopg.Connection[tuple[Any, ...]]

POSTGRAPHILE: Final = "peers_postgraphile"
MERCURIUS: Final = "peers_mercurius"
UNWALLED: Final = "peers_unwalled"
LEARNERS: Final = 600
_SCHEMAS: Final = ("peers", "peers_facts")
_ROLES: Final = ("peers_owner", "peers_teacher", "peers_head", POSTGRAPHILE, MERCURIUS, UNWALLED)

_MAKE_ROLES: Final = """\
CREATE ROLE peers_owner;
CREATE ROLE peers_teacher;
CREATE ROLE peers_head;
CREATE ROLE peers_postgraphile LOGIN NOINHERIT PASSWORD {password} IN ROLE peers_teacher, peers_head;
CREATE ROLE peers_mercurius LOGIN PASSWORD {password};
CREATE ROLE peers_unwalled LOGIN BYPASSRLS PASSWORD {password};
ALTER ROLE peers_postgraphile SET plan_cache_mode = force_generic_plan;
ALTER ROLE peers_mercurius SET plan_cache_mode = force_generic_plan;
GRANT CREATE, CONNECT ON DATABASE {database} TO peers_owner;
GRANT CONNECT ON DATABASE {database} TO peers_postgraphile, peers_mercurius, peers_unwalled;
GRANT USAGE ON SCHEMA usher TO peers_mercurius, peers_unwalled;
GRANT SELECT ON ALL TABLES IN SCHEMA usher TO peers_unwalled"""

# A class teacher of no other role, without children here and without training, by which no read of theirs owes a log.
_TEACHER: Final = f"""\
SELECT r.person_id FROM usher.role_assignment r
WHERE r.school_id = %(school)s AND r.role = 'class_teacher' AND {current("r")}
  AND NOT EXISTS (SELECT FROM usher.role_assignment o WHERE o.school_id = r.school_id AND o.person_id = r.person_id
    AND o.role <> 'class_teacher')
  AND NOT EXISTS (SELECT FROM usher.training_certificate c WHERE c.school_id = r.school_id AND c.person_id = r.person_id)
  AND NOT EXISTS (SELECT FROM usher.guardian_link g WHERE g.school_id = r.school_id AND g.guardian_id = r.person_id)
  AND EXISTS (SELECT FROM usher.teaching_assignment t WHERE t.school_id = r.school_id AND t.staff_id = r.person_id
    AND {current("t")})
ORDER BY 1 LIMIT 1"""
_TAUGHT: Final = f"""\
SELECT count(DISTINCT e.learner_id) FROM usher.enrolment e JOIN usher.teaching_assignment t USING (school_id, class_id)
WHERE school_id = %(school)s AND t.staff_id = %(person)s AND {current("t")} AND {current("e")}"""
# One more class of the school's, the largest, for as long as the run takes; its id tells that a run made it.
_ANOTHER_CLASS: Final = f"""\
INSERT INTO usher.teaching_assignment
  (school_id, teaching_assignment_id, staff_id, class_id, course_id, kind, source, valid_from, valid_to)
SELECT c.school_id, md5('usher-bench-peers ' || c.class_id)::uuid, m.staff_id, c.class_id, c.course_id, m.kind, m.source,
  m.valid_from, m.valid_to
FROM (SELECT c.school_id, c.class_id, c.course_id, count(*) AS learners
  FROM usher.class c JOIN usher.enrolment e ON e.school_id = c.school_id AND e.class_id = c.class_id
  WHERE c.school_id = %(school)s AND c.reveals IS NULL AND {current("e")} AND c.class_id NOT IN (SELECT class_id
    FROM usher.teaching_assignment WHERE school_id = %(school)s AND staff_id = %(person)s)
  GROUP BY 1, 2, 3) c
CROSS JOIN (SELECT * FROM usher.teaching_assignment t
  WHERE t.school_id = %(school)s AND t.staff_id = %(person)s AND {current("t")} ORDER BY class_id LIMIT 1) m
ORDER BY c.learners DESC, c.class_id LIMIT 1"""
# The class that is asked about: the nearest to thirty learners of those that they teach.
_CLASS: Final = f"""\
SELECT c.class_id FROM usher.class c JOIN usher.enrolment e ON e.school_id = c.school_id AND e.class_id = c.class_id
JOIN usher.teaching_assignment t ON t.school_id = c.school_id AND t.class_id = c.class_id
WHERE c.school_id = %(school)s AND c.reveals IS NULL AND t.staff_id = %(person)s AND {current("e")} AND {current("t")}
GROUP BY 1 ORDER BY abs(count(*) - 30), 1 LIMIT 1"""
# A child of the person in that class, nobody else's and not restricted; its id tells that a run made the link.
_CHILD: Final = f"""\
INSERT INTO usher.guardian_link
  (school_id, link_id, guardian_id, learner_id, relationship, verified_at, valid_from, valid_to, source)
SELECT e.school_id, md5('usher-bench-peers ' || e.learner_id)::uuid, %(person)s, e.learner_id, m.relationship,
  m.verified_at, m.valid_from, NULL, m.source
FROM usher.enrolment e CROSS JOIN (SELECT * FROM usher.guardian_link g
  WHERE g.school_id = %(school)s AND g.verified_at IS NOT NULL AND {current("g")} ORDER BY link_id LIMIT 1) m
WHERE e.school_id = %(school)s AND e.class_id = %(class)s AND {current("e")}
  AND NOT EXISTS (SELECT FROM usher.learner_flag f WHERE f.school_id = e.school_id AND f.learner_id = e.learner_id)
  AND NOT EXISTS (SELECT FROM usher.guardian_link g WHERE g.link_id = md5('usher-bench-peers ' || e.learner_id)::uuid)
ORDER BY e.learner_id LIMIT 1 RETURNING learner_id"""
_NO_MORE_ROWS: Final = (
    "DELETE FROM usher.teaching_assignment WHERE teaching_assignment_id = md5('usher-bench-peers ' || class_id)::uuid",
    "DELETE FROM usher.guardian_link WHERE link_id = md5('usher-bench-peers ' || learner_id)::uuid",
)


@dataclass(frozen=True, slots=True)
class PeersDatabase:
    """`teacher` teaches `learners` learners of the bench's largest school, among them those of `class_id`, where they
    and the head each have a child: `children`."""

    data: Dataset
    password: str
    teacher: UUID
    learners: int
    head: UUID
    class_id: UUID
    children: tuple[UUID, UUID]

    def url(self, role: str) -> str:
        found = urlsplit(self.data.app_url)
        return f"postgresql://{role}:{self.password}@{found.hostname}:{found.port}{found.path}"


@contextmanager
def peers_database(data: Dataset) -> Generator[PeersDatabase]:
    password = secrets.token_urlsafe(18)
    with psycopg.connect(data.cluster.url(SUPERUSER), autocommit=True) as connection:
        _drop(connection)
        try:
            with connection.transaction():
                _make(connection, password)
                made = _people(connection, data, password)
            connection.execute("ANALYZE usher.teaching_assignment, usher.guardian_link")
            yield made
        finally:
            _drop(connection)


def _make(connection: Connection, password: str) -> None:
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL(_MAKE_ROLES).format(password=sql.Literal(password), database=database))
    for script in ("postgraphile/schema.sql", "mercurius/grants.sql"):
        connection.execute((FOLDER / script).read_bytes())


def _people(connection: Connection, data: Dataset, password: str) -> PeersDatabase:
    school = data.school.school_id
    teacher = _one(connection, _TEACHER, {"school": school})
    asked = {"school": school, "person": teacher}
    while (taught := int(_one(connection, _TAUGHT, asked))) < LEARNERS:
        if connection.execute(_ANOTHER_CLASS.encode(), asked).rowcount == 0:
            break
    head = Directory(data.app_url).find("head" + data.school.suffix).person_id
    about = _one(connection, _CLASS, asked)
    # Neither is in the list of guardians, and needn't be for as long as this takes.
    connection.execute("SET LOCAL session_replication_role = replica")
    ours, theirs = (
        _one(connection, _CHILD, {"school": school, "class": about, "person": person}) for person in (teacher, head)
    )
    return PeersDatabase(data, password, teacher, taught, head, about, (ours, theirs))


def _one(connection: Connection, statement: str, given: dict[str, Any]) -> Any:
    row = connection.execute(statement.encode(), given).fetchone()
    assert row is not None, "the bench's school has nobody as wanted"
    return row[0]


def _drop(connection: Connection) -> None:
    """Also of a run that was killed: its servers' connections end with them."""
    for statement in _NO_MORE_ROWS:
        connection.execute(statement.encode())
    for schema in _SCHEMAS:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
    known = connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(_ROLES)]).fetchall()
    for (role,) in known:
        connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(role)))
    for (role,) in known:
        connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
