"""Analyses of all accounts under generated rule books: what is answered is a plain reckoning over what may be read."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
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
from server.queries.statistic_groups import DIMENSIONS
from tests.oracle.analysis import Reckoning
from tests.oracle.analysis_documents import ANALYSES, document, plain
from tests.oracle.asker import asker
from tests.oracle.enforcing import Books
from tests.oracle.publishing import publish
from tests.oracle.rows import Rows
from tests.oracle.served import Served
from tests.oracle.visibility import Visibility
from tests.properties.reads.books import mutated
from tests.properties.reads.choosing import Choosing
from tests.worlds import World, insert_world
from tests.worlds.analysed_school import analysed_school
from tests.worlds.classes import CLASSES, COURSES

EXAMPLES = 25
ASKED = 8
EVERY_CHECK: list[Any] = list(HealthCheck)
PREFIXES = {"class": "cls", "course": "crs", "window": "win", "toWindow": "win", "assessment": "asm"}
# Accounts that read much, so that most answers hold something.
READERS = ("teacher", "head", "maths-lead", "data-manager", "tutor")


@dataclass
class Analysed:
    """Schools that one server serves; `told` counts the answers that held somebody's result."""

    runner: asyncio.Runner
    served: Served
    owner: psycopg.Connection[tuple[object, ...]]
    worlds: list[World]
    told: int = 0
    refused: int = 0

    def difference(self, world: World, book: RuleBook, choosing: Choosing) -> str | None:
        rows = Rows(world)
        account = _account(choosing, world)
        seen = Visibility(rows, Books(book), asker(rows, account["person_id"], account["capacity"]))
        name, given_ = choosing.one(ANALYSES), dict[str, Any]()
        given_ = _given(choosing, name, world, self.worlds)
        body = self.runner.run(
            self.served.raw(world, account["person_id"], account["capacity"], document(name), _sent(given_))
        )
        expected = Reckoning(rows, seen).answer(name, given_)
        if isinstance(expected, str):
            self.refused += 1
            found = [error["extensions"]["code"] for error in body.get("errors", [])]
            return None if found == [expected] else f"{name} should be {expected}: {body}"
        if "errors" in body:
            return f"{name} was refused: {body}"
        told = plain(body["data"][name])
        self.told += bool(told) and any(told.get(key) for key in ("entries", "learners"))
        return None if told == plain(expected) else f"{name} {given_}\n{told}\nexpected\n{plain(expected)}"


def _account(choosing: Choosing, world: World) -> Any:
    accounts = world.rows[tables.AccessProfileRow]
    if choosing.once_in(8):
        return next(one for one in accounts if one["person_id"] == world.ids["cover"])
    if choosing.once_in(2):
        reader = world.ids[choosing.one(READERS)]
        return next(one for one in accounts if one["person_id"] == reader)
    return choosing.one(accounts)


def _given(choosing: Choosing, name: str, world: World, worlds: list[World]) -> dict[str, Any]:
    other = worlds[worlds.index(world) - 1] if choosing.once_in(12) else world
    found: dict[str, Any] = {}
    if name == "questionAnalysis":
        papers = [row["assessment_id"] for row in world.rows[tables.AssessmentRow]]
        found["assessment"] = choosing.one(papers)
        course = next(
            r["course_id"] for r in world.rows[tables.AssessmentRow] if r["assessment_id"] == found["assessment"]
        )
        inside = [one for one, of in CLASSES.items() if world.ids[of] == course] or list(CLASSES)
        found |= {"class": world.ids[choosing.one(inside)]} if choosing.once_in(2) else {"course": course}
    else:
        found["window"] = world.ids[choosing.one(("autumn", "autumn", "spring"))]
        scope = choosing.one(("class", "course", "yearGroup"))
        choices: dict[str, list[Any]] = {
            "class": [other.ids[one] for one in ("10/Ma1", *CLASSES)],
            "course": [other.ids[one] for one in ("maths-10", *COURSES)],
            "yearGroup": ["10", "11", "7"],
        }
        found[scope] = choosing.one(choices[scope])
    if name == "compareGroups":
        found["dimension"] = choosing.one(list(DIMENSIONS))
    if name == "marksToNext" and choosing.once_in(2):
        found["within"] = choosing.one(("4", "4.5", "0"))
    if name == "compareSnapshots":
        found |= {"toWindow": world.ids[choosing.one(("spring", "autumn"))]} if choosing.once_in(2) else {}
        days = [world.today - timedelta(days=days) for days in (0, 1, 2, 15, 31, 45)]
        found |= {side: choosing.one(days) for side in ("fromDay", "toDay") if choosing.once_in(2)}
    return found


