"""What a what-if takes and tells."""

from __future__ import annotations

from typing import Final

from server.queries.kinds import kind
from server.queries.noun import Argument
from server.resolvers.mutation import Input

MOST_OVERLAYS: Final = 50

MARK_INPUT: Final = Input(
    "WhatIfMark",
    "A mark that is supposed. It stands in the place of all attempts at the component.",
    (
        Argument("component", "String!", "The component's code in the specification."),
        Argument("score", "Decimal", "Raw mark; for SCORED alone."),
        Argument("state", "MarkState! = SCORED", "Whether there is a score, and why not."),
    ),
)
OVERLAY_INPUT: Final = Input(
    "WhatIfOverlay",
    "What is supposed to be other than it is. What is left out stays as it is.",
    (
        Argument("name", "String!", "Yours, to know the result by."),
        Argument("marks", "[WhatIfMark!]", "Other marks, at most one a component."),
        Argument("series", "String", "Boundaries of another series, such as June 2024."),
        Argument("tier", "String", "The specification of another tier, such as F or H."),
        Argument("boundaryShift", "Int", "Boundaries shifted by so many per cent, from -10 to 10."),
        Argument("option", "String", "Another entry code."),
    ),
)

NEEDED: Final = kind(
    "WhatIfNeeded",
    "Raw marks that an open component must bring for a grade.",
    ("component", "String!", "The open component."),
    ("grade", "String!", "The grade; those from the one above the floor to the ceiling are told."),
    ("marks", "String", "If nothing comes of the other open components; null where not even full marks suffice."),
    ("least", "String!", "Even if the other open components bring full marks."),
    element="grade",
)
REFUSAL: Final = kind(
    "WhatIfRefusal",
    "Why an overlay has no result.",
    ("code", "String!", "A stable word, such as UNKNOWN_COMPONENT."),
    ("message", "String!", "What is wrong."),
    ("component", "String", "The component that it concerns, if it concerns one."),
)
RESULT: Final = kind(
    "WhatIfResult",
    "A result that is computed and not kept.",
    ("name", "String!", "The overlay's name.", None),
    ("refusal", "WhatIfRefusal", "Why there is no result; null where there is one.", None),
    ("value", "String", "The grade; null while marks are missing."),
    ("status", "GradeStatus", "Whether every component is in."),
    ("points", "Decimal", "The grade's points."),
    ("fine", "Decimal", "Grade points with the way to the next one."),
    ("subjectMark", "String", "Weighted total, an exact fraction."),
    ("nextGrade", "String", "The grade above; null at the top."),
    ("marksToNext", "String", "Subject marks short of it, exact."),
    ("floor", "String", "The grade if missing marks were 0."),
    ("ceiling", "String", "The grade if missing marks were full."),
    ("required", "[WhatIfNeeded!]!", "What open components must bring for each grade that can be reached."),
    ("specification", "String", "The specification, with its version's identity."),
    ("tier", "String", "Its tier, where it has one."),
    ("series", "String", "The series whose boundaries were used."),
    ("option", "String", "The entry code, where there is one."),
    ("shift", "Int", "How far boundaries were shifted, in per cent."),
    ("shiftRounding", "String", "exact: a shifted boundary is a fraction, and marks are compared with it."),
    ("rounding", "String", "How a fractional total is rounded."),
    ("confidence", "String", "How sure the boundaries are."),
    ("sources", "[String!]!", "Where the boundaries were read."),
    ("flags", "[String!]!", "What to know, such as absences, or carried:1H>1F for marks of another tier's papers."),
    ("changed", "[String!]!", "Names of the fields that differ from the actual result."),
    element="grade",
)
WHAT_IF_KIND: Final = kind(
    "WhatIf",
    "One learner's result in a course as it is, and as it would be.",
    ("learner", "ID!", "The learner."),
    ("course", "ID!", "The course."),
    ("window", "ID!", "The assessment window that the marks are of."),
    ("windowName", "String!", "Its name."),
    ("actual", "WhatIfResult!", "The result by the marks as they stand and the rules of the stored grade."),
    ("results", "[WhatIfResult!]!", "One for each overlay, in order."),
)
TIERS_KIND: Final = kind(
    "BothTiers",
    "One learner's result in each tier, side by side.",
    ("learner", "ID!", "The learner."),
    ("course", "ID!", "The course."),
    ("window", "ID!", "The assessment window that the marks are of."),
    ("windowName", "String!", "Its name."),
    ("refusal", "WhatIfRefusal", "Why there is no comparison: no tiers, or no boundaries of the other one."),
    (
        "tiers",
        "[WhatIfResult!]!",
        "One for each tier that has boundaries of the series, by tier; the own tier is actual.",
    ),
)
OF_WHAT_IF: Final = (NEEDED, REFUSAL, RESULT, WHAT_IF_KIND)
OF_TIERS: Final = (NEEDED, REFUSAL, RESULT, TIERS_KIND)
