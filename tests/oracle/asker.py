"""Who asks: roles and facts of one person in one capacity on one day, from rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
        return frozenset(f"trained:{row['course']}" for row in valid)
    scopes = {row["scope"] for row in rows.current("client_grant", rows.today, person_id=person_id)}
    return frozenset({"grant", *(f"scope:{scope}" for scope in scopes)} if scopes else ())
