"""How records of each kind end, and how many there are: statements, named by what leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Statements:
    """Each is told of the school, the keys, the other ends, the days and today; `open` answers places in the input."""

    open: str
    close: tuple[str, ...]
    count: str
    learners: str
    raised: str


_LEARNER_OPEN = """\
SELECT DISTINCT g.place
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
JOIN usher.learner AS t ON t.school_id = $1::uuid AND t.learner_id = g.key
    AND (t.left_on IS NULL OR t.left_on > g.day)"""
_LEARNER_ENDS_1 = """\
UPDATE usher.enrolment AS t SET valid_to = greatest(g.day, t.valid_from)
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.learner_id = g.key
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_LEARNER_ENDS_2 = """\
UPDATE usher.tutor_membership AS t SET valid_to = greatest(g.day, t.valid_from)
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.learner_id = g.key
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_LEARNER_ENDS_3 = """\
UPDATE usher.access_profile AS t SET valid_to = greatest(g.day, t.valid_from)
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.person_id = g.key AND t.capacity = 'LEARNER'
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_LEARNER_ENDS_4 = """\
UPDATE usher.learner AS t SET left_on = g.day, version = t.version + 1
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.learner_id = g.key
    AND (t.left_on IS NULL OR t.left_on > g.day)"""
_LEARNER_COUNT = """\
SELECT count(*) FROM usher.learner AS t
WHERE t.school_id = $1::uuid AND t.learner_id < $3::uuid
    AND (t.left_on IS NULL OR t.left_on > $2::date)"""
_KEYS = """\
SELECT g.key
FROM unnest($2::uuid[], $3::uuid[]) AS g(key, other)
WHERE $1::uuid IS NOT NULL"""
_STAFF_OPEN = """\
SELECT DISTINCT g.place
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
JOIN usher.staff AS t ON t.school_id = $1::uuid AND t.staff_id = g.key
    AND (t.left_on IS NULL OR t.left_on > g.day)"""
_STAFF_ENDS_1 = """\
UPDATE usher.teaching_assignment AS t SET valid_to = greatest(g.day, t.valid_from)
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.staff_id = g.key
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_STAFF_ENDS_2 = """\
UPDATE usher.access_profile AS t SET valid_to = greatest(g.day, t.valid_from)
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.person_id = g.key AND t.capacity = 'STAFF'
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_STAFF_ENDS_3 = """\
UPDATE usher.staff AS t SET left_on = g.day
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.staff_id = g.key
    AND (t.left_on IS NULL OR t.left_on > g.day)"""
_STAFF_COUNT = """\
SELECT count(*) FROM usher.staff AS t
WHERE t.school_id = $1::uuid AND t.staff_id < $3::uuid
    AND (t.left_on IS NULL OR t.left_on > $2::date)"""
