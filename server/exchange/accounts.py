"""Sign-in identities of people whom a roster brought, and vendors' programs under a grant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from server.commands.keys import new_key
from server.errors import BadUserInput
from server.exchange import bulk
from server.exchange.bulk import Connection
from server.exchange.context import ImportContext
from server.identity.people.names import folded

# How a person is found by capacity: the table and the column that the file's own key stands in.
_FOUND_BY = {
    "STAFF": ("staff", "staff_id", "mis_id"),
    "PARENT": ("guardian", "guardian_id", "mis_id"),
    "LEARNER": ("learner", "learner_id", "upn"),
}
APPS: Final = frozenset({"PARENT", "LEARNER"})
"""Capacities in which nobody acts until the school has decided so."""


def add_accounts(
    connection: Connection, context: ImportContext, school_name: str, accounts: Sequence[Mapping[str, str]]
) -> None:
    """Map identities to people: each account has `identity`, `capacity` and `person` (MIS id, or a learner's UPN).

    Raises BadUserInput when a person is not in the roster.
    """
    rows: list[dict[str, Any]] = []
    for account in accounts:
        table, id_column, key = _FOUND_BY[account["capacity"]]
        found = bulk.select(connection, table, context.school_id, (id_column,), {key: [account["person"]]})
        if not found:
            raise BadUserInput(f"The account {account['identity']} names nobody of the roster.", ("accounts",))
        rows.append(_identity(account["identity"], context.school_id, found[0][0], account["capacity"], school_name))
    if rows:
        bulk.insert(connection, "login_identity", None, rows)


def let_families_in(
    connection: Connection, context: ImportContext, accounts: Sequence[Mapping[str, str]], statement: str, now: datetime
) -> None:
    """The context's person activates the apps of those capacities, by a declaration, before anybody has such an account."""
    apps = sorted({account["capacity"] for account in accounts} & APPS)
    decided = {"assessment": statement, "declaration": statement, "decided_by": context.person_id, "decided_at": now}
    rows = [{"activation_id": new_key(), "app": app, **decided} for app in apps]
    bulk.insert(connection, "app_activation", context.school_id, rows)


def add_client(
    connection: Connection,
    context: ImportContext,
    school_name: str,
    *,
    identity: str,
    scopes: Sequence[str],
    purpose: str,
    since: date,
    now: datetime,
) -> UUID:
    """Let a program act under a grant of the school, declared by the context's person; returns its person id."""
    person, school = new_key(), context.school_id
    dates = {"valid_from": since, "valid_to": None}
    bulk.insert(connection, "person", school, [{"person_id": person, "created_at": now}])
    profile = {"person_id": person, "capacity": "CLIENT", "profile_version": 1, **dates}
    bulk.insert(connection, "access_profile", school, [profile])
    role = {"role_assignment_id": new_key(), "person_id": person, "role": "mis_client", "source": "grant", **dates}
    bulk.insert(connection, "role_assignment", school, [role])
    grants = [
        {"grant_id": new_key(), "person_id": person, "scope": scope, "purpose": purpose, **dates}
        | {"declared_by": context.person_id}
        for scope in scopes
    ]
    bulk.insert(connection, "client_grant", school, grants)
    bulk.insert(connection, "login_identity", None, [_identity(identity, school, person, "CLIENT", school_name)])
    return person


def add_operator(
    connection: Connection, context: ImportContext, school_name: str, *, identity: str, since: date, now: datetime
) -> UUID:
    """A person of the vendor's support staff, who sees nothing until the school lets them in; returns the person's id."""
    person, school = new_key(), context.school_id
    dates = {"valid_from": since, "valid_to": None}
    bulk.insert(connection, "person", school, [{"person_id": person, "created_at": now}])
    profile = {"person_id": person, "capacity": "OPERATOR", "profile_version": 1, **dates}
    bulk.insert(connection, "access_profile", school, [profile])
    role = {"role_assignment_id": new_key(), "person_id": person, "role": "vendor_support", "source": "manual", **dates}
    bulk.insert(connection, "role_assignment", school, [role])
    bulk.insert(connection, "login_identity", None, [_identity(identity, school, person, "OPERATOR", school_name)])
    return person


def _identity(identity: str, school_id: UUID, person_id: UUID, capacity: str, school_name: str) -> dict[str, Any]:
    # The table belongs to no school, so its school_id is a value like any other. People's names are kept as accounts
    # compare them; a program's is its client id.
    return {
        "identity": identity if capacity == "CLIENT" else folded(identity),
        "school_id": school_id,
        "person_id": person_id,
        "capacity": capacity,
        "school_name": school_name,
    }
