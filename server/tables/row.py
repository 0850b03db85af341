"""What every row shares: the schema, and columns that say which data element they hold.

A column's element is a name of the register, or one of two words for columns that hold no fact about a person:
`key` (identifies or joins rows) and `record` (how and when the row came to be). A contract test refuses any other.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel

SCHEMA: Final = "usher"
KEY: Final = "key"
RECORD: Final = "record"

TYPES: Final[dict[type, TypeEngine[Any]]] = {
    str: Text(),
    int: Integer(),
    bool: Boolean(),
    date: Date(),
    datetime: DateTime(timezone=True),
    Decimal: Numeric(),
    UUID: Uuid(),
    dict: JSONB(),
}

metadata = MetaData(schema=SCHEMA)


class Row(SQLModel):
    __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride]
    metadata = metadata


def holds(element: str, kind: type, *, optional: bool = False) -> Any:
    """A column of PostgreSQL's plain type for `kind`; `element` as in the module's docstring."""
    return Field(
        default=None if optional else ..., sa_column=Column(TYPES[kind], nullable=optional, info={"element": element})
    )


def holds_names(element: str, *, optional: bool = False) -> Any:
    """A column of text that is compared and ordered byte by byte, never by the server's collation."""
    return Field(
        default=None if optional else ...,
        sa_column=Column(Text(collation="C"), nullable=optional, info={"element": element}),
    )


def holds_list(element: str) -> Any:
    return Field(sa_column=Column(ARRAY(Text()), nullable=False, info={"element": element}))


def holds_count(element: str, *, optional: bool = False) -> Any:
    """A 64-bit integer."""
    return Field(
        default=None if optional else ..., sa_column=Column(BigInteger(), nullable=optional, info={"element": element})
    )


def belongs(*columns: str, to: str, round_about: bool = False) -> ForeignKeyConstraint:
    """A foreign key to the same columns of `to`, or, written `table(a, b)`, to those; a tenant's includes school_id.

    `round_about`: `to` refers back to this table, so that the order of tables can't go by this key.
    """
    table, _, listed = to.partition("(")
    names = [name.strip() for name in listed.rstrip(")").split(",")] if listed else list(columns)
    return ForeignKeyConstraint(list(columns), [f"{SCHEMA}.{table}.{name}" for name in names], use_alter=round_about)


def tenant(*parts: Any, key: tuple[str, ...], yearly: bool = False) -> tuple[Any, ...]:
    """Table arguments of a school's table: its key begins with school_id, a yearly one's goes on with academic_year."""
    columns = ("school_id", "academic_year", *key) if yearly else ("school_id", *key)
    options: dict[str, Any] = {"info": {"tenant": True, "yearly": yearly}}
    if yearly:
        options["postgresql_partition_by"] = "LIST (academic_year)"
    return (PrimaryKeyConstraint(*columns), *parts, options)


def reference(*parts: Any, key: tuple[str, ...]) -> tuple[Any, ...]:
    """Table arguments of a table without school_id that every school reads."""
    return (PrimaryKeyConstraint(*key), *parts, {"info": {"tenant": False, "yearly": False}})


__all__ = [
    "KEY", "RECORD", "SCHEMA", "Index", "Row", "UniqueConstraint", "belongs", "holds", "holds_count", "holds_list",
    "holds_names", "metadata", "reference", "tenant",
]  # fmt: skip
