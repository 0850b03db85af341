"""How the rows of a policy case are asked for, way by way, and how their answers are understood."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from server import tables
from tests.e2e.serving import Answer
from tests.policy.cases import Case
from tests.policy.subjects import FIELDS, Filter, filter_of, global_id
from tests.worlds import World
from tests.worlds.learners import LEARNERS

ABSENT = "absent"
READ, LIST, TOTAL, FILTERED, NODE = "Read", "List", "Total", "Filtered", "Node"
WITHHELD = "withheld { element reason }"


@dataclass
class Said:
    """What one way answered: outcomes by handle (or by id, for found rows that hang on a learner), and the total.

    `rows` is the length of the list that the total speaks of; `audit` what was kept: elements and handles.
    """

    outcomes: dict[str, str] = field(default_factory=dict[str, str])
    total: int | None = None
    rows: int | None = None
    partial: bool | None = None
    error: str | None = None
    audit: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    audited_as: dict[str, Any] | None = None


class Ways:
    """How a kind of row is asked for."""

    def __init__(self, world: World, case: Case) -> None:
        self.world = world
        self.case = case

    def ways(self) -> tuple[str, ...]:
        return (READ, LIST, TOTAL, FILTERED, NODE)

    def document(self, way: str) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    def understand(self, way: str, answer: Answer, said: Said) -> None:
        raise NotImplementedError

    @property
    def selection(self) -> str:
        if self.case.to != "read":
            return f"can: viewerCan(element: {self.case.what.upper()}, action: {self.case.to.upper()})"
        return f"{' '.join(FIELDS[self.case.what])} {WITHHELD}"

    def outcome(self, row: Mapping[str, Any] | None) -> str:
        """What an object says of the case's element."""
        if row is None:
            return ABSENT
        if self.case.to != "read":
            return "allowed" if row["can"] else "refused"
        values = list(_leaves({key: value for key, value in row.items() if key not in ("id", "withheld")}))
        told = [entry["reason"] for entry in row["withheld"] if entry["element"] == self.case.what.upper()]
        assert len(row["withheld"]) == len(told), f"it speaks of what was not asked for: {row}"
        if told:
            return told[0] if all(value is None for value in values) else f"{told[0]} beside a value"
        if all(value is not None for value in values):
            return "visible"
        return "silent" if all(value is None for value in values) else "visible in part"


def _leaves(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        for inner in cast("dict[str, Any]", value).values():
            yield from _leaves(inner)
    elif isinstance(value, list) and all(isinstance(inner, dict) for inner in cast("list[Any]", value)):
        rows = cast("list[Any]", value)
        for inner in rows or [None]:  # of rows that aren't there nothing is told
            yield from _leaves(inner)
    else:
        yield value


class LearnerWays(Ways):
    """Elements of the learner's own row."""

    def __init__(self, world: World, case: Case) -> None:
        super().__init__(world, case)
        self.handles = {global_id(world, "Learner", world.ids[handle]): handle for handle in LEARNERS}
        self.filter: Filter = filter_of(world, case)

    def document(self, way: str) -> tuple[str, dict[str, Any]]:
        one = {"id": global_id(self.world, "Learner", self.world.ids[self.case.of])}
        match way:
            case "Read":
                return f"query($id: ID!) {{ learner(by: {{id: $id}}) {{ id {self.selection} }} }}", one
            case "List":
                return f"query {{ learners(first: 500) {{ totalCount nodes {{ id {self.selection} }} }} }}", {}
            case "Total":
                return "query { learners { totalCount partial } }", {}
            case "Filtered":
                document = "query($f: LearnerFilter) { learners(filter: $f) { totalCount partial nodes { id } } }"
                return document, {"f": self.filter.value}
            case _:
                return f"query($id: ID!) {{ node(id: $id) {{ ... on Learner {{ id {self.selection} }} }} }}", one

    def understand(self, way: str, answer: Answer, said: Said) -> None:
        if way in (READ, NODE):
            said.outcomes[self.case.of] = self.outcome(answer.data["learner" if way == READ else "node"])
            return
        page = answer.data["learners"]
        said.total, said.partial = page["totalCount"], page.get("partial")
        for row in page.get("nodes", ()):
            said.outcomes[self.handles[row["id"]]] = "found" if way == FILTERED else self.outcome(row)


class StaffWays(Ways):
    """Members of staff: node is their only look-up."""

    def __init__(self, world: World, case: Case) -> None:
        super().__init__(world, case)
        self.handles = {global_id(world, "Staff", key): handle for handle, key in world.ids.items()}

    def document(self, way: str) -> tuple[str, dict[str, Any]]:
        key = global_id(self.world, "Staff", self.world.ids[self.case.of])
        match way:
            case "Read":
                return f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Staff {{ id {self.selection} }} }} }}", {
                    "ids": [key]
                }
            case "List":
                return f"query {{ staff(first: 500) {{ totalCount nodes {{ id {self.selection} }} }} }}", {}
            case "Total":
                return "query { staff { totalCount partial } }", {}
            case "Filtered":
                document = "query($f: StaffFilter) { staff(filter: $f) { totalCount partial nodes { id } } }"
                return document, {"f": {"name": {"startsWith": self._family()}}}
            case _:
                return f"query($id: ID!) {{ node(id: $id) {{ ... on Staff {{ id {self.selection} }} }} }}", {"id": key}

    def _family(self) -> str:
        rows = self.world.rows[tables.StaffRow]
        return next(row["family_name"] for row in rows if row["staff_id"] == self.world.ids[self.case.of])

    def understand(self, way: str, answer: Answer, said: Said) -> None:
        if way in (READ, NODE):
            row = answer.data["nodes"][0] if way == READ else answer.data["node"]
            said.outcomes[self.case.of] = self.outcome(row)
            return
        page = answer.data["staff"]
        said.total, said.partial = page["totalCount"], page.get("partial")
        for row in page.get("nodes", ()):
            said.outcomes[self.handles[row["id"]]] = "found" if way == FILTERED else self.outcome(row)
