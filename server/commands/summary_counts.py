"""How often which role looked at a learner's data, reckoned from the audit: what families are told.

A count depends on what was asked, by whom, and on the rule books, never on whether a learner is protected or somebody
has raised a concern. So nothing is left out of one learner's counts because of that learner:

- What a rule of any version withholds of protected learners counts for nobody. An operation whose rows such an element
  decides, for a role of the asker, counts for nobody either: beside it, further values of a protected learner are missing.
- Left out whole are operations of safeguarding leads, for the purpose of safeguarding, under broken glass, and those
  that asked for safeguarding concerns by somebody who may read any.
- Left out whole are readings of the log, and answers that Usher reckons, such as who can see what: they name those whom
  the answer concerns, by their protection too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from server.commands.statements import execute, fetch
from server.database.pool import PoolConnection
from server.errors import PolicyUnavailable
from server.policies.book_rows import read_content
from server.policies.rule_book import RuleBook, RuleBookInvalid
from server.policies.shipped import shipped_ceiling
from server.policies.vocabulary import ROLE_PHRASES, ROLES
from server.policies.withholding import Withholding, withholding
from server.queries.ask import LEARNER_EXISTS
from server.queries.steering import steering

MONTHS: Final = 12
"""How far back it is reckoned, each time, and told: so that all months are told under the same rules."""
PATIENCE: Final = "25s"
"""A large school's year takes longer than an answer to a person."""

_BOOKS: Final = "SELECT DISTINCT v.content FROM usher.policy_version AS v WHERE v.school_id = $1::uuid"
_FORGET: Final = """\
UPDATE usher.access_summary SET times = 0, computed_at = $2::timestamptz WHERE school_id = $1::uuid AND times > 0"""
_COUNT: Final = """\
INSERT INTO usher.access_summary AS s (school_id, learner_id, month, who, times, computed_at)
SELECT $1::uuid, named.learner_id, date_trunc('month', a.occurred_at AT TIME ZONE 'UTC')::date, told.who, count(*),
    $3::timestamptz
FROM usher.audit_operation AS a
CROSS JOIN LATERAL (
    SELECT DISTINCT (id #>> '{}')::uuid AS learner_id FROM jsonb_path_query(a.elements - $6::text[],
        '$.*[*] ? (@ like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")') AS id) AS named
CROSS JOIN LATERAL (
    SELECT coalesce((SELECT r.phrase FROM unnest($4::text[], $5::text[]) WITH ORDINALITY AS r(role, phrase, place)
        WHERE r.role = ANY(a.roles) ORDER BY r.place LIMIT 1), 'others') AS who) AS told
CROSS JOIN LATERAL (SELECT jsonb_path_query_array(a.footprint, '$.*[*]') AS elements) AS asked
JOIN usher.learner AS l ON l.school_id = $1::uuid AND l.learner_id = named.learner_id
WHERE a.school_id = $1::uuid AND a.occurred_at >= $2::date AND a.kind IN ('read', 'export')
  AND a.capacity IN ('STAFF', 'CLIENT', 'OPERATOR')
  AND NOT a.roles && $7::text[] AND NOT 'break_glass' = ANY(a.facts)
  AND NOT jsonb_exists(a.elements, 'safeguarding') AND a.purpose IS DISTINCT FROM 'safeguarding'
  AND NOT jsonb_exists(asked.elements, 'audit')
  AND NOT coalesce(jsonb_exists_any(a.details, ARRAY['fields', 'census']), false)
  AND NOT EXISTS (SELECT 1 FROM unnest(a.roles) AS held(role) WHERE jsonb_exists_any(asked.elements,
    ARRAY(SELECT jsonb_array_elements_text($8::jsonb -> a.kind -> held.role))))
  AND NOT (jsonb_exists(asked.elements, 'safeguarding') AND EXISTS (
    SELECT 1 FROM jsonb_to_recordset($9::jsonb) AS opened(role text, facts text[])
    WHERE opened.role = ANY(a.roles) AND opened.facts <@ a.facts))
GROUP BY 1, 2, 3, 4
ON CONFLICT (school_id, learner_id, month, who) DO UPDATE
SET times = excluded.times, computed_at = excluded.computed_at WHERE s.school_id = excluded.school_id"""


async def reckon(connection: PoolConnection, school_id: UUID, now: datetime, patience: str = PATIENCE) -> None:
    """In a transaction that may read the audit. Raises PolicyUnavailable for a stored version that can't be read."""
    texts = [content for (content,) in await fetch(connection, _BOOKS, [school_id])]
    withheld = await asyncio.to_thread(_withheld, texts)
    await execute(connection, f"SET LOCAL statement_timeout = '{patience}'", [])
    await count(connection, school_id, now, withheld)


async def count(connection: PoolConnection, school_id: UUID, now: datetime, withheld: Withholding) -> None:
    """All summaries of the last months, under rule books that withhold this."""
    since = months_before(now.date(), MONTHS)
    await execute(connection, _FORGET, [school_id, now])
    phrases = {role: ROLE_PHRASES[role] for role in ROLES}
    values = [school_id, since, now, list(phrases), list(phrases.values()), sorted(withheld.elements)]
    await execute(connection, _COUNT, [*values, _left_out(withheld), _deciding(withheld), _openings(withheld)])


def months_before(day: date, number: int) -> date:
    """The first day of the month that many months ago."""
    months = day.year * 12 + day.month - 1 - number
    return date(months // 12, months % 12 + 1, 1)


def _withheld(texts: Sequence[str]) -> Withholding:
    try:
        return withholding([RuleBook(*read_content(text)) for text in texts], shipped_ceiling())
    except RuleBookInvalid:
        raise PolicyUnavailable(
            "A version of the rule book can't be read: nothing is told that it may withhold."
        ) from None


def _left_out(withheld: Withholding) -> list[str]:
    """Roles of which nothing counts: safeguarding leads, and those for whom protected learners aren't there at all."""
    return sorted({"dsl"} | {role for role, elements in withheld.by_role.items() if LEARNER_EXISTS in elements})


def _deciding(withheld: Withholding) -> Jsonb:
    """{kind: {role: [elements]}}: asked for by such a role, they can decide what else was named. Exports are commands'."""
    reads = {role: sorted(elements & steering()) for role, elements in withheld.by_role.items()}
    return Jsonb({"read": reads, "export": {role: sorted(all_) for role, all_ in withheld.by_role.items()}})


def _openings(withheld: Withholding) -> Jsonb:
    return Jsonb([{"role": role, "facts": sorted(facts)} for role, facts in sorted(withheld.openings, key=str)])
