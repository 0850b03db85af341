"""What a book is held to before it may be handed in or published, and what it would change."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from server.commands.input_error import InputError
from server.commands.policy.refusals import found
from server.database.pool import PoolConnection
from server.errors import PolicyUnavailable
from server.policies.book_rows import read_content
from server.policies.examples import Example, Outcome, run, starting_examples
from server.policies.impact import Change, impact, widens, widens_special
from server.policies.planner import Planner
from server.policies.rule_book import RuleBook, RuleBookInvalid
from server.policies.shipped import shipped_ceiling
from server.policies.validate import Finding, validate
from server.policies.wording_changes import Told, told
from server.queries.policy_history import own_examples
from server.queries.policy_rows import OwnExample

MOST_SENTENCES: Final = 200
_MOST_BOOKS: Final = 64


@dataclass(frozen=True, slots=True)
class Judged:
    """No finding and no failing example: the book may be handed in."""

    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]

    def errors(self, *path: str | int) -> tuple[InputError, ...]:
        """Each finding, then each example that fails, with its sentence."""
        failing = [Finding("example", "example_failed", one.sentence) for one in self.outcomes if not one.holds]
        return found([*self.findings, *failing], *path)


@dataclass(frozen=True, slots=True)
class Compared:
    """`changes` are those of server.policies.impact, `told` the same in few sentences."""

    changes: tuple[Change, ...]
    told: tuple[Told, ...]

    @property
    def widens(self) -> bool:
        return widens(self.changes)

    @property
    def widens_special(self) -> bool:
        return widens_special(self.changes)

    def gains(self) -> list[str]:
        """Who gains what, in sentences."""
        return [one.sentence for one in self.told if one.widens]

    def summary(self) -> dict[str, object]:
        """What a submission keeps of it."""
        sentences = [one.sentence for one in self.told]
        return {"sentences": sentences[:MOST_SENTENCES], "more": max(0, len(sentences) - MOST_SENTENCES)}


def drafted_book(content: str) -> RuleBook:
    """A draft's book, valid or not. Raises PolicyUnavailable for what is no book at all."""
    try:
        return RuleBook(*read_content(content))
    except RuleBookInvalid:
        raise PolicyUnavailable("The draft can't be read: start it anew.") from None


def stored_book(content: str) -> RuleBook:
    """A version's book. Raises PolicyUnavailable where it can't be used."""
    try:
        return RuleBook.from_content(content)
    except RuleBookInvalid:
        raise PolicyUnavailable("This version of the rule book can't be read any more: choose another.") from None


async def judge(connection: PoolConnection, school_id: UUID, book: RuleBook) -> Judged:
    """Validate the book, and run the agreement's examples and the school's own."""
    own = [example_of(row) for row in await own_examples(connection, school_id)]
    return await asyncio.to_thread(_judged, book, own)


async def compare(old: RuleBook, new: RuleBook) -> Compared:
    """What `new` would change for anybody. RuleBookInvalid for a book with unknown words."""
    return await asyncio.to_thread(_compared, old, new)


def example_of(row: OwnExample) -> Example:
    return Example(
        name=row.name,
        roles=tuple(row.held),
        capacity=row.capacity,
        facts=tuple(row.facts),
        relations=tuple(row.relations),
        element=row.element,
        action=row.action,
        visible=row.visible,
    )


def _judged(book: RuleBook, own: Sequence[Example]) -> Judged:
    findings, fixed = _held(book)
    return Judged(findings, (*fixed, *_outcomes(book, own)))


@lru_cache(maxsize=_MOST_BOOKS)
def _held(book: RuleBook) -> tuple[tuple[Finding, ...], tuple[Outcome, ...]]:
    """What doesn't depend on the school: a book is judged when it is drafted, submitted, looked at and published."""
    return tuple(validate(book, shipped_ceiling())), _outcomes(book, starting_examples())


def _outcomes(book: RuleBook, examples: Sequence[Example]) -> tuple[Outcome, ...]:
    """None of a book that decides nothing because its words are unknown."""
    try:
        return run(Planner(book.checked(), shipped_ceiling()), examples) if examples else ()
    except RuleBookInvalid:
        return ()


def _compared(old: RuleBook, new: RuleBook) -> Compared:
    ceiling = shipped_ceiling()
    changes = impact(Planner(old, ceiling), Planner(new.checked(), ceiling))
    return Compared(changes, told(changes))
