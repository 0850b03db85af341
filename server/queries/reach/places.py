"""Where the API shows an element: in rows of which families, and what must be readable for such a row to exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from server.policies.applicability import COURSE_ELEMENTS, SCHOOL_ELEMENTS, STAFF_ELEMENTS
from server.policies.permit import Coordinate
from server.queries.ask import LEARNER_EXISTS, existence
from server.queries.noun import Explained, Group, Leaf, Many, Noun, One
from server.queries.nouns import NOUNS
from server.queries.scopes import OWNED

READ: Final = "read"
LINES: Final = "report_line"


@dataclass(frozen=True, slots=True)
class Place:
    """`existence`: elements of which one must be readable on the row; a report's are asked of its lines."""

    family: str
    existence: tuple[str, ...]

    @property
    def owned(self) -> bool:
        """Whether its rows belong to learners."""
        return self.family in OWNED


@lru_cache
def places(element: str) -> tuple[Place, ...]:
    """From the nouns' declarations; an element without a field yet lies where rules about it can hold."""
    found = {
        Place(noun.relations, existence(noun))
        for noun in NOUNS.values()
        if element in _told(noun) and not (element in SCHOOL_ELEMENTS and noun.relations in OWNED)
    }
    return tuple(sorted(found, key=lambda place: (place.family, place.existence))) or (_supposed(element),)


@lru_cache
def coordinates(element: str, action: str) -> frozenset[Coordinate]:
    """All that decides whether a row's element is seen so."""
    found = {(element, action)}
    if action == READ:
        for place in places(element):
            found |= {(one, READ) for one in place.existence}
            found |= {(LEARNER_EXISTS, READ)} if place.owned else set()
    return frozenset(found)


def families(asked: Iterable[Coordinate]) -> frozenset[str]:
    """Whose rows tell what is seen at these coordinates."""
    found = {place.family for element, _ in asked for place in places(element)} | {"learner"}
    return frozenset(found | {LINES} if "report" in found else found)


def _supposed(element: str) -> Place:
    if element in SCHOOL_ELEMENTS:
        return Place("school", (element,))
    if element in STAFF_ELEMENTS:
        return Place("staff", (element,))
    return Place("course" if element in COURSE_ELEMENTS else "learner", (element,))


def _told(noun: Noun) -> frozenset[str]:
    return frozenset(element for field in noun.fields for element in _elements(field))


def _elements(field: object) -> Iterator[str]:
    if isinstance(field, Group):
        for leaf in field.leaves:
            yield from _elements(leaf)
    elif isinstance(field, Leaf | Explained):
        yield from (field.element, *field.inputs)
    elif isinstance(field, One | Many) and field.element is not None:
        yield field.element
