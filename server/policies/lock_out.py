"""What a book must leave possible, or nobody could put it right again."""

from collections.abc import Iterator

from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.rule import Finding
from server.policies.vocabulary import ROLES, relations

# (roles of which one must be able to, action, element, why), on an ordinary row of the school.
_ESSENTIAL: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    (("dpo",), "read", "audit", "the officer could not see who read what"),
    (("dpo",), "write", "training_record", "no certificate could be recorded"),
    (("head", "data_manager"), "write", "role_assignment", "nobody could be given a role"),
    (("data_manager",), "write", "account", "no account could be opened or closed"),
    (("head", "dpo"), "write", "client_grant", "no grant could be ended"),
    (("head", "data_manager", "exams_officer"), "export", "grade", "no report could be published"),
    (("policy_approver",), "read", "school_structure", "the approver could not see the school"),
)


def lock_out_findings(planner: Planner) -> Iterator[Finding]:
    """One finding for each thing that none of its roles could do."""
    for roles, action, element, why in _ESSENTIAL:
        profiles = (Profile(ROLES[role], frozenset({role})) for role in roles)
        if not any(planner.plan(profile, element, action).visible(relations()) for profile in profiles):
            sentence = f"{' or '.join(roles)} must be able to {action} {element} in the school, or {why}"
            yield Finding("book", "lock_out", sentence)
