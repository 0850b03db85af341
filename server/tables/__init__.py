"""Rows of the database, one noun a file. `metadata` knows them all."""

from server.tables.access_snapshots import AccessSnapshotLearnerRow, AccessSnapshotPersonRow, AccessSnapshotRow
from server.tables.access_summaries import AccessSummaryReleaseRow, AccessSummaryRow
from server.tables.accounts import (
    AccountRow,
    BrowserSessionRow,
    KnownBrowserRow,
    MailedLinkRow,
    OneTimeSecretRow,
    PasskeyChallengeRow,
    PasskeyRow,
    RecoveryCodeRow,
    SignInAttemptRow,
)
from server.tables.apps import AppActivationEndRow, AppActivationRow
from server.tables.assessments import AssessmentClassRow, AssessmentRow, AssessmentWindowRow
from server.tables.audit import AuditOperationRow, ImportBatchRow
from server.tables.audit_seals import AuditLeafRow, AuditSealRow, AuditSubjectRow
from server.tables.break_glass import BreakGlassEndRow, BreakGlassRow
from server.tables.classes import ClassRow, CourseRow, EnrolmentRow, TutorGroupRow, TutorMembershipRow
from server.tables.clients import (
    EndedTokenRow,
    OAuthAssertionRow,
    OAuthClientKeyRow,
    OAuthClientRow,
    TokenAllowanceRow,
    VendorTokenRow,
)
from server.tables.documents import ClientDocumentsRow, DocumentReportRow, TrustedDocumentRow
from server.tables.families import (
    AppConsentRow,
    AuthorizationCodeRow,
    DPoPProofRow,
    OAuthRedirectRow,
    PushedRequestRow,
    RefreshTokenRow,
    TokenFamilyRow,
)
from server.tables.feeds import ChangeFeedRow, FeedRow
from server.tables.finite import declare_finite
from server.tables.forecasts import ForecastConfirmationRow, TeacherEstimateRow
from server.tables.grade_versions import GradeVersionRow
from server.tables.grades import CourseCommentRow, GradeRow, TargetRow, TargetVersionRow
from server.tables.gradings import CourseScaleRow, WindowGradingRow
from server.tables.guardians import GuardianLinkRow, GuardianRow
from server.tables.invitations import (
    InvitationCodeRow,
    InvitationEndRow,
    InvitationRedemptionRow,
    InvitationRow,
    InvitationTryRow,
    JoiningRow,
)
from server.tables.jobs import JobRow
from server.tables.learners import (
    AttendanceRow,
    BehaviourEventRow,
    LearnerContactRow,
    LearnerFlagRow,
    LearnerNameRow,
    LearnerRow,
    LearnerSpecialRow,
)
from server.tables.letters import LetterKeyRow, LetterRow
from server.tables.marks import MarkPartRow, MarkPartVersionRow, MarkRow, MarkVersionRow
from server.tables.moderation import MarkModerationRow, WindowStepRow
from server.tables.notices import NoticeReadRow, NoticeRow
from server.tables.opt_outs import ClientOptOutRow
from server.tables.outbox import IdempotencyRecordRow, OutboxEventRow, OutboxHeadRow
from server.tables.people import (
    AccessProfileRow,
    ClientGrantRow,
    LoginIdentityRow,
    PersonRow,
    RoleAssignmentRow,
    TrainingCertificateRow,
)
from server.tables.policy_decisions import PolicyConfirmationRow, PolicyDecisionRow, PolicyEndRow, PolicyScheduleRow
from server.tables.policy_drafts import PolicyDraftRow, PolicySubmissionRow
from server.tables.policy_examples import PolicyExampleEndRow, PolicyExampleRow
from server.tables.programs_told import ClientNewsRow, ClientPurgeRow, ClientWebhookRow
from server.tables.references import (
    BoundarySetRow,
    CodeRow,
    InstallationRow,
    MeasureTableRow,
    SignOffRow,
    SpecialElementRow,
    SpecificationRow,
)
from server.tables.reports import PublicationRow, ReportLineRow, ReportReceiptRow, ReportRow
from server.tables.restrictions import LinkRestrictionEndRow, LinkRestrictionRow
from server.tables.rosters import (
    ExternalIdRow,
    FieldMasterRow,
    LearnerMergeRow,
    RosterClosingDecisionRow,
    RosterClosingRow,
    SourceSystemRow,
)
from server.tables.row import metadata
from server.tables.rule_books import PolicyHeadRow, PolicyVersionRow
from server.tables.school_sign_in import FederatedIdentityRow, SchoolProviderRow, SchoolSignInRow
from server.tables.schools import SchoolRow
from server.tables.staff import (
    DepartmentLeadRow,
    LearnerAssignmentRow,
    PastoralAssignmentRow,
    StaffRow,
    TeachingAssignmentRow,
)
from server.tables.statistics import StatisticCensusRow, StatisticFigureRow
from server.tables.supervision import SupervisionRow
from server.tables.support import SupportDecisionRow, SupportEndRow, SupportRequestRow

