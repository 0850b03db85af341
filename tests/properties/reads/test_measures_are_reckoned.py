"""Measures of all accounts under generated rule books and results: a plain reckoning over what may be read."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import true

from server import tables
from server.database.pool import Pool
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from server.queries.analysis import asking
from server.queries.analysis.sight import Sight
from tests.oracle import measures
from tests.oracle.analysis_documents import document
from tests.oracle.asker import asker
from tests.oracle.enforcing import Books
from tests.oracle.publishing import publish
from tests.oracle.rows import Rows, Values
from tests.oracle.served import Served
from tests.oracle.things import Thing
from tests.oracle.visibility import Visibility
from tests.properties.reads.books import mutated
from tests.properties.reads.choosing import Choosing
from tests.worlds import World, insert_world
from tests.worlds.classes import CLASSES
from tests.worlds.drawing import rows_of
from tests.worlds.learners import LEARNERS
from tests.worlds.measured_school import add_measured, import_tables
from tests.worlds.varied_school import varied_school

EXAMPLES = 14
ASKED = 6
EVERY_CHECK: list[Any] = list(HealthCheck)
MEASURES = document("measures")
READERS = ("teacher", "head", "tutor", "year-head", "senco", "data-manager", "exams-officer")
SCOPES = {"learner": "lrn", "class": "cls"}
SHOWN = {
    "ATTAINMENT_8": "total", "PROGRESS_8": "progress8", "EBACC_ENTERED": "entered", "EBACC_STANDARD": "standard",
    "EBACC_STRONG": "strong", "EBACC_AVERAGE": "average", "BASICS_STANDARD": "basics4", "BASICS_STRONG": "basics5",
    "UCAS_TARIFF": "tariff",
}  # fmt: skip


def measured_school(name: str, today: date, number: int) -> World:
    """Every learner has results in seven courses or more, and some a key stage 2 average that no band has."""
    world = varied_school(name, today)
    rows_of(world, tables.GradeRow).clear()
    rows_of(world, tables.GradeVersionRow).clear()
    add_measured(world, LEARNERS, seed=number)
    for place, learner in enumerate(rows_of(world, tables.LearnerRow)):
        learner["key_stage_2"] = (Decimal("104.25"), None, Decimal(105), Decimal("98.5"))[(place + number) % 4]
    return world


class Reckoning:
    """Over the rows that Casbin, asked cell by cell, lets the asker read."""

    def __init__(self, rows: Rows, seen: Visibility) -> None:
        self.rows, self.seen = rows, seen

    def answer(self, scope: str, value: Any, *, proxy: bool) -> Any:
        """The code of a refusal, None, or what each learner and figure must say."""
        if self.seen.asker.capacity != "STAFF" or not all(map(self.seen.possible, ("school_structure", "grade"))):
            return "FORBIDDEN"
        if not self._is_there(scope, value):
            return None
        found = {one: self._learner(one, proxy=proxy) for one in self._looked_at(scope, value)}
        return {"learners": found, "figures": {name: self._figure(name, list(found.values())) for name in SHOWN}}

    def _is_there(self, scope: str, value: Any) -> bool:
        window = next(iter(self.rows.where("assessment_window", name="Autumn")))
        if not self.seen.exists(Thing("AssessmentWindow", window, self.rows.today)):
            return False
        if scope == "yearGroup":
            return True
        table, kind, key = {"learner": ("learner", "Learner", "learner_id"), "class": ("class", "Class", "class_id")}[
            scope
        ]
        row = self.rows.one(table, **{key: value})
        return row is not None and self.seen.exists(Thing(kind, row, self.rows.today))

    def _looked_at(self, scope: str, value: Any) -> list[UUID]:
        every = {row["learner_id"]: self._results(row["learner_id"]) for row in self.rows.all("learner")}
        return [one for one, results in every.items() if results and self._inside(scope, value, one, results)]

    def _inside(self, scope: str, value: Any, learner_id: UUID, results: Sequence[Values]) -> bool:
        if scope == "learner":
            return learner_id == value
        if scope == "class":
            seats = self.rows.current("enrolment", self.rows.today, class_id=value, learner_id=learner_id)
            return any(True for _ in seats) and self.seen.can(self._thing(learner_id), "groups")
        return any(self._course(row)["year_group"] == value for row in results)

    def _results(self, learner_id: UUID) -> list[Values]:
        rows = self.rows.where("grade", learner_id=learner_id)
        return [row for row in rows if self.seen.exists(Thing("Grade", row, self.rows.today))]

    def _course(self, row: Values) -> Values:
        found = self.rows.one("course", course_id=row["course_id"])
        assert found is not None
        return found

    def _thing(self, learner_id: UUID) -> Thing:
        row = self.rows.one("learner", learner_id=learner_id)
        assert row is not None
        return Thing("Learner", row, self.rows.today)

    def _learner(self, learner_id: UUID, *, proxy: bool) -> dict[str, Any]:
        learner = self._thing(learner_id)
        if not self.seen.can(learner, "grade"):
            return dict.fromkeys(SHOWN.values(), "PART_READ")
        given_ = [
            (self._course(row)["name"], self._specification(row), row["value"]) for row in self._results(learner_id)
        ]
        known, tariff, omitted, gap = measures.counted(given_)
        of_tariff = "NOT_IN_TABLE" if gap else sum(tariff, Fraction(0)) if tariff else "NO_RESULTS"
        if not known:
            return dict.fromkeys(SHOWN.values(), "NO_RESULTS") | {"tariff": of_tariff, "omitted": omitted}
        entered, standard, strong, average = measures.ebacc(known)
        total = measures.attainment8(known)
        return {
            "total": total, "entered": entered, "standard": standard, "strong": strong, "average": average,
            "basics4": measures.basics(known, 4), "basics5": measures.basics(known, 5),
            "progress8": self._progress8(learner, total, given_, proxy=proxy),
            "tariff": of_tariff, "omitted": omitted,
        }  # fmt: skip

    def _specification(self, row: Values) -> str:
        found = self.rows.one("specification", specification_id=row["specification_id"])
        assert found is not None
        return found["code"]

    def _progress8(self, learner: Thing, total: Fraction, given_: Any, *, proxy: bool) -> Any:
        # "early-11" is the one course of another cohort up to year 11; it has no discount word, so it always counts.
        early = {course for course, _, grade in given_ if course == "early-11" and grade is not None}
        others = measures.counted([one for one in given_ if one[0] != "early-11"])[0]
        if early and others:
            return "NOT_AVAILABLE"
        prior = learner.row["key_stage_2"] if self.seen.can(learner, "education") else None
        if prior is None:
            return "NO_PRIOR_ATTAINMENT"
        if not proxy:
            return "NOT_AVAILABLE"
        found = measures.estimate(Fraction(prior))
        return "NO_ESTIMATE" if found is None else (total - found) / 10

    @staticmethod
    def _figure(name: str, learners: list[dict[str, Any]]) -> tuple[int, Fraction | None, Counter[str]]:
        values = [one[SHOWN[name]] for one in learners]
        known = [Fraction(one) for one in values if not isinstance(one, str)]
        mean = sum(known, Fraction(0)) / len(known) if known else None
        return len(known), mean, Counter(one for one in values if isinstance(one, str))


def told(answer: Any) -> Any:
    """What the answer says, in the same words."""
    learners = {UUID(one["learner"].removeprefix("lrn_")): _told(one) for one in answer["learners"]}
    figures = {
        one["measure"]: (
            one["learners"],
            None if one["exact"] is None else Fraction(one["exact"]),
            Counter({each["reason"]: each["learners"] for each in one["leftOut"]}),
        )
        for one in answer["figures"]
    }
    return {"learners": learners, "figures": figures}


def _told(one: Any) -> dict[str, Any]:
    lacking = {each["measure"]: each["reason"] for each in one["lacking"]}

    def of(part: str, member: str) -> Any:
        return lacking[part] if one[part] is None else one[part][member]

    def number(value: Any) -> Any:
        return value if isinstance(value, str) and value.isupper() else Fraction(value)

    found = {
        "total": number(of("attainment8", "total")),
        "progress8": number(of("progress8", "exact")),
        "entered": of("ebacc", "entered"), "standard": of("ebacc", "standard"), "strong": of("ebacc", "strong"),
        "average": number(of("ebacc", "exact")),
        "basics4": of("basics", "standard"), "basics5": of("basics", "strong"),
        "tariff": number(of("tariff", "total")),
    }  # fmt: skip
    if one["attainment8"] is not None:
        slots = one["attainment8"]["slots"]
        assert sum(Fraction(slot["points"]) * slot["weight"] for slot in slots) == found["total"]
    if "PART_READ" not in lacking.values():
        found["omitted"] = Counter(each["omitted"] for each in one["results"] if each["omitted"])
    return found


@dataclass
class Measured:
    """Schools that one server serves; `reckoned` counts learners with an Attainment 8, `refused` refusals."""

    runner: asyncio.Runner
    served: Served
    owner: psycopg.Connection[tuple[object, ...]]
    worlds: list[World]
    reckoned: int = 0
    refused: int = 0

    def difference(self, world: World, book: RuleBook, choosing: Choosing) -> str | None:
        rows = Rows(world)
        accounts = world.rows[tables.AccessProfileRow]
        readers = [one for one in accounts if one["person_id"] in {world.ids[name] for name in READERS}]
        account = choosing.one(readers if choosing.once_in(2) else accounts)
        seen = Visibility(rows, Books(book), asker(rows, account["person_id"], account["capacity"]))
        scope, value = _scope(choosing, world)
        proxy = choosing.once_in(2)
        sent = {"window": f"win_{world.ids['autumn'].hex}", "proxy": proxy}
        sent[scope] = f"{SCOPES[scope]}_{value.hex}" if scope in SCOPES else value
        body = self.runner.run(self.served.raw(world, account["person_id"], account["capacity"], MEASURES, sent))
        expected = Reckoning(rows, seen).answer(scope, value, proxy=proxy)
        if isinstance(expected, str):
            self.refused += 1
            found = [error["extensions"]["code"] for error in body.get("errors", [])]
            return None if found == [expected] else f"{scope} should be {expected}: {body}"
        if "errors" in body:
            return f"{scope} was refused: {body}"
        answer = None if body["data"]["measures"] is None else told(body["data"]["measures"])
        if answer is not None:
            self.reckoned += sum(isinstance(one["total"], Fraction) for one in answer["learners"].values())
        return None if answer == expected else f"{scope} {value}\n{answer}\nexpected\n{expected}"


def _scope(choosing: Choosing, world: World) -> tuple[str, Any]:
    scope = choosing.one(("learner", "class", "yearGroup"))
    if scope == "learner":
        return scope, world.ids[choosing.one(list(LEARNERS))]
    if scope == "class":
        return scope, world.ids[choosing.one(list(CLASSES))]
    return scope, choosing.one(("10", "10", "11", "12", "7"))


@pytest.fixture(scope="module")
def measured(
    app_url: str, owner_url: str, today: date, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Measured]:
    import_tables(app_url, tmp_path_factory.mktemp("measures"))
    worlds = [measured_school(f"measured {number}", today, number) for number in range(3)]
    for world in worlds:
        insert_world(owner_url, world)
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as monkeypatch, psycopg.connect(owner_url) as owner:
        pool = Pool(app_url, min_size=1, max_size=2)
        runner.run(pool.__aenter__())
        yield Measured(runner, Served(pool, monkeypatch, worlds[0]), owner, worlds)
        runner.run(pool.__aexit__(None, None, None))


def differences(measured: Measured, number: int) -> Iterator[str]:
    choosing = Choosing(number)
    world = choosing.one(measured.worlds)
    book = starting_book() if choosing.once_in(2) else mutated(choosing)
    publish(measured.owner, world, book)
    for _ in range(ASKED):
        found = measured.difference(world, book, choosing)
        if found is not None:
            yield f"{world.seed}: {found}"


def test_a_measure_is_a_reckoning_over_what_may_be_read(measured: Measured, part: int) -> None:
    """Every figure, exact, every reason, and who is looked at."""

    @seed(part)
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=EVERY_CHECK)
    @given(chosen=st.integers(0, 2**63))
    def check(chosen: int) -> None:
        for found in differences(measured, chosen):
            pytest.fail(found)

    check()
    assert measured.reckoned > EXAMPLES
    assert measured.refused > EXAMPLES // 3


@pytest.mark.parametrize("test", ["of_row", "of_learner"])
def test_without_any_one_test_of_visibility_something_differs(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, test: str
) -> None:
    """So each of them is needed, and the comparison sees it."""

    def passes_all(*_: Any) -> Any:
        return true()

    monkeypatch.setattr(Sight, test, passes_all)
    monkeypatch.setattr(asking, "STATEMENTS", OrderedDict[Any, Any]())
    assert any(found for number in range(40) for found in differences(measured, number))
