"""The oracle: graphql-core's executor over the printed schema and a world's rows.

It shares no code with the compiler and the planner. A cell is visible where plain Casbin says so for the relations that
plain Python finds between the viewer and the row; everything else follows from that, field by field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from graphql import DocumentNode, ExecutionResult, FieldNode, GraphQLObjectType

from tests.oracle import catalogue, explaining
from tests.oracle.asker import Asker
from tests.oracle.edges import MANYS, ONES, Edge, Step, graded
from tests.oracle.enforcing import Books
from tests.oracle.lists import KEYS, ORDERS, conditions, element_of, ordered, passes, steps
from tests.oracle.printed import ELEMENTS, GROUPS, RANK, SCHEMA, Info, execute
from tests.oracle.relations import OF_A_LEARNER
from tests.oracle.rows import Rows
from tests.oracle.selecting import Selecting
from tests.oracle.things import Thing
from tests.oracle.values import IDS, global_id, leaf
from tests.oracle.visibility import Visibility, existence

USUAL_PAGE = 50
DERIVED = {("Grade", "explanation"): ("grade", "mark")}
LOOKED_UP = {"upn": "identifier", "misId": "identifier"}


@dataclass
class Page:
    """A connection: `found` in order, of which `begin` to `end` are shown.

    `filtered` are the elements it was filtered by; `beyond` the row that hasNextPage or hasPreviousPage tells of;
    `countable` whether the plans let the rows be counted.
    """

    type: str
    found: list[Thing]
    begin: int
    end: int
    total: int | None
    partial: bool
    filtered: set[str]
    beyond: Thing | None
    countable: bool


@dataclass
class Told:
    """What an answer says beyond its data: learners by logged element."""

    log: dict[str, set[str]] = field(default_factory=dict[str, set[str]])


class Oracle:
    """One world under one book. `positions` tells which row a cursor stood at."""

    def __init__(self, rows: Rows, books: Books, positions: Mapping[str, str] | None = None) -> None:
        self.rows = rows
        self.books = books
        self.positions = positions or {}

    def answer(
        self, document: DocumentNode, variables: dict[str, Any], asker: Asker, name: str | None = None
    ) -> tuple[ExecutionResult, dict[str, set[str]], int]:
        """The result, the learners by logged element, and how many cells Casbin was asked about."""
        answering = _Answering(self, asker, Selecting(document, variables, name))
        result = execute(
            SCHEMA,
            document,
            variable_values=variables,
            operation_name=name,
            field_resolver=answering.resolve,
            type_resolver=_type_of,
        )
        return result, answering.told.log, answering.visibility.compared


class _Answering:
    def __init__(self, oracle: Oracle, asker: Asker, selecting: Selecting) -> None:
        self._selecting = selecting
        self.rows, self.asker, self.positions = oracle.rows, asker, oracle.positions
        self.visibility = Visibility(oracle.rows, oracle.books, asker)
        self.told = Told()

    def resolve(self, source: Any, info: Info, **arguments: Any) -> Any:
        owner, name = info.parent_type.name, info.field_name
        if owner == "Query":
            return self._root(info, arguments)
        if isinstance(source, Page):
            return self._part(source, name, info)
        if isinstance(source, tuple):
            return self._of_edge(cast(tuple[Page, Thing], source), name, info)
        if isinstance(source, Thing):
            return self._field(source, owner, name, info, arguments)
        return source[name]

    def _root(self, info: Info, arguments: dict[str, Any]) -> Any:
        name = info.field_name
        top = Thing("Query", {}, self.rows.today)
        if name == "dataCatalogue":
            return catalogue.entries(self.visibility)
        if name in ("node", "class", "assessment", "report"):
            return self._by_id(arguments["id"], info)
        if name == "nodes":
            return [self._by_id(one, info) for one in arguments["ids"]]
        if name == "learner":
            return self._learner(arguments["by"], info)
        return self._edge(top, "Query", name, info, arguments)

    def _by_id(self, text: str, info: Info) -> Thing | None:
        for type_name, (_, key, __) in IDS.items():
            table = TABLES[type_name]
            for row in self.rows.all(table):
                if key in row and global_id(type_name, row) == text:
                    return self._given(Thing(type_name, row, self.rows.today), info)
        return None

    def _learner(self, named: dict[str, Any], info: Info) -> Thing | None:
        ((name, value),) = named.items()
        if name == "id":
            return self._by_id(value, info)
        row = self.rows.one("learner", **{"upn" if name == "upn" else "mis_id": value})
        if row is None or value is None:
            return None
        thing = Thing("Learner", row, self.rows.today)
        if not self.visibility.can(thing, LOOKED_UP[name]):
            return None
        return self._given(thing, info, (LOOKED_UP[name],))

    def _given(self, thing: Thing, info: Info, read: Iterable[str] = ()) -> Thing | None:
        """The thing as the answer shows it, or None where it isn't there for the asker."""
        if not self.visibility.exists(thing):
            return None
        shown = Thing(thing.type, thing.row, thing.day, thing.above, thing.arguments, tuple(info.field_nodes))
        self._log(shown, {*self._selected(shown), *read})
        return shown

    def _log(self, thing: Thing, elements: Iterable[str]) -> None:
        for element in elements:
            if "log" in self.visibility.duties(element) and self.visibility.can(thing, element):
                self.told.log.setdefault(element, set()).add(str(self._subject(thing)))

    @staticmethod
    def _subject(thing: Thing) -> Any:
        """The learner, or for a row of no learner its own key."""
        if thing.type in OF_A_LEARNER:
            return thing.learner_id
        return thing.row[KEYS.get(thing.type, "person_id")]

    def _field(self, thing: Thing, owner: str, name: str, info: Info, arguments: dict[str, Any]) -> Any:
        if name == "id" and owner == thing.type and owner in IDS:
            return global_id(owner, thing.row)
        if name == "withheld":
            return self._withheld(thing)
        if name == "viewerCan":
            return self.visibility.can(thing, arguments["element"].lower(), arguments["action"].lower())
        if (owner, name) in GROUPS:
            return thing
        if (owner, name) == ("Class", "gradeDistribution"):
            return self._distribution(thing, arguments)
        if (owner, name) in ONES or (owner, name) in MANYS:
            return self._edge(thing, owner, name, info, arguments)
        elements = DERIVED.get((owner, name)) or (ELEMENTS[owner, name],)
        if not all(self.visibility.can(thing, element) for element in elements):
            return None
        if (owner, name) in DERIVED:
            return explaining.explanation(self.rows, thing.row)
        return leaf(self.rows, self.asker, thing, owner, name)

    def _edge(self, thing: Thing, owner: str, name: str, info: Info, arguments: dict[str, Any]) -> Any:
        edge = ONES.get((owner, name)) or MANYS[owner, name]
        if edge.element is not None and not self.visibility.can(thing, edge.element):
            return None
        read = self._read_by(edge, arguments)
        found = self._reached(thing, edge, arguments)
        if (owner, name) in ONES:
            return next((shown for one in found if (shown := self._given(one, info))), None)
        found = [one for one in found if self.visibility.exists(one)]
        found = [one for one in found if edge.target_element is None or self.visibility.can(one, edge.target_element)]
        found = [one for one in found if passes(self.rows, self.visibility, one, arguments.get("filter"))]
        order = steps(arguments.get("orderBy")) or [(edge.order, edge.newest_first)]
        found = ordered(self.rows, self.visibility, found, order)
        if edge.paged:
            page = self._page(edge, found, arguments)
            for one in page.found[page.begin : page.end]:
                self._log(one, read)
            return page
        first = arguments.get("first")
        shown = [self._given(one, info, read) for one in found[: 500 if first is None else first]]
        return [one for one in shown if one is not None]

    def _read_by(self, edge: Edge, arguments: dict[str, Any]) -> set[str]:
        """Elements that filter and order look at."""
        read = {element_of(edge.target, path) for path in conditions(edge.target, arguments.get("filter"))}
        if not edge.order:
            return read
        order = steps(arguments.get("orderBy")) or [(edge.order, edge.newest_first)]
        return read | {ORDERS[edge.target, name][0] for name, _ in order}

    def _reached(self, thing: Thing, edge: Edge, arguments: dict[str, Any]) -> list[Thing]:
        asked = arguments.get("asOf")
        day = date.fromisoformat(asked) if asked else self.rows.today if edge.dated else thing.day
        step = Step(self.rows, self.asker, thing, arguments, day)
        return [Thing(edge.target, row, day, thing, arguments) for row in edge.walk(step)]

    def _page(self, edge: Edge, found: list[Thing], arguments: dict[str, Any]) -> Page:
        begin, end = 0, len(found)
        keys = [self._cursor(one) for one in found]
        if arguments.get("after") is not None:
            begin = keys.index(self.positions[arguments["after"]]) + 1
        if arguments.get("before") is not None:
            end = keys.index(self.positions[arguments["before"]])
        last = arguments.get("last")
        if last is None and arguments.get("before") is not None:
            last = USUAL_PAGE
        if last is not None:
            begin = max(begin, end - last)
        else:
            first = arguments.get("first")
            end = min(end, begin + (USUAL_PAGE if first is None else first))
        backwards = last is not None
        outside = found[begin - 1 : begin] if backwards and begin > 0 else found[end : end + 1] if not backwards else []
        read = {element_of(edge.target, path) for path in conditions(edge.target, arguments.get("filter"))}
        return Page(
            edge.target,
            found,
            begin,
            end,
            self._total(edge, found, arguments),
            self._partial(edge, arguments),
            read,
            next(iter(outside), None),
            self._countable({*existence(edge.target), *read}),
        )

    def _countable(self, elements: set[str]) -> bool:
        return all(self.visibility.covers((one, "count"), (one, "read")) for one in elements)

    def _total(self, edge: Edge, found: list[Thing], arguments: dict[str, Any]) -> int | None:
        """Only where every row that may be read may be counted, and the number is not small."""
        read = {element_of(edge.target, path) for path in conditions(edge.target, arguments.get("filter"))}
        elements = {*existence(edge.target), *read}
        if not self._countable(elements):
            return None
        suppressed = any("suppress" in self.visibility.duties(one, "count") for one in elements)
        return None if suppressed and len(found) < self.rows.school["suppression_threshold"] else len(found)

    def _partial(self, edge: Edge, arguments: dict[str, Any]) -> bool:
        read = {element_of(edge.target, path) for path in conditions(edge.target, arguments.get("filter"))}
        rows = existence(edge.target)
        return any(not self.visibility.covers((one, "read"), (row, "read")) for one in read for row in rows)

    def _cursor(self, thing: Thing) -> str:
        return str(thing.row[IDS[thing.type][1]])

    def _part(self, page: Page, name: str, info: Info) -> Any:
        shown = page.found[page.begin : page.end]
        if name == "edges":
            return [(page, one) for one in shown]
        if name == "nodes":
            return [self._given(one, info) for one in shown]
        if name == "pageInfo" and page.beyond is not None:
            self._log(page.beyond, page.filtered)
        if name == "totalCount" and page.countable:
            for one in page.found:
                self._log(one, page.filtered)
        known = {"totalCount": page.total, "partial": page.partial, "pageInfo": page}
        if name in known:
            return known[name]
        return {
            "hasNextPage": page.end < len(page.found),
            "hasPreviousPage": page.begin > 0,
            "startCursor": self._cursor(shown[0]) if shown else None,
            "endCursor": self._cursor(shown[-1]) if shown else None,
        }[name]

    def _of_edge(self, edge: tuple[Page, Thing], name: str, info: Info) -> Any:
        _, thing = edge
        return self._cursor(thing) if name == "cursor" else self._given(thing, info)

    def _distribution(self, thing: Thing, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        counted: dict[str, int] = {}
        for row in graded(Step(self.rows, self.asker, thing, arguments, thing.day)):
            one = Thing("Grade", row, thing.day, thing)
            if self.visibility.exists(one) and self.visibility.can(one, "grade"):
                counted[row["value"]] = counted.get(row["value"], 0) + 1
                self._log(one, ("grade",))
        return [{"value": value, "count": counted[value]} for value in sorted(counted)]

    def _selected(self, thing: Thing) -> list[str]:
        """Elements of the fields that the document selects on the thing, in the register's order."""
        found: set[str] = set()
        for owner, name, nodes in self._fields(thing.type, thing.nodes):
            if (owner, name) in GROUPS:
                inner = self._fields(GROUPS[owner, name], nodes)
                found |= {ELEMENTS[group, one] for group, one, _ in inner if (group, one) in ELEMENTS}
            elif (owner, name) in DERIVED:
                found |= set(DERIVED[owner, name])
            elif (owner, name) in ONES or (owner, name) in MANYS:
                element = (ONES.get((owner, name)) or MANYS[owner, name]).element
                found |= {element} if element else set()
            elif (owner, name) in ELEMENTS:
                found.add(ELEMENTS[owner, name])
        return sorted(found, key=RANK.__getitem__)

    def _fields(self, type_name: str, nodes: Iterable[FieldNode]) -> list[tuple[str, str, list[FieldNode]]]:
        kind = SCHEMA.get_type(type_name)
        assert isinstance(kind, GraphQLObjectType)
        fields = self._selecting.below(kind, nodes)
        return [(type_name, group[0].name.value, group) for group in fields.values()]

    def _withheld(self, thing: Thing) -> list[dict[str, str]]:
        if self.asker.silent:
            return []
        hidden = [element for element in self._selected(thing) if not self.visibility.can(thing, element)]
        return [{"element": one.upper(), "reason": self.visibility.reason(thing, one)} for one in hidden]


def _type_of(value: Thing, *_: Any) -> str:
    return value.type


TABLES = {
    "School": "school", "Learner": "learner", "Guardian": "guardian_link", "Staff": "staff",
    "TutorGroup": "tutor_group", "Course": "course", "Class": "class", "AssessmentWindow": "assessment_window",
    "Assessment": "assessment", "Mark": "mark", "Grade": "grade", "Target": "target",
    "BehaviourEvent": "behaviour_event", "Report": "report",
}  # fmt: skip
