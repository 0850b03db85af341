"""The start-up refusal: Usher doesn't serve with a role that could walk round the walls."""

from typing import Any

import psycopg

from server.errors import Unavailable

# Each row is one complaint. pg_has_role(.., 'MEMBER') counts roles that SET ROLE could reach.
_COMPLAINTS = """\
SELECT 'is a superuser, or can become one' FROM pg_catalog.pg_roles AS r
 WHERE r.rolsuper AND pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER') HAVING count(*) > 0
UNION ALL
SELECT 'has BYPASSRLS, or can become a role that has' FROM pg_catalog.pg_roles AS r
 WHERE r.rolbypassrls AND pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER') HAVING count(*) > 0
UNION ALL
SELECT 'owns tables, or can become their owner' FROM pg_catalog.pg_class AS c
 WHERE c.relnamespace = pg_catalog.to_regnamespace('usher')
   AND pg_catalog.pg_has_role(current_user, c.relowner, 'MEMBER') HAVING count(*) > 0
UNION ALL
SELECT 'has privileges on partitions directly' FROM pg_catalog.pg_class AS c
 WHERE c.relnamespace = pg_catalog.to_regnamespace('usher') AND c.relispartition AND c.relkind IN ('r', 'p', 'f')
   AND (pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
     OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')) HAVING count(*) > 0
UNION ALL
SELECT 'may create things in the schema usher' FROM pg_catalog.pg_namespace AS n
 WHERE n.nspname = 'usher' AND pg_catalog.has_schema_privilege(n.oid, 'CREATE')
UNION ALL
SELECT 'has another time zone than UTC' WHERE pg_catalog.current_setting('TimeZone') NOT IN ('UTC', 'Etc/UTC')
UNION ALL
SELECT 'has row_security turned off' WHERE pg_catalog.current_setting('row_security') <> 'on'
UNION ALL
SELECT 'has no ' || s.name || ', or one of half a minute and more, after which nobody waits for an answer'
  FROM pg_catalog.pg_settings AS s
 WHERE s.name IN ('statement_timeout', 'lock_timeout') AND NOT s.setting::int BETWEEN 1 AND 29999
UNION ALL
SELECT 'has no idle_in_transaction_session_timeout' FROM pg_catalog.pg_settings AS s
 WHERE s.name = 'idle_in_transaction_session_timeout' AND s.setting::int = 0
UNION ALL
SELECT 'is on a server older than PostgreSQL 15' WHERE pg_catalog.current_setting('server_version_num')::int < 150000
UNION ALL
SELECT 'is on a database whose encoding is not UTF8' WHERE pg_catalog.current_setting('server_encoding') <> 'UTF8'
"""


async def complaints(connection: psycopg.AsyncConnection[Any]) -> list[str]:
    """What makes the role unfit to serve, each the end of a sentence about it. Raises psycopg.Error."""
    return [complaint for (complaint,) in await (await connection.execute(_COMPLAINTS)).fetchall()]


async def verify_application_role(connection: psycopg.AsyncConnection[Any]) -> None:
    """Raises Unavailable, with all complaints and the remedy, unless the role is fit to serve."""
    found = await complaints(connection)
    if found:
        raise Unavailable(
            f"The role of USHER_DATABASE_URL {', '.join(found)}. "
            "Create it as the README says, and let another role own the tables."
        )
