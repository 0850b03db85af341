"""The staff of a demo school: a head and officers first, then as many teachers as each department needs."""

from __future__ import annotations

from datetime import date
from typing import Final

from server.demo.draw import Draw
from server.demo.names import POOLS
from server.demo.people import Staff
from server.demo.plan import SchoolPlan

# MIS ids that accounts name.
HEAD: Final = "S001"
SENCO: Final = "S002"
SENCO_UNTRAINED: Final = "S003"
DATA_MANAGER: Final = "S004"
EXAMS_OFFICER: Final = "S005"
DPO: Final = "S006"
HEAD_OF_YEAR: Final = "S007"
TEACHER: Final = "S008"
TUTOR: Final = "S009"
HEAD_OF_DEPARTMENT: Final = "S010"
DSL: Final = "S011"
ASSISTANT: Final = "S083"
COVER_TEACHER: Final = "S086"
GOVERNOR: Final = "S087"

_OFFICERS: Final = (
    (HEAD, "Ms", "Rosalind", "Achterberg", "Headteacher", None, ["head", "policy_approver"]),
    (SENCO, "Mrs", "Sunita", "Rao-Bell", "SEN coordinator", "Humanities", ["senco", "class_teacher"]),
    (SENCO_UNTRAINED, "Mr", "Piers", "Lindqvist", "Assistant SEN coordinator", None, ["senco"]),
    (DATA_MANAGER, "Mr", "Dafydd", "Pryce", "Data manager", None, ["data_manager"]),
    (EXAMS_OFFICER, "Miss", "Carys", "Entwistle", "Examinations officer", None, ["exams_officer"]),
    (DPO, "Dr", "Naledi", "van der Merwe", "Data protection officer", None, ["dpo"]),
    (HEAD_OF_YEAR, "Mr", "Kwabena", "Darko", "Head of Year 10", "Humanities", ["head_of_year", "class_teacher"]),
    (TEACHER, "Mr", "Tomasz", "O'Hara", "Teacher of mathematics", "Mathematics", ["class_teacher"]),
    (TUTOR, "Mrs", "Aoife", "Brennan", "Teacher of English, tutor", "English", ["class_teacher", "tutor"]),
    (HEAD_OF_DEPARTMENT, "Dr", "Ifeoma", "Nzeogwu", "Head of science", "Science", ["class_teacher", "head_of_department"]),
    (DSL, "Ms", "Hester", "Quarmby", "Designated safeguarding lead", None, ["dsl"]),
)  # fmt: skip

# Of the larger school alone, after all whose names are drawn.
_FURTHER: Final = (
    (COVER_TEACHER, "Mr", "Emeka", "Strand", "Cover supervisor", None, ["cover_teacher"]),
    (GOVERNOR, "Mrs", "Gwyneth", "Pell", "Chair of governors", None, ["governor"]),
)

# Teachers a department needs, by its share of lessons.
_SHARES: Final = (
    ("Mathematics", 0.15), ("English", 0.21), ("Science", 0.2), ("Humanities", 0.2), ("Languages", 0.07),
    ("Computing", 0.07), ("Creative", 0.07), ("Business", 0.03),
)  # fmt: skip


def staffing(plan: SchoolPlan, year: int) -> list[Staff]:
    draw = Draw(f"{plan.key} staff")
    since = date(year - 2, 9, 1)
    # The smaller school's officers are other people: names come from the draw.
    found = [
        Staff(mis_id, title, given, family, job, department, list(roles), since)
        for mis_id, title, given, family, job, department, roles in _OFFICERS
    ]
    if plan.staff < 40:
        for person in found:
            person.title, person.given, person.family = _name(draw)
    fixed = 3 if plan.staff >= 40 else 1
    for number in range(len(found), plan.staff):
        title, given, family = _name(draw)
        mis_id = f"S{number + 1:03}"
        if number >= plan.staff - fixed:
            found.append(Staff(mis_id, title, given, family, "Teaching assistant", None, ["teaching_assistant"], since))
            continue
        department = _neediest(found, plan.staff)
        job = f"Teacher in {department.lower()}"
        found.append(Staff(mis_id, title, given, family, job, department, ["class_teacher"], since))
    _give_further_roles(found, plan)
    if plan.staff >= 40:
        found += [
            Staff(mis_id, title, given, family, job, department, list(roles), since)
            for mis_id, title, given, family, job, department, roles in _FURTHER
        ]
    return found


def _name(draw: Draw) -> tuple[str, str, str]:
    pool = draw.weighted(POOLS)
    woman = draw.chance(0.62)
    title = draw.weighted((("Mrs", 0.5), ("Miss", 0.25), ("Ms", 0.25))) if woman else "Mr"
    return title, draw.one(pool.girls if woman else pool.boys), draw.one(pool.families)


def _neediest(found: list[Staff], size: int) -> str:
    """The department that is furthest from its share."""
    have = {name: sum(person.department == name for person in found) for name, _ in _SHARES}
    return min(_SHARES, key=lambda row: (have[row[0]] + 0.5) / (row[1] * size))[0]


def _give_further_roles(found: list[Staff], plan: SchoolPlan) -> None:
    """Heads of the other departments, an attendance officer, a trainee."""
    led = {"Science"}
    for person in found[11:]:
        if person.department and person.department not in led and "class_teacher" in person.roles:
            led.add(person.department)
            person.roles.append("head_of_department")
            person.job = f"Head of {person.department.lower()}"
    if plan.staff >= 40:
        found[-1].roles, found[-1].job = ["attendance_officer"], "Attendance officer"
        found[-4].roles.append("cover_teacher")
