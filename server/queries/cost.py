"""What an operation is reckoned at before it runs: the objects that it may hold, as its statement is compiled to hold them.

A list holds what was asked for, else its usual length, times what holds the list. A length that a variable gives is kept as
a factor, so that a known reading is reckoned under other variables by a sum of a few products. Nothing here looks at data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Final, TypeAlias, cast

from graphql import FieldNode, ListValueNode, ObjectValueNode, ValueNode

OPERATION: Final = 10
"""Of any operation: what it takes to be read, admitted and audited."""
CHANGE: Final = 50
"""Of a mutation, beside each entry of its input."""
EXPLANATION: Final = 20
TALLY: Final = 50
"""Of a count over a whole list, for each object that has it."""
MAXIMUM_COST: Final = 250_000

Variables: TypeAlias = Mapping[str, Any]
Size: TypeAlias = Callable[[Variables], int]


@dataclass(frozen=True, slots=True)
class Amount:
    """How many objects there may be: `now` under the variables that were read, else `constant` times all `sizes`."""

    now: int
    constant: int
    sizes: tuple[Size, ...] = ()

    def times(self, other: Amount) -> Amount:
        return Amount(self.now * other.now, self.constant * other.constant, self.sizes + other.sizes)


def fixed(number: int) -> Amount:
    return Amount(number, number)


ONE: Final = fixed(1)


@dataclass(frozen=True, slots=True)
class Cost:
    """A sum of products: `constant`, and of each term a number times sizes."""

    constant: int
    terms: tuple[tuple[int, tuple[Size, ...]], ...] = ()

    def of(self, variables: Variables) -> int:
        if not self.terms:
            return self.constant
        return self.constant + sum(factor * prod(size(variables) for size in sizes) for factor, sizes in self.terms)

    def plus(self, more: int) -> Cost:
        return Cost(self.constant + more, self.terms)

    def and_(self, other: Cost) -> Cost:
        return Cost(self.constant + other.constant, self.terms + other.terms)


class Tab:
    """Adds up while a selection is read."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Size, ...], int] = {}

    def add(self, amount: Amount, weight: int = 1) -> None:
        self._sums[amount.sizes] = self._sums.get(amount.sizes, 0) + amount.constant * weight

    def cost(self) -> Cost:
        terms = tuple((factor, sizes) for sizes, factor in self._sums.items() if sizes)
        return Cost(self._sums.get((), 0), terms)


def input_entries(node: FieldNode) -> Size:
    """How many entries the lists of a mutation's input have, in the document and in variables together; at least one."""
    written = sum(_written(argument.value) for argument in node.arguments or ())
    return lambda variables: max(1, written + _given(variables))


def _written(node: ValueNode) -> int:
    if isinstance(node, ListValueNode):
        return len(node.values) + sum(_written(one) for one in node.values)
    if isinstance(node, ObjectValueNode):
        return sum(_written(one.value) for one in node.fields)
    return 0


def _given(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_given(one) for one in cast("dict[str, Any]", value).values() if isinstance(one, dict | list))
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return len(items) + sum(_given(one) for one in items if isinstance(one, dict | list))
    return 0
