"""Reads a validated selection into asks."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import GraphQLArgument, GraphQLNamedType, GraphQLObjectType, GraphQLSchema, SelectionSetNode

from server.errors import BadUserInput, LimitExceeded
from server.queries.arguments import Given, Tree, arguments, plain, scalar
from server.queries.ask import (
    AnyOf,
    Ask,
    CanPick,
    Condition,
    EdgePick,
    ExplainedPick,
    GroupPick,
    IdPick,
    LeafPick,
    Page,
    Part,
    Pick,
    Sorting,
    TallyPick,
    TypenamePick,
    Wanted,
    WithheldPick,
)
from server.queries.cost import EXPLANATION, TALLY, Amount, Cost, Tab, fixed
from server.queries.ids import decode
from server.queries.noun import Explained, Group, Leaf, Many, Noun, One, Tally
from server.queries.nouns import NOUNS
from server.queries.selection import Document, Selected

# What one operation may be reckoned at, whatever it finds.
MAXIMUM_ROWS = 200_000
MAXIMUM_EXPLAINED = 2_000
MAXIMUM_FINISHED = 20_000
MAXIMUM_CONDITIONS = 50
MAXIMUM_ORDERS = 10
ANY = "any"


class Reader:
    """Reads the selections of one document under one set of coerced variables."""

    def __init__(self, schema: GraphQLSchema, document: Document) -> None:
        self._schema = schema
        self.document = document
        self._rows = 0
        self._explained = 0
        self._conditions = 0
        self._tab = Tab()

    def picks(
        self, noun: Noun, below: tuple[SelectionSetNode, ...], path: tuple[str | int, ...], rows: Amount
    ) -> tuple[Pick, ...]:
        """The fields of one object; `rows` is how many such objects there may be."""
        self._tab.add(rows)
        types = frozenset((noun.name, "Node")) if noun.node else frozenset((noun.name,))
        return tuple(self._pick(noun, one, path, rows) for one in self.document.select(below, types))

    def _pick(self, noun: Noun, one: Selected, path: tuple[str | int, ...], rows: Amount) -> Pick:
        own = self._own(noun, one)
        if own is not None:
            return own
        field = noun.field(one.name)
        match field:
            case Leaf():
                return LeafPick(one.key, field)
            case Explained():
                self._explain(one, rows)
                return ExplainedPick(one.key, field)
            case Group():
                return self._group(field, one)
            case One():
                ask = Ask(NOUNS[field.target], "one", field, (), path=(*path, one.key))
                ask.picks = self.picks(ask.noun, one.below, ask.path, rows)
                return EdgePick(one.key, ask)
            case Many():
                return EdgePick(one.key, self.many(field, self.declared(noun.name, one), one, (*path, one.key), rows))
            case Tally():
                self._tab.add(rows, TALLY)
                return self._tally(noun, field, one, path)
            case None:
                raise LookupError(f"{noun.name}.{one.name} is in the schema and not declared")

    def _own(self, noun: Noun, one: Selected) -> Pick | None:
        """The fields that every type has."""
        if one.name == "__typename":
            return TypenamePick(one.key, noun.name)
        if one.name == "id" and noun.node:
            return IdPick(one.key)
        if one.name == "withheld":
            shown = self.document.select(one.below, frozenset(("Withheld",)))
            return WithheldPick(one.key, tuple((entry.key, entry.name) for entry in shown))
        if one.name == "viewerCan":
            given = self.declared(noun.name, one)
            element, action = scalar(given["element"]), scalar(given["action"])
            assert element is not None
            assert action is not None
            return CanPick(one.key, plain(element.value).lower(), plain(action.value).lower())
        return None

    def _group(self, group: Group, one: Selected) -> GroupPick:
        leaves = {leaf.name: leaf for leaf in group.leaves}
        return GroupPick(
            one.key,
            tuple(
                TypenamePick(inner.key, group.type)
                if inner.name == "__typename"
                else LeafPick(inner.key, leaves[inner.name])
                for inner in self.document.select(one.below, frozenset((group.type,)))
            ),
        )

    def _tally(self, noun: Noun, edge: Tally, one: Selected, path: tuple[str | int, ...]) -> TallyPick:
        target = NOUNS[edge.target]
        leaf = target.field(edge.by)
        assert isinstance(leaf, Leaf)
        ask = Ask(
            target,
            "list",
            edge,
            (LeafPick("by", leaf),),
            self._checked(edge, self.declared(noun.name, one)),
            path=(*path, one.key),
            limit=500,
        )
        shown = self.document.select(one.below, frozenset((edge.type,)))
        return TallyPick(one.key, edge, ask, tuple((entry.key, entry.name) for entry in shown))

    def many(self, edge: Many, given: dict[str, Tree], one: Selected, path: tuple[str | int, ...], rows: Amount) -> Ask:
        """A list or connection of `edge`'s target."""
        noun = NOUNS[edge.target]
        ask = Ask(noun, "list", edge, (), self._checked(edge, given), path=path)
        ask.wanted = self._wanted(noun, given.get("filter"), (one.key, "filter"))
        ask.sortings = self._sortings(noun, edge, given.get("orderBy"))
        ask.limit = edge.maximum
        held = rows.times(self._weight(edge, given, one))
        self._reckon(one, held.now)
        if not edge.paged:
            ask.first = scalar(given.get("first"))
            ask.picks = self.picks(noun, one.below, path, held)
            return ask
        ask.page = self._page(noun, given, one, path, held)
        if ask.page.asks("totalCount"):
            self._tab.add(rows, TALLY)
        if not any(part.nodes for part in ask.page.parts):
            self._tab.add(held)
        ask.picks = tuple(pick for part in ask.page.parts for picks in part.nodes.values() for pick in picks)
        return ask

    def _page(
        self, noun: Noun, given: dict[str, Tree], one: Selected, path: tuple[str | int, ...], rows: Amount
    ) -> Page:
        kind = f"{noun.name}Connection"
        parts = (self._part(noun, part, path, rows) for part in self.document.select(one.below, frozenset((kind,))))
        first, after, last, before = (scalar(given.get(name)) for name in ("first", "after", "last", "before"))
        return Page(kind, tuple(parts), first, after, last, before, place=f"{one.name}:{noun.name}")

    def _part(self, noun: Noun, part: Selected, path: tuple[str | int, ...], rows: Amount) -> Part:
        if part.name == "nodes":
            return Part(part.key, part.name, (), {"": self.picks(noun, part.below, (*path, part.key), rows)})
        if part.name == "edges":
            inner = self.document.select(part.below, frozenset((f"{noun.name}Edge",)))
            nodes = {
                one.key: self.picks(noun, one.below, (*path, part.key, one.key), rows)
                for one in inner
                if one.name == "node"
            }
            return Part(part.key, part.name, tuple((one.key, one.name) for one in inner), nodes)
        if part.name == "pageInfo":
            inner = self.document.select(part.below, frozenset(("PageInfo",)))
            return Part(part.key, part.name, tuple((one.key, one.name) for one in inner))
        return Part(part.key, part.name)

    def _weight(self, edge: Many, given: dict[str, Tree], one: Selected) -> Amount:
        """How many rows the list is reckoned at: what was asked for, else the usual length."""
        first, last, after, before = (scalar(given.get(name)) for name in ("first", "last", "after", "before"))
        if first is not None and last is not None:
            raise BadUserInput(f"{one.key} has both first and last: give one of them.", (one.key, "last"))
        if (after is not None and last is not None) or (before is not None and first is not None):
            raise BadUserInput(f"{one.key} mixes directions: use first with after, last with before.", (one.key,))
        if after is not None and before is not None:
            raise BadUserInput(f"{one.key} has both after and before: give one of them.", (one.key, "before"))
        size = first or last
        if size is None:
            return fixed(edge.usual)
        get, most = size.get, edge.maximum
        now = min(max(int(size.value), 1), most)
        return Amount(now, 1, (lambda given: min(max(int(get(given)), 1), most),)) if size.varies else fixed(now)

    def _reckon(self, one: Selected, rows: int) -> None:
        """Rows of all lists of the operation together, nested and beside each other."""
        self._rows += rows
        if self._rows > MAXIMUM_ROWS:
            raise LimitExceeded(
                f"With {one.key} the operation could hold more than {MAXIMUM_ROWS} rows: ask for fewer with first.",
                (one.key,),
            )

    def _explain(self, one: Selected, rows: Amount) -> None:
        self._explained += rows.now
        self._tab.add(rows, EXPLANATION)
        if self._explained > MAXIMUM_EXPLAINED:
            raise LimitExceeded(
                f"{one.key} could be asked of more than {MAXIMUM_EXPLAINED} rows: ask for fewer with first.", (one.key,)
            )

    @property
    def rows(self) -> int:
        """How many rows the operation is reckoned at."""
        return self._rows

    @property
    def cost(self) -> Cost:
        """Of all that was read so far."""
        return self._tab.cost()

    def _wanted(self, noun: Noun, tree: Tree | None, path: tuple[str | int, ...]) -> Wanted:
        if not isinstance(tree, dict):
            return ()
        declared = {filter.name: filter for filter in noun.filters}
        found: list[Condition | AnyOf] = []
        for name, operations in tree.items():
            if name == ANY and isinstance(operations, list):
                alternatives = tuple(self._wanted(noun, one, (*path, ANY, i)) for i, one in enumerate(operations))
                found.append(AnyOf(alternatives))
            elif isinstance(operations, dict):
                for operation, operand in operations.items():
                    if isinstance(operand, Given) and operand.value is not None:
                        self._conditions += 1
                        if self._conditions > MAXIMUM_CONDITIONS:
                            said = (
                                f"The operation's filters hold more than {MAXIMUM_CONDITIONS} conditions: ask in parts."
                            )
                            raise LimitExceeded(said, path)
                        found.append(Condition(declared[name], operation, operand, (*path, name, operation)))
        return tuple(found)

    def _sortings(self, noun: Noun, edge: Many, tree: Tree | None) -> tuple[Sorting, ...]:
        entries = [entry for entry in tree if isinstance(entry, dict)] if isinstance(tree, list) else []
        if len(entries) > MAXIMUM_ORDERS:
            raise LimitExceeded(f"orderBy holds more than {MAXIMUM_ORDERS} entries: give fewer.", ("orderBy",))
        found: dict[str, Sorting] = {}
        for i, entry in enumerate(entries):
            named, direction = scalar(entry.get("field")), scalar(entry.get("direction"))
            assert named is not None
            order = noun.order(plain(named.value))
            descending = direction is not None and plain(direction.value) == "DESC"
            found.setdefault(order.name, Sorting(order, descending, ("orderBy", i)))
        return tuple(found.values()) or (Sorting(noun.order(edge.order), edge.newest_first, ("orderBy",), asked=False),)

    def declared(self, type_name: str, one: Selected) -> dict[str, Tree]:
        """The coerced arguments of a field."""
        kind: GraphQLNamedType | None = self._schema.get_type(type_name)
        assert isinstance(kind, GraphQLObjectType)
        known: Mapping[str, GraphQLArgument] = kind.fields[one.name].args
        return arguments(known, one.nodes[0], self.document.variables) if known else {}

    def _checked(self, edge: Many | Tally, given: dict[str, Tree]) -> dict[str, Tree]:
        """Raises BadUserInput for an id of another type than the argument takes, whether or not it comes to be used."""
        for argument in edge.arguments:
            ids = scalar(given.get(argument.name))
            if argument.prefix is not None and ids is not None:
                for text in ids.texts():
                    decode(text, ids.path, argument.prefix)
        return given
