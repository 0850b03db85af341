"""All grades that a specification can give, best first."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from server.grading.contents import specification_from_content
from server.grading.measures.rounding import exact_text


@lru_cache(maxsize=256)
def scale(content: str) -> tuple[tuple[str, Decimal], ...]:
    """Grades with their points from the canonical JSON, then what is given below the lowest, and for no attempt.

    Raises GradingError.
    """
    rules = specification_from_content(content)
    listed = [(step.grade, Decimal(exact_text(step.points).removesuffix(".0"))) for step in rules.grades]
    rest = dict.fromkeys((rules.below_lowest, rules.absence.all_absent_grade))
    return (*listed, *((grade, Decimal(0)) for grade in rest))
