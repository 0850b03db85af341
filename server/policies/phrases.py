"""What elements and their rows are called inside a sentence."""

from types import MappingProxyType

from server.policies.applicability import SCHOOL_ELEMENTS, STAFF_ELEMENTS
from server.policies.vocabulary import ALLOW_SCOPES, DENY_ONLY_SCOPES, JOINED, ROW_FACTS
from server.register.elements import GROUPS

WORDS: MappingProxyType[str, str] = MappingProxyType(
    {
        "name": "name",
        "identifier": "pupil numbers",
        "learner_address": "home address",
        "learner_contact": "e-mail address and telephone number",
        "guardian_contact": "parents' contact details",
        "staff_contact": "work e-mail address and telephone numbers",
        "guardian_name": "parents' names",
        "staff_name": "staff name",
        "groups": "groups",
        "gender": "gender",
        "date_of_birth": "date of birth",
        "age": "age",
        "education": "education details",
        "exam_entry": "examination entries",
        "mark": "marks",
        "grade": "grades",
        "target": "targets",
        "forecast": "forecasts",
        "exam_result": "examination results",
        "comment": "teachers' comments",
        "behaviour": "behaviour record",
        "attendance": "attendance figures",
        "learning_characteristics": "learning characteristics",
        "parent_link": "links to parents",
        "photo": "photograph",
        "first_language": "first language",
        "safeguarding": "safeguarding concerns",
        "medical": "medical details",
        "sen_provision": "SEN provision",
        "sen_needs": "special needs",
        "sen_flag": "SEN flag",
        "access_arrangements": "access arrangements",
        "pupil_premium": "pupil premium",
        "service_child": "service child status",
        "ethnicity": "ethnicity",
        "looked_after": "looked-after status",
        "free_school_meals": "free school meals",
        "school_structure": "classes, courses and assessments",
        "reference": "reference data",
        "training_record": "training record",
        "role_assignment": "roles and assignments",
        "policy": "rule book",
        "audit": "audit log",
        "access_summary": "summary of who looked, by role",
        "account": "account",
        "client_grant": "grants to programs and support",
        # Groups.
        "personal": "personal data",
        "special": "special category data",
        "contact": "contact details",
        "attainment": "attainment",
        "progress": "progress data",
        "medical_sen": "medical and SEN details",
        "welfare": "welfare details",
        "parent_app": "data that the app may show",
        "parent_app_attainment": "attainment that the app may show",
        "roster": "roster data",
        "structure": "structure and reference data",
        "administration": "platform records",
    }
)
_OWN = {
    "guardian_contact": "their own contact details as a parent",
    "guardian_name": "their own name as a parent",
    "parent_link": "their own links to children",
    "school_structure": "the name of their own school",
}


def phrase(element: str, scope: str) -> str:
    """Element and rows in one phrase, such as "the marks of learners they teach". KeyError for an unknown word."""
    plain, fact = JOINED.get(scope, (scope, ""))
    where = f", {ROW_FACTS[fact]}" if fact else ""
    article = "all" if element in GROUPS else "the"
    if plain == "own":
        owned = f"all of their own {WORDS[element]}" if element in GROUPS else f"their own {WORDS[element]}"
        return _OWN.get(element, owned) + where
    return f"{article} {WORDS[element]} of {_rows(element, plain)}{where}"


def _rows(element: str, scope: str) -> str:
    if scope == "school" and (element in SCHOOL_ELEMENTS or element in {"structure", "administration"}):
        return "the school"
    if scope == "school" and element in STAFF_ELEMENTS:
        return "all staff"
    return ALLOW_SCOPES.get(scope) or DENY_ONLY_SCOPES[scope]
