"""Binds of one statement: each value's name, and how to find it in a request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ARRAY, BindParameter, ColumnElement, Date, Integer, Text, Uuid, any_, bindparam, func
from sqlalchemy.types import TypeEngine

from server.errors import BadUserInput
from server.queries.arguments import Given, Tree, plain, scalar
from server.queries.ask import Ask, Lookup, Page
from server.queries.binds import TODAY
from server.queries.constants import number
from server.queries.ids import MOST_NODES, GlobalId, decode
from server.queries.noun import Asked, Many
from server.queries.run import Run

Find = Callable[[Run], Any]

FIXED: dict[str, Find] = {
    "school": lambda run: run.school,
    "viewer": lambda run: run.viewer,
    "capacity": lambda run: run.capacity,
    "today": lambda run: run.today,
    "roles": lambda run: run.roles,
    "capabilities": lambda run: run.capabilities,
    "mark": lambda run: run.cursors.mark,
}
AS_OF: Final = "asOf"
MARK: BindParameter[Any] = bindparam("mark", type_=Text(), required=False)


class Binding:
    def __init__(self) -> None:
        self.finds: dict[str, Find] = dict(FIXED)
        self.bound: list[Callable[[Run], bytes]] = []

    def bind(self, find: Find, kind: TypeEngine[Any]) -> BindParameter[Any]:
        name = f"v{len(self.finds)}"
        self.finds[name] = find
        return bindparam(name, type_=kind, required=False)

    def given(self, given: Given, kind: TypeEngine[Any], turned: Callable[[Any], Any] = plain) -> BindParameter[Any]:
        """An argument's value; `turned` makes it what the database takes."""
        return self.bind(lambda run: turned(_storable(given.get(run.variables), given.path)), kind)

    def identified(self, given: Given, prefix: str | None = None) -> BindParameter[Any]:
        """The key of an id, or the keys of a list of ids; ids are decoded again in each request."""

        def key(text: str) -> UUID:
            return decode(text, given.path, prefix).key

        if isinstance(given.value, list):
            return self.given(given, ARRAY(Uuid()), lambda ids: [key(text) for text in ids])
        return self.given(given, Uuid(), key)

    def looked_up(self, lookup: Lookup, rows: Any) -> list[ColumnElement[Any]]:
        """Conditions that find the rows of a root field."""
        column = rows.c[lookup.column]
        if lookup.keys is not None:
            name = lookup.keys
            listed = self.bind(lambda run: [one.key for one in run.keys[name]], ARRAY(Uuid()))
            years = self.bind(lambda run: sorted({one.year for one in run.keys[name]}, key=str), ARRAY(Integer()))
            return [column == any_(listed), *([rows.c.academic_year == any_(years)] if lookup.yearly else [])]
        assert lookup.value is not None
        given = lookup.value
        if not lookup.is_id:
            return [column == self.given(given, Text())]
        if lookup.several:
            return self._among(lookup, given, rows)
        found: list[ColumnElement[Any]] = [column == self.identified(given, lookup.prefix)]
        if lookup.yearly:
            year = self.given(given, Integer(), lambda text: decode(text, given.path, yearly=True).year)
            found.append(rows.c.academic_year == year)
        return found

    def place_of(self, lookup: Lookup, key: ColumnElement[Any]) -> ColumnElement[Any]:
        """Where the row stands among the keys that the run gives."""
        name = str(lookup.keys)
        listed = self.bind(lambda run: [one.key for one in run.keys[name]], ARRAY(Uuid()))
        return func.array_position(listed, key)

    def _among(self, lookup: Lookup, given: Given, rows: Any) -> list[ColumnElement[Any]]:
        """The row's id is one of the ids of the lookup's type."""

        def ids(texts: Any) -> list[GlobalId]:
            several = cast(list[str], texts if isinstance(texts, list) else [texts])
            if len(several) > MOST_NODES:
                raise BadUserInput(f"{_said(given)} holds more than {MOST_NODES} ids: ask in parts.", given.path)
            every = [decode(text, given.path) for text in several]
            return [decode(str(one), given.path, yearly=lookup.yearly) for one in every if one.prefix == lookup.prefix]

        keys = self.given(given, ARRAY(Uuid()), lambda texts: [one.key for one in ids(texts)])
        found: list[ColumnElement[Any]] = [rows.c[lookup.column] == any_(keys)]
        if lookup.yearly:
            years = self.given(given, ARRAY(Integer()), lambda texts: [one.year for one in ids(texts)])
            found.append(rows.c.academic_year == any_(years))
        return found

    def length(self, ask: Ask) -> ColumnElement[Any]:
        """How many rows a list shows at most. The request's number is checked when it is bound."""
        page = ask.page
        asked = (page.first or page.last) if page else ask.first
        edge = ask.edge
        if asked is None:
            return number(edge.usual if page and isinstance(edge, Many) else ask.limit)
        limit = ask.limit

        def checked(value: Any) -> int:
            if not 0 <= int(value) <= limit:
                said = ".".join(map(str, asked.path))
                raise BadUserInput(f"{said} is out of range: give 0 to {limit}.", asked.path)
            return int(value)

        return self.given(asked, Integer(), checked)

    def place(self, ask: Ask, orders: str) -> int:
        """The number of a new place of cursors."""
        self.bound.append(self.bounds(ask, orders))
        return len(self.bound) - 1

    def bounds(self, ask: Ask, orders: str) -> Callable[[Run], bytes]:
        """What the cursors of a list are bound to: the person, the field, its filter and its order."""
        page = ask.page
        assert page is not None
        wanted = ask.arguments.get("filter")

        def bound(run: Run) -> bytes:
            filtered = json.dumps(_plain(wanted, run), sort_keys=True, default=str)
            return f"{run.holder}|{page.place}|{orders}|{filtered}".encode()

        return bound

    def opened(self, page: Page, bound: Callable[[Run], bytes], position: int) -> BindParameter[Any]:
        """The key at `position` of the page's cursor, as text."""
        given = page.after or page.before
        assert given is not None

        def find(run: Run) -> Any:
            keys = run.cursors.open(given.get(run.variables), bound(run), given.path)
            return keys[position]

        return self.bind(find, Text())


