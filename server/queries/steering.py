"""Elements that decide which rows an answer has, and not only what it shows of them.

Where a value of these is withheld, further values can be missing beside it: those of the row, or of rows below it, of
rows that a filter passed over, or of one that a page had no room for.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from server.queries.ask import LEARNER_EXISTS, existence
from server.queries.noun import Many, Noun, One
from server.queries.nouns import NOUNS
from server.queries.roots import LOOKUPS, ROOTS


@cache
def steering() -> frozenset[str]:
    """As all types and root fields are declared."""
    found = {element for noun in NOUNS.values() for element in _of(noun)}
    found |= {element for _, element in LOOKUPS.values() if element is not None}
    found |= {element for root in ROOTS.values() for element in _along(root.edge)}
    return frozenset(found | {LEARNER_EXISTS})


def _of(noun: Noun) -> Iterator[str]:
    yield from existence(noun)
    yield from (one.element for one in (*noun.filters, *noun.orders))
    for edge in noun.fields:
        if isinstance(edge, One | Many):
            yield from _along(edge)


def _along(edge: One | Many) -> Iterator[str]:
    named = (edge.element, edge.target_element if isinstance(edge, Many) else None)
    yield from (element for element in named if element is not None)
