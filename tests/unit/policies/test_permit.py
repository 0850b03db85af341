"""A permit is what a check leaves behind: only the planner makes one, and it answers only what was asked."""

import pytest

from server.policies.permit import Permit
from server.policies.profile import Profile
from server.policies.vocabulary import Capacity
from tests.unit.policies.decisions import shipped_planner

TEACHER = Profile(Capacity.STAFF, frozenset({"class_teacher"}), frozenset({"trained:sen"}))


def test_a_permit_can_be_made_only_by_the_planner() -> None:
    """Nobody else holds the key."""
    with pytest.raises(TypeError, match=r"Planner\.permit"):
        Permit(object(), TEACHER, {}, "", "")


def test_a_permit_answers_what_was_asked_and_nothing_else() -> None:
    """A coordinate outside the footprint is a defect, not a closed answer."""
    planner = shipped_planner()
    permit = planner.permit(TEACHER, [("mark", "read"), ("medical", "read"), ("mark", "write")])
    assert permit.profile == TEACHER
    assert permit.coordinates == {("mark", "read"), ("medical", "read"), ("mark", "write")}
    assert permit.plan("mark", "read") == planner.plan(TEACHER, "mark", "read")
    with pytest.raises(LookupError, match="count of mark"):
        permit.plan("mark", "count")
    assert permit.duties("medical") == {"log"}
    assert permit.duties("name") == frozenset()
    assert permit.book_digest == planner.book.digest()
    assert len(permit.ceiling_digest) == 64


def test_a_plan_is_asked_for_once() -> None:
    """The second time it is the same object, for anyone with an equal profile."""
    planner = shipped_planner()
    twin = Profile.of(Capacity.STAFF, ["class_teacher"], ["trained:sen"])
    assert planner.plan(TEACHER, "mark", "read") is planner.plan(twin, "mark", "read")


def test_an_unknown_coordinate_is_closed() -> None:
    """What no rule can speak of, nobody may see."""
    assert shipped_planner().plan(TEACHER, "shoe_size", "read").nothing
    assert shipped_planner().plan(TEACHER, "mark", "eat").nothing
