"""How a GraphQL type is declared: once, with its element, its SQL and its description.

The declaration gives the Strawberry type, the @data directive, the footprint and the compiled statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, Select, Table, TableClause, column, func
from sqlalchemy import table as table_clause

from server.register.special_elements import SPECIAL_ELEMENTS


class Row(Protocol):
    """One hop of a statement as a declaration sees it: the columns of its table, and its side joins."""

    @property
    def c(self) -> Any: ...

    @property
    def parent(self) -> Row:
        """The row that the edge led from."""
        ...

    @property
    def asked(self) -> Asked: ...

    def side(self, name: str) -> Any: ...


class Asked(Protocol):
    """What a list was asked with."""

    @property
    def day(self) -> ColumnElement[Any]:
        """The argument `asOf`; where an edge has none, the day of the row it leads from; at last, today."""
        ...

    def value(self, argument: str) -> ColumnElement[Any] | None:
        """A scalar argument as a bind, or None where it was left out."""
        ...

    def word(self, argument: str) -> ColumnElement[Any] | None:
        """An enum's value in small letters, as a bind, or None where it was left out."""
        ...


# What a side join reads for one row: at most one row of its own.
Side = Callable[[Any], Select[*tuple[Any, ...]]]
Sql = Callable[[Row], ColumnElement[Any]]
# From the row the edge leads from (None at a root), the target's table and the arguments, to conditions.
Join = Callable[[Any, Any, Asked], Sequence[ColumnElement[Any]]]


# What the being of a row may tell: the elements behind a certificate.
TELLING: Final = tuple(sorted(element.name for element in SPECIAL_ELEMENTS))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value. `type` is a scalar's name, an enum's, or a list such as "[String!]"; `inputs` are further elements it tells of."""

    name: str
    type: str
    element: str
    sql: Sql
    description: str
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """An object made of the same row, such as Learner.contact: it has no row of its own and is never null."""

    name: str
    type: str
    leaves: tuple[Leaf, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Argument:
    """`prefix` is the type of an argument that holds ids."""

    name: str
    type: str
    description: str
    prefix: str | None = None


@dataclass(frozen=True, slots=True)
class One:
    """An edge to at most one row. `element` governs the edge itself, on this row."""

    name: str
    target: str
    join: Join
    description: str
    element: str | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """An edge to a list. `element` governs the edge on this row, `target_element` on each row it leads to.

    A list shows at most `maximum` rows; `usual` is what it is reckoned at, and the length of a page that names none.
    """

    name: str
    target: str
    join: Join
    description: str
    order: str
    newest_first: bool = False
    element: str | None = None
    target_element: str | None = None
    arguments: tuple[Argument, ...] = ()
    usual: int = 50
    maximum: int = 500
    paged: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows of `target` share each value of its leaf `by`, over the rows that the caller may read."""

    name: str
    type: str
    target: str
    by: str
    join: Join
    description: str
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """A field computed in Python from hidden inputs: `sql` gives them as one JSON value, under `element` and `inputs`."""

    name: str
    type: str
    element: str
    inputs: tuple[str, ...]
    sql: Sql
    description: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A field of the type's filter input; `kind` is the name of an operations input such as TextFilter."""

    name: str
    kind: str
    element: str
    sql: Sql
    description: str


@dataclass(frozen=True, slots=True)
class Order:
    """A value of the type's order enum."""

    name: str
    element: str
    sql: Sql
    description: str


Edge = One | Many | Tally
Field = Leaf | Group | One | Many | Tally | Explained


@dataclass(frozen=True, slots=True)
class Noun:
    """A type with rows.

    `prefix` begins its global ids; `owner` gives the id of the learner a row belongs to; `relations` names its family of
    scope predicates; `sides` are joins that some fields need; `exists_as` names its row of the register's existence table
    where that is not the type's own name; `reveals` gives the element of TELLING that a row tells of its learners, or NULL;
    `given_by` names a function of the owner's that gives rows of the table, of whichever school, to the person who asks.
    """

    name: str
    prefix: str
    table: Table
    key: str
    description: str
    relations: str
    fields: tuple[Field, ...]
    owner: Sql | None = None
    yearly: bool = False
    node: bool = True
    sides: Mapping[str, Side] = field(default_factory=dict[str, Side])
    filters: tuple[Filter, ...] = ()
    orders: tuple[Order, ...] = ()
    exists_as: str = ""
    reveals: Sql | None = None
    given_by: str | None = None

    def rows(self, name: str) -> Any:
        """Its rows once in a statement, under that name."""
        if self.given_by is None:
            return again(self.table, name)
        given = getattr(func.usher, self.given_by)()
        return given.table_valued(*(column(each.name, each.type) for each in self.table.c), name=name)

    def field(self, name: str) -> Field | None:
        return next((f for f in self.fields if f.name == name), None)

    def order(self, name: str) -> Order:
        return next(o for o in self.orders if o.name == name)


def table(row: Any) -> Table:
    """The Core table of a row class."""
    return row.__table__


def alias(row: Any, name: str | None = None) -> Any:
    """The table of a row class once more in a statement."""
    return again(table(row), name)


def again(whole: Table, name: str | None = None) -> Any:
    """The table once more in a statement."""
    return _plain(whole).alias(name)


@lru_cache(maxsize=256)
def _plain(whole: Table) -> TableClause:
    """The table's columns without keys and constraints: SQLAlchemy copies all of them for each alias."""
    return table_clause(whole.name, *(column(each.name, each.type) for each in whole.c), schema=whole.schema)
