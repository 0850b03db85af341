"""One wall around what is said of people, since version 0040; it stands for seven of earlier versions.

Each of those asked for the capacity again and carried what it looked up into every statement, for every table and for
every capacity: the statement that reads one learner had six hundred subplans, which took ten times as long to set up as
the rows to read. Here the capacity is asked once a table, and what a wall looks up stands in a function, which runs only
for those whom it concerns, once a table. The functions have their caller's rights and read behind the walls of the
tables that they read, none of which calls the function that reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from server.migrations import opt_out_walls, walls
from server.migrations.walls import (
    ATTAINMENT,
    CERTIFIED,
    CHILDREN,
    GUARDIANS,
    LIVE,
    OF_LEARNERS,
    PERSON,
    REPORTS,
    RESTRICTED,
    SESSION,
)

NAME: Final = "people_wall"
TABLES: Final = (*dict.fromkeys((*OF_LEARNERS, *ATTAINMENT, *GUARDIANS, "window_step")),)
REPLACED: Final = (
    "attainment_wall", "guardian_wall", "learner_wall", "opt_out_wall", "operator_wall", "parent_wall", "restriction_wall",
)  # fmt: skip

_SAID: Final = "current_setting('app.capacity', true)"
_CAPACITY: Final = f"(SELECT {_SAID})"
# Support staff without a live session have no capacity.
_STANDING: Final = (
    f"(SELECT CASE {_SAID} WHEN 'OPERATOR' THEN CASE WHEN usher.supported() THEN 'OPERATOR' END ELSE {_SAID} END)"
)
_FAMILY: Final = "learner_id = ANY ((SELECT usher.family())::uuid[])"
_NOT_KEPT_OUT: Final = "learner_id <> ALL ((SELECT usher.kept_out())::uuid[])"
# Of version 0040 alone: a hashed subquery is copied for each partition.
_NOT_LEFT_OUT: Final = "learner_id NOT IN (SELECT usher.left_out())"
_OWN: Final = f"guardian_id = {PERSON}"

OPERATOR_WALL: Final = f"{_CAPACITY} <> 'OPERATOR' OR (SELECT usher.supported())"
"""Of the table `staff`, which has no other."""
SPECIAL_WALL: Final = f"{_CAPACITY} = 'STAFF' AND element = ANY ((SELECT usher.certified())::text[])"
PUBLISHED_WALL: Final = (
    f"{_CAPACITY} IN ('STAFF', 'CLIENT', 'OPERATOR') OR publication_id = ANY ((SELECT usher.published())::uuid[])"
)

_FUNCTIONS: Final = {
    "supported": ("boolean", f"RETURN EXISTS ({SESSION});"),
    "family": (
        "uuid[]",
        f"IF {_SAID} = 'LEARNER' THEN RETURN ARRAY[{PERSON}]; END IF;\n"
        f"IF {_SAID} = 'PARENT' THEN RETURN ARRAY({CHILDREN} AND learner_id NOT IN ({RESTRICTED})); END IF;\n"
        "RETURN '{}';",
    ),
    "left_out": ("SETOF uuid", f"RETURN QUERY {opt_out_walls.LEFT_OUT};"),
    "certified": ("text[]", f"RETURN ARRAY({CERTIFIED});"),
    "published": ("uuid[]", f"RETURN ARRAY({LIVE});"),
}
_KEPT_OUT: Final = ("uuid[]", f"RETURN ARRAY({opt_out_walls.LEFT_OUT});")
FUNCTIONS: Final = {
    name: answers for name, (answers, _) in (_FUNCTIONS | {"kept_out": _KEPT_OUT}).items() if name != "left_out"
}
"""By name, what they answer: whether the transaction's person has a live support session; the learners that a parent or
learner is or may see; the elements that the person's certificates open; live publications; learners left out of a
program's data."""


def wall_of(table: str, program: str = _NOT_KEPT_OUT) -> tuple[str, str]:
    """Whose rows are there to read or change, and which may be written: support staff write none."""
    return _wall(table, _STANDING, "true", program), _wall(table, _CAPACITY, "false", program)


def of_new(tables: Iterable[str]) -> Iterator[str]:
    """What `walls.statements` says of tables of people that a version from here on makes, with this wall for the seven."""
    named = [*tables]
    for statement in walls.statements(named):
        if not statement.startswith(tuple(f"CREATE POLICY {name} " for name in REPLACED)):
            yield statement
    yield from (_around(table, table, _NOT_KEPT_OUT) for table in named)


def lighter(partitions: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Since version 0041: whom a program is not told of is an array, asked once for all partitions of a table."""
    yield from _function("kept_out", *_KEPT_OUT)
    for parent, table in (*((table, table) for table in TABLES), *partitions):
        if parent in TABLES and parent in opt_out_walls.TABLES:
            using, check = wall_of(parent)
            yield f"ALTER POLICY {NAME} ON usher.{table} USING ({using}) WITH CHECK ({check})"
    yield "DROP FUNCTION usher.left_out()"


def _around(table: str, partition: str, program: str) -> str:
    """The wall, on the table or on one of its partitions."""
    using, check = wall_of(table, program)
    return (
        f"CREATE POLICY {NAME} ON usher.{partition} AS RESTRICTIVE FOR ALL TO usher_app "
        f"USING ({using}) WITH CHECK ({check})"
    )


def _wall(table: str, capacity: str, operator: str, program: str) -> str:
    if table not in opt_out_walls.TABLES:
        program = "true"
    return (
        f"CASE {capacity} WHEN 'STAFF' THEN true WHEN 'OPERATOR' THEN {operator} WHEN 'CLIENT' THEN {program} "
        f"{_at_home(table)} END"
    )


def _at_home(table: str) -> str:
    """What parents and learners see."""
    if table in OF_LEARNERS:
        return f"ELSE {_FAMILY}"
    return f"WHEN 'PARENT' THEN {_OWN} ELSE false" if table in GUARDIANS else "ELSE false"


def statements(standing: Iterable[tuple[str, str]], partitions: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Of version 0040. `standing` are policies as (table, name); `partitions` are as (parent, partition), of which each
    carries its parent's walls."""
    for name, (answers, body) in _FUNCTIONS.items():
        yield from _function(name, answers, body)
    for table, policy in standing:
        if policy in REPLACED and table != "staff":
            yield f"DROP POLICY {policy} ON usher.{table}"
    for parent, table in (*((table, table) for table in TABLES), *partitions):
        if parent in TABLES:
            yield _around(parent, table, _NOT_LEFT_OUT)
        if parent in REPORTS:
            yield f"ALTER POLICY published_wall ON usher.{table} USING ({PUBLISHED_WALL}) WITH CHECK ({PUBLISHED_WALL})"
    yield f"ALTER POLICY special_wall ON usher.learner_special USING ({SPECIAL_WALL})"
    yield f"ALTER POLICY operator_wall ON usher.staff USING ({OPERATOR_WALL})"


def _function(name: str, answers: str, body: str) -> Iterator[str]:
    yield (
        f"CREATE FUNCTION usher.{name}() RETURNS {answers} LANGUAGE plpgsql STABLE PARALLEL SAFE\n"
        f"SET search_path = pg_catalog AS $$\nBEGIN\n{body}\nEND\n$$"
    )
    yield f"REVOKE ALL ON FUNCTION usher.{name}() FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION usher.{name}() TO usher_app"
