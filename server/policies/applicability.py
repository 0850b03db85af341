"""Which scopes can hold for the rows of an element: a rule about a scope that never holds is a rule about nothing."""

from server.policies.vocabulary import DENY_ONLY_SCOPES, JOINED
from server.register.elements import GROUPS

COURSE_ELEMENTS = frozenset(GROUPS["attainment"])
STAFF_ELEMENTS = frozenset({"staff_name", "staff_contact", "training_record", "role_assignment", "account"})
SCHOOL_ELEMENTS = frozenset({*GROUPS["structure"], "policy", "audit", "client_grant"})

_COURSE_SCOPES = frozenset(
    {"school", "own", "child", "taught_course", "department_course", "pastoral", "caseload", "assigned", *JOINED}
)
_LEARNER_SCOPES = frozenset(
    {
        "school",
        "own",
        "child",
        "taught",
        "taught_before",
        "taught_next",
        "pastoral",
        "department",
        "caseload",
        "assigned",
    }
)
_REPORT_LINE_SCOPES = frozenset(token for token, (_, fact) in JOINED.items() if fact == "published")
_NONE: frozenset[str] = frozenset()
ATTAINMENT_WRITE_SCOPES = frozenset({"taught_course", "department_course", "assigned"})


def allow_scopes(element: str) -> frozenset[str]:
    """Scopes that an allow rule may name for this element. A report line shows its teacher's name."""
    if element in SCHOOL_ELEMENTS:
        return frozenset({"school", "own"})
    if element in STAFF_ELEMENTS:
        return frozenset({"school", "own"}) | (_REPORT_LINE_SCOPES if element == "staff_name" else _NONE)
    return _COURSE_SCOPES if element in COURSE_ELEMENTS else _LEARNER_SCOPES


def deny_scopes(element: str) -> frozenset[str]:
    """Scopes that a deny rule may name: what may be allowed, and for learners' rows what protects a person."""
    about_learner = element not in SCHOOL_ELEMENTS and element not in STAFF_ELEMENTS
    return allow_scopes(element) | (frozenset(DENY_ONLY_SCOPES) if about_learner else _NONE)
