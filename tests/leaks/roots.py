"""What each root field that Python answers, and each mutation, must not leak: the tests that show it.

Root fields answered from rows are in the matrix. A test proves that the ids exist and that none is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GENERATED: Final = "tests/leaks/test_roots.py::test_no_inquiry_depends_on_what_is_hidden"
_E2E: Final = "tests/e2e/test_"
_ALIKE: Final = "tests/leaks/test_alike.py::test_"
_LIFE: Final = f"{_E2E}http_policy_life.py::test_"
_CHANGES: Final = f"{_E2E}access_changes.py::test_"
_SESSIONS: Final = f"{_E2E}access_sessions.py::test_"
_OTHERS: Final = (f"{_LIFE}others_may_do_nothing_of_it", f"{_LIFE}officer_and_approver_do_their_own_part_alone")
_ELSEWHERE: Final = (*_OTHERS, f"{_LIFE}another_schools_ids_are_unknown")
_GRANTED: Final = f"{_E2E}client_grants.py::test_"
_ROSTERS: Final = f"{_E2E}rosters"
_INVITED: Final = f"{_E2E}invitations.py::test_"
_OPTED_OUT: Final = (f"{_E2E}client_opt_outs.py::test_who_records_ends_and_reads",)
_LINKS: Final = (f"{_CHANGES}who_changes_links",)
_WINDOWS: Final = (
    f"{_E2E}windows.py::test_nobody_else_takes_a_step",
    f"{_E2E}windows.py::test_another_department_s_course_looks_like_one_that_is_not_there",
)
_SECOND: Final = (f"{_E2E}moderation.py::test_what_may_not_be_moderated_looks_like_what_is_not_there",)
_SUPPORT: Final = (f"{_SESSIONS}who_may_ask_decide_and_end",)
_EXPECTED: Final = (f"{_E2E}http_expectations.py::test_what_may_not_be_expected_looks_like_what_is_not_there",)
_RECKONED: Final = "tests/properties/reads/test_analyses_are_reckoned.py::test_"
_ANALYSED: Final = (
    f"{_RECKONED}an_analysis_is_a_reckoning_over_what_may_be_read",
    f"{_E2E}http_analysis.py::test_nothing_is_told_of_what_is_not_there",
    f"{_E2E}http_analysis.py::test_families_and_programs_are_refused",
)

INQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "policyWords": (GENERATED, f"{_E2E}http_inquiries.py::test_others_are_refused_and_nothing_is_written"),
    "policyDraft": (GENERATED, *_ELSEWHERE),
    "policyDrafts": (GENERATED, *_OTHERS),
    "policySubmission": (GENERATED, *_ELSEWHERE),
    "policySubmissions": (GENERATED, *_OTHERS),
    "policyVersion": (GENERATED, *_OTHERS),
    "policyVersions": (GENERATED, *_OTHERS),
    "policyDiff": (GENERATED, *_OTHERS),
    "policyImpact": (GENERATED, *_ELSEWHERE),
    "policyExamples": (GENERATED, *_OTHERS),
    "publishedStatistics": (
        GENERATED,
        f"{_E2E}http_statistics.py::test_published_figures_are_suppressed_for_everybody",
        f"{_E2E}http_statistics.py::test_restricted_data_is_in_no_figure_that_is_made_of_it",
    ),
    "statistics": (
        GENERATED,
        f"{_E2E}http_statistics.py::test_a_governor_derives_nothing_small",
        f"{_E2E}http_statistics.py::test_who_may_not_count_is_told_nothing",
    ),
    "questionAnalysis": (
        GENERATED,
        f"{_E2E}http_analysis.py::test_a_teacher_sees_the_learners_whose_marks_they_may_read",
        f"{_E2E}http_analysis.py::test_elsewhere_out_of_reach_and_nowhere_are_alike",
        f"{_RECKONED}an_analysis_is_a_reckoning_over_what_may_be_read",
    ),
    "gradeDistribution": (
        GENERATED,
        *_ANALYSED,
        f"{_E2E}http_counted_grades.py::test_a_governor_derives_no_small_grade",
        f"{_E2E}http_counted_grades.py::test_what_changes_later_changes_no_figure",
    ),
    "marksToNext": (GENERATED, *_ANALYSED),
    "compareGroups": (GENERATED, *_ANALYSED, f"{_E2E}http_analysis.py::test_a_dimension_must_be_readable"),
    "compareSnapshots": (GENERATED, *_ANALYSED),
    "valueAdded": (GENERATED, *_ANALYSED),
    "measures": (
        GENERATED,
        f"{_E2E}http_measures.py::test_who_reads_no_grades_is_refused",
        f"{_E2E}http_measures.py::test_nothing_is_told_of_what_is_not_there",
        f"{_E2E}http_measures.py::test_part_of_a_learners_results_is_no_measure_of_the_learner",
    ),
    "trainingRecords": (GENERATED, f"{_CHANGES}who_records_training"),
    "roleAssignments": (GENERATED,),
    "teachingAssignments": (GENERATED,),
    "supervisions": (GENERATED,),
    "supportRequests": (GENERATED,),
    "supportSessions": (GENERATED, f"{_SESSIONS}all_staff_see_who_is_in"),
    "breakGlassSessions": (GENERATED,),
    "linkRestrictions": (GENERATED, f"{_CHANGES}who_reads_of_restrictions"),
    "appActivations": (GENERATED, f"{_INVITED}who_activates_and_ends_an_app"),
    "invitations": (GENERATED, f"{_INVITED}who_invites_whom"),
    "invitationMismatches": (GENERATED, f"{_INVITED}who_invites_whom"),
    "clientDocuments": (
        GENERATED,
        f"{_E2E}client_documents.py::test_others_are_told_nothing",
        f"{_E2E}client_documents.py::test_a_client_that_the_school_never_let_in_looks_like_none",
    ),
    "clientGrants": (GENERATED, f"{_GRANTED}who_grants_ends_and_reads"),
    "clientOptOuts": (GENERATED, *_OPTED_OUT),
    "changes": (GENERATED, f"{_E2E}changes_feed.py::test_people_follow_no_feed"),
    "rosterClosings": (GENERATED, f"{_ROSTERS}_closing.py::test_others_read_nothing_of_closings"),
    "fieldMasters": (GENERATED, f"{_ROSTERS}_closing.py::test_others_read_nothing_of_closings"),
    "notices": (GENERATED, f"{_SESSIONS}notices_are_read_by_whom_they_address"),
    "explain": (
        GENERATED,
        f"{_ALIKE}explain_tells_of_a_stranger_what_it_tells_of_nobody",
        f"{_ALIKE}explain_does_not_tell_that_a_child_is_protected",
        f"{_ALIKE}parents_and_learners_are_explained_nothing",
    ),
    "whoCanSee": (GENERATED,),
    "whatCanSee": (GENERATED,),
    "accessChanges": (GENERATED,),
    "forecasts": (
        GENERATED,
        f"{_E2E}http_forecasts.py::test_what_is_not_there_looks_like_what_is_not_for_one",
        f"{_E2E}http_forecasts.py::test_marks_are_told_to_those_alone_who_read_marks",
        f"{_E2E}http_forecasts.py::test_residuals_are_over_the_other_courses_that_one_may_read",
        f"{_E2E}http_class_forecasts.py::test_many_are_told_of_as_each_alone",
        f"{_E2E}http_class_forecasts.py::test_classes_that_are_not_there_are_alike",
    ),
    "whatIf": (
        GENERATED,
        f"{_E2E}http_what_if.py::test_who_may_not_read_the_grade_and_its_marks_is_told_nothing",
        f"{_E2E}http_what_if.py::test_another_schools_learner_and_nobody_are_alike",
        f"{_E2E}http_what_if.py::test_without_the_marks_there_is_no_what_if",
    ),
    "bothTiers": (
        GENERATED,
        f"{_E2E}http_what_if.py::test_who_may_not_read_the_grade_and_its_marks_is_told_nothing",
        f"{_E2E}http_what_if.py::test_another_schools_learner_and_nobody_are_alike",
    ),
}

CHANGED: Final[Mapping[str, tuple[str, ...]]] = {
    "recordMarks": (
        f"{_ALIKE}who_writes_without_reading_is_told_nothing_of_what_stood_there",
        f"{_ALIKE}another_persons_key_is_nobodys",
        f"{_E2E}record_marks.py::test_what_may_not_be_written_looks_like_what_is_not_there",
        f"{_E2E}record_marks.py::test_a_dry_run_is_no_oracle_for_who_may_not_read",
    ),
    "moderateMarks": _SECOND,
    "agreeMarks": _SECOND,
    "undoMarks": (
        f"{_E2E}undo_marks.py::test_one_undoes_one_s_own_and_what_one_leads",
        f"{_E2E}undo_marks.py::test_marks_that_may_no_longer_be_changed_stay",
        f"{_ALIKE}who_writes_without_reading_undoes_nothing",
    ),
    "lockWindow": _WINDOWS,
    "moderateWindow": _WINDOWS,
    "reopenWindow": _WINDOWS,
    "setWindowGrading": (f"{_E2E}window_gradings.py::test_nobody_else_sets_it",),
    "setCourseScale": (
        f"{_E2E}course_scales.py::test_nobody_else_sets_it",
        f"{_E2E}course_scales.py::test_another_department_s_course_looks_like_one_that_is_not_there",
    ),
    "publishReports": (f"{_E2E}http_reports.py::test_who_may_not_publish_is_refused",),
    "acknowledgeReport": (
        f"{_E2E}publish_reports.py::test_a_receipt_for_what_may_not_be_read_is_refused_alike",
        f"{_E2E}http_reports.py::test_a_receipt_is_given_for_one_s_own_report_alone",
    ),
    "takeCensus": (f"{_E2E}http_statistics.py::test_small_figures_are_not_even_stored",),
    "recordEstimates": _EXPECTED,
    "setTargets": _EXPECTED,
    "confirmForecast": _EXPECTED,
    "editPolicyDraft": _ELSEWHERE,
    "submitPolicy": _ELSEWHERE,
    "approvePolicy": _ELSEWHERE,
    "rejectPolicy": _ELSEWHERE,
    "withdrawPolicy": _ELSEWHERE,
    "publishPolicy": _ELSEWHERE,
    "rollBackPolicy": _OTHERS,
    "narrowPolicy": _OTHERS,
    "confirmPolicy": _OTHERS,
    "addPolicyExample": _OTHERS,
    "removePolicyExample": _ELSEWHERE,
    "recordTraining": (f"{_CHANGES}who_records_training",),
    "endTraining": (f"{_CHANGES}nobody_records_or_ends_their_own_certificate",),
    "assignRole": (f"{_CHANGES}who_gives_roles",),
    "endRole": (f"{_CHANGES}who_gives_roles",),
    "assignTeaching": (f"{_CHANGES}bad_covers",),
    "endTeaching": (f"{_CHANGES}a_cover_opens_and_is_over",),
    "superviseTrainee": (f"{_CHANGES}supervision_opens_what_trainees_see",),
    "endSupervision": (f"{_CHANGES}supervision_opens_what_trainees_see",),
    "restrictGuardianLink": _LINKS,
    "liftGuardianLinkRestriction": (f"{_CHANGES}a_restricted_link_gives_nothing",),
    "endGuardianLink": _LINKS,
    "requestSupportAccess": _SUPPORT,
    "approveSupportAccess": _SUPPORT,
    "refuseSupportAccess": _SUPPORT,
    "endSupportAccess": _SUPPORT,
    "breakGlass": (f"{_SESSIONS}the_glass_never_stands_in_for_a_certificate",),
    "endBreakGlass": (f"{_SESSIONS}who_ends_a_break_glass_session",),
    "grantClient": (f"{_GRANTED}who_grants_ends_and_reads",),
    "optOutOfClient": _OPTED_OUT,
    "endClientOptOut": _OPTED_OUT,
    "endClientGrant": (f"{_GRANTED}who_grants_ends_and_reads",),
    "activateApp": (f"{_INVITED}who_activates_and_ends_an_app",),
    "endApp": (f"{_INVITED}who_activates_and_ends_an_app",),
    "inviteGuardians": (f"{_INVITED}who_invites_whom",),
    "inviteLearners": (f"{_INVITED}who_invites_whom",),
    "inviteStaff": (f"{_INVITED}who_invites_whom",),
    "reissueInvitation": (f"{_INVITED}who_invites_whom",),
    "endInvitation": (f"{_INVITED}who_invites_whom",),
    "markNoticeRead": (f"{_SESSIONS}notices_are_read_by_whom_they_address",),
    "upsertLearners": (f"{_ROSTERS}_leaks.py::test_what_is_not_for_the_program_is_refused_in_one_way",),
    "upsertGuardians": (f"{_ROSTERS}_leaks.py::test_who_opted_out_looks_like_nobody",),
    "upsertStaff": (f"{_ROSTERS}_leaks.py::test_who_opted_out_looks_like_nobody",),
    "upsertClasses": (f"{_ROSTERS}_leaks.py::test_who_opted_out_looks_like_nobody",),
    "upsertEnrolments": (f"{_ROSTERS}_leaks.py::test_who_opted_out_looks_like_nobody",),
    "closeRecords": (f"{_ROSTERS}_leaks.py::test_who_opted_out_looks_like_nobody",),
    "approveClosing": (f"{_ROSTERS}_closing.py::test_a_twentieth_leaves_and_the_rest_waits",),
    "refuseClosing": (f"{_ROSTERS}_closing.py::test_others_read_nothing_of_closings",),
    "setFieldMaster": (f"{_ROSTERS}_closing.py::test_one_master_a_field",),
    "rekey": (f"{_ROSTERS}_leaks.py::test_who_opted_out_looks_like_nobody",),
    "mergeLearners": (f"{_ROSTERS}_merging.py::test_marks_that_contradict_are_for_people",),
    "releaseAccessSummary": (f"{_E2E}access_summaries.py::test_nobody_else_switches",),
    "withdrawAccessSummary": (f"{_E2E}access_summaries.py::test_nobody_else_switches",),
}

_RIGHTS: Final = f"{_E2E}live_rights.py::test_"
_TOLD: Final = (f"{_RIGHTS}what_may_not_be_read_is_no_event", f"{_RIGHTS}a_hidden_learner_and_none_are_refused_alike")

FOLLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "gradeUpdated": _TOLD,
    "markRecorded": _TOLD,
    "reportPublished": (f"{_RIGHTS}a_link_that_ends_closes_the_stream", f"{_RIGHTS}who_may_not_follow_is_refused"),
    "policyPublished": (f"{_RIGHTS}who_may_not_follow_is_refused",),
    "noticePosted": (f"{_E2E}live_events.py::test_a_version_and_a_notice_are_told",),
}
