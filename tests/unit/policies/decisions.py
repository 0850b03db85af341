"""Every decision of the shipped books over the finite domain, one line each.

`python -m tests.unit.policies.decisions` writes decisions.csv anew; its diff is what a change of the books means.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from server.policies.plan import Gate, Plan
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.reach import reaches
from server.policies.rule_book import RuleBook
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import ACTIONS, ROLES
from server.register.elements import ELEMENTS

TABLE = Path(__file__).with_name("decisions.csv")
HEADER = "role,facts,element,action,guardrails,school,duties"


@cache
def shipped_planner() -> Planner:
    """One planner over the shipped books, with its answers remembered for the whole run."""
    return Planner(starting_book(), shipped_ceiling())


@cache
def facts_of(role: str) -> tuple[frozenset[str], ...]:
    """The least fact sets that a role's rules ask for: none, each rule's own, all together."""
    groups = {group for book in _books() for member, group in book.role_groups if member == role}
    asked = {frozenset(rule.conditions) for book in _books() for rule in book.rules if rule.role in {role, *groups}}
    least = {frozenset[str](), *asked, frozenset(word for conditions in asked for word in conditions)}
    return tuple(sorted(least, key=lambda facts: (len(facts), sorted(facts))))


def _books() -> tuple[RuleBook, RuleBook]:
    return shipped_ceiling().book, starting_book()


def profile(role: str, facts: frozenset[str]) -> Profile:
    return Profile(ROLES[role], frozenset({role}), facts)


@cache
def _coordinates(role: str) -> tuple[tuple[str, str], ...]:
    """Elements and actions that any row speaks of for the role; for the rest both books are silent."""
    spoken = {
        (element, reach.rule.action)
        for book in _books()
        for reach in reaches(book)
        if role in reach.roles
        for element in reach.elements
    }
    return tuple((element, action) for element in ELEMENTS for action in ACTIONS if (element, action) in spoken)


def table() -> Iterator[str]:
    """The table's lines. With facts, only what fewer facts don't give already."""
    yield HEADER
    planner = shipped_planner()
    for role in ROLES:
        for facts in facts_of(role):
            for element, action in _coordinates(role):
                plan = planner.plan(profile(role, facts), element, action)
                fewer = (profile(role, less) for less in facts_of(role) if less < facts)
                if all(plan != planner.plan(who, element, action) for who in fewer) and _opens(plan):
                    yield _line(role, facts, element, action, plan)


def _opens(plan: Plan) -> bool:
    return any(gate.allow for gate in plan.gates)


def _line(role: str, facts: frozenset[str], element: str, action: str, plan: Plan) -> str:
    upper, lower = plan.gates
    cells = (role, "+".join(sorted(facts)), element, action, _gate(upper), _gate(lower), "+".join(sorted(plan.duties)))
    return ",".join(cell or "-" for cell in cells)


def _gate(gate: Gate) -> str:
    allow = " ".join(sorted(gate.allow))
    return f"{allow} except {' '.join(sorted(gate.deny))}" if gate.deny else allow


def same(one: Plan, other: Plan) -> bool:
    """Equal as decisions: the same rows, and the same duties where any row passes."""
    if one.nothing and other.nothing:
        return True
    return one.covers(other) and other.covers(one) and one.duties == other.duties


def write() -> None:
    TABLE.write_text("\n".join(table()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
