"""Scopes of programs tell reading from writing: what was granted as a whole is granted as its parts."""

from alembic import op

revision = "0031"
down_revision = "0030"

_WRITES = """\
INSERT INTO usher.client_grant (school_id, grant_id, person_id, scope, purpose, declared_by, valid_from, valid_to, client_id,
    declaration, reason, declared_at, ended_at, ended_by, ending)
SELECT g.school_id, gen_random_uuid(), g.person_id, g.scope || '.createput', g.purpose, g.declared_by, g.valid_from, g.valid_to,
    g.client_id, g.declaration, g.reason, g.declared_at, g.ended_at, g.ended_by, g.ending
FROM usher.client_grant AS g WHERE g.scope IN ('roster-core', 'roster-demographics')"""
_READS = """\
UPDATE usher.client_grant AS g
SET scope = g.scope || CASE WHEN g.scope = 'attendance' THEN '.createput' ELSE '.readonly' END
WHERE g.scope IN ('roster-core', 'roster-demographics', 'gradebook', 'attendance')"""
# Whoever holds one of them plans anew from the next request on.
_RAISE = """\
UPDATE usher.access_profile AS p SET profile_version = p.profile_version + 1
WHERE p.capacity = 'CLIENT'"""


def upgrade() -> None:
    for statement in (_WRITES, _READS, _RAISE):
        op.execute(statement)
