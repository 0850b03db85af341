"""Every numeric column holds a number: PostgreSQL's numeric knows NaN, which is above every bound, and infinity."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, MetaData, Numeric


def declare_finite(metadata: MetaData) -> None:
    """A check on each numeric column of each table, named after both."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, Numeric):
                table.append_constraint(CheckConstraint(finite(column.name), name=f"{table.name}_{column.name}_finite"))


def finite(column: str) -> str:
    """NaN is above infinity, as PostgreSQL orders numbers."""
    return f"{column} > '-Infinity'::numeric AND {column} < 'Infinity'::numeric"
