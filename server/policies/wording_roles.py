"""Those who hold roles, in words."""

from collections.abc import Collection, Sequence
from types import MappingProxyType

from server.policies.vocabulary import ROLE_PHRASES, ROLES, Capacity
from server.policies.wording_rows import listed

ONE_OF: MappingProxyType[str, str] = MappingProxyType(
    {
        "class_teacher": "class teacher",
        "cover_teacher": "cover teacher",
        "trainee": "trainee teacher",
        "peripatetic": "peripatetic teacher",
        "teaching_assistant": "teaching assistant",
        "tutor": "tutor",
        "head_of_year": "head of year",
        "head_of_department": "head of department",
        "pastoral_support": "member of the pastoral support staff",
        "attendance_officer": "attendance officer",
        "senco": "SEN coordinator",
        "dsl": "safeguarding lead",
        "head": "head teacher",
        "data_manager": "data manager",
        "exams_officer": "examinations officer",
        "governor": "governor",
        "trust_staff": "member of the trust's staff",
        "external_reviewer": "external reviewer",
        "dpo": "data protection officer",
        "policy_approver": "policy approver",
        "parent": "parent",
        "learner": "learner",
        "mis_client": "MIS client",
        "vendor_support": "member of the vendor's support staff",
        "auditor": "auditor",
    }
)
_NOBODY: MappingProxyType[Capacity, str] = MappingProxyType(
    {
        Capacity.STAFF: "member of staff without a role",
        Capacity.PARENT: "person who is no verified parent",
        Capacity.LEARNER: "person who is no learner",
        Capacity.CLIENT: "program without a role",
        Capacity.OPERATOR: "operator without a role",
    }
)
_ALL_STAFF = [role for role, capacity in ROLES.items() if capacity == Capacity.STAFF]
_VOWELS = frozenset("aeiouM")  # an MIS client


def people(roles: Collection[str]) -> str:
    """Who holds any one of these roles: "class teachers and tutors", "all staff except governors"."""
    left_out = [role for role in _ALL_STAFF if role not in roles]
    if len(left_out) < len(_ALL_STAFF) / 2 and len(roles) + len(left_out) == len(_ALL_STAFF):
        return f"all staff except {listed([ROLE_PHRASES[role] for role in left_out])}" if left_out else "all staff"
    return listed([phrase for role, phrase in ROLE_PHRASES.items() if role in roles])


def holders_phrase(holders: Sequence[Collection[str]]) -> str:
    """Who holds one role of each: "safeguarding leads and head teachers who are also tutors"."""
    first, *others = (people(roles) for roles in holders)
    return f"{first} who are also {listed(others)}" if others else first


def somebody(capacity: Capacity, roles: Collection[str], adjective: str = "") -> str:
    """One who holds all these roles: "a class teacher who is also a tutor"."""
    names = [name for role, name in ONE_OF.items() if role in roles] or [_NOBODY[capacity]]
    first, *others = names
    return _one(f"{adjective} {first}".lstrip()) + (
        f" who is also {listed([_one(name) for name in others])}" if others else ""
    )


def _one(name: str) -> str:
    return f"{'an' if name[0] in _VOWELS else 'a'} {name}"
