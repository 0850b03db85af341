"""The demo schools' files: the same bytes each time, and people as English schools have them."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from server.demo.draw import Draw
from server.demo.files import write_files
from server.demo.packs import pack_folder
from server.demo.plan import LARGER, SMALLER
from server.demo.special import ETHNICITIES
from server.demo.subjects import KEY_STAGE_4
from server.demo.world import World, make_world
from server.exchange.problems import Problems
from server.exchange.records import Record, read_sheets
from server.exchange.roster_layout import roster_sheets
from server.exchange.workbook import Workbook
from server.grading.packs import load_pack
from server.register.upn import check_upn

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("demo")
    write_files(target, TODAY)
    return target


@pytest.fixture(scope="module")
def sheets(folder: Path) -> dict[str, list[Record]]:
    """The larger school's roster as the import reads it."""
    problems = Problems()
    content = (folder / "calder-bridge-roster.xlsx").read_bytes()
    found = read_sheets(Workbook(content), roster_sheets(), problems, TODAY)
    assert problems.found == []
    return found


@pytest.fixture(scope="module")
def worlds() -> tuple[World, World]:
    return make_world(LARGER, 2026), make_world(SMALLER, 2026)


def test_the_files_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    """Another day of the same school year, another folder: nothing of either is in the files."""

    def digests(name: str, today: date) -> dict[str, str]:
        written = write_files(tmp_path / name, today, (SMALLER,))
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in written}

    first = digests("first", TODAY)
    assert len(first) == 4
    assert digests("second", date(2027, 8, 30)) == first
    assert digests("third", date(2027, 9, 1)) != first


def test_chance_is_the_same_on_every_python() -> None:
    """The draws stand here as numbers: a Python that drew others would change the files."""
    draw = Draw("usher")
    assert [draw.below(1000) for _ in range(6)] == [130, 146, 477, 275, 422, 882]
    assert draw.shuffled([1, 2, 3, 4, 5]) == [2, 3, 1, 5, 4]
    assert draw.weighted((("a", 1.0), ("b", 3.0))) == "b"


def test_the_larger_school_has_what_was_agreed(folder: Path, sheets: dict[str, list[Record]]) -> None:
    """1,200 learners now in five year groups, 87 staff, 1,500 guardians, far more than 50 classes, 100,000 marks."""
    present = [row for row in sheets["Learners"] if row["left_on"] is None]
    assert Counter(row["year_group"] for row in present) == {"7": 240, "8": 240, "9": 240, "10": 240, "11": 240}
    assert len(sheets["Learners"]) > 1200
    assert len(sheets["Staff"]) == 87
    assert len(sheets["Guardians"]) == 1500
    assert sum(row["academic_year"] == 2026 for row in sheets["Classes"]) > 50
    assert len({row["academic_year"] for row in sheets["Classes"]}) == 2
    with (folder / "calder-bridge-marks.csv").open(encoding="utf-8") as file:
        states = Counter(row["state"] for row in csv.DictReader(file))
    assert sum(states.values()) > 100_000
    shares = {state: count / sum(states.values()) for state, count in states.items()}
    assert shares["SCORED"] == pytest.approx(0.927, abs=0.005)
    assert set(states) == {"SCORED", "ABSENT", "NOT_ENTERED", "PENDING", "EXEMPT"}


def share(rows: list[Record], column: str, *values: object) -> float:
    return sum(row[column] in values for row in rows) / len(rows)


def test_special_category_values_have_realistic_rates(sheets: dict[str, list[Record]]) -> None:
    """About those of England's secondary schools, with every ethnicity code somewhere."""
    rows = sheets["Learners"]
    assert share(rows, "sen_provision", "K") == pytest.approx(0.13, abs=0.03)
    assert share(rows, "sen_provision", "E") == pytest.approx(0.04, abs=0.015)
    assert share(rows, "free_school_meals", "Y") == pytest.approx(0.24, abs=0.03)
    assert 1 - share(rows, "pupil_premium", None) == pytest.approx(0.26, abs=0.04)
    assert share(rows, "looked_after", "L") == pytest.approx(0.008, abs=0.006)
    assert 1 - share(rows, "medical", None) == pytest.approx(0.08, abs=0.025)
    assert share(rows, "service_child", "Y") == pytest.approx(0.02, abs=0.012)
    assert {row["ethnicity"] for row in rows} == set(ETHNICITIES)
    assert any(row["access_arrangements"] for row in rows)
    assert all((row["sen_needs"] is not None) == (row["sen_provision"] != "N") for row in rows)


