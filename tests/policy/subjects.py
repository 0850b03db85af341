"""Where a data element stands in the schema: on which rows, under which fields, and how a list is filtered by it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server import tables
from server.queries.ids import GlobalId
from server.queries.nouns import NOUNS
from server.register.sort_key import sort_key
from server.tables.row import Row
from tests.policy.cases import Case
from tests.worlds import World
from tests.worlds.classes import COURSES, MEMBERS
from tests.worlds.learners import LEARNERS

FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("givenName", "familyName"),
    "identifier": ("upn", "misId"),
    "date_of_birth": ("dateOfBirth",),
    "age": ("age",),
    "gender": ("gender",),
    "education": ("yearGroup { name }", "admittedOn", "keyStage2"),
    "first_language": ("firstLanguage",),
    "groups": ("tutorGroup { name }",),
    "learner_address": ("contact { address }",),
    "learner_contact": ("contact { email }",),
    "attendance": ("attendance { possible attended percentage }",),
    "ethnicity": ("ethnicity",),
    "looked_after": ("lookedAfter",),
    "free_school_meals": ("freeSchoolMeals",),
    "pupil_premium": ("pupilPremium { reason }",),
    "service_child": ("serviceChild",),
    "medical": ("medical { conditions }",),
    "access_arrangements": ("accessArrangements",),
    "sen_provision": ("sen { provision }",),
    "sen_needs": ("sen { needs }",),
    "mark": ("state", "maximum", "version"),
    "grade": ("value", "status", "computedAt"),
    "target": ("value", "setOn"),
    "behaviour": ("kind", "points", "note"),
    "access_summary": ("accessSummary { month who times }",),
    "guardian_name": ("familyName",),
    "guardian_contact": ("contact { email }",),
    "parent_link": ("relationship", "verifiedAt"),
    "staff_name": ("familyName", "jobTitle"),
    "staff_contact": ("contact { email }",),
}
OF_REPORTS: dict[str, tuple[str, ...]] = {
    "grade": ("grade",),
    "target": ("target",),
    "comment": ("comment",),
    "staff_name": ("teacher",),
    "groups": ("course",),
}
# Rows that hang on a learner: element -> (type, the learner's field, whether it is a connection, how many are asked for)
OWNED: dict[str, tuple[str, str, bool, int]] = {
    "mark": ("Mark", "marks", True, 20),
    "grade": ("Grade", "grades", False, 20),
    "target": ("Target", "targets", False, 20),
    "behaviour": ("BehaviourEvent", "behaviour", False, 20),
    "guardian_name": ("Guardian", "guardians", False, 10),
    "guardian_contact": ("Guardian", "guardians", False, 10),
    "parent_link": ("Guardian", "guardians", False, 10),
}
_ROWS: dict[str, tuple[type[Row], str]] = {
    "Mark": (tables.MarkRow, "mark_id"),
    "Grade": (tables.GradeRow, "grade_id"),
    "Target": (tables.TargetRow, "target_id"),
    "BehaviourEvent": (tables.BehaviourEventRow, "behaviour_event_id"),
    "Guardian": (tables.GuardianLinkRow, "link_id"),
}


@dataclass(frozen=True)
class Filter:
    """`element` is what it reads; `matches` tells the handles whose value is the case's learner's."""

    element: str
    value: dict[str, Any]
    matches: Callable[[str], bool]


def global_id(world: World, noun: str, key: UUID) -> str:
    kind = NOUNS[noun]
    return str(GlobalId(kind.prefix, key, world.year if kind.yearly else None))


def owned_rows(world: World, case: Case, handle: str) -> list[str]:
    """Ids of the learner's rows that the case speaks of."""
    noun = OWNED[case.what][0]
    table, key = _ROWS[noun]
    wanted: dict[str, UUID] = {"learner_id": world.ids[handle]}
    if case.in_ is not None:
        wanted["course_id"] = world.ids[case.in_]
    if case.guardian is not None:
        wanted["guardian_id"] = world.ids[case.guardian]
    rows = [row for row in world.rows[table] if all(row[name] == value for name, value in wanted.items())]
    return [global_id(world, noun, row[key]) for row in rows]


def reports_of(world: World) -> dict[str, str]:
    """Ids of reports, and the handles of their learners."""
    handles = {key: handle for handle, key in world.ids.items()}
    return {
        global_id(world, "Report", row["report_id"]): handles[row["learner_id"]] for row in world.rows[tables.ReportRow]
    }


def course_name(case: Case) -> str:
    """How a report names the case's course."""
    assert case.in_ is not None
    return COURSES[case.in_][0]


def filter_of(world: World, case: Case) -> Filter:
    """The filter of learners that finds the case's learner by the element; by name where there is none for it."""
    if case.to == "read" and case.what == "groups":
        seat = next(name for name, members in MEMBERS.items() if case.of in members)
        of_class = {"class": {"eq": global_id(world, "Class", world.ids[seat])}}
        return Filter("groups", of_class, lambda handle: handle in MEMBERS[seat])
    if case.to != "read" or case.what not in _FILTERS:
        start = sort_key(LEARNERS[case.of][1], "").strip()
        return Filter("name", {"name": {"startsWith": start}}, lambda handle: handle == case.of)
    name, of = _FILTERS[case.what]
    value = of(world, case.of)
    return Filter(case.what, {name: {"eq": value}}, lambda handle: of(world, handle) == value)


def _column(name: str) -> Callable[[World, str], Any]:
    def of(world: World, handle: str) -> Any:
        return next(row[name] for row in world.rows[tables.LearnerRow] if row["learner_id"] == world.ids[handle])

    return of


def _date_of_birth(world: World, handle: str) -> str:
    return _column("date_of_birth")(world, handle).isoformat()


def _special(element: str) -> Callable[[World, str], Any]:
    def of(world: World, handle: str) -> Any:
        rows: Iterable[dict[str, Any]] = world.rows[tables.LearnerSpecialRow]
        own = [row for row in rows if row["learner_id"] == world.ids[handle] and row["element"] == element]
        return own[-1]["value"] if own else None

    return of


_FILTERS: dict[str, tuple[str, Callable[[World, str], Any]]] = {
    "education": ("yearGroup", _column("year_group")),
    "gender": ("gender", _column("gender")),
    "date_of_birth": ("dateOfBirth", _date_of_birth),
    **{
        element: (name, _special(element))
        for element, name in (
            ("sen_provision", "senProvision"),
            ("pupil_premium", "pupilPremium"),
            ("ethnicity", "ethnicity"),
            ("looked_after", "lookedAfter"),
            ("free_school_meals", "freeSchoolMeals"),
        )
    },
}
