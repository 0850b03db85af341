"""The dimensions and measures of a school's statistics, as declared: elements, levels, and whose level is which.

Levels follow from closed lists, never from who is at the school; those to be kept longest come first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from server.compliance.disclosure.averages import Scale
from server.compliance.disclosure.family import Family
from server.register.codes_of_origin import ORIGIN_CODES
from server.register.codes_of_school import SCHOOL_CODES

COUNT: Final = "COUNT"
AVERAGE_ATTENDANCE: Final = "AVERAGE_ATTENDANCE"
AVERAGE_POINTS: Final = "AVERAGE_POINTS"
YEAR_GROUP: Final = "YEAR_GROUP"
SEN_PROVISION: Final = "SEN_PROVISION"
SEN_FLAG: Final = "SEN_FLAG"
NOT_KNOWN: Final = "NOT_KNOWN"
SMALLEST: Final = 5
"""No school's threshold is below this."""
SMALLEST_PUBLISHED: Final = 10


@dataclass(frozen=True, slots=True)
class Dimension:
    """`source` is the value that `level_of` makes a level of: a column's name, or an element's newest special value."""

    name: str
    element: str
    source: str
    levels: tuple[str, ...]
    level_of: Callable[[str | None], str]
    description: str


@dataclass(frozen=True, slots=True)
class Measure:
    """`scale` is an average's; a count has none."""

    name: str
    element: str
    scale: Scale | None
    description: str


_YEARS: Final = tuple(
    sorted(
        (code.code for code in SCHOOL_CODES if code.set == "year_group"),
        key=lambda code: (not code.isdigit(), int(code) if code.isdigit() else 0, code),
    )
)
_MAIN: Final = {code.code: code.main or code.code for code in ORIGIN_CODES if code.set.startswith("ethnicity")}
_ETHNICITIES: Final = tuple(code.code for code in ORIGIN_CODES if code.set == "ethnicity")
_LANGUAGES: Final = {"ENG": "ENGLISH", "ENB": "ENGLISH", "NOT": NOT_KNOWN, "REF": NOT_KNOWN}
_PROVISIONS: Final = {"K": "K", "A": "K", "P": "K", "E": "E", "S": "E"}
_CARE: Final = {"L": "NOW", "Y": "NOW", **dict.fromkeys("AGCRO", "BEFORE")}


def _language(code: str | None) -> str:
    return NOT_KNOWN if code is None else _LANGUAGES.get(code, "OTHER")


_DIMENSIONS: Final = (
    Dimension(
        YEAR_GROUP,
        "education",
        "year_group",
        (*_YEARS, "OTHER"),
        lambda code: code if code in _YEARS else "OTHER",
        "National curriculum year.",
    ),
    Dimension(
        "GENDER",
        "gender",
        "gender",
        ("F", "M", NOT_KNOWN),
        lambda code: code if code in ("F", "M") else NOT_KNOWN,
        "Gender: F, M, or not known.",
    ),
    Dimension(
        "ETHNICITY",
        "ethnicity",
        "ethnicity",
        _ETHNICITIES,
        lambda code: _MAIN.get(code or "", "NOBT"),
        "Ethnic background, by main code; NOBT where none was obtained.",
    ),
    Dimension(
        "FIRST_LANGUAGE",
        "first_language",
        "first_language",
        ("ENGLISH", "OTHER", NOT_KNOWN),
        _language,
        "First language: English, another, or not known.",
    ),
    Dimension(
        "PUPIL_PREMIUM",
        "pupil_premium",
        "pupil_premium",
        ("NO", "YES"),
        lambda code: "YES" if code not in (None, "", "N") else "NO",
        "Whether the pupil premium is paid.",
    ),
    Dimension(
        "FREE_SCHOOL_MEALS",
        "free_school_meals",
        "free_school_meals",
        ("NO", "YES"),
        lambda code: "YES" if code == "Y" else "NO",
        "Whether eligible for free school meals.",
    ),
    Dimension(
        SEN_PROVISION,
        "sen_provision",
        "sen_provision",
        ("N", "K", "E"),
        lambda code: _PROVISIONS.get(code or "", "N"),
        "Provision for special needs: N none, K SEN support, E plan.",
    ),
    Dimension(
        SEN_FLAG,
        "sen_flag",
        "sen_provision",
        ("NO", "YES"),
        lambda code: "YES" if (code or "") in _PROVISIONS else "NO",
        "Whether there is any provision for special needs.",
    ),
    Dimension(
        "LOOKED_AFTER",
        "looked_after",
        "looked_after",
        ("NO", "NOW", "BEFORE"),
        lambda code: _CARE.get(code or "", "NO"),
        "In the care of an authority, now or before.",
    ),
)
_HUNDRED: Final = Scale(Decimal(0), Decimal(100), Decimal("0.1"))
_POINTS: Final = Scale(Decimal(0), Decimal(9), Decimal("0.1"))
_MEASURES: Final = (
    Measure(COUNT, "name", None, "How many learners."),
    Measure(AVERAGE_ATTENDANCE, "attendance", _HUNDRED, "Mean of the learners' attendance this year, in per cent."),
    Measure(
        AVERAGE_POINTS, "grade", _POINTS, "Mean of the learners' average grade points, newest window of each course."
    ),
)

DIMENSIONS: Final = MappingProxyType({one.name: one for one in _DIMENSIONS})
MEASURES: Final = MappingProxyType({one.name: one for one in _MEASURES})
# Whether a learner has a need follows from the provision: a table of its own would tell twice, and by the difference.
AUDITED: Final = tuple(one for one in _DIMENSIONS if one.name not in (YEAR_GROUP, SEN_FLAG))
FAMILY: Final = Family(DIMENSIONS[YEAR_GROUP].levels, {one.name: one.levels for one in AUDITED})


def elements(dimensions: tuple[str, ...], measure: str) -> tuple[str, ...]:
    """What a table tells of: that there are learners, how they are grouped, and what is measured."""
    named = ("name", *(DIMENSIONS[name].element for name in dimensions), MEASURES[measure].element)
    return tuple(dict.fromkeys(named))
