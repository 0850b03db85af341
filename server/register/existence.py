"""Which rows exist for a caller: one table, printed into the data map.

A row that does not exist for the caller is absent from lists, counts, cursors and `node`, and null on an edge.
"""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Existence:
    """`element` must be readable on the row, None where each line decides; `owner` must exist for the caller too."""

    noun: str
    element: str | None
    path: str
    owner: str | None = None


def _of_learner(noun: str, element: str | None, path: str) -> Existence:
    return Existence(noun, element, path, owner="Learner")


_ROWS: tuple[Existence, ...] = (
    Existence("School", "school_structure", "the caller's own school"),
    Existence("YearGroup", "school_structure", "a year of the school"),
    Existence("Subject", "school_structure", "a subject of the school"),
    Existence("Course", "school_structure", "a course of the school"),
    Existence("Class", "school_structure", "a class of a course"),
    Existence("Assessment", "school_structure", "an assessment of a course, sat by classes"),
    Existence("Learner", "name", "the learner"),
    _of_learner("LearnerIdentifier", "identifier", "a number of the learner"),
    _of_learner("Membership", "groups", "the learner's place in a form, class or group, while it lasts"),
    _of_learner("ExamEntry", "exam_entry", "an entry of the learner for a qualification"),
    _of_learner("Mark", "mark", "the learner's mark in an assessment of a course"),
    _of_learner("Grade", "grade", "the learner's grade in a course"),
    _of_learner("Target", "target", "the learner's target in a course"),
    _of_learner("Forecast", "forecast", "the learner's forecast in a course"),
    _of_learner("ExamResult", "exam_result", "the learner's result in a series, once released"),
    _of_learner("Comment", "comment", "a comment on the learner in a course"),
    _of_learner("BehaviourEvent", "behaviour", "a behaviour event of the learner"),
    _of_learner("Attendance", "attendance", "the learner's attendance in a year"),
    _of_learner("Characteristic", "learning_characteristics", "the learner's effort in a class and period"),
    _of_learner("SafeguardingConcern", "safeguarding", "a concern about the learner"),
    _of_learner("Report", None, "a report of the learner; it exists where one of its lines does"),
    _of_learner("ReportLine", None, "a line of the report, by the elements that it shows, in its published version"),
    _of_learner("GuardianLink", "parent_link", "a link of a guardian and the learner"),
    Existence("Guardian", "guardian_name", "a guardian through a link to a learner who exists for the caller"),
    Existence("Staff", "staff_name", "a member of staff of the school"),
    Existence("TrainingRecord", "training_record", "a certificate of a member of staff"),
    Existence("RoleAssignment", "role_assignment", "a role or assignment of a member of staff"),
    Existence("PolicyVersion", "policy", "a version of the school's rule book"),
    Existence("AuditEntry", "audit", "an entry of the school's audit log"),
    _of_learner(
        "AccessSummaryLine", "access_summary", "how often a role looked at the learner in a month, once released"
    ),
    Existence("Account", "account", "an account at the school"),
    Existence("ClientGrant", "client_grant", "a grant of the school to a program or a support person"),
    Existence("CodeSet", "reference", "a published code set"),
    Existence("Qualification", "reference", "a published qualification with its boundaries"),
    Existence("DataElement", "reference", "a row of this register"),
)

EXISTENCE: MappingProxyType[str, Existence] = MappingProxyType({row.noun: row for row in _ROWS})
