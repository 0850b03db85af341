"""dataCatalogue: the register as data, what the school raised, and who may see each element now."""

from __future__ import annotations

from typing import Any, Final

from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.raising import raised_sentence
from server.policies.vocabulary import CONDITIONS, ROLES
from server.queries.selection import Document, Selected
from server.register.elements import ELEMENTS, Element, Sensitivity
from server.register.retention import RETENTION

CATALOGUE: Final = "dataCatalogue"
ENTRY: Final = "DataElementEntry"
_EVERY_FACT = frozenset(CONDITIONS)

# Field, GraphQL type, description: the type of resolvers is made from this.
FIELDS: Final = (
    ("element", "DataElement!", "The element."),
    ("title", "String!", "Its name in plain words."),
    ("description", "String!", "What it is."),
    ("purpose", "String!", "What the school collects it for."),
    ("lawfulBasis", "String!", "The basis in law that the agreement names."),
    ("article9", "String", "The condition of Article 9, for special category data."),
    ("sensitivity", "String!", "How sensitive it is held to be."),
    ("handling", "String!", "What the agreement says about handling it."),
    ("retention", "String!", "How long it is kept."),
    ("training", "String", "The course whose certificate opens it."),
    ("visibleTo", "[String!]!", "Roles that may read it on some rows, if every condition is met."),
)


def entries(planner: Planner, document: Document, selected: Selected) -> list[dict[str, Any]]:
    """The selected members of each element's entry, in the register's order."""
    shown = document.select(selected.below, frozenset((ENTRY,)))
    return [{one.key: _member(one.name, element, planner) for one in shown} for element in ELEMENTS.values()]


def _member(name: str, element: Element, planner: Planner) -> Any:
    match name:
        case "__typename":
            return ENTRY
        case "element":
            return element.name.upper()
        case "lawfulBasis":
            return str(element.lawful_basis)
        case "sensitivity":
            return sensitivity(element, planner).name
        case "training":
            return element.training or planner.raising.course(element.name)
        case "handling":
            return _handling(element, planner)
        case "retention":
            return kept(element)
        case "visibleTo":
            return visible_to(planner, element.name)
        case _:
            return getattr(element, name)


def visible_to(planner: Planner, element: str) -> list[str]:
    """Roles whose plan for `element` passes some row when every fact holds."""
    return [
        role
        for role, capacity in ROLES.items()
        if not planner.plan(Profile(capacity, frozenset({role}), _EVERY_FACT), element, "read").nothing
    ]


def sensitivity(element: Element, planner: Planner) -> Sensitivity:
    """A raised element is treated as special; the register's level is never lowered."""
    if planner.raising.course(element.name) is None:
        return element.sensitivity
    return max(element.sensitivity, Sensitivity.TREATED_AS_SPECIAL)


def _handling(element: Element, planner: Planner) -> str:
    course = planner.raising.course(element.name)
    return element.handling if course is None else f"{element.handling} {raised_sentence(element.name, course)}"


def kept(element: Element) -> str:
    """Such as "3 months after the licence ends"."""
    rule = RETENTION[element.retention]
    if rule.period is None:
        return str(rule.clock)
    parts = ((rule.period.years, "years"), (rule.period.months, "months"), (rule.period.days, "days"))
    return f"{' '.join(f'{n} {unit}' for n, unit in parts if n)} from: {rule.clock}"
