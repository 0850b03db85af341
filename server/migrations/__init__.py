"""Migrations of the database, run by its owner alone.

A version has four phases, in this order: tables, a distribute hook (nothing on plain PostgreSQL), foreign keys,
row-level security and grants. The roles usher_owner, usher_app and usher_audit exist before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from server.migrations.years import ensure_years, missing_years

__all__ = ["at_head", "ensure_years", "migrate", "missing_years"]


def migrate(owner_url: str, progress: Callable[[str], None] | None = None, today: date | None = None) -> None:
    """Bring the database to the newest version and make its year partitions.

    `owner_url` is the owner's libpq address; it is the only thing that reads it.
    """
    config = _config()
    engine = create_engine(_sqlalchemy_url(owner_url))
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(7461726573)"))
        if progress:
            progress("Bringing the tables to the newest version")
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS usher"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if progress:
            progress("Making the partitions of the school years")
        ensure_years(connection, today or datetime.now(UTC).date())
    engine.dispose()


def newest_version() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def at_head(version: str | None) -> bool:
    """Whether `version`, read from usher.alembic_version, is this program's."""
    return version == newest_version()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def _sqlalchemy_url(url: str) -> str:
    return "postgresql+psycopg://" + url.split("://", 1)[1]
