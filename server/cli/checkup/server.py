"""The database server: its version, roles, clock and connections."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from server.cli.checkup.finding import Finding, fail, ok, warn
from server.cli.databases import Addresses
from server.database.examined import Connection, ServerFacts, connected, server_facts
from server.database.roles import APP, AUDIT
from server.errors import Unavailable
from server.settings import Settings

_LISTENERS: Final = 2
_BESIDES: Final = 14
"""Connections of the pages' and the OAuth threads of a server process, and of the jobs."""
_NOTICED: Final = 2.0
_BELIEVED: Final = 30.0
"""Seconds by which clocks may differ before tokens are refused."""


async def server_findings(settings: Settings, addresses: Addresses, connection: Connection) -> list[Finding]:
    facts = await server_facts(connection)
    return [
        _version(facts),
        _role(facts),
        await _auditor(addresses),
        _clock(facts),
        _extensions(facts),
        *_connections(settings, facts),
    ]


def _version(facts: ServerFacts) -> Finding:
    said = f"PostgreSQL {facts.version // 10000}.{facts.version % 10000}"
    if facts.version < 150000:
        return fail("postgresql", f"The server is {said}.", "Usher needs PostgreSQL 15 or newer.")
    return ok("postgresql", f"{said}.")


def _role(facts: ServerFacts) -> Finding:
    if facts.complaints:
        says = f"The role {facts.user} of USHER_DATABASE_URL {', '.join(facts.complaints)}."
        return fail("role", says, "Create it as the README says, and let another role own the tables.")
    if facts.user != APP:
        return fail("role", f"USHER_DATABASE_URL signs in as {facts.user}.", f"The walls are of {APP}: use that role.")
    return ok("role", f"{facts.user} owns nothing and can't walk round the walls.")


async def _auditor(addresses: Addresses) -> Finding:
    if addresses.audit is None:
        return warn("audit role", "Nothing is sealed without usher_audit.", "Set USHER_AUDIT_DATABASE_URL.")
    try:
        connection = await connected(addresses.audit)
    except Unavailable as error:
        return fail("audit role", error.message, "Check USHER_AUDIT_DATABASE_URL.")
    async with connection:
        facts = await server_facts(connection)
    if facts.user != AUDIT:
        return fail("audit role", f"USHER_AUDIT_DATABASE_URL signs in as {facts.user}.", f"Use the role {AUDIT}.")
    mighty = [one for one in facts.complaints if "super" in one or "BYPASS" in one or "owns" in one]
    if mighty:
        return fail("audit role", f"{facts.user} {', '.join(mighty)}.", "Create it as the README says.")
    return ok("audit role", f"{facts.user} reads the audit and seals it.")


def _clock(facts: ServerFacts) -> Finding:
    says = (
        f"The database's clock is {abs(facts.skew):.1f} s {'ahead of' if facts.skew > 0 else 'behind'} this machine's."
    )
    if abs(facts.skew) > _BELIEVED:
        return fail("clock", says, "Set both by NTP: tokens, roles and certificates begin and end by them.")
    if abs(facts.skew) > _NOTICED:
        return warn("clock", says, "Set both by NTP.")
    return ok("clock", "The clocks of database and machine agree.")


def _extensions(facts: ServerFacts) -> Finding:
    if "citus" in facts.extensions:
        return warn("extensions", "Citus is here.", "Tables are not distributed by `usher migrate`: leave them local.")
    if facts.extensions:
        return ok("extensions", f"None is needed; {', '.join(facts.extensions)} is there.")
    return ok("extensions", "None is needed, and none is there.")


def _connections(settings: Settings, facts: ServerFacts) -> Iterator[Finding]:
    most = settings.usher_workers * (settings.usher_pool_max + _LISTENERS) + _BESIDES
    if facts.pooled:
        if settings.usher_prepare_statements:
            says = "A connection pooler stands before the database."
            yield warn("connections", says, "Below PgBouncer 1.21 set USHER_PREPARE_STATEMENTS=false.")
        else:
            yield ok("connections", "A connection pooler stands before the database; statements aren't prepared.")
    elif most > facts.most_connections:
        says = f"Usher may open {most} connections; the server takes {facts.most_connections}."
        yield fail("connections", says, "Lower USHER_POOL_MAX or USHER_WORKERS, or raise max_connections.")
    else:
        yield ok("connections", f"At most {most} connections of the {facts.most_connections} that the server takes.")
