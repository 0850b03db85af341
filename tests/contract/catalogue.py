"""What PostgreSQL's catalogues say of the schema, as plain values."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import Column
from sqlalchemy.dialects import postgresql

from server.migrations import (
    attainment_walls,
    event_walls,
    grant_walls,
    invitation_walls,
    opt_out_walls,
    people_wall,
    role_walls,
    roster_walls,
    walls,
)
from server.migrations.access_hands import ENDING_HANDS, OWN_HANDS, SAID_BY, SET_BY
from server.migrations.policy_walls import UPDATE_WALLS, WRITE_WALLS
from server.tables import metadata

TENANT = sorted(table.name for table in metadata.tables.values() if table.info["tenant"])
REFERENCE = sorted(table.name for table in metadata.tables.values() if not table.info["tenant"])
YEARLY = sorted(table.name for table in metadata.tables.values() if table.info["yearly"])
# Alembic's own; it holds the version and nothing else.
FOREIGN_TO_METADATA = {"alembic_version"}

_TABLES = """
    SELECT c.relname AS name, c.relkind::text AS kind, c.relispartition AS is_partition, p.relname AS parent,
           pg_get_userbyid(c.relowner) AS owner, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
           pg_get_partkeydef(c.oid) AS partition_key, pg_get_expr(c.relpartbound, c.oid) AS bound
    FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
    WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind NOT IN ('i', 'I', 'c', 't') ORDER BY c.relname
"""
_COLUMNS = """
    SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS kind,
           NOT a.attnotnull AS nullable, CASE WHEN l.collname <> 'default' THEN l.collname END AS collation,
           d.oid IS NOT NULL AS has_default
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_collation l ON l.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum
"""
_CONSTRAINTS = """
    SELECT c.relname AS "table", k.conname AS name, k.contype::text AS kind, f.relname AS target,
           ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS n (number, place)
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n.number ORDER BY n.place) AS columns,
           ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS n (number, place)
                 JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = n.number ORDER BY n.place) AS targets,
           k.convalidated AS validated
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class f ON f.oid = k.confrelid
    WHERE c.relnamespace = 'usher'::regnamespace AND NOT c.relispartition AND k.contype <> 'n' AND k.conparentid = 0
    ORDER BY c.relname, k.conname
"""
_INDEXES = """
    SELECT c.relname AS "table", x.relname AS name, i.indisunique AS "unique",
           ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, true) FROM generate_series(1, i.indnkeyatts) AS n) AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE c.relnamespace = 'usher'::regnamespace AND NOT c.relispartition ORDER BY c.relname, x.relname
"""
_POLICIES = """
    SELECT tablename AS "table", policyname AS name, permissive, cmd AS command,
           array_to_string(roles, ',') AS roles, qual, with_check
    FROM pg_policies WHERE schemaname = 'usher' ORDER BY tablename, policyname
"""
_GRANTS = """
    SELECT c.relname AS "table", coalesce(r.rolname, 'PUBLIC') AS role, g.privilege_type AS privilege,
           g.is_grantable AS grantable
    FROM pg_class c CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS g
    LEFT JOIN pg_roles r ON r.oid = g.grantee
    WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
"""
_COLUMN_GRANTS = """
    SELECT c.relname AS "table", a.attname AS name, coalesce(r.rolname, 'PUBLIC') AS role,
           g.privilege_type AS privilege, g.is_grantable AS grantable
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid CROSS JOIN LATERAL aclexplode(a.attacl) AS g
    LEFT JOIN pg_roles r ON r.oid = g.grantee
    WHERE c.relnamespace = 'usher'::regnamespace
"""
_ROLES = """
    SELECT rolname AS name, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS powerful,
           ARRAY(SELECT pg_get_userbyid(m.roleid)::text FROM pg_auth_members m WHERE m.member = r.oid) AS member_of
    FROM pg_roles r WHERE rolname IN ('usher_owner', 'usher_app', 'usher_audit') ORDER BY rolname
"""
_TRIGGERS = """
    SELECT c.relname AS "table", t.tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'usher'::regnamespace AND NOT t.tgisinternal
    UNION ALL SELECT c.relname, w.rulename FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class
    WHERE c.relnamespace = 'usher'::regnamespace AND c.relkind IN ('r', 'p')
"""
_FUNCTIONS = """
    SELECT p.proname AS name, p.prosecdef AS definer, p.proconfig AS settings, p.prorettype::regtype::text AS answers,
           ARRAY(SELECT coalesce(r.rolname, 'PUBLIC')::text FROM aclexplode(p.proacl) AS g
                 LEFT JOIN pg_roles r ON r.oid = g.grantee WHERE g.grantee <> p.proowner ORDER BY 1) AS callers
    FROM pg_proc p WHERE p.pronamespace = 'usher'::regnamespace
"""

Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Lists of rows by catalogue. `constraints` and `indexes` are those of parents and plain tables."""

    tables: list[Found]
    columns: list[Found]
    constraints: list[Found]
    indexes: list[Found]
    policies: list[Found]
    grants: list[Found]
    column_grants: list[Found]
    roles: list[Found]
    triggers: list[Found]
    functions: list[Found]

    @property
    def partitions(self) -> list[Found]:
        return [table for table in self.tables if table["is_partition"]]

    @property
    def parents_and_plain(self) -> list[str]:
        return [table["name"] for table in self.tables if not table["is_partition"] and table["kind"] in "rp"]

    def of(self, table: str, kind: str) -> list[Found]:
        """Constraints of a table: p(rimary), u(nique), f(oreign) or c(heck)."""
        return [row for row in self.constraints if row["table"] == table and row["kind"] == kind]

    def policies_of(self, table: str) -> dict[str, Found]:
        return {row["name"]: row for row in self.policies if row["table"] == table}

    def granted_to(self, role: str) -> dict[str, set[str]]:
        granted: dict[str, set[str]] = defaultdict(set)
        for row in self.grants:
            if row["role"] == role:
                granted[row["table"]].add(row["privilege"])
        return dict(granted)