def test_names_are_as_diverse_as_their_bearers(sheets: dict[str, list[Record]]) -> None:
    """Apostrophes, hyphens, accents, used names; and several first languages."""
    rows = sheets["Learners"]
    names = [row["family_name"] + row["given_name"] for row in rows]
    assert all(any(sign in name for name in names) for sign in "'-")
    assert sum(not name.replace("'", "").isascii() for name in names) > 30
    assert len({(row["family_name"], row["given_name"]) for row in rows}) > 1100
    assert any(row["preferred_name"] for row in rows)
    assert len({row["first_language"] for row in rows}) > 10


def test_families_are_shared_separated_and_not_always_reachable(sheets: dict[str, list[Record]]) -> None:
    """Siblings share guardians; some guardians have no mail; some links are unverified or have ended."""
    children = Counter(row["guardian_mis_id"] for row in sheets["GuardianLinks"])
    assert sum(count > 1 for count in children.values()) > 200
    guardians = Counter(row["upn"] for row in sheets["GuardianLinks"])
    assert {1, 2, 3} <= set(guardians.values())
    assert share(sheets["Guardians"], "email", None) == pytest.approx(0.11, abs=0.04)
    assert 0.02 < share(sheets["GuardianLinks"], "verified_on", None) < 0.3
    assert any(row["until"] is not None for row in sheets["GuardianLinks"])
    assert sum(row["staff_mis_id"] is not None for row in sheets["Guardians"]) == 3


def test_numbers_are_valid_and_of_nobody_else(worlds: tuple[World, World]) -> None:
    """Every UPN has its check letter, and no learner of one school has a number of the other."""
    larger, smaller = ([learner.upn for learner in world.learners] for world in worlds)
    assert all(check_upn(upn) is None for upn in (*larger, *smaller))
    assert len({*larger, *smaller}) == len(larger) + len(smaller)


def test_the_second_school_has_the_same_names_for_other_people(worlds: tuple[World, World]) -> None:
    """So that a leak between schools would look like the truth, and only ids tell them apart."""
    larger, smaller = ([(learner.given, learner.family) for learner in world.learners] for world in worlds)
    assert len(set(smaller) & set(larger)) > 10
    assert {learner.born for learner in worlds[0].learners} != {learner.born for learner in worlds[1].learners}


def test_marks_are_of_published_qualifications(folder: Path, sheets: dict[str, list[Record]]) -> None:
    """Each graded course names a row of the shipped pack, with its components and maxima."""
    pack = load_pack(pack_folder())
    stored = {(row.specification.identity, row.boundaries.series): row.specification for row in pack.rows.values()}
    graded = [row for row in sheets["Courses"] if row["specification"] is not None]
    assert {row["specification"] for row in graded} == {course.specification for course in KEY_STAGE_4}
    for course in KEY_STAGE_4:
        specification = stored[course.specification or "", course.series or ""]
        assert {part.code: str(part.max_raw) for part in specification.components} == {
            paper.code: paper.maximum for paper in course.papers
        }


def test_parts_add_up_to_their_marks(folder: Path) -> None:
    """Six questions a paper, none above its maximum."""
    key = ("upn", "course", "window", "component", "academic_year")

    def rows(name: str) -> list[dict[str, str]]:
        with (folder / f"calder-bridge-{name}.csv").open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    scores = {tuple(row[k] for k in key): row["score"] for row in rows("marks")}
    sums: Counter[tuple[str, ...]] = Counter()
    for part in rows("parts"):
        assert 0 <= int(part["score"]) <= int(part["maximum"])
        sums[tuple(part[k] for k in key)] += int(part["score"])
    assert len(sums) > 150
    assert all(scores[mark] == str(total) for mark, total in sums.items())


def test_nobody_sits_twice_in_a_course_and_nobody_before_coming(worlds: tuple[World, World]) -> None:
    """At most one open seat a course, and none from before admission or after leaving."""
    for world in worlds:
        taken: Counter[tuple[Any, ...]] = Counter()
        for group in world.groups:
            for seat in group.seats:
                assert seat.since >= seat.learner.admitted or seat.since.month == 9
                if seat.until is None:
                    taken[group.year, group.course.title(group.year_group), seat.learner.upn] += 1
                    assert seat.learner.left is None
        assert set(taken.values()) == {1}


def test_the_list_of_schools_names_files_and_accounts(folder: Path) -> None:
    """Twelve accounts of the agreement and some more, each with a capacity."""
    schools = json.loads((folder / "demo.json").read_text(encoding="utf-8"))["schools"]
    named = {account["identity"] for school in schools for account in (*school["accounts"], *school["clients"])}
    assert named >= {
        "teacher", "tutor", "senco", "senco-untrained", "head", "data-manager", "exams-officer", "dpo", "parent", "learner",
        "mis", "other-teacher",
    }  # fmt: skip
    assert all((folder / school[name]).is_file() for school in schools for name in ("roster",))
