"""Why data may be used: the purposes a request may name, and the activities of the processing register.

There is no marketing purpose: pupil data has none, and a request that names one is refused.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from server.register.elements import ELEMENTS, GROUPS, LawfulBasis


class Role(StrEnum):
    """The platform's part in an activity; the school is controller wherever the platform is processor."""

    PROCESSOR = "processor"
    CONTROLLER = "controller"


@dataclass(frozen=True, slots=True)
class Purpose:
    """`words` names elements and groups of the register: what the purpose can need."""

    name: str
    title: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """A row of the processing register. `bases` are the suggested ones; a school may choose `alternatives`."""

    name: str
    title: str
    role: Role
    purpose: str
    bases: tuple[LawfulBasis, ...]
    words: tuple[str, ...]
    recipients: tuple[str, ...]
    retention: tuple[str, ...]
    sources: tuple[str, ...]
    alternatives: tuple[LawfulBasis, ...] = ()

    @property
    def elements(self) -> tuple[str, ...]:
        """In register order."""
        return expand(self.words)

    @property
    def needs_policy_document(self) -> bool:
        """True where special-category data is used: it stays off until the school names its policy document."""
        return any(ELEMENTS[name].guarded for name in self.elements)


def expand(words: tuple[str, ...]) -> tuple[str, ...]:
    """Elements behind names of elements and groups, in register order; KeyError for an unknown word."""
    named = {name for word in words for name in (GROUPS[word] if word in GROUPS else (ELEMENTS[word].name,))}
    return tuple(name for name in ELEMENTS if name in named)


_STAFF_VIEW = ("name", "groups", "education", "attainment", "behaviour", "attendance", "learning_characteristics")

_ROWS: tuple[Purpose, ...] = (
    Purpose("teaching", "Teach and track learners", (*_STAFF_VIEW, "gender", "age", "first_language", "photo")),
    Purpose("reporting", "Report to parents and learners", ("parent_app",)),
    Purpose(
        "communication",
        "Communicate with learners, parents and staff",
        ("name", "contact", "parent_link", "guardian_name", "staff_name"),
    ),
    Purpose(
        "verification",
        "Verify that a parent and a learner belong together",
        ("name", "date_of_birth", "guardian_name", "guardian_contact", "parent_link"),
    ),
    Purpose("additional_needs", "Manage additional needs", (*_STAFF_VIEW, "medical_sen", "age")),
    Purpose("welfare", "Look after welfare and inclusion", (*_STAFF_VIEW, "welfare", "ethnicity")),
    Purpose(
        "safeguarding",
        "Keep learners safe",
        (
            "name",
            "groups",
            "contact",
            "guardian_name",
            "parent_link",
            "behaviour",
            "attendance",
            "photo",
            "safeguarding",
        ),
    ),
    Purpose(
        "exams",
        "Enter learners for examinations and receive results",
        (
            "name",
            "identifier",
            "gender",
            "date_of_birth",
            "education",
            "exam_entry",
            "attainment",
            "access_arrangements",
        ),
    ),
    Purpose(
        "analysis",
        "Find ways to improve achievement, in suppressed figures",
        (*_STAFF_VIEW, "gender", "first_language", "welfare", "ethnicity", "sen_flag"),
    ),
    Purpose("transfer", "Move a learner's record to another school", ("personal", "special")),
    Purpose("statutory_return", "Make returns that the law asks for", ("personal", "special")),
    Purpose("subject_rights", "Answer a person's request about their data", ("personal", "special", "administration")),
    Purpose("administration", "Run the school's rolls, staff and accounts", ("roster", "structure", "administration")),
    Purpose("data_protection", "Set and check the rules", ("name", "staff_name", "structure", "administration")),
    Purpose("support", "Help with a fault under the school's grant", ("personal", "structure")),
    Purpose("improvement", "Improve the product with anonymised extracts alone", ("reference",)),
)

PURPOSES: MappingProxyType[str, Purpose] = MappingProxyType({row.name: row for row in _ROWS})


