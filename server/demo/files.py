"""Writes the demo schools' files: a workbook and CSV files for each, and one that lists them. The same bytes each time."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from server.demo import staffing
from server.demo.accounts import SUPPORT
from server.demo.calendar import first_day, year_of
from server.demo.marking import Mark, marks, parts
from server.demo.plan import LARGER, SCHOOLS, SchoolPlan
from server.demo.sheets import sheets
from server.demo.workbook_file import write_workbook
from server.demo.world import World, make_world
from server.policies.vocabulary import expanded

MANIFEST = "demo.json"


def write_files(folder: Path, today: date, schools: Sequence[SchoolPlan] = SCHOOLS) -> list[Path]:
    """Write roster, marks and mark parts of each school, and `demo.json`; returns the files written.

    What is written depends on the school year of `today` alone: the demo is always about the current one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    year = year_of(today)
    written: list[Path] = []
    entries: list[dict[str, object]] = []
    for plan in schools:
        world = make_world(plan, year)
        roster, first, second = (folder / f"{plan.key}-{name}" for name in ("roster.xlsx", "marks.csv", "parts.csv"))
        _write_roster(world, roster)
        _write_marks(world, first, second)
        written += [roster, first, second]
        entries.append(_entry(world, roster, first, second))
    manifest = folder / MANIFEST
    text = json.dumps({"academic_year": year, "schools": entries}, indent=2, ensure_ascii=False)
    manifest.write_text(text + "\n", encoding="utf-8")
    return [*written, manifest]


def _write_roster(world: World, path: Path) -> None:
    write_workbook(path, f"Roster of {world.plan.name}", date(world.year, 9, 1), sheets(world))


def _write_marks(world: World, path: Path, parts_path: Path) -> None:
    head = ("upn", "academic_year", "course", "window", "component")
    with (
        path.open("w", newline="", encoding="utf-8") as first,
        parts_path.open("w", newline="", encoding="utf-8") as second,
    ):
        rows, questions = csv.writer(first, lineterminator="\n"), csv.writer(second, lineterminator="\n")
        rows.writerow((*head, "state", "score", "date"))
        questions.writerow((*head, "question", "position", "topic", "score", "maximum"))
        for mark in marks(world.groups, world.assessments, world.plan.key):
            rows.writerow((*_key(mark), mark.state, mark.score, mark.day))
            if _by_question(world, mark):
                questions.writerows(_parts(world, mark))


def _key(mark: Mark) -> tuple[str, int, str, str, str]:
    row = mark.assessment
    return mark.learner.upn, row.year, row.title, row.window.name, row.paper.code


def _by_question(world: World, mark: Mark) -> bool:
    """Year 11's first mathematics papers of this autumn are recorded by question."""
    row = mark.assessment
    autumn = row.year == world.year and row.window.name == "Autumn 1"
    return autumn and mark.state == "SCORED" and row.title.startswith("Year 11 Math") and row.paper.name == "Paper 1"


def _parts(world: World, mark: Mark) -> Iterator[Sequence[object]]:
    for part in parts(mark, world.plan.key):
        yield *_key(mark), part.question, part.position, part.topic, part.score, part.maximum


def _entry(world: World, roster: Path, first: Path, second: Path) -> dict[str, object]:
    manager = next(person for person in world.staff if person.mis_id == staffing.DATA_MANAGER)
    clients: list[dict[str, object]] = []
    if world.plan is LARGER:
        scopes = sorted(expanded(["roster-core", "roster-demographics", "gradebook", "special-write"]))
        clients.append({"identity": "mis", "scopes": scopes, "purpose": "Roster and gradebook of the school's MIS"})
    return {
        "name": world.plan.name,
        "urn": world.plan.urn,
        "laestab": world.plan.laestab,
        "first": {
            "mis_id": manager.mis_id,
            "given_name": manager.given,
            "family_name": manager.family,
            "roles": manager.roles,
            "since": manager.since.isoformat(),
        },
        "roster": roster.name,
        "marks": [first.name],
        "parts": [second.name],
        "accounts": [
            {"identity": each.identity, "capacity": each.capacity, "person": each.person} for each in world.accounts
        ],
        "clients": clients,
        "operators": [SUPPORT] if world.plan is LARGER else [],
        "since": first_day(world.year).isoformat(),
    }
