"""Documents of fragments that each spread the next one twice: what refusing them takes, beside a stock limiter."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from graphql import DocumentNode, GraphQLSchema, parse, validate
from rich.table import Table
from strawberry.extensions.query_depth_limiter import create_validator

from server.errors import LimitExceeded
from server.resolvers.schema import graphql_schema
from server.web.limits import check_limits, check_source

SIZES: Final = (10, 20, 30, 40, 50, 60)
# The control doubles with each: at 60 it would take longer than there are stars.
CONTROL_SIZES: Final = (10, 12, 14, 16)
_ROUNDS: Final = 15
_DEPTH: Final = 16


@dataclass(frozen=True, slots=True)
class Nested:
    """`fragments` and the text's bytes; milliseconds of `ours`, from the text on, and of the rule alone; of the `stock`
    rule alone, where it was tried."""

    fragments: int
    size: int
    ours: float
    rule: float
    stock: float | None

    def data(self) -> dict[str, object]:
        return {
            "fragments": self.fragments,
            "bytes": self.size,
            "milliseconds": self.ours,
            "rule_milliseconds": self.rule,
            "stock_rule_milliseconds": self.stock,
        }


def nested_fragments() -> list[Nested]:
    schema = graphql_schema()
    return [_nested(schema, count) for count in sorted({*SIZES, *CONTROL_SIZES})]


def spreading(count: int) -> str:
    """2 ** (count - 1) times __typename."""
    lines = [f"fragment f{i} on Query {{ ...f{i + 1} ...f{i + 1} }}" for i in range(count - 1)]
    return "\n".join(("{ ...f0 }", *lines, f"fragment f{count - 1} on Query {{ __typename }}"))


def _nested(schema: GraphQLSchema, count: int) -> Nested:
    text = spreading(count)
    document = parse(text)
    stock = _median(lambda: _stock(schema, document), 3) if count in CONTROL_SIZES else None
    return Nested(
        count, len(text), _median(lambda: _refused(text), _ROUNDS), _median(lambda: _checked(document), _ROUNDS), stock
    )


def _refused(text: str) -> None:
    """The whole way of a text that is refused, and of one that isn't."""
    check_source(text)
    document = parse(text)
    if _checked(document):
        validate(graphql_schema(), document)


def _checked(document: DocumentNode) -> bool:
    try:
        check_limits(document)
    except LimitExceeded:
        return False
    return True


def _stock(schema: GraphQLSchema, document: DocumentNode) -> None:
    validate(schema, document, [create_validator(_DEPTH, None)])


def _median(work: Callable[[], object], rounds: int) -> float:
    taken: list[float] = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begun) * 1e3)
    return median(taken)


def table_of_nested(found: Sequence[Nested]) -> Table:
    table = Table(title="Fragments that each spread the next one twice, ms (at most 50 wanted)")
    for heading in ("fragments", "bytes", "text to refusal", "our rule", "strawberry's depth limiter"):
        table.add_column(heading, justify="right")
    for one in found:
        stock = "not tried" if one.stock is None else f"{one.stock:.2f}"
        table.add_row(f"{one.fragments}", f"{one.size}", f"{one.ours:.2f}", f"{one.rule:.3f}", stock)
    return table


def said_of_nested(found: Sequence[Nested]) -> str:
    """Growth from the least to the most: ours by six times the fragments, the control's by a few more."""
    at = {one.fragments: one for one in found}
    least, most = at[SIZES[0]], at[SIZES[-1]]
    first, last = at[CONTROL_SIZES[0]].stock, at[CONTROL_SIZES[-1]].stock
    assert first is not None
    assert last is not None
    return (
        f"{most.fragments} fragments take {most.ours / least.ours:.1f} times as long as {least.fragments} "
        f"(the rule alone {most.rule / least.rule:.1f}); the stock limiter takes {last / first:.0f} times as long for "
        f"{CONTROL_SIZES[-1]} as for {CONTROL_SIZES[0]}, which would be 2^{SIZES[-1] - CONTROL_SIZES[0]} for {SIZES[-1]}."
    )
