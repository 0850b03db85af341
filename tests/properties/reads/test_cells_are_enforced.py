"""Cell by cell: what the compiled statement shows of a table of learners and elements is what `enforce` says of each."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from server import tables
from server.database.pool import Pool
from server.policies.rule_book import RuleBook
from server.policies.shipped import guardrails_model_text, model_text, shipped_ceiling
from tests.depth import DEEP
from tests.oracle.asker import asker
from tests.oracle.enforcing import CEILING_ALONE, Book
from tests.oracle.printed import RANK
from tests.oracle.publishing import publish
from tests.oracle.relations import Relations
from tests.oracle.rows import Rows
from tests.oracle.served import Served
from tests.properties.reads.books import mutated
from tests.properties.reads.choosing import Choosing
from tests.worlds import World, insert_world, varied_school

BOOKS = 12
EVERY_CHECK: list[Any] = list(HealthCheck)
ACTIONS = ("READ", "COUNT")
TABLE = " ".join(
    f"{action.lower()}_{element}: viewerCan(element: {element.upper()}, action: {action})"
    for action in ACTIONS
    for element in RANK
)
# Each learner by id, whether or not the name may be read: a learner who isn't there shows no cell at all.
DOCUMENT = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Learner {{ id {TABLE} }} }} }}"


@dataclass
class Cells:
    runner: asyncio.Runner
    served: Served
    owner: psycopg.Connection[tuple[object, ...]]
    worlds: list[World]
    compared: int = 0


@pytest.fixture(scope="module")
def cells(app_url: str, owner_url: str, today: date) -> Generator[Cells]:
    worlds = [varied_school(f"cells {number}", today) for number in range(10 if DEEP else 1)]
    for world in worlds:
        insert_world(owner_url, world)
    with (
        asyncio.Runner() as runner,
        pytest.MonkeyPatch.context() as monkeypatch,
        psycopg.connect(owner_url) as owner,
    ):
        pool = Pool(app_url, min_size=1, max_size=2)
        runner.run(pool.__aenter__())
        yield Cells(runner, Served(pool, monkeypatch, worlds[0]), owner, worlds)
        runner.run(pool.__aexit__(None, None, None))


def test_each_cell_is_what_enforce_says(cells: Cells, part: int) -> None:
    """Stock enforcers over whole books, nothing left out and nothing remembered but equal questions."""
    ceiling = Book(shipped_ceiling().book, guardrails_model_text())
    above = ceiling.plain(ceiling.book.rules)

    @seed(part)
    @settings(max_examples=BOOKS, phases=[Phase.generate], suppress_health_check=EVERY_CHECK)
    @given(chosen=st.integers(0, 2**63))
    def check(chosen: int) -> None:
        choosing = Choosing(chosen)
        book = mutated(choosing)
        world = choosing.one(cells.worlds)
        publish(cells.owner, world, book)
        account = choosing.one(world.rows[tables.AccessProfileRow])
        _check(cells, world, book, above, account)

    check()
    # By the books that are drawn between 2,900 and 4,400 so far: drawn numbers follow the modules that a process has loaded.
    assert cells.compared > 2000


def _check(cells: Cells, world: World, book: RuleBook, above: Any, account: dict[str, Any]) -> None:
    own = Book(book, model_text())
    below = own.plain(book.rules)
    rows = Rows(world)
    who = asker(rows, account["person_id"], str(account["capacity"]))
    relations = Relations(rows, who.person_id)
    answers: dict[tuple[str, str, frozenset[str]], bool] = {}

    def enforced(element: str, action: str, rels: frozenset[str]) -> bool:
        key = (element, action, rels)
        if key not in answers:
            asked = (who.who, element, action, rels)
            answers[key] = above.enforce(*asked) and (element in CEILING_ALONE or below.enforce(*asked))
        return answers[key]

    learners = {f"lrn_{row['learner_id'].hex}": row["learner_id"] for row in rows.all("learner")}
    told = cells.runner.run(cells.served.raw(world, who.person_id, who.capacity, DOCUMENT, {"ids": list(learners)}))
    for (text, key), node in zip(learners.items(), told["data"]["nodes"], strict=True):
        rels = relations.of_learner(key)
        if not enforced("name", "read", rels):
            assert node is None
            continue
        assert node["id"] == text
        for action in ACTIONS:
            for element in RANK:
                shown = node[f"{action.lower()}_{element}"]
                assert shown == enforced(element, action.lower(), rels), (element, action, sorted(rels))
                cells.compared += 1
