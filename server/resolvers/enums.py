"""The schema's enums."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry

from server.grading.measures.results import GAPS
from server.grading.measures.school import SAID
from server.policies.planner import Reason
from server.policies.vocabulary import ACTIONS, Capacity
from server.queries.noun import Noun
from server.queries.statistic_groups import DIMENSIONS, MEASURES
from server.register.elements import ELEMENTS

_REASONS = {
    Reason.NOT_PERMITTED: "No rule lets you read it.",
    Reason.OUT_OF_SCOPE: "You may read it of others, not here.",
    Reason.TRAINING_REQUIRED: "You may read it once your training is in date.",
    Reason.NOT_PUBLISHED: "You may read it once it is published.",
    Reason.REASON_REQUIRED: "You may read it when you give a reason or purpose.",
}
_CAPACITIES = {
    Capacity.STAFF: "A person who works at the school.",
    Capacity.PARENT: "A parent or carer.",
    Capacity.LEARNER: "A learner.",
    Capacity.CLIENT: "A program of a vendor, under the school's grant.",
    Capacity.OPERATOR: "A person of the platform's vendor, under the school's approval.",
}


def enum(name: str, description: str, values: dict[str, str]) -> Any:
    """A Strawberry enum whose values are their own names."""
    members: Any = {key: strawberry.enum_value(key, description=said) for key, said in values.items()}
    made: Any = Enum(name, members)
    decorated: Any = strawberry.enum(made, description=description)
    return decorated


def orders(noun: Noun) -> Any:
    return enum(
        f"{noun.name}OrderField",
        f"What a list of {noun.name} can be ordered by.",
        {order.name: order.description for order in noun.orders},
    )


ENUMS: dict[str, Any] = {
    "DataElement": enum(
        "DataElement",
        "A data element of the register: see dataCatalogue.",
        {name.upper(): element.title for name, element in ELEMENTS.items()},
    ),
    "WithheldReason": enum(
        "WithheldReason", "Why a value is withheld.", {reason.value: said for reason, said in _REASONS.items()}
    ),
    "DataAction": enum(
        "DataAction",
        "What can be done with an element.",
        {name.upper(): f"To {said}." for name, said in ACTIONS.items()},
    ),
    "Capacity": enum(
        "Capacity", "In which capacity a session acts.", {c.value: said for c, said in _CAPACITIES.items()}
    ),
    "MarkState": enum(
        "MarkState",
        "Whether a mark has a score, and why not. A blank is never a zero.",
        {
            "SCORED": "A score was given.",
            "ABSENT": "The learner was absent; counts as 0.",
            "NOT_ENTERED": "Nobody has entered anything.",
            "PENDING": "Sat, and still to be marked.",
            "EXEMPT": "The learner need not sit it.",
        },
    ),
    "WindowState": enum(
        "WindowState",
        "Whether the marks of a course may be entered in an assessment window.",
        {
            "OPEN": "Marks may be recorded.",
            "LOCKED": "Nothing is recorded.",
            "MODERATING": "Second markers give their scores, and marks are agreed; nothing else is recorded.",
        },
    ),
    "GradeStatus": enum(
        "GradeStatus",
        "How far a grade can be trusted to stand.",
        {
            "COMPLETE": "Every component is in.",
            "INCOMPLETE": "Marks are missing: floor and ceiling say what is possible.",
            "NOT_GRADABLE": "It can't be graded, such as with an exempt component.",
        },
    ),
    "ForecastMethod": enum(
        "ForecastMethod",
        "How a forecast is made: what is put in for components that are not sat. With nothing open all give the grade.",
        {
            "CURRENT": "Nothing: what stands if no more comes.",
            "WORKING_AT": "The share of the weighted maximum that was reached in what was sat.",
            "AVERAGE_UNIT": "The mean of the shares reached in each unit that was sat, whatever its weight.",
            "FLOOR": "Nothing: the least that is possible. The same figure as CURRENT.",
            "CEILING": "Full marks: the most that is possible.",
            "PROJECTED": "Teachers' estimates where there are any; then the share reached with them.",
            "FINE": "As WORKING_AT, with how far it is on the way to the next grade: 5-, 5, 5+ and 5.47.",
        },
    ),
    "SchoolMeasure": enum(
        "SchoolMeasure", "A measure of key stage 4, or after.", {one.value: said for one, said in SAID.items()}
    ),
    "MeasureGap": enum(
        "MeasureGap",
        "Why a result, a learner or a figure is left out of a measure.",
        {one.value: said for one, said in GAPS.items()},
    ),
    "OrderDirection": enum(
        "OrderDirection", "Which way a list runs.", {"ASC": "Lowest first.", "DESC": "Highest first."}
    ),
    "ChangeHappened": enum(
        "ChangeHappened",
        "What happened to a row.",
        {
            "CHANGED": "It came to be, or something that you may read of it differs.",
            "CLOSED": "You may not read it any more, or it is gone: delete what you keep of it.",
        },
    ),
    "BatchMode": enum(
        "BatchMode",
        "What a bad row does to its batch.",
        {"ATOMIC": "Nothing is written.", "PER_ROW": "The other rows are written."},
    ),
    "RosterKind": enum(
        "RosterKind",
        "What a source system names by ids of its own.",
        {
            "LEARNER": "A learner.",
            "GUARDIAN": "A parent or carer.",
            "STAFF": "One of the staff.",
            "CLASS": "A class.",
            "ENROLMENT": "A place of a learner in a class.",
        },
    ),
    "RosterClosingKind": enum(
        "RosterClosingKind",
        "What a source system tells that it ends.",
        {
            "LEARNER": "A learner leaves the school, with all classes.",
            "STAFF": "One of the staff leaves the school, with all classes.",
            "CLASS": "A class ends: nobody is in it or teaches it any more.",
            "ENROLMENT": "A learner leaves a class.",
            "GUARDIAN_LINK": "A guardian is one of a learner no more.",
            "TEACHING": "One of the staff teaches a class no more.",
        },
    ),
    "RosterOutcome": enum(
        "RosterOutcome",
        "What came of a row that a source system sent.",
        {
            "CREATED": "There is a record that there was not.",
            "CHANGED": "The record is as the row says; also where you may not know whether it was before.",
            "UNCHANGED": "The record was as the row says.",
            "ERROR": "The row is refused.",
            "CLOSED": "The record has left.",
            "WAITING": "The record leaves when a person of the school approves it.",
        },
    ),
    "StatisticDimension": enum(
        "StatisticDimension",
        "What groups of learners are made by.",
        {name: one.description for name, one in DIMENSIONS.items()},
    ),
    "StatisticMeasure": enum(
        "StatisticMeasure", "What is told of a group.", {name: one.description for name, one in MEASURES.items()}
    ),
}
