"""Types that measures are told in."""

from __future__ import annotations

from typing import Final

from server.queries.analysis.asking import MOST_LEARNERS
from server.queries.kinds import Kind, kind

_METHOD: Final = (
    ("method", "String!", "The method and its version.", None),
    ("confidence", "String!", "How sure the method is.", None),
)
FILE: Final = kind(
    "MeasureFile",
    "A table that measures are reckoned from.",
    ("name", "String!", "The file's name in a pack."),
    ("version", "Int!", "Its newest version here."),
    ("checksum", "String!", "SHA-256 of that version."),
    ("years", "[Int!]!", "The years that it is of, as far as it says so."),
)
SLOT: Final = kind(
    "Attainment8Slot",
    "One place of Attainment 8.",
    ("slot", "String!", "english, maths, ebacc or open.", None),
    ("course", "String", "The course whose result fills it; null where it is empty.", "school_structure"),
    ("points", "Decimal!", "The points of one slot."),
    ("weight", "Int!", "How often they count.", None),
    ("source", "String!", "The line of the points table."),
    element="grade",
)
ATTAINMENT: Final = kind(
    "LearnerAttainment8",
    "Attainment 8 of a learner: exact, an empty slot counts 0.",
    ("total", "Decimal!", "The sum over the slots."),
    ("englishDoubled", "Boolean!", "True: both English subjects were taken, so that the better counts twice."),
    ("slots", "[Attainment8Slot!]!", "Which result fills which slot: no other filling gives more."),
    ("unused", "[String!]!", "Courses whose result fills none."),
    *_METHOD,
    element="grade",
)
PROGRESS: Final = kind(
    "LearnerProgress8",
    "Progress 8 of a learner, or what stands in for it: the label says which.",
    ("score", "Decimal!", "To two places, half away from zero."),
    ("exact", "String!", "The same, unrounded."),
    ("label", "String!", "By whose estimates; belongs beside every figure."),
    ("proxy", "Boolean!", "True: by estimates of an earlier year, so no Progress 8.", None),
    ("priorAttainment", "Decimal!", "The key stage 2 average that it starts from."),
    ("estimate", "Decimal!", "The Attainment 8 that learners with it reached."),
    ("source", "String!", "The line of the estimates."),
    *_METHOD,
    element="education",
)
PILLAR: Final = kind(
    "EbaccPillar",
    "One subject area of the EBacc.",
    ("pillar", "String!", "english, maths, science, humanity or language.", None),
    ("entered", "Boolean!", "Whether it was entered."),
    ("standard", "Boolean!", "Whether it was reached at 4 or above."),
    ("strong", "Boolean!", "Whether it was reached at 5 or above."),
    ("points", "[Decimal!]!", "The points that count for the average."),
    element="grade",
)
EBACC: Final = kind(
    "LearnerEbacc",
    "The EBacc of a learner.",
    ("entered", "Boolean!", "Whether every pillar was entered."),
    ("standard", "Boolean!", "Whether every pillar was reached at 4 or above."),
    ("strong", "Boolean!", "Whether every pillar was reached at 5 or above."),
    ("average", "Decimal!", "The average point score, to two places, half to even."),
    ("exact", "String!", "The same, unrounded."),
    ("pillars", "[EbaccPillar!]!", "All five."),
    *_METHOD,
    element="grade",
)
BASICS: Final = kind(
    "LearnerBasics",
    "English and mathematics of a learner.",
    ("english", "Decimal", "The better of language and literature; null where neither was taken."),
    ("maths", "Decimal", "The points in mathematics; null where it was not taken."),
    ("standard", "Boolean!", "Whether both are at 4 or above."),
    ("strong", "Boolean!", "Whether both are at 5 or above."),
    *_METHOD,
    element="grade",
)
AWARD: Final = kind(
    "TariffAward",
    "One award with its tariff points.",
    ("course", "String!", "The course.", "school_structure"),
    ("qualification", "String!", "The type, as the tariff names it.", None),
    ("points", "Decimal!", "Its points."),
    ("source", "String!", "The line of the tariff."),
    element="grade",
)
TARIFF: Final = kind(
    "LearnerTariff",
    "UCAS tariff points of a learner, of courses after year 11.",
    ("total", "Decimal!", "The sum over the awards."),
    ("awards", "[TariffAward!]!", "Those that count."),
    *_METHOD,
    element="grade",
)
LACKING: Final = kind(
    "LackingMeasure",
    "A measure that a learner has not, and why.",
    ("measure", "String!", "attainment8, progress8, ebacc, basics or tariff: the field that is null.", None),
    ("reason", "MeasureGap!", "Why."),
    ("sentence", "String!", "The same for a reader."),
    element="grade",
)
RESULT: Final = kind(
    "MeasuredResult",
    "A result of the window, what it rests on, and what it counts as.",
    ("course", "String!", "The course.", "school_structure"),
    ("grade", "String", "The grade; null where there is none yet."),
    ("specification", "String!", "The specification that it is graded by, such as AQA:8300:H."),
    ("series", "String!", "The series of its boundaries."),
    ("shift", "Int!", "By how much these are shifted, in per cent."),
    ("rounding", "String!", "The rounding of its subject mark."),
    ("confidence", "String!", "How sure its boundaries are."),
    ("area", "String", "What the specification counts as; null where no table says so.", None),
    ("countsBy", "String", "The line that says so, how sure it is, and its source.", None),
    ("omitted", "MeasureGap", "Why it counts nowhere; null where it may count."),
    ("sentence", "String", "The same for a reader."),
    element="grade",
)
OF_LEARNER: Final = kind(
    "LearnerMeasures",
    "The measures of one learner. Where you may read some of the learner's results only, there are none.",
    ("learner", "ID!", "The learner's id.", "name"),
    ("name", "String!", "The name the learner goes by.", "name"),
    ("attainment8", "LearnerAttainment8", "Attainment 8."),
    ("progress8", "LearnerProgress8", "Progress 8, where you may read prior attainment.", "education"),
    ("ebacc", "LearnerEbacc", "EBacc."),
    ("basics", "LearnerBasics", "Basics."),
    ("tariff", "LearnerTariff", "UCAS tariff."),
    ("lacking", "[LackingMeasure!]!", "What is null, and why."),
    ("results", "[MeasuredResult!]!", "All that you may read, by course."),
    element="grade",
)
LEFT_OUT: Final = kind(
    "LearnersLeftOut",
    "How many learners a figure leaves out, by reason.",
    ("reason", "MeasureGap!", "Why."),
    ("learners", "Int!", "How many."),
    element="grade",
)
FIGURE: Final = kind(
    "MeasureFigure",
    "One measure of all that are looked at.",
    ("measure", "SchoolMeasure!", "Which.", None),
    ("learners", "Int!", "Over how many learners."),
    ("value", "Decimal", "The mean, or the share from 0 to 1; null of nobody."),
    ("exact", "String", "The same as an exact fraction."),
    ("share", "Boolean!", "True: the share of learners of whom it is true.", None),
    ("rounding", "String!", "To how many places the value is rounded, and how.", None),
    ("low", "Decimal", "Progress 8: the lower end of the 95% interval; null of fewer than two."),
    ("high", "Decimal", "Progress 8: the upper end."),
    ("labels", "[String!]!", "Progress 8: by whose estimates; belong beside the figure."),
    ("leftOut", "[LearnersLeftOut!]!", "Learners that it leaves out."),
    ("unsettled", "Int!", "How many of its learners have a result that counts nowhere, but may: see omitted."),
    *_METHOD,
    element="grade",
)
MEASURES: Final = kind(
    "Measures",
    "School measures over the results that you may read, as they stand.",
    ("window", "ID!", "The assessment window.", None),
    ("partial", "Boolean!", "True: you may read part of this of some learners only, family and restricted data aside.", None),
    ("count", "Int!", "How many learners have a result that you may read.", "grade"),
    ("files", "[MeasureFile!]!", "The tables that were used.", None),
    ("figures", "[MeasureFigure!]!", "One of each measure.", "grade"),
    ("learners", "[LearnerMeasures!]!", f"By name, the first {MOST_LEARNERS}.", "grade"),
)  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = (
    FILE, SLOT, ATTAINMENT, PROGRESS, PILLAR, EBACC, BASICS, AWARD, TARIFF, LACKING, RESULT, OF_LEARNER, LEFT_OUT,
    FIGURE, MEASURES,
)  # fmt: skip
