"""The invented school that a vendor's program is tried at: small, and without qualifications.

Without these it needs no boundaries, which schools whose pupils are real share with it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from server.demo.calendar import year_of
from server.demo.marking import assessments, marks
from server.demo.plan import SMALLER
from server.demo.sheets import sheets
from server.demo.staffing import DATA_MANAGER
from server.demo.workbook_file import write_workbook
from server.demo.world import World, make_world

_PLAN: Final = replace(
    SMALLER,
    key="sandbox",
    name="Sandbox School",
    town="Sandbox",
    domain="sandbox.example",
    urn="199003",
    establishment=4097,
)
HEADING: Final[Sequence[str]] = (
    "upn", "academic_year", "course", "window", "component", "state", "score", "date",
)  # fmt: skip


def sandbox_world(name: str, today: date) -> World:
    """The same people whatever its name is."""
    world = make_world(replace(_PLAN, name=name), year_of(today))
    for group in world.groups:
        group.course = replace(group.course, specification=None, series=None)
    return replace(world, assessments=assessments(world.groups, world.year))


def first_person(world: World) -> tuple[str, str, str, Sequence[str], date]:
    """MIS id, given and family name, roles and first day of who declares for the school."""
    found = next(person for person in world.staff if person.mis_id == DATA_MANAGER)
    return found.mis_id, found.given, found.family, found.roles, found.since


def write_sandbox(world: World, folder: Path) -> tuple[Path, Path]:
    """Its roster and its marks."""
    roster, listed = folder / "sandbox-roster.xlsx", folder / "sandbox-marks.csv"
    write_workbook(roster, f"Roster of {world.plan.name}", date(world.year, 9, 1), sheets(world))
    with listed.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(HEADING)
        for mark in marks(world.groups, world.assessments, world.plan.key):
            row = mark.assessment
            key = (mark.learner.upn, row.year, row.title, row.window.name, row.paper.code)
            rows.writerow((*key, mark.state, mark.score, mark.day))
    return roster, listed
