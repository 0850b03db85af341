"""What a column of a sheet may hold: its name in the file, and how a cell becomes a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    TEXT = "text"
    CODE = "code"
    CODES = "codes"
    WORDS = "words"
    WHOLE = "a whole number"
    DECIMAL = "a number"
    DATE = "a date"
    UPN = "UPN"


@dataclass(frozen=True, slots=True)
class Column:
    """`heading` is what the file says, compared without case; `codes` is a set of the register or a list of words.

    `longest` limits text, so that a cell can't fill the database.
    """

    heading: str
    kind: Kind = Kind.TEXT
    required: bool = False
    code_set: str | None = None
    words: tuple[str, ...] = ()
    longest: int = 200
    low: int = 0
    high: int = 1_000_000
    # A column that may be left out of the file altogether; its values are then left as they are.
    optional: bool = False

    @property
    def name(self) -> str:
        return self.heading.lower().replace(" ", "_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`required` sheets must be in a roster; the others are left as they are where missing."""

    name: str
    columns: tuple[Column, ...]
    required: bool = True
    unique: tuple[str, ...] = ()


def text(heading: str, required: bool = False, longest: int = 200, optional: bool = False) -> Column:
    return Column(heading, Kind.TEXT, required, longest=longest, optional=optional)


def code(heading: str, code_set: str, required: bool = False, optional: bool = False) -> Column:
    return Column(heading, Kind.CODE, required, code_set=code_set, optional=optional)


def codes(heading: str, code_set: str, optional: bool = False) -> Column:
    """Several codes, divided by semicolons."""
    return Column(heading, Kind.CODES, code_set=code_set, optional=optional)


def one_of(heading: str, *words: str, required: bool = False, optional: bool = False) -> Column:
    return Column(heading, Kind.CODE, required, words=words, optional=optional)


def texts(heading: str, words: tuple[str, ...] = (), longest: int = 80, optional: bool = False) -> Column:
    """Several words, divided by semicolons; any words where none are listed."""
    return Column(heading, Kind.WORDS, words=words, longest=longest, optional=optional)


def whole(heading: str, low: int, high: int, required: bool = False) -> Column:
    return Column(heading, Kind.WHOLE, required, low=low, high=high)


def decimal(heading: str, low: int, high: int, required: bool = False) -> Column:
    return Column(heading, Kind.DECIMAL, required, low=low, high=high)


def day(heading: str, required: bool = False) -> Column:
    return Column(heading, Kind.DATE, required)


def upn(heading: str = "UPN") -> Column:
    return Column(heading, Kind.UPN, required=True)


def year() -> Column:
    """The starting year of a school year."""
    return whole("Academic year", 2000, 2100, required=True)
