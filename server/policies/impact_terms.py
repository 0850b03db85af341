"""What a book says at one coordinate: its rules with groups opened, as values that two books can be compared by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product

from server.policies.ceiling import CEILING_ALONE
from server.policies.permit import Coordinate
from server.policies.profile import Profile
from server.policies.raising import Raising
from server.policies.reach import reaches
from server.policies.rule_book import RuleBook
from server.policies.vocabulary import ACTIONS, ROLES, Capacity


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
_NONE: frozenset[str] = frozenset()
_OPEN: Terms = frozenset(
    Term(True, frozenset(role for role, owner in ROLES.items() if owner == capacity), _NONE, _NONE, _NONE)
    for capacity in Capacity
)


def terms_of(book: RuleBook) -> Mapping[Coordinate, Terms]:
    """The terms of every coordinate that a book speaks of; what the guardrails decide alone, it leaves open.

    An element that the school raised is one whose permissions all ask for the certificate and bring its duties.
    """
    found = {
        coordinate: terms for coordinate, terms in _opened(book).items() if coordinate[0] not in CEILING_ALONE
    } | dict.fromkeys(product(CEILING_ALONE, ACTIONS), _OPEN)
    raising, raised = Raising(book.raised), {element for element, _ in book.raised}
    for coordinate in [coordinate for coordinate in found if coordinate[0] in raised]:
        found[coordinate] = frozenset(_raised(raising, coordinate, term) for term in found[coordinate])
    return found


def terms_above(guardrails: RuleBook) -> Mapping[Coordinate, Terms]:
    """The terms of every coordinate that the guardrails speak of."""
    return _opened(guardrails)


def _opened(book: RuleBook) -> dict[Coordinate, Terms]:
    found: dict[Coordinate, set[Term]] = defaultdict(set)
    for reach in reaches(book):
        rule = reach.rule
        term = Term(
            rule.effect == "allow", reach.roles, reach.conditions, reach.atoms - _SCHOOL, frozenset(rule.duties)
        )
        for element in reach.elements if reach.roles else ():
            found[element, rule.action].add(term)
    return {coordinate: frozenset(terms) for coordinate, terms in found.items()}


def _raised(raising: Raising, coordinate: Coordinate, term: Term) -> Term:
    if not term.allows:
        return term
    capacities = {ROLES[role] for role in term.roles}
    needed = {f"trained:{raising.course(coordinate[0])}"}
    shut = any(raising.shuts(Profile(capacity, frozenset()), *coordinate) for capacity in capacities)
    return replace(
        term,
        facts=term.facts | needed if shut else term.facts,
        duties=term.duties | raising.duties(*coordinate),
    )


def differing(old: Mapping[Coordinate, Terms], new: Mapping[Coordinate, Terms]) -> list[Coordinate]:
    """Coordinates at which two books don't say the same: nowhere else can a decision differ."""
    return sorted(
        coordinate for coordinate in {*old, *new} if old.get(coordinate, NO_TERMS) != new.get(coordinate, NO_TERMS)
    )