def read_catalogue(owner_url: str) -> Catalogue:
    with psycopg.Connection[Found].connect(owner_url, row_factory=dict_row) as connection:

        def ask(query: str) -> list[Found]:
            return connection.execute(query.encode()).fetchall()

        return Catalogue(
            tables=ask(_TABLES),
            columns=ask(_COLUMNS),
            constraints=ask(_CONSTRAINTS),
            indexes=ask(_INDEXES),
            policies=ask(_POLICIES),
            grants=ask(_GRANTS),
            column_grants=ask(_COLUMN_GRANTS),
            roles=ask(_ROLES),
            triggers=ask(_TRIGGERS),
            functions=ask(_FUNCTIONS),
        )


def declared_type(column: Column[Any]) -> str:
    """The type as format_type() prints it."""
    compile_type: Callable[..., str] = column.type.compile
    return compile_type(dialect=postgresql.dialect()).split(" COLLATE ")[0].lower()  # pyright: ignore[reportUnknownMemberType]


def declared_grants() -> dict[str, set[str]]:
    """What server.migrations.walls says that usher_app may do, by table."""
    named = (
        ("INSERT", walls.INSERTED),
        ("UPDATE", walls.UPDATED),
        ("DELETE", (*walls.DELETED, *walls.DELETED_LATER)),
    )
    granted = {name: {"SELECT"} for name in (*TENANT, *REFERENCE) if name not in walls.UNREAD}
    for privilege, tables in named:
        for table in tables:
            granted.setdefault(table, set()).add(privilege)
    for table in (*role_walls.CHANGED, "client_grant", opt_out_walls.TABLE):
        granted[table].discard("UPDATE")  # but for a few columns
    return granted | {"alembic_version": {"SELECT"}}


def _access_walls_of(table: str) -> dict[str, str]:
    named = (
        ("operator_wall", ("staff",), people_wall.OPERATOR_WALL),
        ("family_wall", (opt_out_walls.TABLE,), opt_out_walls.READ_WALL),
        ("addressee_wall", ("notice", "notice_read", *walls.FEEDS), walls.ADDRESSEE_WALL),
        ("invitation_wall", invitation_walls.GUARDED, invitation_walls.INVITATION_WALL),
    )
    return {name: condition for name, tables, condition in named if table in tables}


def walls_of(table: str) -> dict[str, str]:
    """The restrictive policies that a tenant table must carry, with their conditions as declared."""
    found = _access_walls_of(table)
    if table in people_wall.TABLES:
        found[people_wall.NAME], _ = people_wall.wall_of(table)
    if table in walls.REPORTS:
        found["published_wall"] = people_wall.PUBLISHED_WALL
    if table == "learner_special":
        found["special_wall"] = people_wall.SPECIAL_WALL
    if table in walls.BEHIND_THE_AUDIT:
        found["audit_wall"] = walls.AUDIT_WALL
    if table in walls.SNAPSHOTS:
        found |= {"snapshot_wall": walls.SNAPSHOT_WALL, "prune_wall": walls.SNAPSHOT_WRITES}
    if table == event_walls.TABLE:
        found["prune_wall"] = event_walls.PRUNE_WALL
    if table == "access_summary":
        found["release_wall"] = walls.RELEASE_WALL
    return found


OPT_OUT_WALLS = {
    "given_wall": ("INSERT", None, opt_out_walls.RECORDED),
    "ended_wall": ("UPDATE", opt_out_walls.ENDABLE, opt_out_walls.ENDED),
}


def write_walls_of(table: str) -> dict[str, tuple[str, str | None, str]]:
    """The restrictive policies of writing alone: command, USING and the condition of a written row, as declared."""
    found: dict[str, tuple[str, str | None, str]] = {}
    added = {"added_wall": invitation_walls.ADDED[table]} if table in invitation_walls.ADDED else {}
    for name, condition in (WRITE_WALLS.get(table, {}) | added).items():
        found[name] = ("INSERT", None, condition)
    hands = OWN_HANDS | ENDING_HANDS | SAID_BY | SET_BY
    if table in hands:
        found["own_hand"] = ("INSERT", None, hands[table])
    if table == "target":
        found |= attainment_walls.SET_WALLS
    if table == "role_assignment":
        found["given_wall"] = ("INSERT", None, role_walls.GIVEN)
        found["ended_wall"] = ("UPDATE", role_walls.ENDABLE, role_walls.ENDED)
    if table == "client_grant":
        found["given_wall"] = ("INSERT", None, grant_walls.GIVEN)
        found["ended_wall"] = ("UPDATE", grant_walls.ENDABLE, grant_walls.ENDED)
    if table in roster_walls.TABLES:
        found["school_side_wall"] = ("ALL", roster_walls.SCHOOL_SIDE, roster_walls.SCHOOL_SIDE)
    if table in roster_walls.HANDS:
        found["own_hand"] = ("INSERT", None, roster_walls.HANDS[table])
    if table in roster_walls.CHANGING_HANDS:
        found["own_change"] = ("UPDATE", roster_walls.SCHOOL_SIDE, roster_walls.CHANGING_HANDS[table])
    found |= OPT_OUT_WALLS if table == opt_out_walls.TABLE else {}
    for name, (using, condition) in UPDATE_WALLS.get(table, {}).items():
        found[f"{name}_update"] = ("UPDATE", using, condition)
    return found
