"""The register: every data element, in the order in which `withheld` lists them, and the groups that rules name.

Adding a governed field of a new kind starts here: one `Element`, its groups, its row in the tests' golden list.
"""

from collections.abc import Iterable
from types import MappingProxyType

from server.register.administration_elements import ADMINISTRATION_ELEMENTS
from server.register.attainment_elements import ATTAINMENT_ELEMENTS
from server.register.element import Element, LawfulBasis, Sensitivity
from server.register.identity_elements import IDENTITY_ELEMENTS
from server.register.special_elements import SPECIAL_ELEMENTS

__all__ = ["ELEMENTS", "GROUPS", "Element", "LawfulBasis", "Sensitivity"]


def _by_name(rows: Iterable[Element]) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for row in rows:
        if row.name in found:
            raise ValueError(f"the register declares the element {row.name} twice: keep one row")
        found[row.name] = row
    return found


ELEMENTS: MappingProxyType[str, Element] = MappingProxyType(
    _by_name((*IDENTITY_ELEMENTS, *ATTAINMENT_ELEMENTS, *SPECIAL_ELEMENTS, *ADMINISTRATION_ELEMENTS))
)

_CONTACT = ("learner_address", "learner_contact", "guardian_contact", "staff_contact")
_ATTAINMENT = ("mark", "grade", "target", "forecast", "exam_result", "comment")
_MEDICAL_SEN = ("medical", "sen_provision", "sen_needs", "sen_flag", "access_arrangements")
_WELFARE = ("pupil_premium", "service_child", "looked_after", "free_school_meals")

GROUPS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        # Everything about people that needs no certificate; the platform's own records are `administration`.
        "personal": (
            "name",
            "identifier",
            *_CONTACT,
            "guardian_name",
            "staff_name",
            "groups",
            "gender",
            "date_of_birth",
            "age",
            "education",
            "exam_entry",
            *_ATTAINMENT,
            "behaviour",
            "attendance",
            "learning_characteristics",
            "parent_link",
            "photo",
            "first_language",
        ),
        "special": ("safeguarding", *_MEDICAL_SEN, *_WELFARE, "ethnicity"),
        "contact": _CONTACT,
        "attainment": _ATTAINMENT,
        # Live attainment: what an awarding body has issued waits for its release and is ruled on its own.
        "progress": (
            "mark",
            "grade",
            "target",
            "forecast",
            "comment",
            "education",
            "behaviour",
            "attendance",
            "learning_characteristics",
        ),
        "medical_sen": _MEDICAL_SEN,
        "welfare": _WELFARE,
        # What the app explainer lists for parents; never the date of birth, which it uses for verification only.
        "parent_app": (
            "name",
            "guardian_name",
            "guardian_contact",
            "parent_link",
            "groups",
            "education",
            "staff_name",
            "mark",
            "grade",
            "target",
            "exam_result",
            "comment",
            "behaviour",
            "attendance",
            "learning_characteristics",
        ),
        "parent_app_attainment": ("mark", "grade", "target", "exam_result", "comment"),
        "roster": (
            "name",
            "identifier",
            *_CONTACT,
            "guardian_name",
            "staff_name",
            "groups",
            "gender",
            "date_of_birth",
            "education",
            "exam_entry",
            "parent_link",
            "first_language",
        ),
        "structure": ("school_structure", "reference"),
        "administration": (
            "training_record",
            "role_assignment",
            "policy",
            "audit",
            "access_summary",
            "account",
            "client_grant",
        ),
    }
)
