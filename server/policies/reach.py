"""A rule with its groups opened: whom and what it reaches, and whether one rule says all that another says."""

from __future__ import annotations

from dataclasses import dataclass

from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.vocabulary import ROLE_GROUPS, ROLES, atoms
from server.register.elements import GROUPS

_SCHOOL = frozenset({"school"})


@dataclass(frozen=True, slots=True)
class Reach:
    """`roles` and `elements` are single words; empty where a group has no rows in the book."""

    rule: Rule
    roles: frozenset[str]
    elements: frozenset[str]
    conditions: frozenset[str]
    atoms: frozenset[str]

    def within(self, other: Reach) -> bool:
        """True where `other` matches whenever this rule matches."""
        return (
            self.rule.action == other.rule.action
            and self.roles <= other.roles
            and self.elements <= other.elements
            and other.conditions <= self.conditions
            and other.atoms <= self.atoms
        )

    def meets(self, other: Reach) -> bool:
        """True where one request could match both rules, on some row."""
        return (
            self.rule.action == other.rule.action
            and bool(self.elements & other.elements)
            and (bool(self.roles & other.roles) or _may_be_held_together(self, other))
        )


def _may_be_held_together(one: Reach, other: Reach) -> bool:
    """A person may hold several roles of one capacity, so that a denial of one role meets another's permission."""
    from_capacities = {ROLES[role] for role in one.roles} & {ROLES[role] for role in other.roles}
    return bool(from_capacities)


def reaches(book: RuleBook) -> tuple[Reach, ...]:
    """Every rule of a book whose words are known, in the book's order."""
    return tuple(_reach(rule, book) for rule in book.rules)


def _reach(rule: Rule, book: RuleBook) -> Reach:
    roles = {role for role, group in book.role_groups if group == rule.role}
    elements = {element for element, group in book.element_groups if group == rule.element}
    return Reach(
        rule,
        frozenset(roles if rule.role in ROLE_GROUPS else {rule.role}),
        frozenset(elements if rule.element in GROUPS else {rule.element}),
        frozenset(rule.conditions),
        atoms(rule.scope) | _SCHOOL,
    )
