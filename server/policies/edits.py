"""A draft's edits: each adds, changes or removes a rule, or raises an element; all of them are made or none.

What one edit says is checked here; what the rules say together is told by `validate`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import NoReturn

from server.policies.book_rows import MOST_RULES, TOO_MANY
from server.policies.raising import PLACE, raised_findings
from server.policies.rule import Finding, Rule, RuleBookInvalid
from server.policies.rule_book import RuleBook
from server.policies.rule_checks import doubled_words, raise_findings
from server.policies.words import place, rule_word_findings, shown
from server.register.elements import ELEMENTS

_GIVEN = re.compile(r"s(\d{3,9})", re.ASCII)
_MOST_TOLD = 20
_PLACE_IN_REGISTER = {element: place for place, element in enumerate(ELEMENTS)}


@dataclass(frozen=True, slots=True)
class Add:
    """At the end of the book. A rule whose id is "" gets the next free one: s001, s002 ..."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Change:
    """The rule of the same id, in its place."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class Remove:
    rule_id: str


@dataclass(frozen=True, slots=True)
class Raise:
    """From now on staff read, count and export the element only with the course's certificate, and it is logged."""

    element: str
    course: str


@dataclass(frozen=True, slots=True)
class Lower:
    """Undoes the school's own raise; the register's own sensitivity can't be lowered."""

    element: str


Edit = Add | Change | Remove | Raise | Lower


class EditsRefused(RuleBookInvalid):
    """No edit was made. `position` is the first edit that can't be, counted from 0; `findings` are about it alone."""

    opening = "the edits can't be made"

    def __init__(self, findings: Sequence[Finding], position: int) -> None:
        super().__init__(findings)
        self.position = position


def apply(book: RuleBook, edits: Sequence[Edit]) -> RuleBook:
    """The book after all edits, made one after the other; `book` itself never changes. Raises EditsRefused."""
    if len(edits) > MOST_RULES:
        _refuse(MOST_RULES, "book", "too_many_edits", f"at most {MOST_RULES:,} edits are made at once: send fewer")
    draft = _Draft(book)
    for position, edit in enumerate(edits):
        draft.make(position, edit)
    return draft.book()


class _Draft:
    """A book being edited: rules by id in their order, and raised elements."""

    def __init__(self, book: RuleBook) -> None:
        self._before = book
        self._rules = {rule.id: rule for rule in book.rules}
        self._raised = dict(book.raised)
        # An id that was given stays taken within these edits, so that a removed rule isn't taken for a changed one.
        self._highest = max((_number(rule_id) for rule_id in self._rules), default=0)

    def book(self) -> RuleBook:
        raised = sorted(self._raised.items(), key=lambda pair: _PLACE_IN_REGISTER[pair[0]])
        return replace(self._before, rules=tuple(self._rules.values()), raised=tuple(raised))

    def make(self, position: int, edit: Edit) -> None:
        match edit:
            case Add(rule):
                self._add(position, rule)
            case Change(rule):
                self._known(position, rule.id)
                _refuse_words(position, rule)
                self._rules[rule.id] = rule
            case Remove(rule_id):
                self._known(position, rule_id)
                del self._rules[rule_id]
            case Raise(element, course):
                self._raise(position, element, course)
            case Lower(element):
                self._lower(position, element)

    def _add(self, position: int, rule: Rule) -> None:
        named = rule if rule.id else replace(rule, id=self._next_id())
        _refuse_words(position, named)
        if named.id in self._rules:
            _refuse(position, named.id, "doubled_id", "another rule has this id: give it one of its own, or none")
        if len(self._rules) >= MOST_RULES:
            raise EditsRefused([TOO_MANY], position)
        self._rules[named.id] = named
        self._highest = max(self._highest, _number(named.id))

    def _next_id(self) -> str:
        number = self._highest + 1
        while f"s{number:03}" in self._rules:
            number += 1
        return f"s{number:03}"

    def _known(self, position: int, rule_id: str) -> None:
        if rule_id not in self._rules:
            _refuse(
                position, place(rule_id), "unknown_rule", "the book has no rule of this id: look it up in the draft"
            )

    def _raise(self, position: int, element: str, course: str) -> None:
        findings = raised_findings([(element, course)]) or list(raise_findings([(element, course)]))
        if findings:
            raise EditsRefused(findings, position)
        if element in self._raised:
            _refuse(position, PLACE, "already_raised", f"{element} is raised already: lower it first")
        self._raised[element] = course

    def _lower(self, position: int, element: str) -> None:
        if element not in self._raised:
            sentence = f"the school did not raise {shown(element)}: what the register says can't be lowered"
            _refuse(position, PLACE, "not_raised", sentence)
        del self._raised[element]


def _number(rule_id: str) -> int:
    given = _GIVEN.fullmatch(rule_id)
    return int(given[1]) if given else 0


def _refuse_words(position: int, rule: Rule) -> None:
    findings = list(islice(chain(rule_word_findings(rule), doubled_words(rule)), _MOST_TOLD))
    if findings:
        raise EditsRefused(findings, position)


def _refuse(position: int, place: str, code: str, sentence: str) -> NoReturn:
    raise EditsRefused([Finding(place, code, sentence)], position)
