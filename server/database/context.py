"""Who asks, and what opens a transaction for them: one message, or the first commands of a pipeline."""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final, LiteralString
from uuid import UUID

from psycopg import sql

from server.database.command import Command, kept


class Isolation(Enum):
    """Its level, and whether statements are planned without looking at values. Never READ ONLY: a read may write its
    audit row.

    Reads and inquiries see one moment; writes see what they lock. A read runs one statement compiled for many askers;
    those of an inquiry or a write are few and differ with their values.
    """

    READ = ("REPEATABLE READ", True)
    INQUIRY = ("REPEATABLE READ", False)
    WRITE = ("READ COMMITTED", False)

    @property
    def level(self) -> LiteralString:
        return self.value[0]

    @property
    def generic(self) -> bool:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Context:
    """A principal in a school, with the versions of rule book and profile that the plan was made for.

    `documents`: the client that asks, and the version of what is registered for it.
    """

    school_id: UUID
    person_id: UUID
    capacity: str
    policy_version: int
    profile_version: int
    documents: tuple[str, int] | None = None


# SET LOCAL takes no parameters and set_config() isn't propagated to Citus' workers: so quoted text, in one message of
# the simple protocol. The guard divides by zero unless exactly one row matches: none must not pass in silence.
_SETTINGS = """\
BEGIN ISOLATION LEVEL {isolation};
SET LOCAL app.school_id = {school};
SET LOCAL app.person = {person};
SET LOCAL app.capacity = {capacity};
"""
# A compiled statement is made for everyone with a profile: planning it anew for each value costs more than it saves.
_GENERIC = b"SET LOCAL plan_cache_mode = force_generic_plan;\n"
_GUARD = """\
SELECT 1 / (count(*) = 1)::int FROM usher.policy_head AS h \
JOIN usher.access_profile AS p ON p.school_id = h.school_id \
WHERE h.school_id = {school} AND h.version = {policy} AND p.school_id = {school} \
AND p.person_id = {person} AND p.capacity = {capacity} AND p.profile_version = {profile}"""
# A client that has no row has version 0.
_DOCUMENTS = """ \
AND coalesce((SELECT d.version FROM usher.client_documents AS d WHERE d.client_id = {client}), 0) = {documents}"""


@lru_cache(maxsize=4096)
def opening(context: Context, isolation: Isolation) -> bytes:
    """BEGIN, the tenant context and the guard: a division by zero means that a version has changed."""
    generic = _GENERIC if isolation.generic else b""
    return _fill(_SETTINGS, context, isolation) + generic + _guard(context)


COMMIT: Final = kept("COMMIT")
GUARD_AT: Final = 5
"""The guard's place in `opening_commands`."""
_BEGIN_READ: Final = kept("BEGIN ISOLATION LEVEL REPEATABLE READ")
_PLAN_ONCE: Final = kept(_GENERIC.decode().rstrip(";\n"))
_BOUND_GUARD: Final = _GUARD.format(
    school="$1::uuid", person="$2::uuid", capacity="$3::text", policy="$4::int", profile="$5::int"
)
_BOUND_DOCUMENTS: Final = _DOCUMENTS.format(client="$6::text", documents="$7::int")


@lru_cache(maxsize=4096)
def opening_commands(context: Context) -> tuple[Command, ...]:
    """The opening of a read, one statement a command, for a pipeline: only there may the guard have parameters."""
    return (
        _BEGIN_READ,
        Command(_setting("app.school_id", str(context.school_id))),
        Command(_setting("app.person", str(context.person_id))),
        Command(_setting("app.capacity", context.capacity)),
        _PLAN_ONCE,
        _bound_guard(context),
    )


def _setting(name: LiteralString, value: str) -> bytes:
    return sql.SQL("SET LOCAL " + name + " = {}").format(sql.Literal(value)).as_bytes(None)


def _bound_guard(context: Context) -> Command:
    values = (context.school_id, context.person_id, context.capacity, context.policy_version, context.profile_version)
    if context.documents is None:
        return kept(_BOUND_GUARD, values)
    return kept(_BOUND_GUARD + _BOUND_DOCUMENTS, (*values, *context.documents))


def guarded_commit_text(context: Context) -> bytes:
    """The guard once more, then COMMIT, which a failed guard skips."""
    return _guard(context) + b";\nCOMMIT"


def _guard(context: Context) -> bytes:
    return _fill(_GUARD if context.documents is None else _GUARD + _DOCUMENTS, context, Isolation.WRITE)


def _fill(template: str, context: Context, isolation: Isolation) -> bytes:
    client, documents = context.documents or ("", 0)
    return (
        sql.SQL(template)  # pyright: ignore[reportArgumentType] - only the constants above
        .format(
            isolation=sql.SQL(isolation.level),
            school=sql.Literal(str(context.school_id)),
            person=sql.Literal(str(context.person_id)),
            capacity=sql.Literal(context.capacity),
            policy=sql.Literal(context.policy_version),
            profile=sql.Literal(context.profile_version),
            client=sql.Literal(client),
            documents=sql.Literal(documents),
        )
        .as_bytes(None)
    )
