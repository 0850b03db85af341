"""A profile holds capacity, roles and facts; nothing of another capacity, and no word of its own."""

import pytest

from server.policies.profile import Profile
from server.policies.vocabulary import Capacity


def test_only_the_capacity_s_roles_enter() -> None:
    """A teacher who is also a parent acts as one or the other."""
    roles = {"class_teacher", "parent"}
    assert Profile.of(Capacity.STAFF, roles).roles == {"class_teacher"}
    assert Profile.of(Capacity.PARENT, roles).roles == {"parent"}
    assert Profile.of(Capacity.CLIENT, roles).roles == set()


def test_equal_profiles_share_their_plans() -> None:
    """Equal by value, whatever the order in which roles and facts came."""
    one = Profile.of(Capacity.STAFF, ["tutor", "senco"], ["reason", "trained:sen"])
    other = Profile.of(Capacity.STAFF, ["senco", "tutor"], ["trained:sen", "reason"])
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize(
    ("capacity", "roles", "facts"),
    [
        (Capacity.STAFF, {"parent"}, set[str]()),
        (Capacity.PARENT, {"staff"}, set[str]()),
        (Capacity.STAFF, {"0198a3c4-5d2e-7c1a-9b1e-2f6f3a1d4e55"}, set[str]()),
        (Capacity.STAFF, {"tutor"}, {"trained"}),
        (Capacity.STAFF, {"tutor"}, {"trained:flying"}),
    ],
)
def test_foreign_words_are_a_defect(capacity: Capacity, roles: set[str], facts: set[str]) -> None:
    """An id, a group, a role of another capacity or an unknown fact never reaches Casbin."""
    with pytest.raises(ValueError, match=r"roles|facts"):
        Profile(capacity, frozenset(roles), frozenset(facts))
