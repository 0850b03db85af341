"""Two clients racing one idempotency key over HTTP, through two server processes."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.marks_ledger import Batch, Ledger
from tests.e2e.serving import Answer, Server
from tests.unit.commands.desk import crowd
from tests.worlds import World, insert_world, small_school

ROUNDS = 12
CLIENTS = 6
PAPER = "maths-10 paper 1"


@pytest.fixture
def pair(servers: list[Server]) -> list[Server]:
    return servers[:2]


@pytest.fixture
def school(app_url: str, today: date) -> World:
    world = small_school(f"races {uuid4()}", today)
    crowd(world, 2)
    insert_world(app_url, world)
    return world


def race(servers: list[Server], world: World, batches: list[Batch], keys: list[str]) -> list[Answer]:
    """All batches at once, each by a client of its own, through the servers in turn."""
    line = threading.Barrier(len(batches))

    def one(place: int) -> Answer:
        client = servers[place % len(servers)].client(world, "teacher")
        line.wait(30)
        return batches[place].send(client, world, keys[place])

    with ThreadPoolExecutor(len(batches)) as threads:
        return list(threads.map(one, range(len(batches))))


def test_a_race_for_one_key_has_one_effect(pair: list[Server], school: World, owner_url: str) -> None:
    """All are told the same marks and grades; one wrote them."""
    sent: list[Batch] = []
    for turn in range(ROUNDS):
        batch = Batch(f"Race{turn}", f"race-{turn}", PAPER, {"crowd 0": 20 + turn, "crowd 1": 40 + turn})
        sent.append(batch)
        answers = [
            answer.data["recordMarks"] for answer in race(pair, school, [batch] * CLIENTS, [batch.key] * CLIENTS)
        ]
        assert sorted(answer["replayed"] for answer in answers) == [False, *[True] * (CLIENTS - 1)]
        assert len({str(answer | {"replayed": None}) for answer in answers}) == 1
        assert [int(mark["score"]) for mark in answers[0]["marks"]] == list(batch.scores.values())
    assert Ledger(owner_url, school).findings(sent) == []


def test_a_race_of_other_content_for_one_key_has_one_winner(pair: list[Server], school: World, owner_url: str) -> None:
    """The others are told that the key stands for something else, and nothing of theirs is there."""
    won: list[Batch] = []
    for turn in range(ROUNDS):
        batches = [
            Batch(f"Other{turn}x{place}", f"other-{turn}", PAPER, {"crowd 0": 10 * place + turn % 10})
            for place in range(CLIENTS)
        ]
        answers = race(pair, school, batches, [f"other-{turn}"] * CLIENTS)
        winners = [batch for batch, answer in zip(batches, answers, strict=True) if not answer.codes]
        assert len(winners) == 1
        assert [answer.codes for answer in answers if answer.codes] == [["IDEMPOTENCY_CONFLICT"]] * (CLIENTS - 1)
        won += winners
    assert Ledger(owner_url, school).findings(won) == []


def test_clients_with_keys_of_their_own_all_write(pair: list[Server], school: World, owner_url: str) -> None:
    """The control: without one key each of them has its effect."""
    batches = [Batch(f"Own{place}", f"own-{place}", PAPER, {"crowd 0": 10 + place}) for place in range(CLIENTS)]
    answers = race(pair, school, batches, [batch.key for batch in batches])
    assert [answer.data["recordMarks"]["replayed"] for answer in answers] == [False] * CLIENTS
    ledger = Ledger(owner_url, school)
    assert ledger.findings(batches) == []
    assert ledger.findings(batches[:1]) != []
    versions = [row[1] for row in ledger.rows["versions"] if row[2] == school.ids["crowd 0"]]
    assert versions == list(range(1, CLIENTS + 1))


Row = tuple[Any, ...]


def _without_one_of(name: str) -> Callable[[list[Row]], list[Row]]:
    def change(rows: list[Row]) -> list[Row]:
        one = next(row for row in rows if row[5] == name)
        return [row for row in rows if row is not one]

    return change


FAULTS: dict[str, tuple[str, Callable[[list[Row]], list[Row]], str]] = {
    # what is taken from the rows, and what the ledger must say
    "an audit row": ("audit", lambda rows: rows[:-1], "has no audit row"),
    "an event": ("events", lambda rows: rows[:-1], "the outbox has gaps"),
    "a version": ("versions", lambda rows: [row for row in rows if row[5] is None or row[1] != 2][1:], "gaps"),
    "a batch": ("versions", lambda rows: [row for row in rows if row[5] != "Kept1"], "Kept1 was written 0 times"),
    "half a batch": ("versions", _without_one_of("Kept1"), "Kept1 is not whole"),
    "a mark's score": ("marks", lambda rows: [(*row[:3], 1, row[4]) for row in rows], "is not its last version"),
    "the grades": ("grades", lambda rows: [(*row[:3], "1") for row in rows], "rests on other marks"),
    "a key's outcome": ("keys", lambda rows: [*rows, ("kept", False)], "without an outcome"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_ledger_notices_what_is_missing(pair: list[Server], school: World, owner_url: str, fault: str) -> None:
    """Rows without a fault, and with one."""
    batches = [
        Batch(f"Kept{paper}", f"kept-{paper}", f"maths-10 paper {paper}", {"crowd 0": 30, "crowd 1": 31})
        for paper in (1, 2)
    ]
    for batch in batches:
        batch.send(pair[0].client(school, "teacher"), school)
    ledger = Ledger(owner_url, school)
    assert ledger.findings(batches) == []
    table, change, sentence = FAULTS[fault]
    ledger.rows[table] = change(ledger.rows[table])
    assert any(sentence in finding for finding in ledger.findings(batches)), ledger.findings(batches)


def test_an_expected_version_lets_one_of_them_through(pair: list[Server], school: World) -> None:
    """Optimistic locking over HTTP: one of many who saw version 1 writes version 2, the others are told."""
    mark = {
        "learner": f"lrn_{school.ids['ann'].hex}",
        "assessment": f"asm_{school.ids[PAPER].hex}",
        "expectedVersion": 1,
    }
    document = """mutation($i: RecordMarksInput!) { recordMarks(input: $i) {
      marks { version score } conflicting { version } userErrors { code path } } }"""
    line = threading.Barrier(CLIENTS)

    def one(place: int) -> Answer:
        client = pair[place % 2].client(school, "teacher")
        given = {"i": {"marks": [mark | {"score": str(50 + place)}], "idempotencyKey": f"v{place}"}}
        line.wait(30)
        return client.ask(document, given)

    with ThreadPoolExecutor(CLIENTS) as threads:
        answers = [answer.data["recordMarks"] for answer in threads.map(one, range(CLIENTS))]
    assert sorted(len(answer["marks"]) for answer in answers) == [*[0] * (CLIENTS - 1), 1]
    for answer in answers:
        if not answer["marks"]:
            assert answer["conflicting"] == [{"version": 2}]
            path = ["input", "marks", "0", "expectedVersion"]
            assert answer["userErrors"] == [{"code": "VERSION_CONFLICT", "path": path}]
