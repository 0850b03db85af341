"""The three database roles, as SQL: for the embedded server and, printed in the README, for one's own."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

OWNER = "usher_owner"
APP = "usher_app"
AUDIT = "usher_audit"
ROLES = (OWNER, APP, AUDIT)

_LOGIN = "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS"

_SETTINGS: dict[str, tuple[str, ...]] = {
    # An owner's migration may run long; the two others answer people.
    OWNER: ("timezone = 'UTC'", "jit = off"),
    APP: (
        "timezone = 'UTC'",
        "jit = off",
        "statement_timeout = '10s'",
        "lock_timeout = '5s'",
        "idle_in_transaction_session_timeout = '60s'",
    ),
    AUDIT: ("timezone = 'UTC'", "jit = off", "statement_timeout = '60s'"),
}


def create_role_sql(role: str) -> str:
    """`CREATE ROLE`, without a password: set one afterwards."""
    return f"CREATE ROLE {role} {_LOGIN} NOCREATEDB"


def role_settings_sql(role: str) -> tuple[str, ...]:
    """The statements that give the role its session settings. They may be repeated."""
    return tuple(f"ALTER ROLE {role} SET {setting}" for setting in _SETTINGS[role])


def database_sql(database: str) -> tuple[str, ...]:
    """The grants on the database itself, from its owner or a superuser. They may be repeated."""
    return (
        f"REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {database} TO {APP}, {AUDIT}",
    )


def prepare_server_sql(database: str = "usher") -> str:
    """What an administrator runs once with psql on one's own PostgreSQL 15 or newer, before `usher migrate`.

    The passwords are asked for by psql's `\\password`, so that none stands in a file or log.
    """
    lines = [f"{create_role_sql(role)};" for role in ROLES]
    lines += [f"{statement};" for role in ROLES for statement in role_settings_sql(role)]
    lines.append(f"CREATE DATABASE {database} OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0;")
    lines += [f"{statement};" for statement in database_sql(database)]
    lines += [f"\\password {role}" for role in ROLES]
    return "\n".join(lines) + "\n"


def prepare_cluster(superuser_url: str, database: str, passwords: Mapping[str, str]) -> None:
    """Create roles and database, or put their settings and passwords right. May be repeated at each start."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        known = {name for (name,) in connection.execute("SELECT rolname FROM pg_catalog.pg_roles").fetchall()}
        for role in ROLES:
            if role not in known:
                connection.execute(create_role_sql(role).encode())
            _set_password(connection, role, passwords[role])
            for statement in role_settings_sql(role):
                connection.execute(statement.encode())
        found = connection.execute("SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s", [database]).fetchone()
        if found is None:
            connection.execute(f"CREATE DATABASE {database} OWNER {OWNER} TEMPLATE template0".encode())
        for statement in database_sql(database):
            connection.execute(statement.encode())


def _set_password(connection: psycopg.Connection[tuple[Any, ...]], role: str, password: str) -> None:
    """Send the password's verifier, so that the server's log can never hold the password."""
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))
