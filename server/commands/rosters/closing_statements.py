"""How records of each kind end, and how many there are: statements, named by what leaves."""

# ruff: noqa: S608  what is put together are names of tables and columns, and all of them are written here
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Statements:
    """Each is told of the school, the keys, the other ends, the days and today; `open` answers places in the input."""

    open: str
    close: tuple[str, ...]
    count: str
    learners: str
    raised: str


_GIVEN = "unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)"
_LASTS = "(t.valid_to IS NULL OR t.valid_to > g.day)"
_NOBODY = "SELECT NULL::uuid WHERE $1::uuid IS NULL AND $2::uuid[] IS NULL AND $3::uuid[] IS NULL"
_OF_SEATS = (
    "UPDATE usher.{table} AS t SET valid_to = greatest(g.day, t.valid_from) FROM "
    + _GIVEN
    + """
WHERE t.school_id = $1::uuid AND t.{column} = g.key AND """
    + _LASTS
)
_CURRENT = "(t.valid_to IS NULL OR t.valid_to > $2::date)"


def _ends(table: str, column: str) -> str:
    return _OF_SEATS.format(table=table, column=column)


def _open(table: str, condition: str, lasts: str = _LASTS) -> str:
    return f"SELECT DISTINCT g.place FROM {_GIVEN} JOIN usher.{table} AS t ON t.school_id = $1::uuid AND {condition} AND {lasts}"


def _account(capacity: str) -> str:
    return (
        f"UPDATE usher.access_profile AS t SET valid_to = greatest(g.day, t.valid_from) FROM {_GIVEN} "
        f"WHERE t.school_id = $1::uuid AND t.person_id = g.key AND t.capacity = '{capacity}' AND {_LASTS}"
    )


_LEFT = "(t.left_on IS NULL OR t.left_on > g.day)"
_KEYS = "SELECT g.key FROM unnest($2::uuid[], $3::uuid[]) AS g(key, other) WHERE $1::uuid IS NOT NULL"
_OTHERS = "SELECT g.other FROM unnest($2::uuid[], $3::uuid[]) AS g(key, other) WHERE $1::uuid IS NOT NULL"


def _leaves(table: str, column: str, also: str = "") -> str:
    return (
        f"UPDATE usher.{table} AS t SET left_on = g.day{also} FROM {_GIVEN} "
        f"WHERE t.school_id = $1::uuid AND t.{column} = g.key AND {_LEFT}"
    )


STATEMENTS: Final[Mapping[str, Statements]] = {
    "LEARNER": Statements(
        _open("learner", "t.learner_id = g.key", _LEFT),
        (
            _ends("enrolment", "learner_id"),
            _ends("tutor_membership", "learner_id"),
            _account("LEARNER"),
            _leaves("learner", "learner_id", ", version = t.version + 1"),
        ),
        "SELECT count(*) FROM usher.learner AS t WHERE t.school_id = $1::uuid AND (t.left_on IS NULL OR t.left_on > $2::date)",
        _KEYS,
        _KEYS,
    ),
    "STAFF": Statements(
        _open("staff", "t.staff_id = g.key", _LEFT),
        (_ends("teaching_assignment", "staff_id"), _account("STAFF"), _leaves("staff", "staff_id")),
        "SELECT count(*) FROM usher.staff AS t WHERE t.school_id = $1::uuid AND (t.left_on IS NULL OR t.left_on > $2::date)",
        _NOBODY,
        _KEYS,
    ),
    "CLASS": Statements(
        _open("enrolment", "t.class_id = g.key") + " UNION " + _open("teaching_assignment", "t.class_id = g.key"),
        (_ends("enrolment", "class_id"), _ends("teaching_assignment", "class_id")),
        "SELECT count(DISTINCT t.class_id) FROM usher.enrolment AS t WHERE t.school_id = $1::uuid AND " + _CURRENT,
        "SELECT t.learner_id FROM usher.enrolment AS t WHERE t.school_id = $1::uuid AND t.class_id = ANY($2::uuid[]) "
        "AND $3::uuid[] IS NOT NULL",
        "SELECT t.staff_id FROM usher.teaching_assignment AS t WHERE t.school_id = $1::uuid "
        "AND t.class_id = ANY($2::uuid[]) AND $3::uuid[] IS NOT NULL",
    ),
    "ENROLMENT": Statements(
        _open("enrolment", "t.enrolment_id = g.key"),
        (_ends("enrolment", "enrolment_id"),),
        "SELECT count(*) FROM usher.enrolment AS t WHERE t.school_id = $1::uuid AND " + _CURRENT,
        "SELECT t.learner_id FROM usher.enrolment AS t WHERE t.school_id = $1::uuid "
        "AND t.enrolment_id = ANY($2::uuid[]) AND $3::uuid[] IS NOT NULL",
        _NOBODY,
    ),
    "GUARDIAN_LINK": Statements(
        _open("guardian_link", "t.guardian_id = g.key AND t.learner_id = g.other"),
        (_ends("guardian_link", "guardian_id") + " AND t.learner_id = g.other",),
        "SELECT count(*) FROM usher.guardian_link AS t WHERE t.school_id = $1::uuid AND " + _CURRENT,
        _OTHERS,
        _KEYS,
    ),
    "TEACHING": Statements(
        _open("teaching_assignment", "t.class_id = g.key AND t.staff_id = g.other"),
        (_ends("teaching_assignment", "class_id") + " AND t.staff_id = g.other",),
        "SELECT count(*) FROM usher.teaching_assignment AS t WHERE t.school_id = $1::uuid AND " + _CURRENT,
        _NOBODY,
        _OTHERS,
    ),
}
