"""What a new book changes for somebody, at one coordinate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from server.policies.profile import Profile
from server.policies.vocabulary import Capacity

Holders = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """`holders`: one role of each tuple is held, by one person; `conditions` all hold. Nothing less shows the change.

    `gained` and `lost` are the widest rows that open and close, each as relations joined by & (`school` is any row).
    `duties_gained` and `duties_lost` compare the duties, as far as something may be seen with the new book.
    `special`: the element is behind the trained-staff wall, by the register or by a school's own raise.
    """

    capacity: Capacity
    holders: Holders
    element: str
    action: str
    conditions: tuple[str, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    duties_gained: tuple[str, ...]
    duties_lost: tuple[str, ...]
    special: bool

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that the change is about, of all holders."""
        return tuple(dict.fromkeys(role for roles in self.holders for role in roles))

    @property
    def widens(self) -> bool:
        """More rows than before, or the same under fewer duties."""
        return bool(self.gained or self.duties_lost)

    def touches(self, profile: Profile, element: str, action: str) -> bool:
        """True where the change is one for this profile at this coordinate."""
        return (
            (self.element, self.action) == (element, action)
            and profile.capacity == self.capacity
            and all(not profile.roles.isdisjoint(roles) for roles in self.holders)
            and profile.facts.issuperset(self.conditions)
        )


def widens(changes: Iterable[Change]) -> bool:
    """True where anybody gains anything: the book needs a second person's approval."""
    return any(change.widens for change in changes)


def widens_special(changes: Iterable[Change]) -> bool:
    """True where anybody gains something behind the trained-staff wall: a typed reason is needed."""
    return any(change.widens and change.special for change in changes)


def narrows_only(changes: Iterable[Change]) -> bool:
    """True where nobody gains anything, whatever roles, facts and relations they have; also where nothing changes."""
    return not widens(changes)
