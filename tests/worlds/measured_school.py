"""Results in several subjects, after 16 too, for measures: specifications, courses and grades added to a school."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import UUID

import psycopg

from server import tables
from server.demo.packs import pack_folder
from server.exchange.references import import_pack
from server.grading.measures.estimates import ESTIMATES_FILE
from server.grading.measures.points import KS4_FILE, TARIFF_FILE
from server.grading.measures.subjects import SUBJECTS_FILE
from tests.worlds.qualification import add_boundaries, add_specification, boundaries, specification
from tests.worlds.world import World

GCSE, DOUBLE = "GCSE (9-1) Full Course", "GCSE (9-1) Full Course (Double Award)"
_NUMBERS = ("9", "8", "7", "6", "5", "4", "3", "2", "1", "U")
_PAIRS = ("9-9", "9-8", "7-7", "6-5", "5-4", "4-4", "3-3", "U")
_LETTERS = ("A*", "A", "B", "C", "D", "E", "U")


@dataclass(frozen=True, slots=True)
class Studied:
    """A course, what its specification counts as (`area` None: no line says so), and grades that there are."""

    identity: str
    year_group: str
    area: str | None
    ks4: str = ""
    tariff: str = ""
    discount: str = ""
    grades: tuple[str, ...] = _NUMBERS


# By handle of the course. Grades that no table has are among them.
STUDIED: dict[str, Studied] = {
    "language-10": Studied("TEST:LANG", "10", "english_language", GCSE, discount="english language"),
    "literature-10": Studied("TEST:LIT", "10", "english_literature", GCSE, discount="english literature"),
    "numeracy-10": Studied("TEST:MATHS:H", "10", "maths", GCSE, discount="mathematics"),
    "numeracy-10-f": Studied("TEST:MATHS:F", "10", "maths", GCSE, discount="mathematics"),
    "science-10": Studied("TEST:COMB", "10", "combined_science", DOUBLE, discount="combined", grades=_PAIRS),
    "physics-10": Studied("TEST:PHYS", "10", "physics", GCSE, discount="physics"),
    "history-10": Studied("TEST:HIST", "10", "humanity", GCSE, discount="history"),
    "french-10": Studied("TEST:FREN", "10", "language", GCSE, discount="french"),
    "art-10": Studied("TEST:ART", "10", "other", GCSE, grades=(*_NUMBERS, "M")),
    "drama-10": Studied("TEST:DRAMA", "10", "other", GCSE),
    "unmapped-10": Studied("TEST:NONE", "10", None),
    "early-11": Studied("TEST:EARLY", "11", "other", GCSE),
    "chemistry-12": Studied("TEST:ALEV", "12", "chemistry", "", "GCE A level", "chemistry", _LETTERS),
    "chemistry-as-12": Studied("TEST:AS", "12", "chemistry", "GCE AS level", "GCE AS", "chemistry", _LETTERS[1:]),
    "sport-12": Studied("TEST:BTEC", "12", "other", "", "BTEC Diploma", "", ("D*D*", "DD", "MP", "ZZ")),
}


def subjects_text(studied: Iterable[Studied] = STUDIED.values()) -> str:
    """measure_subjects.csv of these courses."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("specification", "area", "ks4_type", "tariff_type", "discount", "confidence", "source"))
    for one in studied:
        if one.area is not None:
            said = "made for tests"
            writer.writerow((one.identity, one.area, one.ks4, one.tariff, one.discount, said, said))
    return out.getvalue()


def import_tables(url: str, folder: Path) -> None:
    """The published points and estimates, and the subjects of this school, as `usher grading import` does."""
    folder.mkdir(exist_ok=True)
    for name in (KS4_FILE, TARIFF_FILE, ESTIMATES_FILE):
        (folder / name).write_bytes((pack_folder() / name).read_bytes())
    (folder / SUBJECTS_FILE).write_text(subjects_text(), "utf-8")
    with (folder / SUBJECTS_FILE).open("a", encoding="utf-8") as stream:
        # The specification of the small school's mathematics, as that world stores it.
        stream.write(f"0001,maths,{GCSE},,mathematics,made for tests,made for tests\n")
    with psycopg.connect(url) as connection:
        import_pack(connection, folder, datetime.now(UTC))


def add_measured(world: World, learners: Iterable[str], seed: int, begin: int = 7) -> None:
    """Courses, and for each learner grades in `begin` of them or more, some without a value yet."""
    drawn = Random(seed)
    for place, (handle, studied) in enumerate(STUDIED.items()):
        _course(world, handle, studied, place)
    for learner in learners:
        count = drawn.randint(begin, len(STUDIED))
        for handle in drawn.sample(list(STUDIED), count):
            grade = drawn.choice((*STUDIED[handle].grades, None)) if drawn.random() < 0.9 else None
            add_result(world, learner, handle, grade)


def add_result(world: World, learner: str, course: str, grade: str | None) -> None:
    """One grade of the autumn, as computed."""
    keys = _keys(list(STUDIED).index(course))
    world.add(
        tables.GradeRow,
        grade_id=world.new_id(),
        academic_year=world.year,
        learner_id=world.ids[learner],
        course_id=world.ids[course],
        window_id=world.ids["autumn"],
        kind="CURRENT",
        status="INCOMPLETE" if grade is None else "COMPLETE",
        value=grade,
        points=Decimal(grade) if grade is not None and grade.isdigit() else None,
        subject_mark="1",
        flags=[],
        specification_id=keys[0],
        boundary_set_id=keys[1],
        engine_version="1",
        rounding="sum_exact",
        shift=0,
        confidence="high",
        version=1,
        computed_at=world.morning,
    )


def _keys(place: int) -> tuple[UUID, UUID]:
    """The same in every world: all have these specifications."""
    return (
        UUID(f"01900000-0000-7000-8000-0000000001{place:02}"),
        UUID(f"01900000-0000-7000-8000-0000000002{place:02}"),
    )


def _course(world: World, handle: str, studied: Studied, place: int) -> None:
    rules = replace(specification(), identity=studied.identity, code=studied.identity, title=handle)
    series = replace(boundaries(), specification=studied.identity)
    keys = _keys(place)
    add_specification(world, keys[0], rules)
    add_boundaries(world, keys[1], keys[0], series)
    world.add(
        tables.CourseRow,
        course_id=world.name(handle),
        academic_year=world.year,
        name=handle,
        subject=handle,
        department="Measured",
        year_group=studied.year_group,
        specification_id=keys[0],
        boundary_set_id=keys[1],
    )
