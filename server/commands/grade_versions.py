"""Results that another one replaces, kept as they stood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

KEEP_REPLACED: Final = """\
INSERT INTO usher.grade_version (school_id, replaced_at, academic_year, grade_id, version, learner_id, course_id,
    window_id, kind, status, value, points, fine, subject_mark, next_grade, marks_to_next, floor, ceiling, flags,
    specification_id, boundary_set_id, engine_version, rounding, shift, confidence, computed_at)
SELECT $1::uuid, $2::timestamptz, g.academic_year, g.grade_id, g.version, g.learner_id, g.course_id,
    g.window_id, g.kind, g.status, g.value, g.points, g.fine, g.subject_mark, g.next_grade, g.marks_to_next, g.floor,
    g.ceiling, g.flags, g.specification_id, g.boundary_set_id, g.engine_version, g.rounding, g.shift, g.confidence,
    g.computed_at
FROM unnest($3::int[], $4::uuid[]) AS n(academic_year, grade_id)
JOIN usher.grade AS g
    ON g.school_id = $1::uuid AND g.academic_year = n.academic_year AND g.grade_id = n.grade_id"""
"""Before the update, in its transaction: school, time, and the years and ids of the grades that will be replaced."""


def keeps(school_id: UUID, now: object, grades: Sequence[tuple[int, UUID]]) -> list[object]:
    """The values of KEEP_REPLACED for grades given as (academic year, key)."""
    return [school_id, now, [year for year, _ in grades], [key for _, key in grades]]
