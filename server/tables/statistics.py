"""A school's censuses, and the figures that each may tell. Only ever added; what is hidden stands nowhere."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint

from server.tables.row import KEY, RECORD, Row, belongs, holds, holds_names, tenant


class StatisticCensusRow(Row, table=True):
    """One measure of one school year, taken once: two of them would tell by their difference."""

    __tablename__ = "statistic_census"
    __table_args__ = tenant(
        belongs("school_id", "taken_by", to="person(school_id, person_id)"),
        CheckConstraint("threshold >= 5", name="statistic_census_threshold"),
        key=("school_year", "measure"),
    )
    school_id: UUID = holds(KEY, UUID)
    school_year: int = holds(KEY, int)
    measure: str = holds_names(KEY)
    threshold: int = holds(RECORD, int)
    taken_at: datetime = holds(RECORD, datetime)
    taken_by: UUID = holds(RECORD, UUID)


class StatisticFigureRow(Row, table=True):
    """One group's figure; an empty dimension, level or year group is no condition."""

    __tablename__ = "statistic_figure"
    __table_args__ = tenant(
        belongs("school_id", "school_year", "measure", to="statistic_census"),
        CheckConstraint("audience IN ('SCHOOL', 'PUBLISHED')", name="statistic_figure_audience"),
        key=("school_year", "measure", "audience", "dimension", "level", "year_group"),
    )
    school_id: UUID = holds(KEY, UUID)
    school_year: int = holds(KEY, int)
    measure: str = holds_names(KEY)
    audience: str = holds_names(KEY)
    dimension: str = holds_names(KEY)
    level: str = holds_names(KEY)
    year_group: str = holds_names(KEY)
    figure: Decimal = holds("school_structure", Decimal)
