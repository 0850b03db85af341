"""The closed lists that rules are written in. A word that is not here is refused, never guessed.

Elements and their groups are the register's; every other word is here, with the phrase that sentences use.
"""

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType

from server.register.elements import ELEMENTS, GROUPS
from server.register.purposes import PURPOSES


class Capacity(StrEnum):
    """In what capacity a session acts; only roles of that capacity enter a request."""

    STAFF = "STAFF"
    PARENT = "PARENT"
    LEARNER = "LEARNER"
    CLIENT = "CLIENT"
    OPERATOR = "OPERATOR"


STAFF_GROUP = "staff"

_STAFF_ROLES = {
    "class_teacher": "class teachers",
    "cover_teacher": "cover teachers",
    "trainee": "trainee teachers",
    "peripatetic": "peripatetic teachers",
    "teaching_assistant": "teaching assistants",
    "tutor": "tutors",
    "head_of_year": "heads of year",
    "head_of_department": "heads of department",
    "pastoral_support": "pastoral support staff",
    "attendance_officer": "attendance officers",
    "senco": "SEN coordinators",
    "dsl": "safeguarding leads",
    "head": "head teachers",
    "data_manager": "data managers",
    "exams_officer": "examinations officers",
    "governor": "governors",
    "trust_staff": "trust staff",
    "external_reviewer": "external reviewers",
    "dpo": "data protection officers",
    "policy_approver": "policy approvers",
}
_OTHER_ROLES = {
    "parent": (Capacity.PARENT, "parents"),
    "learner": (Capacity.LEARNER, "learners"),
    "mis_client": (Capacity.CLIENT, "MIS clients"),
    "vendor_support": (Capacity.OPERATOR, "the vendor's support staff"),
    "auditor": (Capacity.OPERATOR, "auditors"),
}

ROLES: MappingProxyType[str, Capacity] = MappingProxyType(
    dict.fromkeys(_STAFF_ROLES, Capacity.STAFF) | {role: row[0] for role, row in _OTHER_ROLES.items()}
)
ROLE_GROUPS = frozenset({STAFF_GROUP})
TIME_BOXED = frozenset({"external_reviewer"})
"""Roles of staff that are the school's grant themselves, while they end within a year of their beginning."""
DECIDING_ROLES = frozenset({"dpo", "policy_approver", "head", "data_manager", "dsl", "auditor", "vendor_support"})
"""Roles that decide about the access of others, or look over them: who gives one to a friend has its powers as well.

So they are given and ended by those alone who may also change grants of the whole school.
"""
ROLE_PHRASES: MappingProxyType[str, str] = MappingProxyType(
    {STAFF_GROUP: "staff"} | _STAFF_ROLES | {role: row[1] for role, row in _OTHER_ROLES.items()}
)

ACTIONS: MappingProxyType[str, str] = MappingProxyType(
    {"read": "read", "write": "change", "export": "export", "count": "see counts of"}
)

ALLOW_SCOPES: MappingProxyType[str, str] = MappingProxyType(
    {
        "school": "everyone in the school",
        "own": "their own",
        "child": "children they are linked to",
        "taught": "learners they teach",
        "taught_course": "learners in the courses they teach them",
        "taught_before": "learners they taught before",
        "taught_next": "learners they will teach next",
        "pastoral": "learners in their pastoral care",
        "department": "learners of their department",
        "department_course": "learners in the courses of their department",
        "caseload": "learners on their caseload",
        "assigned": "learners assigned to them",
    }
)
DENY_ONLY_SCOPES: MappingProxyType[str, str] = MappingProxyType(
    {
        "protected": "protected learners",
        "self_family": "their own family",
        "left": "learners who have left",
        "restricted": "learners whose data is restricted",
        "opted_out": "people who have opted out",
    }
)
# Facts of a row that are no scope by themselves and only narrow one.
ROW_FACTS: MappingProxyType[str, str] = MappingProxyType(
    {"published": "in a published report", "released": "once released"}
)
# Joined tokens: token -> the relations that must hold together.
JOINED: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        f"{scope}&{fact}": (scope, fact)
        for scope, fact in (
            ("child", "published"),
            ("own", "published"),
            ("child", "released"),
            ("own", "released"),
            ("school", "released"),
            ("taught_course", "released"),
            ("department_course", "released"),
            ("pastoral", "released"),
        )
    }
)
SCOPES: MappingProxyType[str, str] = MappingProxyType(
    {
        **ALLOW_SCOPES,
        **DENY_ONLY_SCOPES,
        **{token: f"{ALLOW_SCOPES[scope]}, {ROW_FACTS[fact]}" for token, (scope, fact) in JOINED.items()},
    }
)