_NOBODY = """\
SELECT NULL::uuid
WHERE $1::uuid IS NULL AND $2::uuid[] IS NULL AND $3::uuid[] IS NULL"""
_CLASS_OPEN = """\
SELECT DISTINCT g.place
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
JOIN usher.enrolment AS t ON t.school_id = $1::uuid AND t.class_id = g.key
    AND (t.valid_to IS NULL OR t.valid_to > g.day)
UNION SELECT DISTINCT g.place
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
JOIN usher.teaching_assignment AS t ON t.school_id = $1::uuid AND t.class_id = g.key
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_CLASS_ENDS_1 = """\
UPDATE usher.enrolment AS t SET valid_to = greatest(g.day, t.valid_from)
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.class_id = g.key
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_CLASS_ENDS_2 = """\
UPDATE usher.teaching_assignment AS t SET valid_to = greatest(g.day, t.valid_from)
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.class_id = g.key
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_CLASS_COUNT = """\
SELECT count(DISTINCT t.class_id) FROM usher.enrolment AS t
WHERE t.school_id = $1::uuid AND t.class_id < $3::uuid
    AND (t.valid_to IS NULL OR t.valid_to > $2::date)"""
_CLASS_LEARNERS = """\
SELECT t.learner_id FROM usher.enrolment AS t
WHERE t.school_id = $1::uuid AND t.class_id = ANY($2::uuid[]) AND $3::uuid[] IS NOT NULL"""
_CLASS_RAISED = """\
SELECT t.staff_id FROM usher.teaching_assignment AS t
WHERE t.school_id = $1::uuid AND t.class_id = ANY($2::uuid[]) AND $3::uuid[] IS NOT NULL"""
_ENROLMENT_OPEN = """\
SELECT DISTINCT g.place
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
JOIN usher.enrolment AS t ON t.school_id = $1::uuid AND t.enrolment_id = g.key
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_ENROLMENT_ENDS_1 = """\
UPDATE usher.enrolment AS t SET valid_to = greatest(g.day, t.valid_from)
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.enrolment_id = g.key
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_ENROLMENT_COUNT = """\
SELECT count(*) FROM usher.enrolment AS t
WHERE t.school_id = $1::uuid AND t.enrolment_id < $3::uuid
    AND (t.valid_to IS NULL OR t.valid_to > $2::date)"""
_ENROLMENT_LEARNERS = """\
SELECT t.learner_id FROM usher.enrolment AS t
WHERE t.school_id = $1::uuid AND t.enrolment_id = ANY($2::uuid[]) AND $3::uuid[] IS NOT NULL"""
_GUARDIAN_LINK_OPEN = """\
SELECT DISTINCT g.place
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
JOIN usher.guardian_link AS t ON t.school_id = $1::uuid AND t.guardian_id = g.key
AND t.learner_id = g.other
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_GUARDIAN_LINK_ENDS_1 = """\
UPDATE usher.guardian_link AS t SET valid_to = greatest(g.day, t.valid_from)
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.guardian_id = g.key
    AND (t.valid_to IS NULL OR t.valid_to > g.day)
AND t.learner_id = g.other"""
_GUARDIAN_LINK_COUNT = """\
SELECT count(*) FROM usher.guardian_link AS t
WHERE t.school_id = $1::uuid AND t.link_id < $3::uuid
    AND (t.valid_to IS NULL OR t.valid_to > $2::date)"""
_OTHERS = """\
SELECT g.other
FROM unnest($2::uuid[], $3::uuid[]) AS g(key, other)
WHERE $1::uuid IS NOT NULL"""
_TEACHING_OPEN = """\
SELECT DISTINCT g.place
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
JOIN usher.teaching_assignment AS t ON t.school_id = $1::uuid AND t.class_id = g.key
AND t.staff_id = g.other
    AND (t.valid_to IS NULL OR t.valid_to > g.day)"""
_TEACHING_ENDS_1 = """\
UPDATE usher.teaching_assignment AS t SET valid_to = greatest(g.day, t.valid_from)
FROM unnest($2::uuid[], $3::uuid[], $4::date[]) WITH ORDINALITY AS g(key, other, day, place)
WHERE t.school_id = $1::uuid AND t.class_id = g.key
    AND (t.valid_to IS NULL OR t.valid_to > g.day)
AND t.staff_id = g.other"""
_TEACHING_COUNT = """\
SELECT count(*) FROM usher.teaching_assignment AS t
WHERE t.school_id = $1::uuid AND t.teaching_assignment_id < $3::uuid
    AND (t.valid_to IS NULL OR t.valid_to > $2::date)"""

STATEMENTS: Final[Mapping[str, Statements]] = {
    "LEARNER": Statements(
        _LEARNER_OPEN,
        (
            _LEARNER_ENDS_1,
            _LEARNER_ENDS_2,
            _LEARNER_ENDS_3,
            _LEARNER_ENDS_4,
        ),
        _LEARNER_COUNT,
        _KEYS,
        _KEYS,
    ),
    "STAFF": Statements(
        _STAFF_OPEN,
        (
            _STAFF_ENDS_1,
            _STAFF_ENDS_2,
            _STAFF_ENDS_3,
        ),
        _STAFF_COUNT,
        _NOBODY,
        _KEYS,
    ),
    "CLASS": Statements(
        _CLASS_OPEN,
        (
            _CLASS_ENDS_1,
            _CLASS_ENDS_2,
        ),
        _CLASS_COUNT,
        _CLASS_LEARNERS,
        _CLASS_RAISED,
    ),
    "ENROLMENT": Statements(_ENROLMENT_OPEN, (_ENROLMENT_ENDS_1,), _ENROLMENT_COUNT, _ENROLMENT_LEARNERS, _NOBODY),
    "GUARDIAN_LINK": Statements(_GUARDIAN_LINK_OPEN, (_GUARDIAN_LINK_ENDS_1,), _GUARDIAN_LINK_COUNT, _OTHERS, _KEYS),
    "TEACHING": Statements(_TEACHING_OPEN, (_TEACHING_ENDS_1,), _TEACHING_COUNT, _NOBODY, _OTHERS),
}
