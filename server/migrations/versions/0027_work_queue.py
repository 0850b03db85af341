"""The queue of work that requests cause: procrastinate's, in a schema of its own, as its release 3.10 has it.

A later release alters it by statements of its own (`procrastinate/sql/migrations`), which a later version executes where
the schema is older; tests/contract/test_work_queue.py fails until there is one.
"""

from typing import LiteralString

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0027"
down_revision = "0026"

_AFTERWARDS: tuple[LiteralString, ...] = (
    "GRANT USAGE ON SCHEMA procrastinate TO usher_app",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA procrastinate TO usher_app",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA procrastinate TO usher_app",
    "SET LOCAL search_path TO DEFAULT",
)


def upgrade() -> None:
    op.execute("CREATE SCHEMA procrastinate")
    op.execute("SET LOCAL search_path = procrastinate, pg_catalog")
    # As one text: it quotes bodies of functions, so that it can't be divided at semicolons.
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute(SchemaManager.get_schema())
    for statement in _AFTERWARDS:
        op.execute(statement)
