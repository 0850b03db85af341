"""dataCatalogue, from the register."""

from __future__ import annotations

from typing import Any

from server.policies.vocabulary import CONDITIONS, ROLES
from server.register.elements import ELEMENTS
from server.register.retention import RETENTION
from tests.oracle.enforcing import Who
from tests.oracle.visibility import Visibility


def entries(visibility: Visibility) -> list[dict[str, Any]]:
    return [_entry(name, visibility) for name in ELEMENTS]


def _entry(name: str, visibility: Visibility) -> dict[str, Any]:
    element = ELEMENTS[name]
    return {
        "element": name.upper(),
        "title": element.title,
        "description": element.description,
        "purpose": element.purpose,
        "lawfulBasis": str(element.lawful_basis),
        "article9": element.article9,
        "sensitivity": element.sensitivity.name,
        "handling": element.handling,
        "retention": _kept(element.retention),
        "training": element.training,
        "visibleTo": [role for role in ROLES if _may_ever_read(role, name, visibility)],
    }


def _may_ever_read(role: str, element: str, visibility: Visibility) -> bool:
    return visibility.anyone(Who(frozenset({role}), frozenset(CONDITIONS)), element)


def _kept(word: str) -> str:
    rule = RETENTION[word]
    if rule.period is None:
        return str(rule.clock)
    told = [f"{count} {unit}" for count, unit in (
        (rule.period.years, "years"), (rule.period.months, "months"), (rule.period.days, "days")
    ) if count]  # fmt: skip
    return f"{' '.join(told)} from: {rule.clock}"
