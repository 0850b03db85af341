"""A paper question by question: shares, gaps to a larger group, and a map of learners by questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from server.grading.analysis.shares import bands, share

Scored = Mapping[str, tuple[Decimal, Decimal]]
"""One learner's scores and maxima by question; questions without a score are missing."""


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    topic: str
    maximum: Decimal


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of the learners who have a score: how many, their share of the maximum, the larger group's, and how many learners
    are in each band."""

    entries: int
    share: Fraction | None
    of_all: Fraction | None
    bands: tuple[int, ...]

    @property
    def gap(self) -> Fraction | None:
        return None if self.share is None or self.of_all is None else self.share - self.of_all


def by_question(questions: Sequence[Question], inside: Sequence[Scored], everybody: Sequence[Scored]) -> list[Outcome]:
    """In the order of the questions; `inside` are some of `everybody`."""
    return _outcomes([one.name for one in questions], lambda name: (name,), inside, everybody)


def by_topic(
    questions: Sequence[Question], inside: Sequence[Scored], everybody: Sequence[Scored]
) -> list[tuple[str, Outcome]]:
    """In the order in which the topics come up."""
    topics: defaultdict[str, list[str]] = defaultdict(list)
    for one in questions:
        topics[one.topic].append(one.name)
    return list(zip(topics, _outcomes(list(topics), topics.__getitem__, inside, everybody), strict=True))


def _outcomes(
    names: Sequence[str],
    questions_of: Callable[[str], Iterable[str]],
    inside: Sequence[Scored],
    everybody: Sequence[Scored],
) -> list[Outcome]:
    found: list[Outcome] = []
    for name in names:
        questions = tuple(questions_of(name))
        own = [marks for one in inside if (marks := _of(one, questions))]
        every = [mark for one in everybody for mark in _of(one, questions)]
        shares = [part for marks in own if (part := share(marks)) is not None]
        total = share(mark for marks in own for mark in marks)
        found.append(Outcome(len(own), total, share(every), tuple(bands(shares))))
    return found


def _of(scored: Scored, questions: Iterable[str]) -> list[tuple[Decimal, Decimal]]:
    return [scored[name] for name in questions if name in scored]
