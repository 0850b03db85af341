"""A roster small enough to read, and workbooks made from it with faults of one's choosing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path

from server.demo.workbook_file import write_workbook
from server.register.upn import make_upn

Table = list[list[object]]
Book = dict[str, Table]

AUTUMN, SUMMER = date(2026, 9, 1), date(2025, 9, 1)
ADA, BEN, CAI, DEE = (make_upn(381, 2001, 2019, serial) for serial in range(1, 5))
SPECIAL = (
    "Ethnicity", "SEN provision", "SEN needs", "Medical", "Access arrangements", "Pupil premium", "Free school meals",
    "Looked after", "Service child",
)  # fmt: skip


def small_book() -> Book:
    """Four learners, two classes of a graded course and of one that is not, two teachers, a manager, two guardians."""
    return {
        "School": [["Name", "URN", "LAESTAB", "Academic year", "Suppression threshold"], ["Elm", "199999", "3819999", 2026, 5]],
        "Staff": [
            ["MIS id", "Title", "Given name", "Family name", "Job title", "Email", "Phone", "Roles", "From", "Left on"],
            ["S1", "Ms", "Mina", "Anderson", "Manager", "m@elm.example", None, "data_manager", SUMMER, None],
            ["S2", "Mr", "Tom", "O'Hara", "Teacher", None, None, "class_teacher; tutor", SUMMER, None],
            ["S3", "Mx", "Zoë", "Żuk", "Teacher", None, None, "class_teacher", SUMMER, None],
        ],
        "Learners": _learners(),
        "Guardians": [
            ["MIS id", "Staff MIS id", "Title", "Given name", "Family name", "Email", "Phone", "Address"],
            ["G1", None, "Mrs", "Orla", "O'Neill", "o@families.example", None, None],
            ["G2", "S2", "Mr", "Tom", "O'Hara", None, None, None],
        ],
        "TutorGroups": [["Academic year", "Name", "Year group"], [2026, "11A", "11"]],
        "Courses": [
            ["Academic year", "Name", "Subject", "Department", "Year group", "Specification", "Series"],
            [2026, "Maths", "Mathematics", "Mathematics", "11", "AQA:8300:H", "June 2025"],
            [2026, "Art", "Art", "Creative", "11", None, None],
        ],
        "Classes": [
            ["Academic year", "Name", "Course"],
            [2026, "11Ma1", "Maths"],
            [2026, "11Ma2", "Maths"],
            [2026, "11Ar1", "Art"],
        ],
        "TutorMembers": [["Academic year", "Tutor group", "UPN", "From", "Until"], [2026, "11A", ADA, AUTUMN, None]],
        "GuardianLinks": [
            ["Guardian MIS id", "UPN", "Relationship", "Verified on", "From", "Until"],
            ["G1", ADA, "MOTHER", AUTUMN, SUMMER, None],
            ["G2", BEN, "FATHER", None, SUMMER, None],
        ],
        "Teaching": [
            ["Academic year", "Class", "Staff MIS id", "Kind", "From", "Until"],
            [2026, "11Ma1", "S2", "TEACHER", AUTUMN, None],
            [2026, "11Ma2", "S3", "TEACHER", AUTUMN, None],
        ],
        "Enrolments": [
            ["Academic year", "Class", "UPN", "From", "Until"],
            *([2026, "11Ma1", upn, AUTUMN, None] for upn in (ADA, BEN)),
            [2026, "11Ma2", CAI, AUTUMN, None],
            [2026, "11Ar1", ADA, AUTUMN, None],
        ],
        "Windows": [["Academic year", "Name", "Starts on", "Ends on"], [2026, "Autumn 1", date(2026, 10, 5), date(2026, 10, 16)]],
        "Assessments": [
            ["Academic year", "Course", "Window", "Component", "Name", "Maximum", "Step", "Held on", "Classes"],
            *([2026, "Maths", "Autumn 1", f"8300/{n}H", f"Paper {n}", 80, 1, date(2026, 10, 6), None] for n in (1, 2, 3)),
            [2026, "Art", "Autumn 1", "Folder", "Folder", 20, 0.5, date(2026, 10, 6), None],
        ],
    }  # fmt: skip


def _learners() -> Table:
    head = [
        "MIS id", "UPN", "Given name", "Family name", "Preferred name", "Date of birth", "Gender", "Year group",
        "Key stage 2", "First language", "Admitted on", "Left on", "Address", "Email", "Phone", *SPECIAL,
    ]  # fmt: skip
    nothing: list[object] = [None] * (3 + len(SPECIAL))
    special = ["WBRI", "K", "SPLD; SLCN", "Asthma", None, None, "N", "N", "N"]
    ada = ["L1", ADA, "Ada", "O'Neill", None, date(2011, 5, 2), "F", "11", 104, "ENG", SUMMER, None]
    return [
        [*head],
        [*ada, "1 Elm Row", None, None, *special],
        ["L2", BEN, "Ben", "Smith-Jones", "Benny", date(2011, 1, 9), "M", "11", None, "POL", SUMMER, None, *nothing],
        ["L3", CAI, "Caitlín", "Ó Sé", None, date(2011, 2, 3), "F", "11", 98.5, None, SUMMER, None, *nothing],
        ["L4", DEE, "Dee", "Khan", None, date(2011, 3, 4), "U", "11", 120, None, SUMMER, None, *nothing],
    ]


def changed(change: Callable[[Book], object]) -> Book:
    book = deepcopy(small_book())
    change(book)
    return book


def workbook(folder: Path, book: Mapping[str, Table]) -> bytes:
    path = folder / "roster.xlsx"
    write_workbook(path, "Roster", AUTUMN, book.items())
    return path.read_bytes()


def marks_csv(*rows: tuple[object, ...]) -> bytes:
    """UPN, course, window, component, state, score, date of each row."""
    lines = ["UPN,Academic year,Course,Window,Component,State,Score,Date"]
    for upn, course, window, component, state, score, day in rows:
        lines.append(f"{upn},2026,{course},{window},{component},{state},{'' if score is None else score},{day}")
    return ("\n".join(lines) + "\n").encode()
