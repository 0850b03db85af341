"""The table of docs/policy.md: what each demo account sees of learners, from the starting book under its ceiling.

`python -m tests.unit.docs.seen` prints it.
"""

import sys
from typing import Final

from server.policies.ladder import Reason
from server.policies.profile import Profile
from server.policies.vocabulary import Capacity, scope_facts
from server.queries.statistic_groups import DIMENSIONS
from tests.unit.policies.decisions import shipped_planner

ELEMENTS: Final = ("name", "education", "date_of_birth", "mark", "sen_needs", "ethnicity", "looked_after")
HEADINGS: Final = ("name", "year group", "date of birth", "marks", "special needs", "ethnicity", "looked after")

# Roles and facts as the demo's files give them; tests/e2e compares them with what each account answers of itself.
_SENSITIVE: Final = ("trained:equality", "trained:sen", "trained:welfare")
_ALL: Final = ("trained:equality", "trained:safeguarding", "trained:sen", "trained:welfare")
_GRANTED: Final = ("grant", *sorted(scope_facts(("gradebook", "roster-core", "roster-demographics", "special-write"))))
STANDING: Final[dict[str, tuple[Capacity, tuple[str, ...], tuple[str, ...]]]] = {
    "teacher": (Capacity.STAFF, ("class_teacher",), ("trained:sen",)),
    "tutor": (Capacity.STAFF, ("class_teacher", "tutor"), ("trained:welfare",)),
    "senco": (Capacity.STAFF, ("class_teacher", "senco", "tutor"), _SENSITIVE),
    "senco-untrained": (Capacity.STAFF, ("senco",), ()),
    "head": (Capacity.STAFF, ("head", "policy_approver"), _ALL),
    "data-manager": (Capacity.STAFF, ("data_manager",), _SENSITIVE),
    "exams-officer": (Capacity.STAFF, ("exams_officer",), ()),
    "dpo": (Capacity.STAFF, ("dpo",), ()),
    "cover-teacher": (Capacity.STAFF, ("cover_teacher",), ("trained:sen",)),
    "assistant": (Capacity.STAFF, ("teaching_assistant",), ("trained:sen",)),
    "governor": (Capacity.STAFF, ("governor",), ()),
    "parent": (Capacity.PARENT, ("parent",), ()),
    "learner": (Capacity.LEARNER, ("learner",), ()),
    "mis": (Capacity.CLIENT, ("mis_client",), _GRANTED),
}
# Without a session not even a viewer answers, so there is nothing to compare with.
OUTSIDE: Final[dict[str, tuple[Capacity, tuple[str, ...], tuple[str, ...]]]] = {
    "support": (Capacity.OPERATOR, ("vendor_support",), ()),
}

_SCOPES: Final = {
    "school": "everyone",
    "own": "themselves",
    "child": "own children",
    "child&published": "own children, published",
    "own&published": "themselves, published",
    "taught": "taught",
    "taught_course": "own courses",
    "taught_before": "taught before",
    "taught_next": "taught next",
    "pastoral": "tutor group",
    "caseload": "caseload",
    "assigned": "assigned",
}
_COUNTED: Final = {"name", *(each.element for each in DIMENSIONS.values())}
"""What the school's figures tell of at all."""
_MISSING: Final = {Reason.TRAINING_REQUIRED: "once trained", Reason.REASON_REQUIRED: "with a reason"}


def table() -> str:
    rows = [("", *HEADINGS), tuple("---" for _ in range(len(HEADINGS) + 1))]
    rows += [
        (f"`{account}`", *(_cell(_profile(account), element) for element in ELEMENTS)) for account in STANDING | OUTSIDE
    ]
    return "".join(f"| {' | '.join(row)} |\n".replace("|  |", "| |").replace("|  |", "| |") for row in rows)


def _profile(account: str) -> Profile:
    capacity, roles, facts = (STANDING | OUTSIDE)[account]
    return Profile.of(capacity, roles, facts)


def _cell(profile: Profile, element: str) -> str:
    """Scopes in words, the widest alone; where there is none, what would open it, or that it is counted."""
    planner = shipped_planner()
    plan = planner.plan(profile, element, "read")
    if not plan.nothing:
        allowed = plan.gates[1].allow
        return (
            "everyone"
            if "school" in allowed
            else ", ".join(word for scope, word in _SCOPES.items() if scope in allowed)
        )
    opened = [_MISSING[reason] for reason, rung in planner.withheld(profile, element) if rung and reason in _MISSING]
    if opened:
        return opened[0]
    if element in _COUNTED and not planner.plan(profile, element, "count").nothing:
        return "in figures"
    let_in = profile.capacity is Capacity.OPERATOR and profile.with_facts(("grant",))
    return "once let in" if let_in and not planner.plan(let_in, element, "read").nothing else ""


if __name__ == "__main__":
    sys.stdout.write(table())
