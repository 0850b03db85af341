"""Analyses as declared: each one statement, over marks and grades that the asker may read."""

from __future__ import annotations

from typing import Final

from server.resolvers.analysis.inquiries_of_grades import GRADE_DISTRIBUTION, MARKS_TO_NEXT
from server.resolvers.analysis.inquiries_of_groups import COMPARE_GROUPS
from server.resolvers.analysis.inquiries_of_measures import MEASURES
from server.resolvers.analysis.inquiries_of_progress import COMPARE_SNAPSHOTS, VALUE_ADDED_INQUIRY
from server.resolvers.analysis.inquiries_of_questions import QUESTION_ANALYSIS
from server.resolvers.inquiry import Inquiry

ANALYSES: Final[tuple[Inquiry, ...]] = (
    QUESTION_ANALYSIS,
    GRADE_DISTRIBUTION,
    MARKS_TO_NEXT,
    COMPARE_GROUPS,
    COMPARE_SNAPSHOTS,
    VALUE_ADDED_INQUIRY,
    MEASURES,
)
