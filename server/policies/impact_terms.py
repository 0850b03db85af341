"""What a book says at one coordinate: its rules with groups opened, as values that two books can be compared by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from server.policies.ceiling import CEILING_ALONE
from server.policies.permit import Coordinate
from server.policies.reach import reaches
from server.policies.rule_book import RuleBook


@dataclass(frozen=True, slots=True)
class Term:
    """A rule at one coordinate: it matches who holds one of `roles` and all of `facts`, on rows that are all `atoms`.

    Two rules that differ in id or wording alone give equal terms.
    """

    allows: bool
    roles: frozenset[str]
    facts: frozenset[str]
    atoms: frozenset[str]
    duties: frozenset[str]


Terms = frozenset[Term]
NO_TERMS: Terms = frozenset()
_SCHOOL = frozenset({"school"})


def terms_of(book: RuleBook) -> Mapping[Coordinate, Terms]:
    """The terms of every coordinate that a book speaks of, except what the guardrails decide alone."""
    found: dict[Coordinate, set[Term]] = defaultdict(set)
    for reach in reaches(book):
        rule = reach.rule
        term = Term(
            rule.effect == "allow", reach.roles, reach.conditions, reach.atoms - _SCHOOL, frozenset(rule.duties)
        )
        if reach.roles:
            for element in reach.elements - CEILING_ALONE:
                found[element, rule.action].add(term)
    return {coordinate: frozenset(terms) for coordinate, terms in found.items()}


def differing(old: Mapping[Coordinate, Terms], new: Mapping[Coordinate, Terms]) -> list[Coordinate]:
    """Coordinates at which two books don't say the same: nowhere else can a decision differ."""
    return sorted(
        coordinate for coordinate in {*old, *new} if old.get(coordinate, NO_TERMS) != new.get(coordinate, NO_TERMS)
    )
