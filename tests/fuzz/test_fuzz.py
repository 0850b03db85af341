"""A few hundred mutated requests of a fixed seed: what `python -m tests.fuzz` sends by the ten thousand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest
from graphql import parse, validate

from server.web.secure_headers import DEFAULTS
from tests.e2e.serving import Server
from tests.fuzz.corpus import CANARY, operation
from tests.fuzz.grounds import Grounds, grounds
from tests.fuzz.judging import faults, told
from tests.fuzz.running import GROWTH, Report, percentile, run
from tests.fuzz.shot import Shot
from tests.fuzz.shots import KINDS, shot
from tests.fuzz.wire import Outcome

SEED, REQUESTS = 20261121, 400


@pytest.fixture(scope="module")
def ground(server: Server, app_url: str) -> Grounds:
    return grounds(server, app_url)


async def test_mutated_requests_are_refused_and_hurt_nobody(ground: Grounds) -> None:
    """No defect, no hang, nothing in the log; the server stays as large as it was, and a healthy client is answered."""
    report = await run(ground, SEED, REQUESTS)
    assert report.certain == [], "\n".join((*report.lines(), *report.certain))
    assert len(report.during) > 10
    seen = set(report.answers)
    assert seen >= {"200", "400", "401", "404", "405", "413", "4400"}, "the mutations reach less than they did"


def test_a_seed_is_the_same_requests_again(ground: Grounds) -> None:
    """Of every kind; and every root field is asked, by operations that are right before they are spoilt."""
    kinds = Counter(shot(ground, 1, number)[0] for number in range(200))
    assert set(kinds) == set(KINDS)
    assert str(shot(ground, 1, 7)[1]) == str(shot(ground, 1, 7)[1])
    for root in ground.roots:
        made = operation(ground.schema, root, Random(root), ground.ids)
        assert validate(ground.schema, parse(made.document)) == [], made.document


def test_what_is_wrong_is_noticed(tmp_path: Path) -> None:
    """The control: a defect, a hang, no answer, a bare answer, a canary in a log, growth, a client that was hurt."""
    shot_ = Shot((b"POST / HTTP/1.1\r\n\r\n",))
    headers = {name.decode(): "x" for name, _ in DEFAULTS} | {"content-type": "text/plain", "retry-after": "1"}
    assert faults(shot_, Outcome(200, headers)) == []
    assert faults(shot_, Outcome(503, headers, b'{"code":"UNAVAILABLE"}')) == []
    for outcome in (
        Outcome(500, headers), Outcome(503, headers), Outcome(502, headers, b"UNAVAILABLE"), Outcome(hung=True), Outcome(),
        Outcome(200, {}), Outcome(200, headers, b"INTERNAL_ERROR"), Outcome(101, closed=1011),
        Outcome(200, headers, b"Zs0123456789abcdef"), Outcome(200, headers | {"location": "Zs0123456789abcdef"}),
    ):  # fmt: skip
        assert faults(shot_, outcome) != [], outcome
    log = tmp_path / "log"
    for line in (f"about {CANARY}", "a-secret-token", '{"event": "defect"}'):
        log.write_text(line)
        assert told(log, frozenset({"a-secret-token"})) != []
    quiet = Report(1, 1, memory=[100.0, 100.0])
    assert quiet.failures == []
    assert Report(1, 1, memory=[100.0, 101.0 + GROWTH, 100.0]).failures
    assert Report(1, 1, memory=[1.0], errors=1).failures
    assert Report(1, 1, memory=[1.0], during=[9000.0] * 100).failures
    assert percentile([1.0] * 19 + [1500.0], 99) < 1500
