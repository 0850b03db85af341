"""A new school: its first person, the rule book it starts with, and the heads that writes lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from server.commands.keys import new_key
from server.exchange import bulk
from server.exchange.bulk import Connection
from server.exchange.context import ImportContext, enter
from server.policies.chain import founded
from server.policies.rule_book import RuleBook
from server.policies.shipped import starting_book
from server.register.sort_key import sort_key


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """The member of staff who declares for the school that its data may be given; the roster has the same MIS id."""

    mis_id: str
    given_name: str
    family_name: str
    roles: tuple[str, ...] = ("data_manager",)


def found_school(
    connection: Connection,
    *,
    name: str,
    academic_year: int,
    first: FirstPerson,
    now: datetime,
    since: date,
    book: RuleBook | None = None,
    urn: str | None = None,
    laestab: str | None = None,
) -> ImportContext:
    """Add a school within the open transaction, with policy version 1, and enter its context as its operator.

    `since` is the day from which the first person's account and roles count.
    """
    book = book or starting_book()
    context = ImportContext(new_key(), new_key())
    school, person = context.school_id, context.person_id
    enter(connection, context)
    row = {"name": name, "urn": urn, "laestab": laestab, "academic_year": academic_year}
    bulk.insert(connection, "school", school, [{**row, "suppression_threshold": 5, "created_at": now}])
    version = {**founded(book.digest(), now), "content": book.content(), "digest": book.digest(), "created_at": now}
    bulk.insert(connection, "policy_version", school, [version])
    bulk.insert(connection, "policy_head", school, [{"version": 1}])
    bulk.insert(connection, "outbox_head", school, [{"last_sequence": 0}])
    bulk.insert(connection, "person", school, [{"person_id": person, "created_at": now}])
    _first_person(connection, school, person, first, since)
    return context


def _first_person(connection: Connection, school: UUID, person: UUID, first: FirstPerson, since: date) -> None:
    names = {"given_name": first.given_name, "family_name": first.family_name}
    key = sort_key(first.family_name, first.given_name)
    bulk.insert(connection, "staff", school, [{"staff_id": person, "mis_id": first.mis_id, **names, "sort_key": key}])
    profile = {"person_id": person, "capacity": "STAFF", "profile_version": 1, "valid_from": since}
    bulk.insert(connection, "access_profile", school, [profile])
    dates = {"source": "roster", "valid_from": since, "valid_to": None}
    roles = [{"role_assignment_id": new_key(), "person_id": person, "role": role, **dates} for role in first.roles]
    bulk.insert(connection, "role_assignment", school, roles)
