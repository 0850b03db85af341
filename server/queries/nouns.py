"""All nouns, by the name of their GraphQL type and by the prefix of their ids."""

from __future__ import annotations

from types import MappingProxyType

from server.queries.access_log import AUDIT_ENTRY
from server.queries.access_summaries import ACCESS_SUMMARY_LINE
from server.queries.assessments import ASSESSMENT, MARKBOOK_CELL, MARKBOOK_ROW, WINDOW, WINDOW_STEP
from server.queries.classes import CLASS, COURSE, SCHOOL_NOUN, TUTOR_GROUP
from server.queries.grades import GRADE, GRADE_VERSION
from server.queries.gradings import COURSE_SCALE, WINDOW_GRADING
from server.queries.guardians import GUARDIAN
from server.queries.learners import BEHAVIOUR_EVENT, LEARNER
from server.queries.marks import MARK, MARK_MODERATION, MARK_PART, MARK_VERSION
from server.queries.noun import Noun
from server.queries.reports import REPORT, REPORT_LINE
from server.queries.staff import STAFF
from server.queries.targets import TARGET, TARGET_VERSION
from server.queries.viewer import VIEWER_CHILD, VIEWER_NOUN

_ALL = (
    VIEWER_NOUN,
    VIEWER_CHILD,
    SCHOOL_NOUN,
    LEARNER,
    GUARDIAN,
    STAFF,
    TUTOR_GROUP,
    COURSE,
    WINDOW_GRADING,
    COURSE_SCALE,
    CLASS,
    WINDOW,
    WINDOW_STEP,
    ASSESSMENT,
    MARKBOOK_ROW,
    MARKBOOK_CELL,
    MARK,
    MARK_PART,
    MARK_VERSION,
    MARK_MODERATION,
    GRADE,
    GRADE_VERSION,
    TARGET,
    TARGET_VERSION,
    BEHAVIOUR_EVENT,
    REPORT,
    REPORT_LINE,
    AUDIT_ENTRY,
    ACCESS_SUMMARY_LINE,
)

NOUNS: MappingProxyType[str, Noun] = MappingProxyType({noun.name: noun for noun in _ALL})
NODES: MappingProxyType[str, Noun] = MappingProxyType({noun.prefix: noun for noun in _ALL if noun.node})
