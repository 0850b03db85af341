"""Row-level security and grants, of every table; a version applies them to the tables that it makes.

Every school's table is closed but for its school (policy `tenant`); restrictive walls narrow that for parents,
learners and special-category values. A wall reads rows, never flags, and the tables it reads carry no wall that reads
a table: walls that read one another recurse without end. Settings are read as `(SELECT ...)`, so that the planner
evaluates them once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

SCHOOL: Final = "(SELECT nullif(current_setting('app.school_id', true), '')::uuid)"
PERSON: Final = "(SELECT nullif(current_setting('app.person', true), '')::uuid)"
CAPACITY: Final = "(SELECT current_setting('app.capacity', true))"

REFERENCES: Final = ("boundary_set", "code", "installation", "login_identity", "special_element", "specification")
ATTAINMENT: Final = ("course_comment", "grade", "mark", "mark_part", "mark_version", "target")
OF_LEARNERS: Final = (
    "attendance", "behaviour_event", "enrolment", "learner", "learner_assignment", "learner_contact", "learner_flag",
    "learner_name", "learner_special", "report", "report_line", "report_receipt", "tutor_membership",
)  # fmt: skip
REPORTS: Final = ("report", "report_line")
GUARDIANS: Final = ("guardian", "guardian_link")
OTHERS: Final = (
    "access_profile", "assessment", "assessment_class", "assessment_window", "audit_operation", "class", "client_grant",
    "course", "department_lead", "guardian", "guardian_link", "idempotency_record", "import_batch", "outbox_event",
    "outbox_head", "pastoral_assignment", "person", "policy_head", "policy_version", "publication", "role_assignment",
    "school", "staff", "teaching_assignment", "training_certificate", "tutor_group",
)  # fmt: skip

# What the application may do beyond SELECT. A table that stands in neither list is read only.
INSERTED: Final = (
    *ATTAINMENT,
    *OF_LEARNERS,
    *OTHERS,
    "boundary_set",
    "code",
    "installation",
    "login_identity",
    "specification",
)
UPDATED: Final = (
    "access_profile", "assessment", "attendance", "class", "client_grant", "course", "course_comment",
    "department_lead",
    "enrolment", "grade", "guardian", "guardian_link", "idempotency_record", "learner", "learner_assignment",
    "learner_contact", "learner_flag", "learner_name", "login_identity", "mark", "mark_part", "outbox_head",
    "pastoral_assignment", "policy_head", "publication", "role_assignment", "school", "staff", "target",
    "teaching_assignment", "training_certificate", "tutor_group", "tutor_membership",
)  # fmt: skip
DELETED: Final = ("idempotency_record",)
UNREAD: Final = ("audit_operation",)
AUDITED: Final = ("audit_operation", "import_batch", "policy_version")

_CURRENT = "valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date)"
_CHILDREN = (
    f"SELECT learner_id FROM usher.guardian_link WHERE school_id = {SCHOOL} AND guardian_id = {PERSON} "
    f"AND verified_at IS NOT NULL AND {_CURRENT}"
)
_CERTIFIED = (
    "SELECT s.element FROM usher.special_element s JOIN usher.training_certificate c ON c.course = s.course "
    f"WHERE c.school_id = {SCHOOL} AND c.person_id = {PERSON} "
    "AND c.completed_on <= current_date AND c.expires_on > current_date"
)
_LIVE = f"SELECT publication_id FROM usher.publication WHERE school_id = {SCHOOL} AND status = 'LIVE'"

_STAFF_SIDE = "'STAFF', 'CLIENT', 'OPERATOR'"
PARENT_WALL: Final = (
    f"{CAPACITY} IN ({_STAFF_SIDE}, 'LEARNER') OR ({CAPACITY} = 'PARENT' AND learner_id IN ({_CHILDREN}))"
)
LEARNER_WALL: Final = f"{CAPACITY} IN ({_STAFF_SIDE}, 'PARENT') OR ({CAPACITY} = 'LEARNER' AND learner_id = {PERSON})"
GUARDIAN_WALL: Final = f"{CAPACITY} IN ({_STAFF_SIDE}) OR ({CAPACITY} = 'PARENT' AND guardian_id = {PERSON})"
ATTAINMENT_WALL: Final = f"{CAPACITY} IN ({_STAFF_SIDE})"
SPECIAL_WALL: Final = f"{CAPACITY} = 'STAFF' AND element IN ({_CERTIFIED})"
PUBLISHED_WALL: Final = f"{CAPACITY} IN ({_STAFF_SIDE}) OR publication_id IN ({_LIVE})"


def statements(tables: Collection[str]) -> Iterator[str]:
    """The policies and grants of these tables, each of which stands in the lists above."""
    for table in tables:
        if table not in REFERENCES:
            yield from _close(table)
            yield from _restricted(table)
        yield from _granted(table)


def _restricted(table: str) -> Iterator[str]:
    if table in OF_LEARNERS:
        yield _restrict(table, "parent_wall", PARENT_WALL)
        yield _restrict(table, "learner_wall", LEARNER_WALL)
    if table in GUARDIANS:
        yield _restrict(table, "guardian_wall", GUARDIAN_WALL)
    if table in ATTAINMENT:
        yield _restrict(table, "attainment_wall", ATTAINMENT_WALL)
    if table in REPORTS:
        yield _restrict(table, "published_wall", PUBLISHED_WALL)
    if table == "learner_special":
        yield _restrict(table, "special_wall", SPECIAL_WALL, command="SELECT")


def _close(table: str) -> Iterator[str]:
    yield f"ALTER TABLE usher.{table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY owner ON usher.{table} TO usher_owner USING (true) WITH CHECK (true)"
    own = f"school_id = {SCHOOL}"
    yield f"CREATE POLICY tenant ON usher.{table} TO usher_app USING ({own}) WITH CHECK ({own})"
    if table in AUDITED:
        yield f"CREATE POLICY auditor ON usher.{table} FOR SELECT TO usher_audit USING (true)"


def _restrict(table: str, name: str, condition: str, command: str = "ALL") -> str:
    check = f" WITH CHECK ({condition})" if command == "ALL" else ""
    return f"CREATE POLICY {name} ON usher.{table} AS RESTRICTIVE FOR {command} TO usher_app USING ({condition}){check}"


def _granted(table: str) -> Iterator[str]:
    if table not in UNREAD:
        yield f"GRANT SELECT ON usher.{table} TO usher_app"
    for privilege, tables in (("INSERT", INSERTED), ("UPDATE", UPDATED), ("DELETE", DELETED)):
        if table in tables:
            yield f"GRANT {privilege} ON usher.{table} TO usher_app"
    if table in AUDITED:
        yield f"GRANT SELECT ON usher.{table} TO usher_audit"
