"""What grades ask for besides the sum: what was reached of it, part by part."""

from __future__ import annotations

from collections.abc import Sequence

from server.grading.exact import number_text
from server.grading.explained import ExplainedPart, ExplainedRequirement, ExplainedStep
from server.grading.requirements import Hurdle, Measure
from server.grading.table import GradingTable
from server.grading.tally import Tally


def explained_requirements(table: GradingTable, sums: Tally) -> tuple[ExplainedRequirement, ...]:
    """All of the specification, in its order, over the components of this route."""
    least, most = sums.parts(table), sums.parts(table, full=True)
    return tuple(_requirement(table, hurdle, least, most) for hurdle in table.hurdles)


def requirement_steps(requirements: Sequence[ExplainedRequirement], grades: Sequence[str]) -> list[ExplainedStep]:
    """A step for each requirement of one of these grades: those whose boundary is reached."""
    return [_step(each) for each in requirements if each.grade in grades]


def _requirement(
    table: GradingTable, hurdle: Hurdle, least: Sequence[int], most: Sequence[int]
) -> ExplainedRequirement:
    asked = hurdle.requirement
    total = asked.measure is Measure.TOTAL
    return ExplainedRequirement(
        grade=asked.grade,
        measure=asked.measure.value,
        minimum=number_text(asked.minimum),
        reached=_reached(table, hurdle, least),
        most=_reached(table, hurdle, most),
        taken=hurdle.taken(least),
        possible=hurdle.taken(most),
        parts=tuple(
            ExplainedPart(
                component=table.components[place].code,
                value=number_text(table.marks(least[place])) if total else str(size),
                counts=total or least[place] >= hurdle.passed,
            )
            for place, size in zip(hurdle.positions, hurdle.sizes, strict=True)
        ),
        reason=asked.reason,
        source=asked.source or "; ".join(table.boundaries.sources),
    )


def _reached(table: GradingTable, hurdle: Hurdle, parts: Sequence[int]) -> str:
    if hurdle.requirement.measure is Measure.TOTAL:
        return number_text(table.marks(sum(parts[place] for place in hurdle.positions)))
    sized = zip(hurdle.positions, hurdle.sizes, strict=True)
    return str(sum(size for place, size in sized if parts[place] >= hurdle.passed))


def _step(each: ExplainedRequirement) -> ExplainedStep:
    word = "taken" if each.taken else "not taken yet" if each.possible else "not taken"
    text = f"{each.grade} also asks: {each.reason} {each.reached} of {each.minimum} reached: {word}"
    return ExplainedStep("requirement", text, value=each.reached, most=each.most, grade=each.grade, source=each.source)
