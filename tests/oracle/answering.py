"""The oracle: graphql-core's executor over the printed schema and a world's rows.

It shares no code with the compiler and the planner. A cell is visible where plain Casbin says so for the relations that
plain Python finds between the viewer and the row; everything else follows from that, field by field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from graphql import DocumentNode, ExecutionResult

from tests.oracle import catalogue, explaining
from tests.oracle.asker import Asker
from tests.oracle.edges import MANYS, ONES, Edge, Step, graded
from tests.oracle.enforcing import Books
from tests.oracle.lists import KEYS, ORDERS, conditions, element_of, ordered, passes, steps
from tests.oracle.paging import Page, page_of, position
from tests.oracle.printed import ELEMENTS, GROUPS, SCHEMA, Info, execute
from tests.oracle.relations import OF_A_LEARNER
from tests.oracle.rows import Rows
from tests.oracle.selected import DERIVED, Selected
from tests.oracle.selecting import Selecting
from tests.oracle.things import Thing
from tests.oracle.values import IDS, global_id, leaf
from tests.oracle.visibility import Visibility

LOOKED_UP = {"upn": "identifier", "misId": "identifier"}


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
        self._selected = Selected(selecting)
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
        self._log(shown, {*self._selected.elements(shown), *read})
        self._log_class(shown)
        return shown

    def _log_class(self, thing: Thing) -> None:
        """A learner who is shown beside a class that tells has been told of."""
        above = thing.above
        if above is None:
            return
        group, other = (thing, above) if thing.type == "Class" else (above, thing)
        if group.type == "Class" and other.type in OF_A_LEARNER and group.row["reveals"]:
            element = group.row["reveals"]
            if "log" in self.visibility.duties(element):
                self.told.log.setdefault(element, set()).add(str(other.learner_id))

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
            page = page_of(self.rows, self.visibility, self.positions, edge, found, arguments)
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
            "startCursor": position(shown[0]) if shown else None,
            "endCursor": position(shown[-1]) if shown else None,
        }[name]

    def _of_edge(self, edge: tuple[Page, Thing], name: str, info: Info) -> Any:
        _, thing = edge
        return position(thing) if name == "cursor" else self._given(thing, info)

    def _distribution(self, thing: Thing, arguments: dict[str, Any]) -> list[dict[str, Any]]:
        counted: dict[str, int] = {}
        for row in graded(Step(self.rows, self.asker, thing, arguments, thing.day)):
            one = Thing("Grade", row, thing.day, thing)
            if self.visibility.exists(one) and self.visibility.can(one, "grade"):
                counted[row["value"]] = counted.get(row["value"], 0) + 1
                self._log(one, ("grade",))
        return [{"value": value, "count": counted[value]} for value in sorted(counted)]

    def _withheld(self, thing: Thing) -> list[dict[str, str]]:
        if self.asker.silent:
            return []
        hidden = [element for element in self._selected.elements(thing) if not self.visibility.can(thing, element)]
        return [{"element": one.upper(), "reason": self.visibility.reason(thing, one)} for one in hidden]


def _type_of(value: Thing, *_: Any) -> str:
    return value.type


TABLES = {
    "School": "school", "Learner": "learner", "Guardian": "guardian_link", "Staff": "staff",
    "TutorGroup": "tutor_group", "Course": "course", "Class": "class", "AssessmentWindow": "assessment_window",
    "Assessment": "assessment", "Mark": "mark", "Grade": "grade", "Target": "target",
    "BehaviourEvent": "behaviour_event", "Report": "report",
}  # fmt: skip
