"""Special-category values: the newest row of a learner and element."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, cast, literal, select

from server.queries.binds import SCHOOL
from server.queries.noun import Row, Sql, alias
from server.tables import LearnerSpecialRow


def newest(element: str) -> Sql:
    """The value in force as text; NULL where none was ever recorded."""

    def sql(row: Row) -> ColumnElement[Any]:
        return _newest(row, element, alias(LearnerSpecialRow), as_text=True)

    return sql


def newest_list(element: str) -> Sql:
    """The value in force as a JSON list of strings."""

    def sql(row: Row) -> ColumnElement[Any]:
        return _newest(row, element, alias(LearnerSpecialRow), as_text=False)

    return sql


def _newest(row: Row, element: str, special: Any, *, as_text: bool) -> ColumnElement[Any]:
    value = special.c.value.op("#>>", return_type=Text())(cast(literal("{}", literal_execute=True), ARRAY(Text())))
    return (
        select(value if as_text else special.c.value)
        .where(
            special.c.school_id == SCHOOL,
            special.c.learner_id == row.c.learner_id,
            special.c.element == literal(element, literal_execute=True),
        )
        .order_by(special.c.special_id.desc())
        .limit(literal(1, literal_execute=True))
        .scalar_subquery()
    )
