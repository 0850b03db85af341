"""What all stages of building one statement share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from server.policies.plan import Plan
from server.policies.planner import Permit, Reason
from server.queries.binding import Binding

Ladder = Callable[[str], Sequence[tuple[Reason, Plan | None]]]


class Build:
    """`ladder` gives the reasons why an element is withheld; `binding` collects the binds."""

    def __init__(self, permit: Permit, ladder: Ladder) -> None:
        self.permit = permit
        self.ladder = ladder
        self.binding = Binding()
        self._names = 0

    def name(self, start: str) -> str:
        """A name that the statement has not used."""
        self._names += 1
        return f"{start}{self._names}"

    def plan(self, element: str, action: str = "read") -> Plan:
        return self.permit.plan(element, action)

    def logged(self, element: str) -> bool:
        plan = self.plan(element)
        return "log" in plan.duties and not plan.nothing