def purpose_allows(purpose: str, element: str) -> bool:
    """True when the purpose is registered and can need the element."""
    return purpose in PURPOSES and element in expand(PURPOSES[purpose].words)


_HOSTING = "hosting provider, United Kingdom or EEA"
_PUBLIC = (LawfulBasis.PUBLIC_TASK,)
_CHOICES = (LawfulBasis.CONTRACT, LawfulBasis.CONSENT)
_SERVICE = (LawfulBasis.CONTRACT, LawfulBasis.LEGITIMATE_INTERESTS)
_OWN_BUSINESS = (LawfulBasis.LEGITIMATE_INTERESTS, LawfulBasis.LEGAL_OBLIGATION)


def _processor(
    name: str, title: str, words: tuple[str, ...], sources: tuple[str, ...], recipients: tuple[str, ...] = ()
) -> Activity:
    retention = tuple(dict.fromkeys(ELEMENTS[element].retention for element in expand(words)))
    return Activity(
        name, title, Role.PROCESSOR, name, _PUBLIC, words, (_HOSTING, *recipients), retention, sources, _CHOICES
    )


def _controller(
    name: str, title: str, purpose: str, bases: tuple[LawfulBasis, ...], retention: tuple[str, ...]
) -> Activity:
    return Activity(name, title, Role.CONTROLLER, purpose, bases, ("account",), (_HOSTING,), retention, ("R3", "R52"))


_SCHOOL = tuple(
    _processor(name, PURPOSES[name].title, PURPOSES[name].words, sources, recipients)
    for name, sources, recipients in (
        ("teaching", ("R40", "R49", "R51"), ()),
        ("reporting", ("R28", "R33", "R36", "R49", "R51"), ("parents", "learners")),
        ("communication", ("R19", "R29", "R49", "R51"), ("mail provider, EEA",)),
        ("verification", ("R30", "R32", "R49", "R51"), ()),
        ("additional_needs", ("R20", "R49", "R50", "R51"), ()),
        ("welfare", ("R21", "R24", "R27", "R47", "R49", "R50", "R51"), ()),
        ("safeguarding", ("R11", "R49", "R50", "R51"), ("nominated staff",)),
        ("exams", ("R25", "R49", "R50", "R51"), ("awarding bodies",)),
        ("analysis", ("R26", "R49", "R50", "R51"), ()),
        ("transfer", ("R49", "R50", "R51"), ("receiving school",)),
        ("statutory_return", ("R49", "R50", "R51"), ("the department for education",)),
        ("subject_rights", ("R16", "R49", "R50", "R51"), ("the person who asks",)),
        ("administration", ("R37", "R49", "R51"), ("the school's information systems, under its grant",)),
        ("data_protection", ("R5", "R49", "R51"), ()),
        ("support", ("R10", "R49", "R51"), ("support staff, under the school's grant",)),
        ("improvement", ("R49",), ()),
    )
)

_BUSINESS = (
    _controller("become_client", "Take on a client", "administration", _SERVICE, ("contract", "tax")),
    _controller("use_as_client", "Serve a school's staff", "administration", _SERVICE, ("account", "ip_and_user_id")),
    _controller(
        "use_as_related_user",
        "Serve parents, learners and carers",
        "administration",
        _SERVICE,
        ("account", "ip_and_user_id"),
    ),
    _controller("technical_help", "Help with technical problems", "support", _SERVICE, ("anything_else",)),
    _controller(
        "verify_terms",
        "Check that the terms of use are kept",
        "administration",
        _OWN_BUSINESS,
        ("ip_and_user_id",),
    ),
    _controller(
        "administer",
        "Run and protect the business",
        "administration",
        _OWN_BUSINESS,
        ("ip_and_user_id", "anything_else"),
    ),
)

ACTIVITIES: MappingProxyType[str, Activity] = MappingProxyType({row.name: row for row in (*_SCHOOL, *_BUSINESS)})