def _sent(given_: dict[str, Any]) -> dict[str, Any]:
    def written(name: str, value: Any) -> Any:
        if isinstance(value, UUID):
            return f"{PREFIXES[name]}_{value.hex}"
        return value.isoformat() if isinstance(value, date) else value

    return {name: written(name, value) for name, value in given_.items()}


@pytest.fixture(scope="module")
def analysed(app_url: str, owner_url: str, today: date) -> Generator[Analysed]:
    worlds = [analysed_school(f"analysed {number}", today) for number in range(3)]
    for world in worlds:
        insert_world(owner_url, world)
    with asyncio.Runner() as runner, pytest.MonkeyPatch.context() as monkeypatch, psycopg.connect(owner_url) as owner:
        pool = Pool(app_url, min_size=1, max_size=2)
        runner.run(pool.__aenter__())
        yield Analysed(runner, Served(pool, monkeypatch, worlds[0]), owner, worlds)
        runner.run(pool.__aexit__(None, None, None))


def differences(analysed: Analysed, number: int, *, shipped: bool = False) -> Iterator[str]:
    choosing = Choosing(number)
    world = choosing.one(analysed.worlds)
    book = starting_book() if shipped or choosing.once_in(3) else mutated(choosing)
    publish(analysed.owner, world, book)
    for _ in range(ASKED):
        found = analysed.difference(world, book, choosing)
        if found is not None:
            yield f"{world.seed}: {found}"


def test_an_analysis_is_a_reckoning_over_what_may_be_read(analysed: Analysed, part: int) -> None:
    """Figures, names, rounding, order and refusals."""

    @seed(part)
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=EVERY_CHECK)
    @given(chosen=st.integers(0, 2**63))
    def check(chosen: int) -> None:
        for found in differences(analysed, chosen):
            pytest.fail(found)

    check()
    assert analysed.told > EXAMPLES
    assert analysed.refused > EXAMPLES // 2


@pytest.mark.parametrize("test", ["of_row", "of_learner", "of_class"])
def test_without_any_one_test_of_visibility_something_differs(
    analysed: Analysed, monkeypatch: pytest.MonkeyPatch, test: str
) -> None:
    """So each of them is needed, and the comparison sees it."""

    def passes_all(*_: Any) -> Any:
        return true()

    monkeypatch.setattr(Sight, test, passes_all)
    monkeypatch.setattr(
        asking, "STATEMENTS", OrderedDict[Any, Any]()
    )  # neither those made before, nor these for anybody after
    assert any(found for number in range(60) for found in differences(analysed, number, shipped=True))


def test_where_nobody_is_there_each_statement_still_names_its_school(analysed: Analysed) -> None:
    """A book under which no learner exists for anybody on the staff: the statement recorder reads what is sent."""
    book = starting_book()
    rules = tuple(rule for rule in book.rules if (rule.element, rule.action) != ("name", "read"))
    nobody = RuleBook(rules, book.role_groups, book.element_groups)
    world = analysed.worlds[0]
    publish(analysed.owner, world, nobody)
    choosing = Choosing(1)
    assert [found for _ in range(40) if (found := analysed.difference(world, nobody, choosing))] == []
