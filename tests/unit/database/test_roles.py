"""The SQL for one's own server, as the README prints it."""

import psycopg
import pytest
from psycopg import sql

from server.database.roles import APP, AUDIT, OWNER, ROLES, prepare_server_sql
from tests.database import Server


def test_the_text_names_every_role_and_no_password() -> None:
    """An administrator sets passwords with psql's own command."""
    text = prepare_server_sql()
    assert all(f"\\password {role}" in text for role in ROLES)
    assert "PASSWORD '" not in text


def test_the_text_runs_and_makes_modest_roles(database_server: Server) -> None:
    """Run as printed, with other names, since ours exist already."""
    if database_server.superuser_url is None:
        pytest.skip("needs a superuser, which one's own server doesn't give to tests")
    text = prepare_server_sql("printed").replace("usher_", "printed_")
    names = [role.replace("usher_", "printed_") for role in (OWNER, APP, AUDIT)]
    statements = [line for line in text.splitlines() if not line.startswith("\\password")]
    with psycopg.connect(database_server.superuser_url, autocommit=True) as connection:
        try:
            for statement in statements:
                connection.execute(statement.encode())
            made = connection.execute(
                "SELECT rolname, rolcanlogin,"
                " rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication"
                " FROM pg_roles WHERE rolname = ANY(%s) ORDER BY rolname",
                [names],
            ).fetchall()
            allowed = connection.execute(
                "SELECT has_database_privilege('printed_app', 'printed', 'CONNECT'),"
                " has_database_privilege('printed_app', 'printed', 'TEMP'),"
                " has_database_privilege('printed_app', 'printed', 'CREATE')"
            ).fetchone()
        finally:
            connection.execute("DROP DATABASE IF EXISTS printed")
            for name in names:
                connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
    assert made == [(name, True, False) for name in sorted(names)]
    assert allowed == (True, False, False)


@pytest.mark.parametrize(
    ("name", "value"), [("jit", "off"), ("TimeZone", "UTC"), ("statement_timeout", "10s"), ("lock_timeout", "5s")]
)
def test_the_applications_sessions_have_these_settings(
    database_server: Server, app_url: str, name: str, value: str
) -> None:
    """They come with the role, so that a pooler keeps them."""
    if database_server.superuser_url is None and name.endswith("timeout"):
        pytest.skip("an administrator may choose other time-outs on their own server")
    with psycopg.connect(app_url) as connection:
        assert connection.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,)
