"""Papers of one tier that stand for those of another: by data alone, and never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from server.grading.errors import ErrorCode, GradingError
from server.grading.papers import Paper
from server.grading.specification import Component, Specification

Attempts = Mapping[str, Sequence[object]]


def carried(
    own: Specification, other: Specification, papers: frozenset[Paper], marks: Attempts
) -> tuple[frozenset[Paper], Attempts, tuple[str, ...]]:
    """Papers and marks as the other tier has them, with a flag "carried:1H>1F" for each that stands for another.

    Where the learner's course has papers of the other tier itself, those count and nothing is carried. A carried mark is
    the same raw mark of the same maximum: the papers are not equally hard, which the flags are there to say. Raises
    TIERS_DIFFER where a paper has no certain counterpart.
    """
    codes = {component.code for component in other.components}
    if any(paper.component in codes for paper in papers):
        return papers, marks, ()
    sat = {component.code for component in own.components} & {paper.component for paper in papers}
    counterpart = counterparts(own, other)
    if not sat <= counterpart.keys():
        raise GradingError(
            ErrorCode.TIERS_DIFFER,
            f"The papers of {own.identity} can't be told for certain from those of {other.identity}.",
        )
    moved = frozenset(
        replace(paper, component=counterpart[paper.component]) for paper in papers if paper.component in sat
    )
    found = {counterpart[code]: marks[code] for code in sat if code in marks}
    return moved, found, tuple(f"carried:{code}>{counterpart[code]}" for code in sorted(sat))


def counterparts(own: Specification, other: Specification) -> dict[str, str]:
    """Codes of the other tier by own ones: by code without the tier's letter; or by name; or by place.

    By place only where the components of both are of one kind, maximum and factor at every place. Empty where no way
    is certain for all of them.
    """
    for own_keys, other_keys in (
        (_stems(own), _stems(other)),
        (_names(own), _names(other)),
        (_places(own), _places(other)),
    ):
        known = {key: part.code for key, part in zip(other_keys, other.components, strict=True)}
        if len(known) == len(other_keys) and Counter(own_keys) == Counter(other_keys) and "" not in known:
            return {part.code: known[key] for key, part in zip(own_keys, own.components, strict=True)}
    return {}


def _stems(of: Specification) -> list[str]:
    return [part.code.removesuffix(of.tier or "") for part in of.components]


def _names(of: Specification) -> list[str]:
    return [part.name for part in of.components]


def _places(of: Specification) -> list[str]:
    return [f"{place} {_like(part)}" for place, part in enumerate(of.components)]


def _like(part: Component) -> str:
    return f"{part.kind} {part.max_raw} {part.factor} {part.conversion}"
