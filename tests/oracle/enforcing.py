"""Casbin's own answer for one cell, from the shipped models and the rows of a book: plain enforcers, no planner.

Matcher functions are written anew here. What rules mean for rows that nobody has is said by a specification of six lines.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

from casbin import Enforcer
from casbin.model import Model

from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import guardrails_model_text, model_text, shipped_ceiling
from server.policies.vocabulary import JOINED
from tests.oracle.relations import closed

# What only the guardrails decide about: a school's book has no say in who administers it.
CEILING_ALONE = frozenset({"policy"})


@dataclass(frozen=True)
class Who:
    """A person as rules see them."""

    roles: frozenset[str]
    facts: frozenset[str]

    def supposing(self, facts: Iterable[str]) -> Who:
        return Who(self.roles, self.facts | frozenset(facts))


class Book:
    """One book under one model."""

    def __init__(self, book: RuleBook, model: str) -> None:
        self.book = book
        self._model = model
        self._enforcers: dict[tuple[str, str], Any] = {}
        self._answers: dict[tuple[Who, str, str, frozenset[str]], bool] = {}
        self._rules: dict[tuple[frozenset[str], str, str], list[Rule]] = {}
        self._groups: dict[str, set[str]] = {}
        for member, group in (*book.role_groups, *book.element_groups):
            self._groups.setdefault(member, set()).add(group)

    def enforce(self, who: Who, element: str, action: str, rels: frozenset[str]) -> bool:
        """Casbin, asked once about each different cell."""
        key = (who, element, action, rels)
        if key not in self._answers:
            self._answers[key] = bool(self._enforcer(element, action).enforce(who, element, action, rels))
        return self._answers[key]

    def rules(self, who: Who, element: str, action: str) -> list[Rule]:
        """Rules about this element and action for one of these roles, whatever their conditions."""
        key = (who.roles, element, action)
        if key not in self._rules:
            about = [r for r in self.book.rules if r.action == action and self._in_group(element, r.element)]
            self._rules[key] = [rule for rule in about if self._has_role(who, rule.role)]
        return self._rules[key]

    def specified(self, who: Who, element: str, action: str, rels: frozenset[str]) -> bool:
        rules = (rule for rule in self.rules(who, element, action) if rule.scope in rels)
        effects = {rule.effect for rule in rules if who.facts.issuperset(rule.conditions)}
        return "allow" in effects and "deny" not in effects

    def duties(self, who: Who, element: str, action: str) -> frozenset[str]:
        """Duties of every allow rule whose conditions hold, wherever its scope lies."""
        rules = (rule for rule in self.rules(who, element, action) if rule.effect == "allow")
        return frozenset(word for rule in rules if who.facts.issuperset(rule.conditions) for word in rule.duties)

    def _has_role(self, who: Who, role: str) -> bool:
        return role in who.roles or any(role in self._groups.get(own, ()) for own in who.roles)

    def _in_group(self, element: str, word: str) -> bool:
        return element == word or word in self._groups.get(element, ())

    def _enforcer(self, element: str, action: str) -> Any:
        """Rows about other elements and actions match nothing and only cost time, so they stay out."""
        key = (element, action)
        if key not in self._enforcers:
            rules = [r for r in self.book.rules if r.action == action and self._in_group(element, r.element)]
            self._enforcers[key] = self.plain(rules)
        return self._enforcers[key]

    def plain(self, rules: Iterable[Rule]) -> Any:
        """A stock enforcer over these rows."""
        model: Any = Model()
        model.load_model_from_text(self._model)
        model["p"]["p"].policy.extend(rule.row() for rule in rules)
        enforcer: Any = Enforcer(model)
        enforcer._get_expression = _parsed_once(enforcer._get_expression)
        enforcer.add_function("within", _within)
        enforcer.add_function("hasRole", self._has_role)
        enforcer.add_function("inGroup", self._in_group)
        enforcer.add_function("holds", _holds)
        for name in ("casbin", "casbin.enforcer", "casbin.policy", "casbin.role"):
            logging.getLogger(name).disabled = True
        return enforcer


def _parsed_once(parse: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """The matcher as Casbin parses it, kept: it would be parsed again for each cell."""
    kept: dict[str, Any] = {}

    def parsed(text: str, functions: Any) -> Any:
        if text not in kept:
            kept[text] = parse(text, functions)
        return kept[text]

    return parsed


def _within(rels: frozenset[str], scope: str) -> bool:
    return scope in rels


def _holds(who: Who, conditions: str) -> bool:
    return conditions == "-" or who.facts.issuperset(conditions.split("+"))


class Books:
    """A school's book under the guardrails: both must allow."""

    def __init__(self, book: RuleBook) -> None:
        self.own = _own(book)
        self.ceiling = ceiling()
        self._duties: dict[tuple[Who, str, str], frozenset[str]] = {}
        self._possible: dict[tuple[Who, str, str], bool] = {}

    def enforce(self, who: Who, element: str, action: str, rels: frozenset[str]) -> bool:
        """Whether `who` may do it with the cell of a row in the relations `rels`."""
        if not self.ceiling.enforce(who, element, action, rels):
            return False
        return element in CEILING_ALONE or self.own.enforce(who, element, action, rels)

    def duties(self, who: Who, element: str, action: str) -> frozenset[str]:
        """Duties of both books; none where no row could pass."""
        key = (who, element, action)
        if key not in self._duties:
            both = self._own_duties(*key) | self.ceiling.duties(*key) if self.possible(*key) else frozenset[str]()
            self._duties[key] = both
        return self._duties[key]

    def possible(self, who: Who, element: str, action: str) -> bool:
        """Whether any row at all could pass."""
        key = (who, element, action)
        if key not in self._possible:
            self._possible[key] = any(self._specified(*key, rels) for rels in _subsets(self._words(*key)))
        return self._possible[key]

    def covers(self, who: Who, wide: tuple[str, str], narrow: tuple[str, str]) -> bool:
        """Whether each row that passes `narrow` (element, action) would pass `wide` too."""
        words = {word for element, action in (wide, narrow) for word in self._words(who, element, action)}
        return all(self._specified(who, *wide, rels) for rels in _subsets(words) if self._specified(who, *narrow, rels))

    def open_but(self, who: Who, element: str, action: str, without: frozenset[str]) -> bool:
        """Whether each row passes in which none of these relations holds."""
        rows = _subsets(self._words(who, element, action) - without)
        return all(self._specified(who, element, action, rels) for rels in rows)

    def _own_duties(self, who: Who, element: str, action: str) -> frozenset[str]:
        return frozenset() if element in CEILING_ALONE else self.own.duties(who, element, action)

    def _specified(self, who: Who, element: str, action: str, rels: frozenset[str]) -> bool:
        return self.ceiling.specified(who, element, action, rels) and (
            element in CEILING_ALONE or self.own.specified(who, element, action, rels)
        )

    def _words(self, who: Who, element: str, action: str) -> set[str]:
        rules = [*self.ceiling.rules(who, element, action), *self.own.rules(who, element, action)]
        return {word for rule in rules for word in JOINED.get(rule.scope, (rule.scope,))}


@lru_cache(maxsize=2)
def _own(book: RuleBook) -> Book:
    """One for all who ask about the same book, whose answers never change: most tests are about the starting book."""
    return Book(book, model_text())


_CEILING: list[Book] = []


def ceiling() -> Book:
    """The guardrails: one for all books, since their answers never change."""
    if not _CEILING:
        _CEILING.append(Book(shipped_ceiling().book, guardrails_model_text()))
    return _CEILING[0]


def _subsets(words: Iterable[str]) -> Iterable[frozenset[str]]:
    """Every row that these relations could make; of more than ten, those in which at most three hold."""
    atoms = sorted(set(words) - {"school"})
    most = len(atoms) if len(atoms) <= 10 else 3
    for size in range(most + 1):
        for chosen in combinations(atoms, size):
            yield closed(frozenset(chosen))
