"""The counts as they were reckoned once, without the days on which a learner was protected: the twin that hints."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from server.policies.vocabulary import ROLE_PHRASES, ROLES

NAIVE = """
SELECT named.learner_id, told.who, count(*)
FROM usher.audit_operation AS a
CROSS JOIN LATERAL (
    SELECT DISTINCT (id #>> '{}')::uuid AS learner_id FROM jsonb_path_query(a.elements,
        '$.*[*] ? (@ like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")') AS id) AS named
CROSS JOIN LATERAL (
    SELECT coalesce((SELECT r.phrase FROM unnest($2::text[], $3::text[])
        WITH ORDINALITY AS r(role, phrase, place) WHERE r.role = ANY(a.roles) ORDER BY r.place LIMIT 1), 'others')
    AS who) AS told
JOIN usher.learner AS l ON l.school_id = $1::uuid AND l.learner_id = named.learner_id
WHERE a.school_id = $1::uuid AND a.kind IN ('read', 'export') AND a.capacity IN ('STAFF', 'CLIENT', 'OPERATOR')
  AND NOT 'dsl' = ANY(a.roles) AND NOT 'break_glass' = ANY(a.facts)
  AND NOT jsonb_exists(a.elements, 'safeguarding') AND a.purpose IS DISTINCT FROM 'safeguarding'
  AND NOT ($4::boolean AND EXISTS (SELECT 1 FROM usher.learner_flag AS f
    WHERE f.school_id = $1::uuid AND f.learner_id = named.learner_id AND f.kind = 'PROTECTED'
      AND f.valid_from <= a.occurred_at::date AND (f.valid_to IS NULL OR f.valid_to > a.occurred_at::date)))
GROUP BY 1, 2"""


def naive_values(school_id: UUID, days: bool) -> list[Any]:
    """Parameters of NAIVE; without `days`, protected days count as any other, which is not enough either."""
    return [school_id, list(ROLES), [ROLE_PHRASES[role] for role in ROLES], days]


def naive_counts(connection: psycopg.Connection[Any], school_id: UUID, *, days: bool) -> dict[Any, int]:
    """{(learner, who): times}."""
    rows = psycopg.RawCursor(connection).execute(NAIVE.encode(), naive_values(school_id, days)).fetchall()
    return {(learner_id, who): times for learner_id, who, times in rows}
