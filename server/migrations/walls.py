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

PEOPLE: Final = (
    "account", "browser_session", "known_browser", "mailed_link", "one_time_secret", "passkey", "passkey_challenge",
    "recovery_code", "sign_in_attempt",
)  # fmt: skip
"""Accounts and what they prove themselves by."""
APPS: Final = (
    "app_consent", "authorization_code", "dpop_proof", "oauth_redirect", "pushed_request", "refresh_token", "token_family",
)  # fmt: skip
"""Of apps that people sign in with: no school's either."""
SCHOOL_SIGN_IN: Final = ("federated_identity", "school_provider", "school_sign_in")
DOCUMENTS: Final = ("client_documents", "document_report", "trusted_document")
REFERENCES: Final = (
    "client_webhook",
    *APPS,
    *SCHOOL_SIGN_IN,
    *DOCUMENTS,
    *PEOPLE,
    "boundary_set",
    "code",
    "installation",
    "invitation_code",
    "job",
    "joining",
    "letter",
    "letter_key",
    "login_identity",
    "measure_table",
    "oauth_assertion",
    "oauth_client",
    "oauth_client_key",
    "sign_off",
    "special_element",
    "specification",
    "vendor_token",
)
ATTAINMENT: Final = (
    "course_comment", "forecast_confirmation", "grade", "grade_version", "mark", "mark_moderation", "mark_part",
    "course_comment", "forecast_confirmation", "grade", "grade_version", "mark", "mark_moderation", "mark_part",
    "mark_part_version", "mark_version", "target", "target_version", "teacher_estimate",
)  # fmt: skip
OF_LEARNERS: Final = (
    "access_summary", "attendance", "behaviour_event", "enrolment", "learner", "learner_assignment", "learner_contact",
    "learner_flag",
    "learner_name", "learner_special", "report", "report_line", "report_receipt", "tutor_membership",
)  # fmt: skip
REPORTS: Final = ("report", "report_line")
GUARDIANS: Final = ("guardian", "guardian_link", "link_restriction")
OTHERS: Final = (
    "client_news", "client_purge",
    "access_profile", "access_snapshot", "access_snapshot_learner", "access_snapshot_person", "access_summary_release",
    "app_activation", "app_activation_end",
    "assessment", "assessment_class", "assessment_window", "audit_operation", "break_glass",
    "break_glass_end", "change_feed", "class", "client_grant", "client_opt_out",
    "course", "course_scale", "department_lead", "ended_token",
    "feed_row", "guardian",
    "guardian_link",
    "idempotency_record", "import_batch", "invitation", "invitation_end", "invitation_redemption", "invitation_try",
    "link_restriction", "link_restriction_end", "notice", "notice_read",
    "outbox_event", "outbox_head", "pastoral_assignment", "person", "policy_confirmation", "policy_decision",
    "policy_draft", "policy_end", "policy_example", "policy_example_end", "policy_head", "policy_schedule", "policy_submission",
    "policy_version", "publication", "role_assignment", "school", "staff", "statistic_census", "statistic_figure",
    "supervision", "support_decision",
    "support_end", "support_request", "teaching_assignment", "token_allowance", "training_certificate", "tutor_group",
    "window_grading", "window_step",
    "external_id", "field_master", "learner_merge", "roster_closing", "roster_closing_decision", "source_system",
)  # fmt: skip

# What the application may do beyond SELECT. A table that stands in neither list is read only.
INSERTED: Final = (
    "client_webhook",
    *ATTAINMENT,
    *OF_LEARNERS,
    *OTHERS,
    *APPS,
    *SCHOOL_SIGN_IN,
    *DOCUMENTS,
    *PEOPLE,
    "boundary_set",
    "code",
    "installation",
    "invitation_code",
    "job",
    "joining",
    "letter",
    "letter_key",
    "login_identity",
    "measure_table",
    "oauth_assertion",
    "oauth_client",
    "oauth_client_key",
    "sign_off",
    "specification",
    "vendor_token",
)
UPDATED: Final = (
    "client_news", "client_purge", "client_webhook",
    *DOCUMENTS,
    "federated_identity", "school_provider",
    "app_consent", "authorization_code", "refresh_token", "token_family",
    "change_feed", "feed_row",
    "account", "browser_session", "known_browser", "one_time_secret", "passkey", "recovery_code", "sign_in_attempt",
    "access_profile", "access_summary", "access_summary_release", "job", "assessment", "attendance", "class",
    "client_grant", "course", "course_comment",
    "department_lead", "enrolment", "grade", "guardian", "guardian_link", "idempotency_record", "learner", "learner_assignment",
    "learner_contact", "learner_flag", "learner_name", "joining", "letter", "login_identity", "mark", "mark_part", "oauth_client",
    "oauth_client_key", "outbox_head",
    "pastoral_assignment", "policy_draft", "policy_head", "publication", "role_assignment", "school", "staff",
    "supervision", "target",
    "teaching_assignment", "token_allowance", "training_certificate", "tutor_group", "tutor_membership", "vendor_token",
    "external_id", "field_master", "source_system",
)  # fmt: skip
DELETED: Final = (
    "federated_identity", "school_sign_in",
    "authorization_code", "dpop_proof", "pushed_request", "refresh_token",
    "feed_row",
    "access_snapshot", "access_snapshot_learner", "access_snapshot_person", "ended_token", "idempotency_record",
    "joining", "letter", "oauth_assertion", "vendor_token",
    "known_browser", "mailed_link", "one_time_secret", "passkey", "passkey_challenge", "recovery_code", "sign_in_attempt",
)  # fmt: skip
UNREAD: Final = ("audit_leaf",)
OPENED_LATER: Final = ("audit_operation",)
"""Unread in the version that made them: a later one lets the application read them behind a wall."""
DELETED_LATER: Final = ("outbox_event", "browser_session", "token_family")
"""A later version lets the application delete from it; of a school's table behind a wall."""
SNAPSHOTS: Final = ("access_snapshot", "access_snapshot_learner", "access_snapshot_person")
FEEDS: Final = ("change_feed", "feed_row")
"""Each row is the program's that reads it, and nobody else's."""
BEHIND_THE_AUDIT: Final = ("audit_operation", "audit_subject")
SEALED: Final = ("audit_leaf", "audit_seal", "audit_subject")
"""What the sealer adds as usher_audit; the application never writes there."""
AUDITED: Final = ("audit_operation", "import_batch", "policy_version", *SEALED)

