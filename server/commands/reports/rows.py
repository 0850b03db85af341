"""The rows of a publication: one INSERT a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from server.commands.keys import new_keys
from server.commands.reports.lines import Pair, Window
from server.commands.statements import columns, execute, fetch
from server.database.pool import PoolConnection

_WINDOW = """\
SELECT w.window_id, w.academic_year, w.starts_on, w.ends_on FROM usher.assessment_window AS w
WHERE w.school_id = $1::uuid AND w.window_id = $2::uuid"""
# Two publications of a school at once would both supersede the same one.
_LOCK = "SELECT s.school_id FROM usher.school AS s WHERE s.school_id = $1::uuid FOR NO KEY UPDATE"
_NEXT = """\
SELECT coalesce(max(p.version), 0) + 1 FROM usher.publication AS p
WHERE p.school_id = $1::uuid AND p.window_id = $2::uuid AND p.year_group = $3::text"""
_SUPERSEDE = """\
UPDATE usher.publication AS p SET status = 'SUPERSEDED'
WHERE p.school_id = $1::uuid AND p.window_id = $2::uuid AND p.year_group = $3::text AND p.status = 'LIVE'"""
_PUBLISH = """\
INSERT INTO usher.publication (school_id, publication_id, academic_year, window_id, year_group, name, version, status,
    published_at, published_by)
VALUES ($1::uuid, $2::uuid, $3::int, $4::uuid, $5::text, $6::text, $7::int, 'LIVE', $8::timestamptz, $9::uuid)"""
_REPORTS = """\
INSERT INTO usher.report (school_id, report_id, publication_id, learner_id, version, published_at)
SELECT $1::uuid, n.report_id, $2::uuid, n.learner_id, $3::int, $4::timestamptz
FROM unnest($5::uuid[], $6::uuid[]) AS n(report_id, learner_id)"""
# The teachers are those of the class that the learner was in on the day.
_LINES = """\
INSERT INTO usher.report_line (school_id, report_line_id, report_id, publication_id, learner_id, course_id, position,
    course_name, teacher_name, grade, specification, series, shift, rounding, confidence, target, comment)
SELECT $1::uuid, n.line_id, n.report_id, $2::uuid, n.learner_id, n.course_id, n.position, c.name, t.names, g.value,
    r.code, b.series, g.shift, g.rounding, g.confidence, x.value, k.text
FROM unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[], $10::int[])
    AS n(line_id, report_id, learner_id, course_id, position)
JOIN usher.course AS c ON c.school_id = $1::uuid AND c.course_id = n.course_id
LEFT JOIN usher.grade AS g
    ON g.school_id = $1::uuid AND g.academic_year = $3::int AND g.learner_id = n.learner_id
    AND g.course_id = n.course_id AND g.window_id = $4::uuid
LEFT JOIN usher.specification AS r ON r.specification_id = g.specification_id
LEFT JOIN usher.boundary_set AS b ON b.boundary_set_id = g.boundary_set_id
LEFT JOIN usher.target AS x
    ON x.school_id = $1::uuid AND x.academic_year = $3::int AND x.learner_id = n.learner_id
    AND x.course_id = n.course_id
LEFT JOIN usher.course_comment AS k
    ON k.school_id = $1::uuid AND k.academic_year = $3::int AND k.learner_id = n.learner_id
    AND k.course_id = n.course_id AND k.window_id = $4::uuid
LEFT JOIN LATERAL (
    SELECT string_agg(s.name, ', ' ORDER BY s.sort_key, s.staff_id) AS names FROM (
        SELECT DISTINCT f.staff_id, f.sort_key, coalesce(f.title, f.given_name) || ' ' || f.family_name AS name
        FROM (
            SELECT e.class_id FROM usher.enrolment AS e
            WHERE e.school_id = $1::uuid AND e.learner_id = n.learner_id AND e.course_id = n.course_id
                AND e.valid_from <= $5::date
            ORDER BY e.valid_from DESC, e.enrolment_id DESC LIMIT 1
        ) AS seat
        JOIN usher.teaching_assignment AS a
            ON a.school_id = $1::uuid AND a.class_id = seat.class_id AND a.kind = 'TEACHER'
            AND a.valid_from <= $5::date AND (a.valid_to IS NULL OR a.valid_to > $5::date)
        JOIN usher.staff AS f ON f.school_id = $1::uuid AND f.staff_id = a.staff_id
    ) AS s
) AS t ON true"""


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication to be written; `day` is that whose classes and teachers the lines name."""

    school_id: UUID
    publication_id: UUID
    window: Window
    year_group: str
    name: str
    published_by: UUID
    now: datetime

    @property
    def day(self) -> date:
        return min(self.now.date(), self.window.ends_on)


async def window_of(connection: PoolConnection, school_id: UUID, window_id: UUID) -> Window | None:
    rows = await fetch(connection, _WINDOW, [school_id, window_id])
    return Window(*rows[0]) if rows else None


async def lock_school(connection: PoolConnection, school_id: UUID) -> None:
    await fetch(connection, _LOCK, [school_id])


async def write_publication(
    connection: PoolConnection, publication: Publication, lines: Sequence[Pair]
) -> tuple[int, Mapping[UUID, UUID]]:
    """Supersede what is live, and freeze the lines as they stand. The version, and the report of each learner."""
    school_id, window = publication.school_id, publication.window
    which = [school_id, window.window_id, publication.year_group]
    [[version]] = await fetch(connection, _NEXT, which)
    await execute(connection, _SUPERSEDE, which)
    await execute(
        connection,
        _PUBLISH,
        [
            school_id, publication.publication_id, window.academic_year, window.window_id, publication.year_group,
            publication.name, version, publication.now, publication.published_by,
        ],
    )  # fmt: skip
    learners = list(dict.fromkeys(line.learner_id for line in lines))
    reports = dict(zip(learners, new_keys(len(learners)), strict=True))
    await execute(
        connection,
        _REPORTS,
        [school_id, publication.publication_id, version, publication.now, list(reports.values()), learners],
    )
    rows = [
        [key, reports[line.learner_id], line.learner_id, line.course_id, line.position]
        for key, line in zip(new_keys(len(lines)), lines, strict=True)
    ]
    about = [school_id, publication.publication_id, window.academic_year, window.window_id, publication.day]
    await execute(connection, _LINES, [*about, *columns(rows, 5)])
    return version, reports
