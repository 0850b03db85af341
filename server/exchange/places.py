"""Where marks belong: learners, assessments and the classes that sat them, as stored, for a file's keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from server.commands.rosters.faults import UNKNOWN_REFERENCE
from server.exchange import bulk
from server.exchange.bulk import Connection
from server.exchange.problems import Problems
from server.exchange.records import Record


@dataclass(frozen=True, slots=True)
class Sitting:
    """One assessment."""

    assessment_id: UUID
    academic_year: int
    course_id: UUID
    window_id: UUID
    component: str
    maximum: Decimal
    step: Decimal


@dataclass(frozen=True, slots=True)
class Seat:
    class_id: UUID
    since: date
    until: date | None


class Places:
    """All that a school has; a hundred thousand rows then ask no more questions of the database."""

    def __init__(self, connection: Connection, school_id: UUID) -> None:
        def rows(table: str, *columns: str) -> list[tuple[Any, ...]]:
            return bulk.select(connection, table, school_id, columns)

        self.learners: dict[str, UUID] = {row[0]: row[1] for row in rows("learner", "upn", "learner_id")}
        self.courses = {row[:2]: row[2] for row in rows("course", "academic_year", "name", "course_id")}
        self.windows = {row[:2]: row[2] for row in rows("assessment_window", "academic_year", "name", "window_id")}
        self.sittings: dict[tuple[UUID, UUID, str], Sitting] = {}
        for row in rows(
            "assessment",
            "assessment_id",
            "academic_year",
            "course_id",
            "window_id",
            "component_code",
            "maximum",
            "step",
        ):
            self.sittings[row[2], row[3], row[4]] = Sitting(*row)
        self._sat_by: dict[UUID, set[UUID]] = {}
        for assessment_id, class_id in rows("assessment_class", "assessment_id", "class_id"):
            self._sat_by.setdefault(assessment_id, set()).add(class_id)
        self._seats: dict[tuple[UUID, UUID], list[Seat]] = {}
        for learner_id, course_id, class_id, since, until in rows(
            "enrolment", "learner_id", "course_id", "class_id", "valid_from", "valid_to"
        ):
            self._seats.setdefault((learner_id, course_id), []).append(Seat(class_id, since, until))

    def seat(self, learner_id: UUID, sitting: Sitting, day: date) -> UUID | None:
        """The learner's class that sat the assessment: that of the day, else the latest; None if there never was one."""
        sat = self._sat_by.get(sitting.assessment_id, set())
        seats = [seat for seat in self._seats.get((learner_id, sitting.course_id), ()) if seat.class_id in sat]
        if not seats:
            return None
        return max(seats, key=lambda s: (s.since <= day and (s.until is None or day < s.until), s.since)).class_id

    def find(self, record: Record, problems: Problems) -> tuple[UUID, Sitting] | None:
        """Learner and assessment of a row, None after a fault."""
        year = record["academic_year"]
        learner = self.learners.get(record["upn"])
        course = self.courses.get((year, record["course"]))
        window = self.windows.get((year, record["window"]))
        named = ((learner, "UPN"), (course, "Course"), (window, "Window"))
        for found, heading in named:
            if found is None:
                message = f"{heading} names nothing in this school: correct it, or import the roster first."
                problems.add(UNKNOWN_REFERENCE, message, record.sheet, record.row, heading)
                return None
        assert learner is not None and course is not None and window is not None  # noqa: PT018
        sitting = self.sittings.get((course, window, record["component"]))
        if sitting is None:
            message = (
                "The course has no assessment of this component in this window: correct it, or add it to the roster."
            )
            problems.add(UNKNOWN_REFERENCE, message, record.sheet, record.row, "Component")
            return None
        return learner, sitting
