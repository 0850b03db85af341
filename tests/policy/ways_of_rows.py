"""Rows that hang on a learner, and lines of reports: how a policy case asks for them."""

from collections.abc import Mapping
from typing import Any

from tests.e2e.serving import Answer
from tests.policy.cases import Case
from tests.policy.subjects import OF_REPORTS, OWNED, course_name, global_id, owned_rows, reports_of
from tests.policy.ways import ABSENT, FILTERED, LIST, NODE, READ, TOTAL, WITHHELD, Said, Ways
from tests.worlds import World
from tests.worlds.learners import LEARNERS


class OwnedWays(Ways):
    """Rows that hang on a learner: visible where they exist for the caller."""

    def __init__(self, world: World, case: Case) -> None:
        super().__init__(world, case)
        self.type, self.field, self.paged, self.most = OWNED[case.what]
        self.rows = {handle: owned_rows(world, case, handle) for handle in LEARNERS}

    def ways(self) -> tuple[str, ...]:
        return (READ, LIST, TOTAL, FILTERED, NODE) if self.type == "Mark" else (READ, LIST, NODE)

    def _inner(self, more: str = "", shown: str | None = None) -> str:
        rows = f"{{ id {self.selection} }}" if shown is None else shown
        nodes = f"{{ totalCount nodes {rows} }}" if self.paged else rows
        return f"id {self.field}(first: {self.most}{more}) {nodes}"

    def document(self, way: str) -> tuple[str, dict[str, Any]]:
        one = {"id": global_id(self.world, "Learner", self.world.ids[self.case.of])}
        match way:
            case "Read":
                return f"query($id: ID!) {{ learner(by: {{id: $id}}) {{ {self._inner()} }} }}", one
            case "List":
                return f"query {{ learners(first: 50) {{ nodes {{ {self._inner()} }} }} }}", {}
            case "Total":
                return f"query($id: ID!) {{ learner(by: {{id: $id}}) {{ id {self.field} {{ totalCount }} }} }}", one
            case "Filtered":
                inner = self._inner(more=', filter: {state: {in: ["SCORED", "ABSENT"]}}', shown="{ id }")
                return f"query($id: ID!) {{ learner(by: {{id: $id}}) {{ {inner} }} }}", one
            case _:
                document = (
                    f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {self.type} {{ id {self.selection} }} }} }}"
                )
                return document, {"ids": self.rows[self.case.of]}

    def understand(self, way: str, answer: Answer, said: Said) -> None:
        if way == NODE:
            said.outcomes[self.case.of] = self._together([self.outcome(row) for row in answer.data["nodes"]])
            return
        if way == LIST:
            for learner in answer.data["learners"]["nodes"]:
                handle = _handle(self.world, learner["id"])
                if self.rows[handle]:
                    said.outcomes[handle] = self._of(handle, self._listed(learner))
            return
        learner = answer.data["learner"]
        if learner is None:
            said.outcomes[self.case.of] = ABSENT
            return
        if self.paged:
            said.total = learner[self.field]["totalCount"]
        if way == READ:
            said.outcomes[self.case.of] = self._of(self.case.of, self._listed(learner))
            said.rows = len(self._listed(learner))
        elif way == FILTERED:
            said.rows = len(self._listed(learner))
            said.outcomes = {row["id"]: "found" for row in self._listed(learner)}

    def _listed(self, learner: Mapping[str, Any]) -> list[dict[str, Any]]:
        held = learner[self.field]
        return held["nodes"] if self.paged else held

    def _of(self, handle: str, rows: list[dict[str, Any]]) -> str:
        by_id = {row["id"]: row for row in rows}
        return self._together([self.outcome(by_id.get(key)) for key in self.rows[handle]])

    def _together(self, outcomes: list[str]) -> str:
        assert outcomes, "the case speaks of no row"
        return outcomes[0] if len(set(outcomes)) == 1 else " and ".join(outcomes)


def _handle(world: World, key: str) -> str:
    return next(handle for handle in LEARNERS if global_id(world, "Learner", world.ids[handle]) == key)


class ReportWays(Ways):
    """Lines of published reports."""

    def __init__(self, world: World, case: Case) -> None:
        super().__init__(world, case)
        self.handles = reports_of(world)

    @property
    def selection(self) -> str:
        return f"{' '.join(OF_REPORTS[self.case.what])} {WITHHELD}"

    def _report(self) -> str:
        return f"id lines {{ line: course {self.selection} }}"

    def document(self, way: str) -> tuple[str, dict[str, Any]]:
        one = {"id": next(key for key, handle in self.handles.items() if handle == self.case.of)}
        match way:
            case "Read":
                return f"query($id: ID!) {{ report(id: $id) {{ {self._report()} }} }}", one
            case "List":
                return f"query {{ reports(first: 100) {{ totalCount nodes {{ {self._report()} }} }} }}", {}
            case "Total":
                return "query { reports { totalCount partial } }", {}
            case "Filtered":
                document = (
                    "query($f: ReportFilter) { reports(filter: $f, first: 100) { totalCount partial nodes { id } } }"
                )
                return document, {"f": {"publishedAt": {"from": "2000-01-01T00:00:00Z"}}}
            case _:
                return f"query($id: ID!) {{ node(id: $id) {{ ... on Report {{ {self._report()} }} }} }}", one

    def understand(self, way: str, answer: Answer, said: Said) -> None:
        if way in (READ, NODE):
            said.outcomes[self.case.of] = self._line(answer.data["report" if way == READ else "node"])
            return
        page = answer.data["reports"]
        said.total, said.partial = page["totalCount"], page.get("partial")
        for row in page.get("nodes", ()):
            said.outcomes[self.handles[row["id"]]] = "found" if way == FILTERED else self._line(row)

    def _line(self, report: Mapping[str, Any] | None) -> str:
        if report is None:
            return ABSENT
        wanted = course_name(self.case)
        lines = [dict(line) for line in report["lines"] if line.pop("line") == wanted]
        return self.outcome(lines[0]) if lines else ABSENT
