"""Who asks, as far as policy may know: capacity, roles and facts, and no id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from server.policies.vocabulary import CONDITIONS, ROLES, Capacity


@dataclass(frozen=True, slots=True)
class Profile:
    """Plans are shared by everyone with an equal profile.

    `facts` are the condition words that hold now, such as "trained:sen", "grant", "scope:roster-core.readonly", "reason".
    Raises ValueError for a role of another capacity or a word outside the vocabulary.
    """

    capacity: Capacity
    roles: frozenset[str]
    facts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        foreign = sorted(role for role in self.roles if ROLES.get(role) != self.capacity)
        if foreign:
            raise ValueError(f"roles {foreign} do not belong to the capacity {self.capacity}: use Profile.of")
        unknown = sorted(fact for fact in self.facts if fact not in CONDITIONS)
        if unknown:
            raise ValueError(f"facts {unknown} are no conditions of the vocabulary")

    @classmethod
    def of(cls, capacity: Capacity, roles: Iterable[str], facts: Iterable[str] = ()) -> Profile:
        """Keeps of a person's roles only those of the capacity in which the session acts."""
        return cls(capacity, frozenset(role for role in roles if ROLES.get(role) == capacity), frozenset(facts))

    def named(self) -> list[str]:
        """The roles' names, sorted: for showing and for the audit, never for deciding."""
        return sorted(self.roles)

    def keeps(self, before: Profile) -> bool:
        """Whether every role and fact of an earlier moment still holds."""
        return before.roles <= self.roles and before.facts <= self.facts

    def with_facts(self, facts: Iterable[str]) -> Profile:
        return Profile(self.capacity, self.roles, self.facts | frozenset(facts))
