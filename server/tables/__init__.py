"""Rows of the database, one noun a file. `metadata` knows them all."""

from server.tables.assessments import AssessmentClassRow, AssessmentRow, AssessmentWindowRow
from server.tables.audit import AuditOperationRow, ImportBatchRow
from server.tables.classes import ClassRow, CourseRow, EnrolmentRow, TutorGroupRow, TutorMembershipRow
from server.tables.grades import CourseCommentRow, GradeRow, TargetRow
from server.tables.guardians import GuardianLinkRow, GuardianRow
from server.tables.learners import (
    AttendanceRow,
    BehaviourEventRow,
    LearnerContactRow,
    LearnerFlagRow,
    LearnerNameRow,
    LearnerRow,
    LearnerSpecialRow,
)
from server.tables.marks import MarkPartRow, MarkRow, MarkVersionRow
from server.tables.outbox import IdempotencyRecordRow, OutboxEventRow, OutboxHeadRow
from server.tables.people import (
    AccessProfileRow,
    ClientGrantRow,
    LoginIdentityRow,
    PersonRow,
    RoleAssignmentRow,
    TrainingCertificateRow,
)
from server.tables.references import BoundarySetRow, CodeRow, InstallationRow, SpecialElementRow, SpecificationRow
from server.tables.reports import PublicationRow, ReportLineRow, ReportReceiptRow, ReportRow
from server.tables.row import metadata
from server.tables.rule_books import PolicyHeadRow, PolicyVersionRow
from server.tables.schools import SchoolRow
from server.tables.staff import (
    DepartmentLeadRow,
    LearnerAssignmentRow,
    PastoralAssignmentRow,
    StaffRow,
    TeachingAssignmentRow,
)

__all__ = [
    "AccessProfileRow",
    "AssessmentClassRow",
    "AssessmentRow",
    "AssessmentWindowRow",
    "AttendanceRow",
    "AuditOperationRow",
    "BehaviourEventRow",
    "BoundarySetRow",
    "ClassRow",
    "ClientGrantRow",
    "CodeRow",
    "CourseCommentRow",
    "CourseRow",
    "DepartmentLeadRow",
    "EnrolmentRow",
    "GradeRow",
    "GuardianLinkRow",
    "GuardianRow",
    "IdempotencyRecordRow",
    "ImportBatchRow",
    "InstallationRow",
    "LearnerAssignmentRow",
    "LearnerContactRow",
    "LearnerFlagRow",
    "LearnerNameRow",
    "LearnerRow",
    "LearnerSpecialRow",
    "LoginIdentityRow",
    "MarkPartRow",
    "MarkRow",
    "MarkVersionRow",
    "OutboxEventRow",
    "OutboxHeadRow",
    "PastoralAssignmentRow",
    "PersonRow",
    "PolicyHeadRow",
    "PolicyVersionRow",
    "PublicationRow",
    "ReportLineRow",
    "ReportReceiptRow",
    "ReportRow",
    "RoleAssignmentRow",
    "SchoolRow",
    "SpecialElementRow",
    "SpecificationRow",
    "StaffRow",
    "TargetRow",
    "TeachingAssignmentRow",
    "TrainingCertificateRow",
    "TutorGroupRow",
    "TutorMembershipRow",
    "metadata",
]
