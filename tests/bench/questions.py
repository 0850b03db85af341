"""Questions for the bench's papers: each course's most marked assessment of each year gets twenty, with topics."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import psycopg

TOPICS: Final = ("Number", "Algebra", "Ratio", "Geometry", "Probability", "Statistics")
QUESTIONS: Final = 20
# Every mark of the paper belongs to one question. Which of them a learner got follows from a hash, so that the parts of
# a learner come to the score, and no question gives more than its maximum.
_STATEMENT: Final = """\
INSERT INTO usher.mark_part (school_id, academic_year, mark_id, question, learner_id, course_id, position, topic, score,
  maximum)
SELECT m.school_id, m.academic_year, m.mark_id, u.question::text, m.learner_id, m.course_id, u.question,
  (%(topics)s::text[])[u.question %% %(several)s + 1], count(*) FILTER (WHERE u.place <= m.score), count(*)
FROM (SELECT DISTINCT ON (a.course_id, a.academic_year) a.assessment_id, a.academic_year, a.maximum::int AS maximum
  FROM usher.assessment a
  WHERE a.school_id = %(school)s AND a.step = 1 AND a.maximum >= %(questions)s
  ORDER BY a.course_id, a.academic_year, (SELECT count(*) FROM usher.mark o WHERE o.school_id = a.school_id
    AND o.academic_year = a.academic_year AND o.assessment_id = a.assessment_id) DESC, a.assessment_id) paper
JOIN usher.mark m ON m.school_id = %(school)s AND m.academic_year = paper.academic_year
  AND m.assessment_id = paper.assessment_id AND m.state = 'SCORED'
CROSS JOIN LATERAL (SELECT (unit - 1) %% %(questions)s + 1 AS question,
    row_number() OVER (ORDER BY hashtextextended(m.mark_id::text, unit)) AS place
  FROM generate_series(1, paper.maximum) unit) u
WHERE NOT EXISTS (SELECT FROM usher.mark_part p WHERE p.school_id = m.school_id
  AND p.academic_year = m.academic_year AND p.mark_id = m.mark_id)
GROUP BY m.school_id, m.academic_year, m.mark_id, u.question, m.learner_id, m.course_id"""


def give_questions(owner: psycopg.Connection[tuple[Any, ...]], school_id: UUID) -> None:
    """Papers that have questions keep them."""
    several = {"topics": list(TOPICS), "several": len(TOPICS), "questions": QUESTIONS}
    owner.execute(_STATEMENT, {"school": school_id, **several})
