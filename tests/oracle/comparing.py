"""Compares an answer of the server with the oracle's: key order, number text, errors and the audit's elements count."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from graphql import parse

from server.policies.rule_book import RuleBook
from tests.oracle.answering import Oracle
from tests.oracle.asker import asker
from tests.oracle.checking import refusals
from tests.oracle.enforcing import Books
from tests.oracle.rows import Rows
from tests.oracle.served import Served
from tests.oracle.visibility import Visibility
from tests.worlds import World


@dataclass
class Counted:
    """What a run of comparisons has looked at; costly ones were refused for their size, of which the oracle knows nothing."""

    operations: int = 0
    refused: int = 0
    costly: int = 0
    cells: int = 0


@dataclass(frozen=True)
class Case:
    """One operation of one person."""

    person: UUID
    capacity: str
    document: str
    variables: dict[str, Any]
    reason: str | None = None
    purpose: str | None = None

    @property
    def stated(self) -> Iterable[str]:
        return [*(["reason"] if self.reason else []), *([f"purpose:{self.purpose}"] if self.purpose else [])]


class Comparison:
    """A world that a server serves, under the book that is in force there."""

    def __init__(self, served: Served, world: World, book: RuleBook) -> None:
        self.served, self.world = served, world
        self.rows = Rows(world)
        self.books = Books(book)
        self.counted = Counted()

    async def difference(self, case: Case) -> str | None:
        """A sentence about the first difference, or None."""
        text = await self.served.ask(
            self.world, case.person, case.capacity, case.document, case.variables, case.reason, case.purpose
        )
        told = without_cost(exact(text))
        self.counted.operations += 1
        if told[1][0][0] == "errors" and '"LIMIT_EXCEEDED"' in text:
            self.counted.costly += 1
            return None
        document = parse(case.document)
        who = asker(self.rows, case.person, case.capacity, case.stated)
        refused = refusals(document, case.variables, Visibility(self.rows, self.books, who))
        if refused:
            self.counted.refused += 1
            return _refusal(json.loads(text), refused)
        oracle = Oracle(self.rows, self.books, self.served.positions)
        result, log, cells = oracle.answer(document, case.variables, who)
        self.counted.cells += cells
        if result.errors:
            raise AssertionError(f"the oracle failed: {result.errors}") from result.errors[0].original_error
        expected = exact(json.dumps({"data": result.data}))
        if told[1][0][0] == "errors":
            return f"was refused, and should not be: {text[:600]}"
        if told != expected:
            return _told(told, expected)
        return None if self.served.log == log else f"the audit names {self.served.log}, and should name {log}"


def exact(text: str) -> Any:
    """JSON with the order of keys and the text of numbers kept."""

    def number(digits: str) -> tuple[str, str]:
        return "number", digits

    return json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs), parse_int=number, parse_float=number)


def without_cost(told: Any) -> Any:
    """A response without what it says of its cost, which is of the document and nobody's data."""
    kind, pairs = told
    if pairs[-1][0] != "extensions":
        return told
    [(name, cost)] = pairs[-1][1][1]
    assert name == "cost"
    assert all(value[0] == "number" for _, value in cost[1])
    return kind, pairs[:-1]


def _refusal(body: dict[str, Any], refused: set[tuple[str, tuple[str, ...]]]) -> str | None:
    errors = body.get("errors")
    if not errors or body.get("data") is not None:
        return f"should be refused for one of {sorted(refused)}, and was answered {str(body)[:400]}"
    extensions = errors[0]["extensions"]
    argument = tuple(str(step) for step in extensions.get("argument", ()))
    for code, path in refused:
        if code == extensions["code"] and argument[-len(path) :] == path:
            return None
    return f"should be refused for one of {sorted(refused)}, and was refused with {errors[0]}"


def _told(told: Any, expected: Any, path: str = "") -> str:
    """The first place where two exact values differ."""
    if _is_object(told) and _is_object(expected):
        mine, theirs = dict[str, Any](told[1]), dict[str, Any](expected[1])
        if list(mine) != list(theirs):
            return f"{path}: keys {list(mine)}, expected {list(theirs)}"
        return next(_told(mine[key], theirs[key], f"{path}.{key}") for key in mine if mine[key] != theirs[key])
    if _is_list(told) and _is_list(expected) and len(told) == len(expected):
        place = next(place for place, one in enumerate(told) if one != expected[place])
        return _told(told[place], expected[place], f"{path}[{place}]")
    return f"{path}: the server says {str(told)[:600]}, the oracle {str(expected)[:600]}"


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_object(value: Any) -> bool:
    return isinstance(value, tuple) and cast(tuple[Any, ...], value)[0] == "object"