_CURRENT = "valid_from <= current_date AND (valid_to IS NULL OR valid_to > current_date)"
CHILDREN = (
    f"SELECT learner_id FROM usher.guardian_link WHERE school_id = {SCHOOL} AND guardian_id = {PERSON} "
    f"AND verified_at IS NOT NULL AND {_CURRENT}"
)
CERTIFIED = (
    "SELECT s.element FROM usher.special_element s JOIN usher.training_certificate c ON c.course = s.course "
    f"WHERE c.school_id = {SCHOOL} AND c.person_id = {PERSON} "
    "AND c.completed_on <= current_date AND c.expires_on > current_date"
)
LIVE = f"SELECT publication_id FROM usher.publication WHERE school_id = {SCHOOL} AND status = 'LIVE'"

_STAFF_SIDE = "'STAFF', 'CLIENT', 'OPERATOR'"
PARENT_WALL: Final = (
    f"{CAPACITY} IN ({_STAFF_SIDE}, 'LEARNER') OR ({CAPACITY} = 'PARENT' AND learner_id IN ({CHILDREN}))"
)
LEARNER_WALL: Final = f"{CAPACITY} IN ({_STAFF_SIDE}, 'PARENT') OR ({CAPACITY} = 'LEARNER' AND learner_id = {PERSON})"
GUARDIAN_WALL: Final = f"{CAPACITY} IN ({_STAFF_SIDE}) OR ({CAPACITY} = 'PARENT' AND guardian_id = {PERSON})"
ATTAINMENT_WALL: Final = f"{CAPACITY} IN ({_STAFF_SIDE})"
SPECIAL_WALL: Final = f"{CAPACITY} = 'STAFF' AND element IN ({CERTIFIED})"
PUBLISHED_WALL: Final = f"{CAPACITY} IN ({_STAFF_SIDE}) OR publication_id IN ({LIVE})"
ADDRESSEE_WALL: Final = f"person_id = {PERSON}"

# Of version 0003 and later: those of before stay as their version made them.
RESTRICTED = (
    f"SELECT r.learner_id FROM usher.link_restriction r WHERE r.school_id = {SCHOOL} AND r.guardian_id = {PERSON} "
    f"AND NOT EXISTS (SELECT 1 FROM usher.link_restriction_end e WHERE e.school_id = {SCHOOL} "
    "AND e.restriction_id = r.restriction_id)"
)
SESSION = (
    f"SELECT 1 FROM usher.support_decision d WHERE d.school_id = {SCHOOL} AND d.requester_id = {PERSON} "
    "AND d.decision = 'APPROVED' AND d.starts_at <= now() AND d.ends_at > now() "
    f"AND NOT EXISTS (SELECT 1 FROM usher.support_end e WHERE e.school_id = {SCHOOL} AND e.request_id = d.request_id)"
)
RESTRICTION_WALL: Final = f"{CAPACITY} <> 'PARENT' OR learner_id NOT IN ({RESTRICTED})"
OPERATOR_WALL: Final = f"{CAPACITY} <> 'OPERATOR' OR EXISTS ({SESSION})"
OPERATOR_WRITES: Final = f"{CAPACITY} <> 'OPERATOR'"


def holders(role: str) -> str:
    """Selects the transaction's person, where they hold the role now."""
    return holders_of(f"'{role}'")