COURSES: frozenset[str] = frozenset(row.training for row in ELEMENTS.values() if row.training)
CLIENT_SCOPES: MappingProxyType[str, str] = MappingProxyType(
    {
        "roster-core.readonly": "reading the core roster",
        "roster-core.createput": "writing the core roster",
        "roster-demographics.readonly": "reading roster demographics",
        "roster-demographics.createput": "writing roster demographics",
        "gradebook.readonly": "reading the gradebook",
        "attendance.createput": "writing attendance and behaviour",
        "special-write": "writing special category data",
    }
)
"""What a school grants to programs: named after OneRoster 1.2, whose scopes tell reading from writing."""
WHOLE_SCOPES: MappingProxyType[str, str] = MappingProxyType(
    {
        "roster-core": "the core roster",
        "roster-demographics": "roster demographics",
        "gradebook": "the gradebook",
        "attendance": "attendance and behaviour",
    }
)
"""Names from before the split, which rule books of that time use: each stands for all of its parts."""


def expanded(scopes: Iterable[str]) -> frozenset[str]:
    """The scopes, with the parts of those that are whole. A word that is none stays."""
    return frozenset(part for scope in scopes for part in _parts(scope))


def _parts(scope: str) -> tuple[str, ...]:
    return tuple(one for one in CLIENT_SCOPES if one.startswith(f"{scope}.")) if scope in WHOLE_SCOPES else (scope,)


def scope_facts(scopes: Iterable[str]) -> frozenset[str]:
    """Condition words that hold for a program with these scopes: a whole one holds where a part of it does."""
    held = expanded(scopes)
    return frozenset(f"scope:{one}" for one in held | {whole for whole in WHOLE_SCOPES if held & expanded([whole])})


COURSE_TITLES: MappingProxyType[str, str] = MappingProxyType(
    {"sen": "SEN", "welfare": "welfare", "equality": "equality", "safeguarding": "safeguarding"}
)
CONDITIONS: MappingProxyType[str, str] = MappingProxyType(
    {
        **{f"trained:{course}": f"their {COURSE_TITLES.get(course, course)} training is in date" for course in COURSES},
        "reason": "they give a reason",
        **{f"purpose:{purpose}": f"the purpose is: {row.title.lower()}" for purpose, row in PURPOSES.items()},
        "grant": "the school's grant is live",
        **{f"scope:{scope}": f"the grant covers {phrase}" for scope, phrase in (CLIENT_SCOPES | WHOLE_SCOPES).items()},
        "supervised": "they are supervised",
        "break_glass": "they break the glass",
        "hours": "it is within working hours",
    }
)
DUTIES: MappingProxyType[str, str] = MappingProxyType(
    {
        "log": "every {use} is logged",
        "notify": "the officers are told at once when the glass is broken",
        "suppress": "small numbers are suppressed",
    }
)
EFFECTS = ("allow", "deny")

GROUP_PAIRS: frozenset[tuple[str, str]] = frozenset(
    (element, group) for group, members in GROUPS.items() for element in members
)


def atoms(token: str) -> frozenset[str]:
    """The relations that must hold together for a scope token to hold."""
    return frozenset(JOINED.get(token, (token,)))


def relations(named: Iterable[str] = ()) -> frozenset[str]:
    """The relation set of a row: what holds, always with `school`, and each joined token whose parts hold."""
    held = frozenset(named) | {"school"}
    return held | {token for token, parts in JOINED.items() if held.issuperset(parts)}