declare_finite(metadata)

__all__ = [
    "AccessProfileRow",
    "AccessSnapshotLearnerRow",
    "AccessSnapshotPersonRow",
    "AccessSnapshotRow",
    "AccessSummaryReleaseRow",
    "AccessSummaryRow",
    "AccountRow",
    "AppActivationEndRow",
    "AppActivationRow",
    "AppConsentRow",
    "AssessmentClassRow",
    "AssessmentRow",
    "AssessmentWindowRow",
    "AttendanceRow",
    "AuditLeafRow",
    "AuditOperationRow",
    "AuditSealRow",
    "AuditSubjectRow",
    "AuthorizationCodeRow",
    "BehaviourEventRow",
    "BoundarySetRow",
    "BreakGlassEndRow",
    "BreakGlassRow",
    "BrowserSessionRow",
    "ChangeFeedRow",
    "ClassRow",
    "ClientDocumentsRow",
    "ClientGrantRow",
    "ClientNewsRow",
    "ClientOptOutRow",
    "ClientPurgeRow",
    "ClientWebhookRow",
    "CodeRow",
    "CourseCommentRow",
    "CourseRow",
    "CourseScaleRow",
    "DPoPProofRow",
    "DepartmentLeadRow",
    "DocumentReportRow",
    "EndedTokenRow",
    "EnrolmentRow",
    "ExternalIdRow",
    "FederatedIdentityRow",
    "FeedRow",
    "FieldMasterRow",
    "ForecastConfirmationRow",
    "GradeRow",
    "GradeVersionRow",
    "GuardianLinkRow",
    "GuardianRow",
    "IdempotencyRecordRow",
    "ImportBatchRow",
    "InstallationRow",
    "InvitationCodeRow",
    "InvitationEndRow",
    "InvitationRedemptionRow",
    "InvitationRow",
    "InvitationTryRow",
    "JobRow",
    "JoiningRow",
    "KnownBrowserRow",
    "LearnerAssignmentRow",
    "LearnerContactRow",
    "LearnerFlagRow",
    "LearnerMergeRow",
    "LearnerNameRow",
    "LearnerRow",
    "LearnerSpecialRow",
    "LetterKeyRow",
    "LetterRow",
    "LinkRestrictionEndRow",
    "LinkRestrictionRow",
    "LoginIdentityRow",
    "MailedLinkRow",
    "MarkModerationRow",
    "MarkPartRow",
    "MarkPartVersionRow",
    "MarkRow",
    "MarkVersionRow",
    "MeasureTableRow",
    "NoticeReadRow",
    "NoticeRow",
    "OAuthAssertionRow",
    "OAuthClientKeyRow",
    "OAuthClientRow",
    "OAuthRedirectRow",
    "OneTimeSecretRow",
    "OutboxEventRow",
    "OutboxHeadRow",
    "PasskeyChallengeRow",
    "PasskeyRow",
    "PastoralAssignmentRow",
    "PersonRow",
    "PolicyConfirmationRow",
    "PolicyDecisionRow",
    "PolicyDraftRow",
    "PolicyEndRow",
    "PolicyExampleEndRow",
    "PolicyExampleRow",
    "PolicyHeadRow",
    "PolicyScheduleRow",
    "PolicySubmissionRow",
    "PolicyVersionRow",
    "PublicationRow",
    "PushedRequestRow",
    "RecoveryCodeRow",
    "RefreshTokenRow",
    "ReportLineRow",
    "ReportReceiptRow",
    "ReportRow",
    "RoleAssignmentRow",
    "RosterClosingDecisionRow",
    "RosterClosingRow",
    "SchoolProviderRow",
    "SchoolRow",
    "SchoolSignInRow",
    "SignInAttemptRow",
    "SignOffRow",
    "SourceSystemRow",
    "SpecialElementRow",
    "SpecificationRow",
    "StaffRow",
    "StatisticCensusRow",
    "StatisticFigureRow",
    "SupervisionRow",
    "SupportDecisionRow",
    "SupportEndRow",
    "SupportRequestRow",
    "TargetRow",
    "TargetVersionRow",
    "TeacherEstimateRow",
    "TeachingAssignmentRow",
    "TokenAllowanceRow",
    "TokenFamilyRow",
    "TrainingCertificateRow",
    "TrustedDocumentRow",
    "TutorGroupRow",
    "TutorMembershipRow",
    "VendorTokenRow",
    "WindowGradingRow",
    "WindowStepRow",
    "metadata",
]
