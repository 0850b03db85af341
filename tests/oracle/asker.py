"""Who asks: roles and facts of one person in one capacity on one day, from rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from server.policies.vocabulary import ROLES
from tests.oracle.enforcing import Who
from tests.oracle.rows import Rows

ROLE_OF = {"PARENT": "parent", "LEARNER": "learner", "CLIENT": "mis_client"}


@dataclass(frozen=True)
class Asker:
    """`who` also holds what the operation states; `standing` is without."""

    person_id: UUID
    capacity: str
    standing: Who
    who: Who

    @property
    def silent(self) -> bool:
        """Parents and learners are not told what is withheld."""
        return self.capacity in ("PARENT", "LEARNER")


def asker(rows: Rows, person_id: UUID, capacity: str, stated: Iterable[str] = ()) -> Asker:
    """`stated` are facts that the operation itself brings: reason, purpose:..."""
    standing = Who(_roles(rows, person_id, capacity), _facts(rows, person_id, capacity))
    return Asker(person_id, capacity, standing, standing.supposing(stated))


def _roles(rows: Rows, person_id: UUID, capacity: str) -> frozenset[str]:
    if capacity in ROLE_OF:
        return frozenset({ROLE_OF[capacity]})
    held = {row["role"] for row in rows.current("role_assignment", rows.today, person_id=person_id)}
    return frozenset(role for role in held if ROLES.get(role) == capacity)


def _facts(rows: Rows, person_id: UUID, capacity: str) -> frozenset[str]:
    if capacity == "STAFF":
        certificates = rows.where("training_certificate", person_id=person_id)
        valid = (row for row in certificates if row["completed_on"] <= rows.today < row["expires_on"])
        facts = {f"trained:{row['course']}" for row in valid}
        facts |= {"supervised"} if _supervised(rows, person_id) else set()
        facts |= {"break_glass", "reason"} if _broke_the_glass(rows, person_id) else set()
        facts |= {"grant"} if _reviews_for_a_time(rows, person_id) else set()
        return frozenset(facts)
    if capacity == "OPERATOR":
        return frozenset({"grant"} if _let_in(rows, person_id) else ())
    scopes = {row["scope"] for row in rows.current("client_grant", rows.today, person_id=person_id)}
    return frozenset({"grant", *_words(scopes)} if scopes else ())


def _reviews_for_a_time(rows: Rows, person_id: UUID) -> bool:
    reviews = rows.current("role_assignment", rows.today, person_id=person_id, role="external_reviewer")
    return any(one["valid_to"] and (one["valid_to"] - one["valid_from"]).days <= 366 for one in reviews)


def _supervised(rows: Rows, person_id: UUID) -> bool:
    named = rows.current("supervision", rows.today, trainee_id=person_id)
    accounts = (
        account
        for one in named
        for account in rows.current("access_profile", rows.today, person_id=one["supervisor_id"], capacity="STAFF")
    )
    return any(accounts)


def _broke_the_glass(rows: Rows, person_id: UUID) -> bool:
    now = rows.moment or datetime.now(UTC)
    return any(
        glass["started_at"] <= now < glass["ends_at"] and not rows.one("break_glass_end", glass_id=glass["glass_id"])
        for glass in rows.where("break_glass", person_id=person_id)
    )


def _let_in(rows: Rows, person_id: UUID) -> bool:
    now = rows.moment or datetime.now(UTC)
    return any(
        one["starts_at"] <= now < one["ends_at"] and not rows.one("support_end", request_id=one["request_id"])
        for one in rows.where("support_decision", requester_id=person_id, decision="APPROVED")
    )


def _words(scopes: Iterable[str]) -> Iterator[str]:
    """Each scope, and the name that it is a part of: rule books of before know that one alone."""
    for scope in scopes:
        yield f"scope:{scope}"
        yield f"scope:{scope.partition('.')[0]}"
