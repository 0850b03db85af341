"""Rules as whole numbers, one bit a word, so that comparing two rules is one operation.

2,000 rules make four million pairs; with sets each pair cost half a microsecond or more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.policies.reach import Reach
from server.policies.vocabulary import CONDITIONS, DUTIES, ROLES, SCOPES, Capacity, atoms
from server.register.elements import ELEMENTS


@dataclass(frozen=True, slots=True)
class Mask:
    """Within one action: the bits of `match` are all in another's where that rule matches whenever this one does.

    What widens a rule (roles, elements) stands in `match` as it is, what narrows it (conditions, relations) inverted.
    `whole` is `match` with the duties: all its bits are in another's where that rule says all that this one says.
    """

    reach: Reach
    match: int
    whole: int
    elements: int
    capacities: int

    def within(self, other: Mask) -> bool:
        """As `Reach.within`, for rules of one action."""
        return not self.match & ~other.match

    def meets(self, other: Mask) -> bool:
        """As `Reach.meets`, for rules of one action: roles of one capacity may be held together."""
        return bool(self.elements & other.elements and self.capacities & other.capacities)


def mask(reach: Reach) -> Mask:
    """KeyError for a word outside the vocabulary."""
    elements = _bits(reach.elements, _ELEMENTS)
    match = elements | _bits(reach.roles, _ROLES)
    match |= _NARROWING & ~(_bits(reach.conditions, _CONDITIONS) | _bits(reach.atoms, _ATOMS))
    capacities = _bits({ROLES[role] for role in reach.roles}, _CAPACITIES)
    return Mask(reach, match, match | _bits(reach.rule.duties, _DUTIES), elements, capacities)


def _bits(words: Iterable[str], places: Mapping[str, int]) -> int:
    found = 0
    for word in words:
        found |= places[word]
    return found


_ATOMS_OF_TOKENS = {atom for token in SCOPES for atom in atoms(token)}
# One bit a word: roles, elements, conditions, relations, duties one after the other.
_KINDS = (ROLES, ELEMENTS, CONDITIONS, _ATOMS_OF_TOKENS, DUTIES)


def _places(kind: int) -> dict[str, int]:
    first = sum(len(words) for words in _KINDS[:kind])
    return {word: 1 << place for place, word in enumerate(sorted(_KINDS[kind]), start=first)}


_ROLES, _ELEMENTS, _CONDITIONS, _ATOMS, _DUTIES = (_places(kind) for kind in range(len(_KINDS)))
_NARROWING = sum(_CONDITIONS.values()) + sum(_ATOMS.values())
_CAPACITIES = {str(capacity): 1 << place for place, capacity in enumerate(Capacity)}
