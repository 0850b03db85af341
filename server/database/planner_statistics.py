"""What PostgreSQL's planner knows of the tables: after a large import it has to be told, or it plans for empty ones."""

import psycopg


def refresh_statistics(owner_url: str) -> None:
    """ANALYZE, as the owner: PostgreSQL passes over what another role asks for. Raises psycopg.Error."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("ANALYZE")
