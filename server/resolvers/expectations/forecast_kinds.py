"""The types of forecasts: estimates by method, what they rest on, and who confirmed which."""

from __future__ import annotations

from typing import Final

from server.queries.kinds import kind

CONFIRMED: Final = "fcf"
"""Prefix of a confirmation's id."""

_NO_GRADE: Final = "null where you may not read the grade"

FORECAST_KIND: Final = kind(
    "Forecast",
    "An estimate by one method; never a decision, and no grade.",
    ("label", "String!", 'Always "estimate".'),
    ("method", "ForecastMethod!", "How it is made."),
    ("methodVersion", "Int!", "The version of the method."),
    (
        "value",
        "String",
        f"The grade; for FINE with its third, such as 5+; {_NO_GRADE}, for FINE its marks too.",
        "grade",
    ),
    (
        "points",
        "Decimal",
        "Points, cut off after two places: of the grade; for FINE on the way to the next, null as its value is.",
        "grade",
    ),
    ("low", "String", "The grade if what is open gave nothing.", "grade"),
    ("high", "String", "The grade if what is open gave full marks.", "grade"),
    (
        "subjectMark",
        "String",
        "The estimated subject mark, an exact fraction; null where you may not read grade and marks.",
        "mark",
    ),
    ("reckoning", "String", "How it was reckoned, with its figures; null where you may not read the marks.", "mark"),
    ("targetGap", "Decimal", "Points less those of the target; null where you may not read it.", "target"),
    (
        "residual",
        "Decimal",
        "Points less the mean, by the same method, of the learner's other courses that are graded on the same grades, "
        "as far as you may read them.",
        "grade",
    ),
    ("residualOver", "Int!", "Over how many other courses that mean is.", "grade"),
    element="forecast",
)
ESTIMATE_KIND: Final = kind(
    "TeacherEstimate",
    "What a teacher expects: a raw mark in a component, or a grade of the whole course. The newest.",
    ("component", "String", "The component; null for the whole course."),
    ("score", "Decimal", "Raw mark of the specification's component; with neither score nor grade it was taken back."),
    ("grade", "String", "Grade of the whole course."),
    ("version", "Int!", "Rises with each one recorded."),
    ("reason", "String", "Why it was changed."),
    ("recordedAt", "DateTime!", "When it was recorded."),
    element="forecast",
)
CONFIRMATION_KIND: Final = kind(
    "ForecastConfirmation",
    "A forecast that somebody confirmed, as it stood then.",
    ("id", "ID!", "Its id.", None),
    ("method", "ForecastMethod!", "The method."),
    ("methodVersion", "Int!", "The version of the method."),
    ("value", "String", f"The grade; {_NO_GRADE}, for FINE its marks too.", "grade"),
    ("low", "String", "The low end of its interval.", "grade"),
    ("high", "String", "The high end of its interval.", "grade"),
    ("points", "Decimal", "Its points.", "grade"),
    ("shift", "Int", "How far boundaries were shifted, in per cent; null where it was confirmed before this was kept."),
    ("note", "String", "What was noted."),
    ("confirmedBy", "ID!", "Who confirmed it."),
    ("confirmedByName", "String", "Their name, where you may read it.", "staff_name"),
    ("confirmedAt", "DateTime!", "When."),
    element="forecast",
)
COURSE_KIND: Final = kind(
    "CourseForecasts",
    "Forecasts of a learner in one course and window, and what they rest on.",
    ("learner", "ID!", "Of whom.", "name"),
    ("learnerName", "String!", "The name the learner goes by.", "name"),
    ("partial", "Boolean!", "True: you may read the forecasts of some learners only, family and restricted data aside.",
     None),
    ("course", "ID!", "The course.", "school_structure"),
    ("courseName", "String!", "Its name.", "school_structure"),
    ("window", "ID!", "The assessment window whose marks count.", "school_structure"),
    ("windowName", "String!", "Its name.", "school_structure"),
    ("specification", "String!", "Code of the specification.", "school_structure"),
    ("series", "String!", "The series whose boundaries are used.", "school_structure"),
    ("shift", "Int!", "How far boundaries were shifted, in per cent.", "school_structure"),
    ("rounding", "String!", "How a fractional total is rounded.", "school_structure"),
    ("confidence", "String!", "How sure the boundaries are.", "school_structure"),
    ("flags", "[String!]", "What to know, such as absences and scaled tests; null where you may not read the grade.",
     "grade"),
    ("target", "String", "The grade aimed at; null where you may not read it.", "target"),
    ("targetPoints", "Decimal", "Its points.", "target"),
    ("targetMethod", "String", "How it was set.", "target"),
    ("forecasts", "[Forecast!]!", "By method, as asked for; those that nothing can be said by are left out."),
    ("estimates", "[TeacherEstimate!]!", "Teachers' estimates, which PROJECTED counts."),
    ("confirmations", "[ForecastConfirmation!]!", "What was confirmed in this window, newest first."),
    element="forecast",
)  # fmt: skip
