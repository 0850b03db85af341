"""Special-category values: the newest row of a learner and element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

from server.queries.binds import SCHOOL
from server.queries.noun import Row, alias
from server.tables import LearnerSpecialRow


@dataclass(frozen=True, slots=True)
class Newest:
    """A declaration's SQL: the value in force, as text or as a JSON list; NULL where none was ever recorded."""

    element: str
    as_text: bool

    def __call__(self, row: Row) -> ColumnElement[Any]:
        special = alias(LearnerSpecialRow)
        whole = special.c.value.op("#>>", return_type=Text())(cast(literal("{}", literal_execute=True), ARRAY(Text())))
        return (
            select(whole if self.as_text else special.c.value)
            .where(
                special.c.school_id == SCHOOL,
                special.c.learner_id == row.c.learner_id,
                special.c.element == literal(self.element, literal_execute=True),
            )
            .order_by(special.c.special_id.desc())
            .limit(literal(1, literal_execute=True))
            .scalar_subquery()
        )

    def among(self, values: ColumnElement[Any]) -> ColumnElement[Any]:
        """The same, from `newest_values`."""
        element = literal(self.element, literal_execute=True)
        return values.op("->>", return_type=Text())(element) if self.as_text else values.op("->")(element)


def newest(element: str) -> Newest:
    """The value in force as text."""
    return Newest(element, as_text=True)


def newest_list(element: str) -> Newest:
    """The value in force as a JSON list of strings."""
    return Newest(element, as_text=False)


def newest_values(row: Row, wanted: ColumnElement[Any]) -> Select[Any]:
    """{element: value} of all the learner's values in force as `found`, by one look at the index; nothing is read unless
    `wanted`."""
    special = alias(LearnerSpecialRow)
    each = (
        select(special.c.element, special.c.value)
        .ext(distinct_on(special.c.element))
        .where(special.c.school_id == SCHOOL, special.c.learner_id == row.c.learner_id, wanted)
        .order_by(special.c.element.desc(), special.c.special_id.desc())
        .subquery("each")
    )
    return select(func.jsonb_object_agg(each.c.element, each.c.value, type_=JSONB()).label("found"))
