"""Attainment holds numbers, estimates say something, targets are set in one's own name; batches are found by name."""

from alembic import op
from sqlalchemy import text

from server.migrations import attainment_walls

revision = "0015"
down_revision = "0014"

_PARTITIONS = text("""
    SELECT p.relname, c.relname FROM pg_inherits i
    JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
    WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind = 'r' ORDER BY 1, 2
""")


def upgrade() -> None:
    partitions = [(row[0], row[1]) for row in op.get_bind().execute(_PARTITIONS).all()]
    for statement in attainment_walls.statements(partitions):
        op.execute(statement)
