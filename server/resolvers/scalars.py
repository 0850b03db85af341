"""The schema's own scalars: strings on the wire, exact in the program."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

DateText = NewType("DateText", str)
DateTimeText = NewType("DateTimeText", str)
DecimalText = NewType("DecimalText", str)
UpnText = NewType("UpnText", str)

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# RFC 3339 alone: Python reads further forms, with any character at all between day and hour.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,6})?", re.ASCII)
_UPN = re.compile(r"[A-Z]\d{11}[A-Z0-9]", re.ASCII)


def _date(value: Any) -> date:
    fault = ValueError("A Date is a day of the calendar, written YYYY-MM-DD, such as 2026-11-21.")
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise fault
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise fault from None


def _date_time(value: Any) -> datetime:
    fault = ValueError("A DateTime is written as RFC 3339 with an offset, such as 2026-11-21T09:30:00Z.")
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise fault
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):  # the latter for an hour before the first year, or after the last
        raise fault from None


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise ValueError('A Decimal is a string of at most 12 digits and 6 decimals, such as "61.5".')
    return Decimal(value)


def _upn(value: Any) -> str:
    if not isinstance(value, str) or not _UPN.fullmatch(value):
        raise ValueError("A UPN has 13 characters: a letter, 11 digits, and a digit or letter.")
    return value


def _scalar(name: str, description: str, url: str, parse: Any) -> ScalarDefinition:
    made = strawberry.scalar(
        name=name, description=description, specified_by_url=url, serialize=lambda value: value, parse_value=parse
    )
    assert isinstance(made, ScalarDefinition)
    return made


SCALARS: dict[object, ScalarDefinition] = {
    DateText: _scalar(
        "Date", "A day, such as 2026-11-21.", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6", _date
    ),
    DateTimeText: _scalar(
        "DateTime",
        "A moment in UTC, such as 2026-11-21T09:30:00.000000Z.",
        "https://www.rfc-editor.org/rfc/rfc3339",
        _date_time,
    ),
    DecimalText: _scalar(
        "Decimal",
        'An exact decimal number as a string, such as "61.5".',
        "https://speleotrove.com/decimal/daconvs.html",
        _decimal,
    ),
    UpnText: _scalar(
        "UPN",
        "A unique pupil number of 13 characters.",
        "https://www.gov.uk/government/publications/unique-pupil-numbers",
        _upn,
    ),
}

NAMES: dict[str, Any] = {
    "Date": DateText,
    "DateTime": DateTimeText,
    "Decimal": DecimalText,
    "UPN": UpnText,
    "String": str,
    "Int": int,
    "Boolean": bool,
    "ID": strawberry.ID,
}
