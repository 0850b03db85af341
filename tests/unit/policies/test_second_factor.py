"""Of whom two factors are demanded: of what the plans let them do, not of what they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule_book import RuleBook
from server.policies.second_factor import demands_second_factor
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import ROLES, Capacity

SHIPPED = Planner(starting_book(), shipped_ceiling())


def holder(role: str, *facts: str) -> Profile:
    return Profile(ROLES[role], frozenset({role}), frozenset(facts))


@pytest.mark.parametrize("role", ["head", "dpo", "policy_approver", "data_manager", "dsl", "vendor_support", "auditor"])
def test_officers_are_asked(role: str) -> None:
    """Whoever makes rules, gives access or looks over others, whatever their training."""
    assert demands_second_factor(SHIPPED, holder(role))


@pytest.mark.parametrize("role", ["class_teacher", "tutor", "trainee", "peripatetic", "attendance_officer", "governor"])
def test_others_are_not(role: str) -> None:
    """While they hold no certificate."""
    assert not demands_second_factor(SHIPPED, holder(role))


@pytest.mark.parametrize(
    ("role", "fact"),
    [("class_teacher", "trained:sen"), ("tutor", "trained:welfare"), ("senco", "trained:sen"),
     ("attendance_officer", "trained:safeguarding"), ("class_teacher", "break_glass")],
)  # fmt: skip
def test_whoever_may_read_what_is_guarded_is_asked(role: str, fact: str) -> None:
    """Also where they would state a reason or a purpose first, which a thief can, too."""
    facts = (fact, "trained:sen") if fact == "break_glass" else (fact,)
    assert demands_second_factor(SHIPPED, holder(role, *facts))


@pytest.mark.parametrize("capacity", [Capacity.PARENT, Capacity.LEARNER, Capacity.CLIENT])
def test_parents_learners_and_programs_are_never_asked(capacity: Capacity) -> None:
    """However much they are granted."""
    role = {Capacity.PARENT: "parent", Capacity.LEARNER: "learner", Capacity.CLIENT: "mis_client"}[capacity]
    everything = ("grant", "reason", "scope:special-write", "scope:roster-core")
    assert not demands_second_factor(SHIPPED, holder(role, *everything))


def test_the_schools_own_book_decides() -> None:
    """A head whose school leaves grants, roles and certificates to others is no officer."""
    rows = (Path(__file__).parents[3] / "policies" / "policy.csv").read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if not (", head, " in row and ", write, " in row)]
    assert len(kept) < len(rows)
    lesser = Planner(RuleBook.from_csv("\n".join(kept) + "\n"), shipped_ceiling())
    assert demands_second_factor(SHIPPED, holder("head"))
    assert not demands_second_factor(lesser, holder("head"))
