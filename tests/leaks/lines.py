"""Every line of "What must not leak" of the design, and the tests that hold it.

An entry is a test id, or `NotYet` with the reason and what would bring it. A test proves that the ids exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class NotYet:
    """Nothing in the schema could leak it."""

    why: str
    issue: str


MATRIX: Final = "tests/leaks/test_matrix.py::test_no_answer_depends_on_what_is_hidden"
COMPLETE: Final = "tests/leaks/test_complete.py::test_all_that_is_declared_is_asked"
TWINS: Final = "tests/leaks/test_twins.py::test_a_naive_twin_tells_what_is_hidden"
MUTANTS: Final = "tests/leaks/test_twins.py::test_the_matrix_notices_a_compiler_without_a_test"
SENTINELS: Final = "tests/e2e/test_http_sentinels.py::test_every_account_is_told_its_own_sentinels_alone"
SWEPT: Final = "tests/leaks/sweeping.py::no_file_tells_a_sentinel"
ALIKE: Final = "tests/leaks/test_alike.py"
AROUND: Final = "tests/e2e/test_http_alike.py"
READS: Final = "tests/e2e/test_reads_leaks.py"
CURSORS: Final = "tests/e2e/test_reads_cursors.py"
FIGURES: Final = "tests/properties/disclosure/test_differencing.py"
STATISTICS: Final = "tests/e2e/test_http_statistics.py"

Tests = tuple[str | NotYet, ...]
LINES: Final[Mapping[str, Tests]] = {
    "filter": (MATRIX, COMPLETE, TWINS, MUTANTS, f"{READS}::test_an_argument_may_not_read_what_its_caller_never_may"),
    "negation": (MATRIX, TWINS, MUTANTS),
    "range": (MATRIX, TWINS, MUTANTS),
    "LIKE, search": (MATRIX, TWINS),
    "order": (MATRIX, TWINS, MUTANTS),
    "totals and hasNextPage": (
        MATRIX,
        TWINS,
        MUTANTS,
        "tests/e2e/test_attacks.py::test_page_info_of_an_empty_page_is_a_logged_read",
    ),
    "group-by and averages": (
        MATRIX,
        TWINS,
        f"{FIGURES}::test_no_average_gives_a_value_away",
        f"{STATISTICS}::test_averages_are_of_told_groups_alone",
        f"{ALIKE}::test_the_window_that_is_meant_does_not_follow_from_hidden_grades",
    ),
    "small numbers with complementary suppression": (
        f"{FIGURES}::test_no_small_group_is_derived",
        f"{STATISTICS}::test_a_governor_derives_nothing_small",
    ),
    "differencing of overlapping groups": (
        f"{FIGURES}::test_plain_suppression_is_broken_by_the_same_attacker",
        f"{STATISTICS}::test_tables_meet_in_the_year_group_alone",
        f"{STATISTICS}::test_who_reads_a_part_could_subtract_it",
    ),
    "another tenant's, an out-of-scope and a missing id answer alike, in text and in time": (
        "tests/e2e/test_reads_statements.py::test_ids_that_lead_nowhere_are_alike",
        "tests/e2e/test_reads_statements.py::test_a_learner_who_is_out_of_reach_is_like_nobody",
        "tests/e2e/test_record_marks.py::test_what_may_not_be_written_looks_like_what_is_not_there",
        f"{ALIKE}::test_explain_tells_of_a_stranger_what_it_tells_of_nobody",
        f"{AROUND}::test_no_header_tells_what_was_found",
        MATRIX,
        TWINS,
    ),
    "cursors encrypted, bound to person, filter and order, not to the policy version": (
        f"{CURSORS}::test_a_cursor_tells_nothing_and_no_two_are_alike",
        f"{CURSORS}::test_a_cursor_is_bound_to_its_person",
        f"{CURSORS}::test_a_cursor_is_bound_to_filter_and_order",
        f"{CURSORS}::test_a_cursor_is_bound_to_the_filters_values",
        f"{CURSORS}::test_a_cursor_outlives_the_rule_book_it_was_made_under",
        MATRIX,
        TWINS,
    ),
    "database errors masked, unique violations one code": (
        "tests/e2e/test_http_canary.py::test_a_defect_tells_neither_the_caller_nor_the_log",
        "tests/unit/web/test_graphql_over_http.py::test_a_defect_is_masked_with_a_reference_that_the_log_knows",
        f"{AROUND}::test_the_databases_log_holds_no_value",
    ),
    "validation messages that echo hidden values": (
        f"{READS}::test_a_refusal_does_not_depend_on_the_value_that_was_asked_for",
        MATRIX,
        SENTINELS,
        TWINS,
    ),
    "alias, fragment, every nested hop plans again": (
        MATRIX,
        f"{READS}::test_each_hop_is_planned_anew",
        "tests/e2e/test_attacks.py::test_an_alias_is_answered_with_its_own_field",
        "tests/properties/reads/test_compiled_is_oracle.py::test_compiled_answers_are_the_oracles",
        TWINS,
        MUTANTS,
    ),
    "deny of one role beats another's allow": (
        "tests/e2e/test_reads_policy_changes.py::test_a_denial_of_one_role_beats_anothers_permission",
    ),
    "unverified or ended parent link": (
        f"{READS}::test_parents_see_their_verified_current_children",
        "tests/e2e/test_reads_policy_changes.py::test_a_link_that_ends_holds_at_once",
        "tests/contract/test_access_walls.py::test_a_restricted_link_gives_nothing",
    ),
    "siblings, other guardians' contact": (
        f"{READS}::test_parents_see_no_other_guardian",
        "tests/e2e/test_attacks.py::test_a_protected_childs_home_is_not_told_by_a_sibling",
        SENTINELS,
    ),
    "vendor with and without grant": (
        f"{READS}::test_a_program_without_a_grant_is_told_nothing",
        "tests/contract/test_access_walls.py::test_support_staff_without_a_session_see_nobody",
        "tests/e2e/test_access_sessions.py::test_support_is_asked_for_approved_seen_and_over",
        SENTINELS,
    ),
    "mutation payloads": (
        f"{ALIKE}::test_who_writes_without_reading_is_told_nothing_of_what_stood_there",
        "tests/e2e/test_http_sentinels.py::test_a_sentinel_is_found_wherever_it_is_told",
    ),
    "write-without-read": (
        f"{ALIKE}::test_who_writes_without_reading_is_told_nothing_of_what_stood_there",
        "tests/e2e/test_record_marks.py::test_a_dry_run_is_no_oracle_for_who_may_not_read",
    ),
    'updates as oracle ("no change")': (
        f"{ALIKE}::test_who_writes_without_reading_is_told_nothing_of_what_stood_there",
        f"{ALIKE}::test_another_persons_key_is_nobodys",
    ),
    "version numbers that reveal edits": (
        f"{ALIKE}::test_a_stale_version_shows_no_score_to_who_may_not_read_it",
        MATRIX,
        TWINS,
    ),
    "caches keyed by tenant, policy version, profile": (
        f"{READS}::test_two_people_share_a_statement_and_nothing_else",
        f"{READS}::test_schools_share_nothing",
        "tests/e2e/test_reads_policy_changes.py::test_a_narrower_book_holds_at_once",
        "tests/e2e/test_http_rule_books.py::test_no_answer_mixes_two_versions",
    ),
    "Cache-Control: no-store": (
        "tests/unit/web/test_graphql_over_http.py::test_every_answer_carries_the_security_headers",
        f"{AROUND}::test_no_header_tells_what_was_found",
    ),
    "subscriptions after a policy, role, training or link ends": (
        NotYet("the schema has no subscription; events of the outbox hold ids alone and reach no client", "events"),
    ),
    "exports, PDFs, e-mails, file names": (
        "tests/e2e/test_jobs.py::test_without_a_mail_server_letters_are_files",
        "tests/e2e/test_audit_seals.py::test_an_export_tells_nothing_of_who_was_forgotten",
        SWEPT,
        NotYet("no PDF, and no file whose name a client chooses or sees", "reports as files"),
    ),
    "grades and predictions computed from hidden inputs (a derived field lists its inputs)": (
        "tests/contract/test_governed_fields.py::test_a_field_reads_columns_of_its_element_alone",
        "tests/e2e/test_reads_explanations.py::test_an_explanation_needs_the_marks",
        "tests/e2e/test_reads_explanations.py::test_hidden_inputs_never_leave",
        TWINS,
        "tests/e2e/test_http_forecasts.py::test_marks_are_told_to_those_alone_who_read_marks",
        "tests/e2e/test_http_forecasts.py::test_residuals_are_over_the_other_courses_that_one_may_read",
    ),
    "group names that tell": (
        "tests/e2e/test_reads_telling_classes.py::test_who_may_not_finds_it_nowhere",
        "tests/e2e/test_reads_telling_classes.py::test_learners_shown_beside_it_are_in_the_audit",
        MATRIX,
    ),
    "access arrangements": (
        MATRIX,
        SENTINELS,
        "tests/e2e/test_http_sentinels.py::test_every_special_category_value_has_one",
    ),
    "free text": (SENTINELS, "tests/e2e/test_http_canary.py::test_an_answer_holds_what_the_account_may_see"),
    "logs": (
        SWEPT,
        "tests/unit/web/test_logs.py::test_undeclared_fields_are_dropped",
        "tests/e2e/test_http_canary.py::test_what_is_sent_is_not_logged",
        "tests/e2e/test_http_sentinels.py::test_a_sentinel_in_a_file_is_found",
    ),
    "traces": (NotYet("no tracing is built in; a trace would be a log line of declared fields", "observability"),),
    "slow-query log": (
        f"{AROUND}::test_the_databases_log_holds_no_value",
        f"{AROUND}::test_every_delivered_database_is_silent",
    ),
    "suggestions": (f"{AROUND}::test_no_refusal_suggests_a_word", TWINS),
    "cost and rate headers": (f"{AROUND}::test_no_header_tells_what_was_found",),
    "the audit and explain APIs themselves": (
        "tests/e2e/test_access_log.py::test_nobody_else_finds_an_entry",
        "tests/e2e/test_access_log.py::test_another_school_s_log_is_another_s",
        "tests/e2e/test_access_log.py::test_reading_the_log_is_logged",
        "tests/e2e/test_access_summaries.py::test_what_must_not_show_does_not_show",
        "tests/e2e/test_summary_hints.py::test_nobodys_protection_changes_what_any_family_is_told",
        f"{ALIKE}::test_explain_does_not_tell_that_a_child_is_protected",
        f"{ALIKE}::test_parents_and_learners_are_explained_nothing",
        MATRIX,
    ),
    'import errors across tenants ("UPN already exists")': (
        "tests/e2e/test_import.py::test_the_answer_does_not_tell_whether_a_number_exists_elsewhere",
    ),
    "an unclassified field": (
        "tests/contract/test_governed_fields.py::test_a_field_names_elements_of_the_register",
        "tests/contract/test_governed_fields.py::test_no_coordinate_of_a_row_is_undeclared",
        "tests/contract/test_elements.py::test_every_column_names_a_known_element",
        "tests/leaks/test_complete.py::test_every_governed_column_is_changed_or_kept_for_a_reason",
    ),
    "deleted and left learners": (f"{READS}::test_left_learners_are_gone_from_lists_counts_and_ids", MATRIX),
    "history": (MATRIX, SENTINELS),
    "backups": (
        NotYet("no backup is made by the program; a restored database stands behind the same walls", "operations"),
    ),
}
