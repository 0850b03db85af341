"""The mutation test over the shipped books: taking away any one row changes a decision, or the row is useless."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.policies.ceiling import Ceiling
from server.policies.plan import OPEN, Plan
from server.policies.planner import Planner
from server.policies.reach import reaches
from server.policies.rule import Pair, Rule
from server.policies.rule_book import RuleBook
from server.policies.shipped import guardrails_model_text, shipped_ceiling, starting_book
from server.policies.vocabulary import ROLES
from tests.unit.policies.decisions import facts_of, profile, same, shipped_planner

Coordinate = tuple[str, str, str]


def _rows(book: RuleBook) -> list[Rule | Pair]:
    return [*book.rules, *book.role_groups, *book.element_groups]


def _name(row: Rule | Pair) -> str:
    return row.id if isinstance(row, Rule) else "-in-".join(row)


def _without(book: RuleBook, row: Rule | Pair) -> RuleBook:
    return replace(
        book,
        rules=tuple(rule for rule in book.rules if rule != row),
        role_groups=tuple(pair for pair in book.role_groups if pair != row),
        element_groups=tuple(pair for pair in book.element_groups if pair != row),
    )


def _touched(book: RuleBook, row: Rule | Pair) -> Iterator[Coordinate]:
    """Role, element and action of every decision that the row can bear on."""
    for reach in reaches(book):
        rule = reach.rule
        roles, elements = reach.roles, reach.elements
        if isinstance(row, tuple):
            if row in book.role_groups and rule.role == row[1]:
                roles = roles & {row[0]}
            elif row in book.element_groups and rule.element == row[1]:
                elements = elements & {row[0]}
            else:
                continue
        elif rule != row:
            continue
        yield from ((role, element, rule.action) for role in sorted(roles) for element in sorted(elements))


def _changes_a_decision(before: Planner, after: Planner, coordinates: Iterator[Coordinate], ceiling_only: bool) -> bool:
    for role, element, action in coordinates:
        for facts in facts_of(role):
            who = profile(role, facts)
            plans = [planner.plan(who, element, action) for planner in (before, after)]
            if ceiling_only:
                plans = [Plan((plan.gates[0], OPEN), plan.duties) for plan in plans]
            if not same(*plans):
                return True
    return False


@pytest.mark.parametrize("row", _rows(starting_book()), ids=_name)
def test_every_row_of_the_rule_book_matters(row: Rule | Pair) -> None:
    """Without the row, somebody sees or may do something else, under the guardrails that ship."""
    book = starting_book()
    after = Planner(_without(book, row), shipped_ceiling())
    assert _changes_a_decision(shipped_planner(), after, _touched(book, row), ceiling_only=False), (
        f"{_name(row)} changes no decision: remove it from policies/policy.csv"
    )


@pytest.mark.parametrize("row", _rows(shipped_ceiling().book), ids=_name)
def test_every_row_of_the_guardrails_matters(row: Rule | Pair) -> None:
    """Without the row, the ceiling itself is lower for somebody."""
    book = shipped_ceiling().book
    silent = RuleBook(())
    before = Planner(silent, shipped_ceiling())
    after = Planner(silent, Ceiling(_without(book, row), guardrails_model_text()))
    assert _changes_a_decision(before, after, _touched(book, row), ceiling_only=True), (
        f"{_name(row)} changes no decision: remove it from policies/guardrails.csv"
    )


def test_every_role_has_a_decision_of_its_own() -> None:
    """No role of the vocabulary is a word without rules."""
    named = {role for reach in (*reaches(starting_book()), *reaches(shipped_ceiling().book)) for role in reach.roles}
    assert named == set(ROLES)
