"""What a scalar refuses, it refuses in a sentence that says how it is written."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLScalarType

from server.resolvers.schema import graphql_schema

WRITTEN = {
    "Date": "A Date is a day of the calendar, written YYYY-MM-DD, such as 2026-11-21.",
    "DateTime": "A DateTime is written as RFC 3339 with an offset, such as 2026-11-21T09:30:00Z.",
    "Decimal": 'A Decimal is a string of at most 12 digits and 6 decimals, such as "61.5".',
    "UPN": "A UPN has 13 characters: a letter, 11 digits, and a digit or letter.",
}


def parse(name: str, value: Any) -> Any:
    kind = graphql_schema().type_map[name]
    assert isinstance(kind, GraphQLScalarType)
    return kind.parse_value(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("Date", value) for value in ("tomorrow", "2026-13-01", "2026-02-30", "0000-01-01", "20261121", "", 20261121)),
        *(("DateTime", value) for value in ("tomorrow", "2026-11-21", "2026-11-21T09:30:00", "2026-11-21T25:00Z", "", 0)),
        *(("DateTime", value) for value in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "T\0Z", None)),
        *(("DateTime", f"2026-11-21{between}09:30:00Z") for between in ("\n", "\x1b", "\0", "\u202e", "X", "")),
        *(("DateTime", value) for value in ("20261121T0930Z", "2026-W47-6T09:30Z", "2026-11-21T09:30:00,5Z", "\ud800")),
        *(("DateTime", f"2026-11-21T09:30:00{offset}") for offset in ("+01", "+01:00:30", "Z\n", "+0100", "+99:99", "Y")),
        *(("Decimal", value) for value in ("much", "1e3", "NaN", "1,5", "1234567890123", "0.1234567", "", 61.5, "٣")),
        *(("UPN", value) for value in ("A", "a12345678901b", 1)),
    ],
)  # fmt: skip
def test_a_refusal_is_a_sentence_of_ours(name: str, value: Any) -> None:
    """Never Python's, whatever came."""
    with pytest.raises(ValueError, match=r".") as refused:
        parse(name, value)
    assert str(refused.value) == WRITTEN[name]


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("Date", "2024-02-29", date(2024, 2, 29)),
        ("DateTime", "2026-11-21T09:30:00Z", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        ("DateTime", "2026-11-21T10:30:00.5+01:00", datetime(2026, 11, 21, 9, 30, 0, 500000, tzinfo=UTC)),
        ("DateTime", "2026-11-21 09:30:00.123456789-00:00", datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=UTC)),
        ("DateTime", "2026-11-21t09:30:00z", datetime(2026, 11, 21, 9, 30, tzinfo=UTC)),
        ("Decimal", "-61.50", Decimal("-61.50")),
        ("UPN", "A12345678901B", "A12345678901B"),
    ],
)
def test_what_is_written_so_is_read(name: str, value: str, read: Any) -> None:
    """Exact, and moments in UTC."""
    assert parse(name, value) == read
