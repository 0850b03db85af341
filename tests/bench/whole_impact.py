"""What an officer waits for policyImpact over HTTP: people and learners by name, and the replay of recorded operations."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import cycle
from statistics import median
from typing import Any

import psycopg

from server.policies.rule_book import RuleBook
from server.queries.reach.replay import LAST
from tests.bench.accounts import accounts
from tests.bench.administration import RULES, Administration, exchanged, officers_book, with_another
from tests.bench.dataset import Dataset
from tests.bench.http_client import Connection, operation_bytes, request_bytes
from tests.bench.operations import Operation
from tests.bench.usher_server import UsherServer
from tests.publishing import publish_version

_REPEATS = 3
_COUNTS = "element action stated special gained lost staffGained staffLost"
_IMPACT = f"""query Impact($v: Int!) {{ policyImpact(version: $v) {{
  sentences widens widensSpecial
  people {{ gaining losing learnersGained learnersLost groups {{ capacity roles people {_COUNTS} }}
    people {{ person {{ person name capacity roles }} {_COUNTS}
      gainedLearners {{ learner name }} lostLearners {{ learner name }} }} }}
  replay {{ lookedAt since differing
    operations {{ id occurredAt person capacity roles kind operation turns {{ element action turn }} }} }} }} }}"""
_CHANGES: dict[str, Callable[[RuleBook], RuleBook]] = {
    "policyImpact whole, one rule changed": with_another,
    "policyImpact whole, the book exchanged": exchanged,
}


async def whole_impact(data: Dataset, server: UsherServer, asked: list[Operation]) -> list[Administration]:
    """Medians of milliseconds by the number of rules, each in force since just before; the book of before is put back."""
    connection = Connection(server.port)
    await _recorded(data, connection, asked)
    [officer] = accounts(data, ("dpo",))
    found: list[Administration] = []
    with psycopg.connect(data.owner_url, autocommit=True) as owner:
        before = _in_force(owner, data)
        try:
            for name, change in _CHANGES.items():
                cost = {
                    rules: await _cost(owner, data, connection, officer.token, officers_book(rules), change)
                    for rules in RULES
                }
                found.append(Administration(name, cost))
        finally:
            _publish(owner, data, before)
            connection.close()
    return found


async def _cost(
    owner: psycopg.Connection[Any],
    data: Dataset,
    connection: Connection,
    token: str,
    book: RuleBook,
    change: Callable[[RuleBook], RuleBook],
) -> float:
    times: list[float] = []
    for _ in range(_REPEATS):
        other = _publish(owner, data, change(book).content())
        _publish(owner, data, book.content())
        request = request_bytes(_IMPACT, {"v": other}, token)
        begun = time.perf_counter()
        answer = json.loads(await connection.ask(request))
        times.append((time.perf_counter() - begun) * 1000)
        _whole(answer)
    return median(times)


def _whole(answer: dict[str, Any]) -> None:
    """Raises RuntimeError for an answer that is not what the row says."""
    if "errors" in answer:
        raise RuntimeError(f"policyImpact was not answered: {answer['errors']}")
    impact = answer["data"]["policyImpact"]
    told = impact["people"]["people"]
    if not told or not all(one["person"]["name"] for one in told) or impact["replay"]["lookedAt"] < LAST:
        raise RuntimeError(f"policyImpact told of {len(told)} people, not all by name, or replayed too little")


async def _recorded(data: Dataset, connection: Connection, asked: list[Operation]) -> None:
    """Read on until as many operations are recorded as are replayed."""
    requests = cycle([operation_bytes(one) for one in asked])
    with psycopg.connect(data.owner_url, autocommit=True) as owner:
        while _count(owner, data) < LAST:
            for _ in range(LAST // 4):
                await connection.ask(next(requests))


def _count(owner: psycopg.Connection[Any], data: Dataset) -> int:
    query = "SELECT count(*) FROM usher.audit_operation WHERE school_id = %s"
    return owner.execute(query, [data.school.school_id]).fetchall()[0][0]


def _in_force(owner: psycopg.Connection[Any], data: Dataset) -> str:
    query = (
        "SELECT v.content FROM usher.policy_head h JOIN usher.policy_version v ON v.school_id = h.school_id"
        " AND v.version = h.version WHERE h.school_id = %s AND v.school_id = %s"
    )
    return owner.execute(query, [data.school.school_id] * 2).fetchall()[0][0]


def _publish(owner: psycopg.Connection[Any], data: Dataset, content: str) -> int:
    with owner.transaction():
        return publish_version(owner, data.school.school_id, content)
