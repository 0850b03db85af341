"""Analyses as declared: each one statement, over marks and grades that the asker may read."""

from __future__ import annotations

from typing import Final

from server.resolvers.inquiries_of_questions import QUESTION_ANALYSIS
from server.resolvers.inquiry import Inquiry

ANALYSES: Final[tuple[Inquiry, ...]] = (QUESTION_ANALYSIS,)
