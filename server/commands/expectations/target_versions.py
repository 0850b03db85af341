"""Targets that another one replaces, kept as they were set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

KEEP_TARGETS: Final = """\
INSERT INTO usher.target_version (school_id, replaced_at, academic_year, target_id, version, learner_id, course_id, value,
    points, third, set_on, method, set_by)
SELECT $1::uuid, $2::timestamptz, t.academic_year, t.target_id, t.version, t.learner_id, t.course_id, t.value, t.points,
    t.third, t.set_on, t.method, t.set_by
FROM unnest($3::int[], $4::uuid[]) AS n(academic_year, target_id)
JOIN usher.target AS t
    ON t.school_id = $1::uuid AND t.academic_year = n.academic_year AND t.target_id = n.target_id"""
"""Before the update, in its transaction: school, time, and the years and ids of the targets that will be replaced."""


def keeps_targets(school_id: UUID, now: datetime, targets: Sequence[tuple[int, UUID]]) -> list[object]:
    """The values of KEEP_TARGETS for targets given as (academic year, key)."""
    return [school_id, now, [year for year, _ in targets], [key for _, key in targets]]
