"""The types of Grade.explanation, each with its members: name, type in GraphQL's notation, description."""

from __future__ import annotations

from typing import Final

_STEP = (
    ("kind", "String!", "component, total, rounding, boundary, requirement, next_boundary or outcome."),
    ("text", "String!", "The step in words and numbers."),
    ("component", "String", "The component, for its own step."),
    ("state", "String", "The mark's state."),
    ("raw", "String", "Raw mark."),
    ("factor", "String", "Weighting factor, exact."),
    ("exact", "String", "The value before it is rounded, exact."),
    ("rounding", "String", "half_up or down; printed: as the board's own table has it; null where nothing is rounded."),
    ("value", "String", "What the step comes to, exact."),
    ("most", "String", "The most that it can come to: of a unit, and of what is still open."),
    ("grade", "String", "The grade that a boundary or requirement belongs to."),
    ("source", "String", "Where a published figure was read."),
    ("lower", "GradeAnchor", "The lower end of the line that a unit's raw mark lies on."),
    (
        "upper",
        "GradeAnchor",
        "Its upper end; the same as the lower where the mark meets an end, null where nothing above counts.",
    ),
    (
        "attempts",
        "[GradeAttempt!]!",
        "All attempts, oldest first, where there were several, or one in an earlier window.",
    ),
)
_ANCHOR = (
    (
        "name",
        "String!",
        "A unit grade; or zero, notional (one grade below the lowest) or full (where the maximum begins).",
    ),
    ("raw", "String!", "Raw mark of the published paper, exact."),
    ("value", "String!", "Uniform mark or points, exact."),
)
_ATTEMPT = (
    ("state", "String!", "The mark's state."),
    ("raw", "String", "Raw mark."),
    ("value", "String", "What it comes to, exact."),
    ("counts", "Boolean!", "Whether it is the one that counts."),
    ("window", "String", "The assessment window that it was sat in, of a course that counts units."),
    ("maximum", "String", "The maximum of its paper, of a course that counts units."),
    ("series", "String", "The series whose boundaries convert it: that of its window; null where no series does."),
    ("source", "String", "Where those boundaries were read."),
    ("confidence", "String", "How sure they are."),
    ("boundaryDigest", "String", "SHA-256 of those boundaries, in hexadecimal."),
)
_BOUNDARY = (
    ("grade", "String!", "The grade."),
    ("mark", "String!", "The subject mark that it begins at, exact."),
    ("reached", "Boolean!", "Whether it is reached, with open marks as 0, whatever else the grade asks."),
    ("source", "String!", "Where it was read."),
)
_PART = (
    ("component", "String!", "The component."),
    ("value", "String!", "What it brings: subject marks, or hours."),
    ("counts", "Boolean!", "Whether it is counted: of hours, those of components that are passed."),
)
_REQUIREMENT = (
    ("grade", "String!", "The grade that asks; every better one asks too."),
    ("measure", "String!", "total of marks, or size in hours."),
    ("minimum", "String!", "How much is asked, exact."),
    ("reached", "String!", "How much is reached, with open marks as 0: the sum of the parts that count."),
    ("most", "String!", "How much is reached with full marks in what is open."),
    ("taken", "Boolean!", "Whether enough is reached."),
    ("possible", "Boolean!", "Whether enough can still be reached."),
    ("parts", "[GradeRequirementPart!]!", "What each component brings."),
    ("reason", "String!", "What is asked, in words."),
    ("source", "String!", "Where it was read."),
)
_MOVE = (
    ("component", "String!", "The component to gain marks in."),
    ("marks", "String!", "How many raw marks."),
    ("raisesTo", "String!", "The raw mark that they lead to."),
)
_ROUTE = (
    ("grade", "String!", "The grade that it leads to."),
    ("marks", "String!", "Raw marks it costs in all."),
    ("moves", "[GradeMove!]!", "What to gain where."),
    ("text", "String!", "The route in words."),
)
_POLICY = (
    ("policy", "String!", "A way of rounding a fractional total."),
    ("subjectMark", "String!", "The subject mark under it, exact."),
    ("grade", "String!", "The grade under it."),
)
_NOTICE = (
    ("code", "String!", "A stable word."),
    ("message", "String!", "What to know."),
    ("confidence", "String!", "How sure the rule is."),
)
_EXPLANATION = (
    ("specification", "String!", "The specification, with its version's identity."),
    ("title", "String!", "Its title."),
    ("series", "String!", "The series whose boundaries were used."),
    ("option", "String", "The entry option, where there is one."),
    ("status", "String!", "How far the grade stands."),
    ("grade", "String", "The grade."),
    ("scheme", "String!", "What people call it: linear, unitised, points or compensatory."),
    ("retake", "String!", "Which of several attempts counts: newest or best."),
    ("subjectMark", "String", "The subject mark, exact; null where there is none yet."),
    ("marksAbove", "String", "Subject marks above the grade's boundary, exact."),
    ("nextGrade", "String", "The grade above."),
    ("marksToNext", "String", "Subject marks short of it, exact; 0 where only a requirement is missing."),
    ("boundaries", "[GradeBoundary!]!", "Every boundary, best grade first."),
    ("requirements", "[GradeRequirement!]!", "What grades ask for besides the sum."),
    ("shift", "Int!", "How far boundaries were shifted, in per cent."),
    ("rounding", "String!", "The rounding policy that was used."),
    ("roundingConfidence", "String!", "How sure the policy is."),
    ("roundingMatters", "Boolean!", "Whether another policy would give another grade."),
    ("steps", "[GradeStep!]!", "Each step, in order."),
    ("byPolicy", "[GradeByPolicy!]!", "The result under each rounding policy."),
    ("routes", "[GradeRoute!]!", "Ways to the next grade, cheapest first."),
    ("notices", "[GradeNotice!]!", "What to know about the result."),
    ("flags", "[String!]!", "Words such as absent:8300/1H."),
    ("sources", "[String!]!", "Where the boundaries were read."),
    ("confidence", "String!", "How sure the boundaries are."),
    ("note", "String!", "What the pack says of them."),
    ("engineVersion", "String!", "Version of the engine."),
)

EXPLAINED: Final = (
    ("GradeAnchor", "An end of the line between two published figures.", _ANCHOR),
    ("GradeAttempt", "One of several attempts at a component.", _ATTEMPT),
    ("GradeStep", "One step from marks to a grade.", _STEP),
    ("GradeBoundary", "Where a grade begins.", _BOUNDARY),
    ("GradeRequirementPart", "What one component brings to a requirement.", _PART),
    ("GradeRequirement", "What a grade asks for besides the sum.", _REQUIREMENT),
    ("GradeMove", "Raw marks to gain in one component.", _MOVE),
    ("GradeRoute", "A way to the next grade.", _ROUTE),
    ("GradeByPolicy", "What a rounding policy would give.", _POLICY),
    ("GradeNotice", "Something to know about a result.", _NOTICE),
    ("GradeExplanation", "Why a grade is what it is.", _EXPLANATION),
)
