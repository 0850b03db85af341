"""Who gives and ends roles, whatever statement the application sends: as the ceiling has it, and nothing of one's own.

A role's end is all that changes of it, and of one's own it only comes sooner. A policy that reads the table that it
guards recurses without end, so that functions do the reading: with the rights and behind the walls of whoever calls
them. Within a statement they see a row as it was before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from server.migrations.walls import CAPACITY, PERSON, SCHOOL, holders_of

GIVERS: Final = ("head", "data_manager")
"""Who may write role assignments of the whole school."""
GIVERS_OF_DECIDING: Final = ("head",)
"""Who may change grants as well."""
DECIDING: Final = ("auditor", "data_manager", "dpo", "dsl", "head", "policy_approver", "vendor_support")
"""Roles that decide about the access of others, or look over it."""
CHANGED: Final = {"role_assignment": "valid_to"}
"""By table, the one column that the application changes."""


def imported() -> str:
    """An import, in the name of the member of staff who declares it: no program's session names one of the staff."""
    return (
        f"({CAPACITY} = 'CLIENT' AND EXISTS (SELECT 1 FROM usher.staff s WHERE s.school_id = {SCHOOL} "
        f"AND s.staff_id = {PERSON}))"
    )


def one_of(roles: tuple[str, ...]) -> str:
    """The transaction's person holds one of the roles now."""
    return " OR ".join(f"(SELECT usher.holds('{role}'))" for role in roles)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_IMPORTED: Final = imported()
_GIVING: Final = (
    f"{CAPACITY} = 'STAFF' AND ({one_of(GIVERS_OF_DECIDING)} "
    f"OR (role NOT IN ({_listed(DECIDING)}) AND ({one_of(GIVERS)})))"
)
GIVEN: Final = f"{_IMPORTED} OR ({_GIVING} AND person_id <> {PERSON})"
"""The condition of an added row."""
ENDABLE: Final = f"{_IMPORTED} OR ({_GIVING})"
"""Which rows may be changed."""
ENDED: Final = (
    f"{_IMPORTED} OR ({_GIVING} AND (person_id <> {PERSON} "
    "OR valid_to < coalesce(usher.held_until(role_assignment_id), 'infinity'::date)))"
)
"""What they are then, since version 0011: nobody makes a role of their own last, longer or again."""
_ENDED_AT_FIRST: Final = f"{_IMPORTED} OR ({_GIVING} AND (person_id <> {PERSON} OR valid_to IS NOT NULL))"

_HOLDS: Final = f"""\
CREATE FUNCTION usher.holds(named text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog
BEGIN ATOMIC
    SELECT EXISTS ({holders_of("named")});
END"""

_HELD_UNTIL: Final = f"""\
CREATE FUNCTION usher.held_until(assignment uuid) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog
BEGIN ATOMIC
    SELECT r.valid_to FROM usher.role_assignment r WHERE r.school_id = {SCHOOL} AND r.role_assignment_id = assignment;
END"""


def statements() -> Iterator[str]:
    """Of version 0008."""
    yield _HOLDS
    yield from _for_the_application("usher.holds(text)")
    for table, column in CHANGED.items():
        yield f"REVOKE UPDATE ON usher.{table} FROM usher_app"
        yield f"GRANT UPDATE ({column}) ON usher.{table} TO usher_app"
    yield f"CREATE POLICY given_wall ON usher.role_assignment AS RESTRICTIVE FOR INSERT TO usher_app WITH CHECK ({GIVEN})"
    yield (
        "CREATE POLICY ended_wall ON usher.role_assignment AS RESTRICTIVE FOR UPDATE TO usher_app "
        f"USING ({ENDABLE}) WITH CHECK ({_ENDED_AT_FIRST})"
    )


def own_ends() -> Iterator[str]:
    """Of version 0011."""
    yield _HELD_UNTIL
    yield from _for_the_application("usher.held_until(uuid)")
    yield f"ALTER POLICY ended_wall ON usher.role_assignment WITH CHECK ({ENDED})"


def _for_the_application(function: str) -> Iterator[str]:
    yield f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION {function} TO usher_app"