def _said(given: Given) -> str:
    return ".".join(map(str, given.path))


def _storable(value: Any, path: tuple[str | int, ...]) -> Any:
    """The value, unless PostgreSQL could hold no such text: one with a NUL, or with half of a surrogate pair."""
    if type(value) is str and value.isascii() and "\x00" not in value:
        return value
    for text in _each(value):
        if isinstance(text, str) and ("\x00" in text or not _is_utf8(text)):
            raise BadUserInput(f"{'.'.join(map(str, path))} holds a character that no text has: leave it out.", path)
    return value


def _each(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else [value]


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(tree: Tree | None, run: Run) -> Any:
    if isinstance(tree, Given):
        return plain(tree.get(run.variables))
    if isinstance(tree, dict):
        return {key: _plain(inner, run) for key, inner in tree.items()}
    return [_plain(inner, run) for inner in tree] if isinstance(tree, list) else None


class Answered:
    """What an edge was asked with."""

    def __init__(self, arguments: dict[str, Tree], binding: Binding, above: Asked | None, edge: Any) -> None:
        self._arguments = arguments
        self._binding = binding
        self._above = above
        self._prefixes = {argument.name: argument.prefix for argument in getattr(edge, "arguments", ())}

    @property
    def day(self) -> ColumnElement[Any]:
        given = scalar(self._arguments.get(AS_OF))
        if given is not None:
            return self._binding.given(given, Date())
        return TODAY if AS_OF in self._prefixes or self._above is None else self._above.day

    def value(self, argument: str) -> ColumnElement[Any] | None:
        given = scalar(self._arguments.get(argument))
        if given is None:
            return None
        if isinstance(given.value, list | str):
            return self._binding.identified(given, self._prefixes.get(argument))
        return self._binding.given(given, Integer())

    def word(self, argument: str) -> ColumnElement[Any] | None:
        given = scalar(self._arguments.get(argument))
        return None if given is None else self._binding.given(given, Text(), lambda value: plain(value).lower())
