"""AccessSummaryLine: how often a role looked at a learner's data in a month, as families are told it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, exists, or_, select

from server.queries.binds import CAPACITY, SCHOOL
from server.queries.constants import inline, number
from server.queries.noun import Leaf, Many, Noun, Order, alias, table
from server.tables import AccessSummaryReleaseRow, AccessSummaryRow


def _released() -> ColumnElement[bool]:
    """The officer sees what a release would show; families nothing before it."""
    release = alias(AccessSummaryReleaseRow)
    live = select(number(1)).where(release.c.school_id == SCHOOL, release.c.withdrawn_at.is_(None))
    return or_(inline("STAFF") == CAPACITY, exists(live))


def _of_learner(row: Any, of: Any, _: Any) -> list[Any]:
    return [of.c.learner_id == row.c.learner_id, of.c.times > number(0), _released()]


ACCESS_SUMMARY_LINE: Final = Noun(
    name="AccessSummaryLine",
    prefix="acs",
    table=table(AccessSummaryRow),
    key="who",
    owner=lambda r: r.c.learner_id,
    relations="learner",
    node=False,
    description="How often people in one role looked at a learner's data in a month. Not every use is listed.",
    fields=(
        Leaf("month", "Date", "access_summary", lambda r: r.c.month, "The first day of the month."),
        Leaf("who", "String", "access_summary", lambda r: r.c.who, 'The role, such as "class teachers".'),
        Leaf("times", "Int", "access_summary", lambda r: r.c.times, "In how many operations."),
    ),
    orders=(Order("MONTH", "access_summary", lambda r: r.c.month, "By month."),),
)
ACCESS_SUMMARY: Final = Many(
    "accessSummary",
    "AccessSummaryLine",
    _of_learner,
    "Who looked at the learner's data, by role and month, newest first; empty unless the school has released it.",
    "MONTH",
    newest_first=True,
    usual=24,
)