def holders_of(expression: str) -> str:
    """The same of a role that an SQL expression names."""
    return (
        f"SELECT person_id FROM usher.role_assignment WHERE school_id = {SCHOOL} AND person_id = {PERSON} "
        f"AND role = {expression} AND {_CURRENT}"
    )


AUDIT_WALL: Final = (
    f"({CAPACITY} = 'STAFF' AND EXISTS ({holders('dpo')})) "
    f"OR ({CAPACITY} = 'OPERATOR' AND EXISTS ({holders('auditor')}) AND EXISTS ({SESSION}))"
)
SNAPSHOT_JOB: Final = "JOB"
"""The capacity in which the nightly job writes: no account has it, so that no session can."""
SNAPSHOT_WALL: Final = f"{CAPACITY} = '{SNAPSHOT_JOB}' OR {AUDIT_WALL}"
SNAPSHOT_WRITES: Final = f"{CAPACITY} = '{SNAPSHOT_JOB}'"
RELEASE_WALL: Final = (
    f"{CAPACITY} IN ({_STAFF_SIDE}) OR EXISTS (SELECT 1 FROM usher.access_summary_release "
    f"WHERE school_id = {SCHOOL} AND withdrawn_at IS NULL)"
)
OF_PEOPLE: Final = (*OF_LEARNERS, *ATTAINMENT, *GUARDIANS, "staff")
"""Tables that the vendor's support staff read under a live session alone, and never write."""


def statements(tables: Collection[str], *, access: bool = True) -> Iterator[str]:
    """The policies and grants of these tables, each of which stands in the lists above.

    `access` is False for the versions before 0003, whose tables get its walls from `access_walls`.
    """
    for table in tables:
        if table not in REFERENCES:
            yield from _close(table)
            yield from _restricted(table)
            if access:
                yield from access_walls(table)
        yield from _granted(table)


def opened(table: str) -> Iterator[str]:
    """Of a table of OPENED_LATER: what the application may read of it, and behind which wall."""
    yield f"GRANT SELECT ON usher.{table} TO usher_app"
    yield _restrict(table, "audit_wall", AUDIT_WALL, command="SELECT")


def access_walls(table: str, partition: str | None = None) -> Iterator[str]:
    """Those of restricted links and of support staff, of the table or of one of its partitions."""
    if table in OF_LEARNERS:
        yield _restrict(partition or table, "restriction_wall", RESTRICTION_WALL)
    if table in OF_PEOPLE:
        yield _restrict(partition or table, "operator_wall", OPERATOR_WALL, check=OPERATOR_WRITES)


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
    yield from _of_the_audit(table)
    if table == "access_summary":
        yield _restrict(table, "release_wall", RELEASE_WALL, command="SELECT")
    if table == "notice":
        yield _restrict(table, "addressee_wall", ADDRESSEE_WALL, command="SELECT")
    if table == "notice_read" or table in FEEDS:
        yield _restrict(table, "addressee_wall", ADDRESSEE_WALL)


def _of_the_audit(table: str) -> Iterator[str]:
    if table in BEHIND_THE_AUDIT and table not in OPENED_LATER:
        yield _restrict(table, "audit_wall", AUDIT_WALL, command="SELECT")
    if table in SNAPSHOTS:
        yield _restrict(table, "snapshot_wall", SNAPSHOT_WALL, check=SNAPSHOT_WRITES)
        yield _restrict(table, "prune_wall", SNAPSHOT_WRITES, command="DELETE")


def _close(table: str) -> Iterator[str]:
    yield f"ALTER TABLE usher.{table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY owner ON usher.{table} TO usher_owner USING (true) WITH CHECK (true)"
    own = f"school_id = {SCHOOL}"
    yield f"CREATE POLICY tenant ON usher.{table} TO usher_app USING ({own}) WITH CHECK ({own})"
    if table in AUDITED:
        yield f"CREATE POLICY auditor ON usher.{table} FOR SELECT TO usher_audit USING (true)"
    if table in SEALED:
        yield f"CREATE POLICY sealer ON usher.{table} FOR INSERT TO usher_audit WITH CHECK (true)"


def _restrict(table: str, name: str, condition: str, command: str = "ALL", check: str | None = None) -> str:
    checked = f" WITH CHECK ({check or condition})" if command == "ALL" else ""
    return (
        f"CREATE POLICY {name} ON usher.{table} AS RESTRICTIVE FOR {command} TO usher_app USING ({condition}){checked}"
    )


def _granted(table: str) -> Iterator[str]:
    if table not in (*UNREAD, *OPENED_LATER):
        yield f"GRANT SELECT ON usher.{table} TO usher_app"
    for privilege, tables in (("INSERT", INSERTED), ("UPDATE", UPDATED), ("DELETE", DELETED)):
        if table in tables:
            yield f"GRANT {privilege} ON usher.{table} TO usher_app"
    if table in AUDITED:
        yield f"GRANT SELECT ON usher.{table} TO usher_audit"
    if table in SEALED:
        yield f"GRANT INSERT ON usher.{table} TO usher_audit"
