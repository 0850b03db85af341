"""What converts the attempts of earlier windows, where an import grades: what the learner's grade there is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from server.commands.grades import Seat
from server.exchange.merging import Merge
from server.grading.papers import Contents
from server.queries.graded_by import GradedBy
from server.queries.series_contents import rules_now


class UnitSeries:
    """Of the learners of one import. `known` are rules at hand; `groups` are seats by what they are graded by now."""

    def __init__(
        self, merge: Merge, known: Iterable[GradedBy], groups: Iterable[Sequence[tuple[GradedBy, Sequence[Seat]]]]
    ) -> None:
        self._merge = merge
        self._rules = {by.boundary_set_id: by.contents for by in known}
        self._anew: dict[tuple[int, UUID], dict[tuple[UUID, UUID], UUID]] = defaultdict(dict)
        for group in groups:
            for by, seats in group:
                self._rules[by.boundary_set_id] = by.contents
                for seat in seats:
                    of_course = self._anew[seat.academic_year, seat.course_id]
                    of_course[seat.learner_id, seat.window_id] = by.boundary_set_id

    def of(self, year: int, course_id: UUID, windows: Collection[UUID]) -> dict[tuple[UUID, UUID], Contents]:
        """By learner and window: as it is graded now, or else as the grade stored there. No statement without windows."""
        if not windows:
            return {}
        rows = self._merge.select(
            "grade", "learner_id", "window_id", "boundary_set_id",
            academic_year=[year], course_id=[course_id], window_id=sorted(windows), kind=["CURRENT"],
        )  # fmt: skip
        found: dict[tuple[UUID, UUID], UUID] = {(row[0], row[1]): row[2] for row in rows}
        anew = self._anew.get((year, course_id), {})
        found |= {place: under for place, under in anew.items() if place[1] in windows}
        self._rules |= rules_now(self._merge.connection, set(found.values()) - self._rules.keys())
        return {place: self._rules[under] for place, under in found.items()}
