"""Which children a parent may act for, at all schools; since version 0038.

Walls keep every transaction within one school. So one function of the owner's looks further, for the person of the
transaction alone: to the links of this hat, and along the sign-in name that wears it, of its other hats as a parent.
It returns rows of guardian_link, of which `Viewer.children` shows the link's id, the school and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from server.migrations.walls import CAPACITY, PERSON, SCHOOL

_LINKS: Final = f"""\
    SELECT l FROM (
      SELECT {SCHOOL} AS school_id, {PERSON} AS person_id
      UNION
      SELECT worn.school_id, worn.person_id FROM usher.login_identity mine
      JOIN usher.login_identity worn ON worn.identity = mine.identity AND worn.capacity = 'PARENT'
      WHERE mine.capacity = 'PARENT' AND mine.school_id = {SCHOOL} AND mine.person_id = {PERSON}) worn
    JOIN usher.access_profile p ON p.school_id = worn.school_id AND p.person_id = worn.person_id AND p.capacity = 'PARENT'
      AND p.valid_from <= current_date AND (p.valid_to IS NULL OR p.valid_to > current_date)
    JOIN usher.guardian_link l ON l.school_id = worn.school_id AND l.guardian_id = worn.person_id
      AND l.verified_at IS NOT NULL AND l.valid_from <= current_date AND (l.valid_to IS NULL OR l.valid_to > current_date)
    JOIN usher.learner c ON c.school_id = l.school_id AND c.learner_id = l.learner_id
      AND (c.left_on IS NULL OR c.left_on > current_date)
    WHERE {CAPACITY} = 'PARENT'
      AND EXISTS (SELECT 1 FROM usher.app_activation a WHERE a.school_id = l.school_id AND a.app = 'PARENT'
        AND NOT EXISTS (SELECT 1 FROM usher.app_activation_end e
          WHERE e.school_id = a.school_id AND e.activation_id = a.activation_id))
      AND NOT EXISTS (SELECT 1 FROM usher.link_restriction r WHERE r.school_id = l.school_id
        AND r.guardian_id = l.guardian_id AND r.learner_id = l.learner_id
        AND NOT EXISTS (SELECT 1 FROM usher.link_restriction_end e
          WHERE e.school_id = r.school_id AND e.restriction_id = r.restriction_id))"""


def statements() -> Iterator[str]:
    yield (
        "CREATE FUNCTION usher.own_links() RETURNS SETOF usher.guardian_link LANGUAGE sql STABLE SECURITY DEFINER\n"
        f"SET search_path = pg_catalog\nBEGIN ATOMIC\n{_LINKS};\nEND"
    )
    yield "REVOKE ALL ON FUNCTION usher.own_links() FROM PUBLIC"
    yield "GRANT EXECUTE ON FUNCTION usher.own_links() TO usher_app"
