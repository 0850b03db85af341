"""Published code sets as dated data: a value keeps the meaning of the day on which it was recorded."""

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from server.register.code import BEFORE_RECORDS, Code, Provenance
from server.register.codes_of_needs import NEED_CODES
from server.register.codes_of_origin import ORIGIN_CODES
from server.register.codes_of_school import SCHOOL_CODES
from server.register.codes_of_welfare import WELFARE_CODES

__all__ = ["BEFORE_RECORDS", "CODES", "CODE_SETS", "Code", "CodeSet", "Provenance", "codes_on", "find_code"]


@dataclass(frozen=True, slots=True)
class CodeSet:
    """`element` governs the values that carry the codes; the codes themselves are `reference`."""

    name: str
    title: str
    element: str


CODE_SETS: MappingProxyType[str, CodeSet] = MappingProxyType(
    {
        row.name: row
        for row in (
            CodeSet("ethnicity", "Ethnicity, main codes", "ethnicity"),
            CodeSet("ethnicity_extended", "Ethnicity, extended codes of four families", "ethnicity"),
            CodeSet("first_language", "First language", "first_language"),
            CodeSet("english_proficiency", "Proficiency in English", "first_language"),
            CodeSet("sex", "Sex", "gender"),
            CodeSet("gender", "Gender, as older data has it", "gender"),
            CodeSet("sen_provision", "SEN provision", "sen_provision"),
            CodeSet("sen_type", "SEN type", "sen_needs"),
            CodeSet("service_child", "Service child", "service_child"),
            CodeSet("pupil_premium", "Reason for pupil premium", "pupil_premium"),
            CodeSet("looked_after", "Looked after, and arrangements after care", "looked_after"),
            CodeSet("free_school_meals_country", "Country of free school meal eligibility", "free_school_meals"),
            CodeSet("year_group", "National curriculum year", "education"),
            CodeSet("enrolment_status", "Enrolment status", "education"),
            CodeSet("school_phase", "School phase", "school_structure"),
        )
    }
)

CODES: tuple[Code, ...] = (*ORIGIN_CODES, *NEED_CODES, *WELFARE_CODES, *SCHOOL_CODES)


def codes_on(code_set: str, day: date) -> tuple[Code, ...]:
    """Codes of a set in force on a day, in published order; KeyError for an unknown set."""
    name = CODE_SETS[code_set].name
    return tuple(code for code in CODES if code.set == name and code.in_force(day))


def find_code(code_set: str, code: str, day: date) -> Code | None:
    """The code in force on a day, None when the set has none such then; KeyError for an unknown set."""
    return next((row for row in codes_on(code_set, day) if row.code == code), None)
