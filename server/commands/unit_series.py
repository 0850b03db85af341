"""What converts the attempts of earlier windows: what the learner's grade there is of, now or from now on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from uuid import UUID

from server.database.pool import PoolConnection
from server.grading.sittings import Sitting
from server.queries.graded_by import GradedBy
from server.queries.series_contents import rules_of
from server.queries.sittings import InWindow

Decided: TypeAlias = Mapping[tuple[UUID, UUID, Any], GradedBy]
"""By learner, course and window, of grades that are computed anew."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a learner sat in a course, the window in question last."""

    learner_id: UUID
    course_id: UUID
    windows: Sequence[InWindow]


async def with_series(
    connection: PoolConnection, brought: Sequence[Brought], decided: Decided, known: Iterable[GradedBy]
) -> list[list[Sitting]]:
    """Of each, in order: earlier windows as `decided`, or else as the grade stored there.

    One statement where one stands on what is neither decided nor `known`.
    """
    rules = {by.boundary_set_id: by.contents for by in (*known, *decided.values())}
    found = [[_as_decided(one, each, decided) for one in each.windows] for each in brought]
    rules |= await rules_of(connection, {one.under for each in found for one in each if one.under} - rules.keys())
    return [[one.by(rules) for one in each] for each in found]


def _as_decided(one: InWindow, of: Brought, decided: Decided) -> InWindow:
    by = decided.get((of.learner_id, of.course_id, one.window_id))
    return one if by is None or one is of.windows[-1] else replace(one, under=by.boundary_set_id)
