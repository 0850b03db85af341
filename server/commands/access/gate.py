"""Whether a plan lets the caller change the rows of somebody."""

from __future__ import annotations

from uuid import UUID

from server.errors import Forbidden
from server.policies.permit import Coordinate, Permit
from server.policies.vocabulary import Capacity, relations


def reaches(permit: Permit, coordinate: Coordinate, caller: UUID, owner: UUID | None = None) -> bool:
    """Whether the plan passes an ordinary row of the school, or one that is the caller's own."""
    return permit.plan(*coordinate).visible(relations(("own",) if caller == owner else ()))


def require(permit: Permit, coordinate: Coordinate, caller: UUID, owner: UUID | None, sentence: str) -> None:
    """Raises Forbidden with the sentence."""
    if not reaches(permit, coordinate, caller, owner):
        raise Forbidden(sentence)


def require_staff(permit: Permit, sentence: str) -> None:
    """What a person of the school decides is never left to a program, nor to the vendor. Raises Forbidden."""
    if permit.profile.capacity is not Capacity.STAFF:
        raise Forbidden(sentence)
