"""What rule books withhold of protected learners, and from whom: read off the rules, whoever is protected or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from server.policies.ceiling import Ceiling
from server.policies.reach import reaches
from server.policies.rule_book import RuleBook

PROTECTED: Final = "protected"
SAFEGUARDING: Final = "safeguarding"
_OPENING: Final = frozenset({"read", "export"})


@dataclass(frozen=True, slots=True)
class Withholding:
    """`by_role`: the elements that some rule denies to the role on protected learners, under whatever condition.

    `openings`: each role that some rule lets read safeguarding concerns, with the facts that the rule asks for.
    """

    by_role: Mapping[str, frozenset[str]]
    openings: frozenset[tuple[str, frozenset[str]]]

    @property
    def elements(self) -> frozenset[str]:
        return frozenset[str]().union(*self.by_role.values())


def withholding(books: Sequence[RuleBook], ceiling: Ceiling) -> Withholding:
    """Of all the books together. Words outside the vocabulary, such as those of old versions, stand for themselves."""
    by_role: dict[str, set[str]] = defaultdict(set)
    for reach in (one for book in (*books, ceiling.book) for one in reaches(book)):
        if reach.rule.effect != "allow" and PROTECTED in reach.atoms:
            for role in reach.roles:
                by_role[role] |= reach.elements
    # The ceiling opens nothing by itself.
    openings = {
        (role, reach.conditions)
        for reach in (one for book in books for one in reaches(book))
        if reach.rule.effect == "allow" and reach.rule.action in _OPENING and SAFEGUARDING in reach.elements
        for role in reach.roles
    }
    return Withholding({role: frozenset(elements) for role, elements in by_role.items()}, frozenset(openings))
