"""The sentinels: every account asks everything of a school that is full of them; and that they are found where they are."""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from server import tables
from server.register.elements import ELEMENTS, Sensitivity
from tests.e2e.serving import Server
from tests.leaks.hidden import Account, accounts
from tests.leaks.matrix import whole
from tests.leaks.sentinels import PLANTED, WHOLE, plant
from tests.leaks.watching import WATCH, Reader, judge, reader_of, refusals, told_in_files, words
from tests.leaks.ways import Place, places
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

EVERYBODY = accounts(wide_school("everybody", date(2026, 9, 21)))


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = plant(wide_school("sentinels", today), whole=True)
    insert_world(app_url, world)
    return world


def of(world: World) -> set[str]:
    return {word for word, one in PLANTED.items() if one.world is world}


@pytest.mark.parametrize("account", EVERYBODY, ids=str)
def test_every_account_is_told_its_own_sentinels_alone(server: Server, school: World, account: Account) -> None:
    """All values of each type, by the shortest way. The client fails on a foreign one; here it must have met its own."""
    client = server.client(school, account.handle, account.capacity)
    told: set[str] = set()
    for place in places():
        if place.noun is not None:
            answer = client.ask(place.document(whole(place.noun)[1:-1].replace("id ", "", 1)))
            assert set(answer.codes) <= {"FORBIDDEN"}, answer
            told |= set(words(json.dumps(answer.body)))
    reader = Reader(school.school_id, school.ids[account.handle], account.capacity)
    shown = {word for word in of(school) if WATCH.faults(word_in_an_answer(word), reader) == []}
    assert told <= shown
    # Older versions are nobody's, and a guardian's name may open another way to the same word.
    reached = {word for word in shown if PLANTED[word].type in ("Learner", "BehaviourEvent", "MarkVersion")}
    assert reached == {word for word in told if PLANTED[word].type in ("Learner", "BehaviourEvent", "MarkVersion")}


def word_in_an_answer(word: str) -> str:
    return json.dumps({"data": {"value": word}})


def test_every_special_category_value_has_one(school: World) -> None:
    planted = {(one.element, id(one.row)) for one in PLANTED.values() if one.world is school}
    rows = school.rows[tables.LearnerSpecialRow]
    assert {(row["element"], id(row)) for row in rows} <= planted
    special = {name for name, one in ELEMENTS.items() if one.sensitivity is Sensitivity.SPECIAL}
    assert {row["element"] for row in rows} >= special & {row["element"] for row in rows}
    assert {one.element for one in WHOLE} - {"special"} <= set(ELEMENTS)
