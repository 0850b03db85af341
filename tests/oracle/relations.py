"""Which relations hold between the viewer and a row, computed from dated rows in plain Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from server.policies.vocabulary import JOINED
from tests.oracle.rows import Rows, Values, holds
from tests.oracle.things import Thing

OF_A_COURSE = frozenset(
    {
        "Mark",
        "MarkPart",
        "MarkVersion",
        "MarkModeration",
        "Grade",
        "GradeVersion",
        "Target",
        "TargetVersion",
        "Forecast",
        "MarkbookRow",
        "MarkbookCell",
    }
)
OF_A_LEARNER = OF_A_COURSE | {"Learner", "BehaviourEvent", "Guardian", "Report", "ReportLine", "AccessSummaryLine"}
FLAGS = {"PROTECTED": "protected", "RESTRICTED": "restricted", "OPTED_OUT": "opted_out"}
GIVEN = {"CASELOAD": "caseload", "ASSIGNED": "assigned"}


def closed(atoms: Iterable[str]) -> frozenset[str]:
    """The whole relation set: always `school`, and each joined word whose parts hold."""
    held = frozenset(atoms) | {"school"}
    return held | {word for word, parts in JOINED.items() if held.issuperset(parts)}


class Relations:
    """Relations of one viewer to the rows of one world."""

    def __init__(self, rows: Rows, viewer: UUID) -> None:
        self._rows = rows
        self._viewer = viewer
        self._today = rows.today
        self._learners: dict[UUID, frozenset[str]] = {}
        self._courses: dict[tuple[UUID, UUID], frozenset[str]] = {}

    def of(self, thing: Thing) -> frozenset[str]:
        """The relation set of a row."""
        if thing.type in OF_A_LEARNER:
            return closed(self._of_owned(thing))
        own = thing.type in ("School", "Viewer", "ViewerChild") or (
            thing.type == "Staff" and thing.row["staff_id"] == self._viewer
        )
        return closed(frozenset({"own"} if own else ()))

    def of_learner(self, learner_id: UUID) -> frozenset[str]:
        """The relation set of a learner's own row."""
        if learner_id not in self._learners:
            self._learners[learner_id] = frozenset(self._learner(learner_id))
        return closed(self._learners[learner_id])

    def teaches(self, class_id: UUID) -> bool:
        """Now."""
        duties = self._rows.current("teaching_assignment", self._today, class_id=class_id, staff_id=self._viewer)
        return any(True for _ in duties)

    def _of_owned(self, thing: Thing) -> frozenset[str]:
        learner_id = thing.learner_id
        found = set(self.of_learner(learner_id))
        if thing.type in OF_A_COURSE or thing.type == "ReportLine":
            found |= self._course(learner_id, thing.row["course_id"])
        if thing.type in ("Report", "ReportLine"):
            published = self._rows.one("publication", publication_id=thing.row["publication_id"], status="LIVE")
            found |= {"published"} if published else set()
        if thing.type == "Guardian":
            found -= {"own"}
            found |= {"own"} if thing.row["guardian_id"] == self._viewer else set()
            found -= {"protected"}
            found |= {"protected"} if self._home_of_protected(thing.row["guardian_id"]) else set()
        return frozenset(found) - JOINED.keys()

    def _home_of_protected(self, guardian_id: UUID) -> bool:
        """A guardian of any protected learner: what a sibling's link tells of the home, it tells of the protected one."""
        links = self._rows.current("guardian_link", self._today, guardian_id=guardian_id)
        return any(
            flag["kind"] == "PROTECTED"
            for link in links
            for flag in self._rows.current("learner_flag", self._today, learner_id=link["learner_id"])
        )

    def _learner(self, learner_id: UUID) -> Iterator[str]:
        rows, today = self._rows, self._today
        learner = rows.one("learner", learner_id=learner_id)
        assert learner is not None
        if learner_id == self._viewer:
            yield "own"
        links = list(rows.current("guardian_link", today, learner_id=learner_id, guardian_id=self._viewer))
        if links:
            yield "self_family"
        if any(link["verified_at"] is not None for link in links) and not self._kept_apart(learner_id):
            yield "child"
        if learner["left_on"] is not None and learner["left_on"] <= today:
            yield "left"
        yield from (FLAGS[flag["kind"]] for flag in rows.current("learner_flag", today, learner_id=learner_id))
        if any(rows.where("client_opt_out", learner_id=learner_id, program_id=self._viewer, ended_at=None)):
            yield "opted_out"
        given = rows.current("learner_assignment", today, learner_id=learner_id, staff_id=self._viewer)
        yield from (GIVEN[one["kind"]] for one in given)
        yield from self._taught(learner_id)
        if self._in_pastoral_care(learner):
            yield "pastoral"
        if any(self._leads(seat["course_id"]) for seat in rows.current("enrolment", today, learner_id=learner_id)):
            yield "department"

    def _kept_apart(self, learner_id: UUID) -> bool:
        """By a court order or protection that nobody has lifted."""
        orders = self._rows.where("link_restriction", guardian_id=self._viewer, learner_id=learner_id)
        lifted = {one["restriction_id"] for one in self._rows.all("link_restriction_end")}
        return any(order["restriction_id"] not in lifted for order in orders)

    def _taught(self, learner_id: UUID) -> Iterator[str]:
        """A lesson together needs a day on which the one teaches the class and the other sits in it."""
        for seat in self._rows.where("enrolment", learner_id=learner_id):
            for duty in self._rows.where("teaching_assignment", class_id=seat["class_id"], staff_id=self._viewer):
                begins = max(seat["valid_from"], duty["valid_from"])
                ends = min(seat["valid_to"] or date.max, duty["valid_to"] or date.max)
                if begins < ends:
                    yield "taught_next" if begins > self._today else "taught" if self._today < ends else "taught_before"

    def _in_pastoral_care(self, learner: Values) -> bool:
        groups = {
            member["tutor_group_id"]
            for member in self._rows.current("tutor_membership", self._today, learner_id=learner["learner_id"])
        }
        return any(
            care["tutor_group_id"] in groups or care["year_group"] == learner["year_group"]
            for care in self._rows.current("pastoral_assignment", self._today, staff_id=self._viewer)
        )

    def _course(self, learner_id: UUID, course_id: UUID) -> frozenset[str]:
        key = (learner_id, course_id)
        if key not in self._courses:
            self._courses[key] = frozenset(self._of_course(learner_id, course_id))
        return self._courses[key]

    def _of_course(self, learner_id: UUID, course_id: UUID) -> Iterator[str]:
        seats = list(self._rows.current("enrolment", self._today, learner_id=learner_id, course_id=course_id))
        duties = self._rows.current("teaching_assignment", self._today, staff_id=self._viewer)
        if {seat["class_id"] for seat in seats} & {duty["class_id"] for duty in duties}:
            yield "taught_course"
        if seats and self._leads(course_id):
            yield "department_course"

    def _leads(self, course_id: UUID) -> bool:
        course = self._rows.one("course", course_id=course_id)
        assert course is not None
        leads = self._rows.where("department_lead", staff_id=self._viewer, department=course["department"])
        return any(holds(lead, self._today) for lead in leads)
