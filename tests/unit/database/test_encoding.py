"""Values as PostgreSQL reads them back."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from server.database.command import kept
from server.database.encoding import encoded
from server.database.pool import Pool
from server.database.wire import exchange

AWKWARD = ["", "NULL", 'a"b', "a\\b", "a,b", "{a}", " a ", "ä€\U0001f600", "a\nb"]
DAY = date(2026, 11, 22)
MOMENT = datetime(2026, 11, 22, 10, 30, 0, 250000, UTC)


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("text", None, None),
        ("text", "x", '"x"'),
        ("int", -7, "-7"),
        ("bigint", 2**53, str(2**53)),
        ("boolean", True, "true"),
        ("boolean", False, "false"),
        ("uuid", UUID(int=7), f'"{UUID(int=7)}"'),
        ("date", DAY, '"2026-11-22"'),
        ("timestamptz", MOMENT, '"2026-11-22T10:30:00.25+00:00"'),
        ("numeric", Decimal("1.50"), "1.50"),
        ("jsonb", Jsonb({"a": [1, None]}), '{"a": [1, null]}'),
        ("text[]", [], "[]"),
        ("text[]", ["a", None], '["a",null]'),
        ("int[]", [1, 2], "[1,2]"),
        ("int[]", [[1, 2], [3, 4]], "[[1,2],[3,4]]"),
        ("boolean[]", [True, False], "[true,false]"),
        ("uuid[]", [UUID(int=7)], f'["{UUID(int=7)}"]'),
        ("date[]", [DAY], '["2026-11-22"]'),
        ("timestamptz[]", [MOMENT], '["2026-11-22T10:30:00.25+00:00"]'),
        ("numeric[]", [Decimal("1.50")], "[1.50]"),
    ],
)
async def test_a_value_is_what_its_cast_says(pool: Pool, kind: str, value: Any, told: str | None) -> None:
    """The type is the statement's, never the value's."""
    connection = await pool.take()
    command = kept(f"SELECT to_json($1::{kind})", [value])
    (result,) = await exchange(connection, [command], prepare=True)
    await pool.putconn(connection)
    assert result.get_value(0, 0) == (told and told.encode())


async def test_awkward_texts_come_back_as_they_were(pool: Pool) -> None:
    """Alone and in an array, where some characters mean something else."""
    connection = await pool.take()
    same = kept("SELECT $1::text[] = ARRAY[$2::text, $3, $4, $5, $6, $7, $8, $9, $10]", [AWKWARD, *AWKWARD])
    (result,) = await exchange(connection, [same], prepare=True)
    await pool.putconn(connection)
    assert result.get_value(0, 0) == b"t"


@pytest.mark.parametrize("value", ["a\0b", ["a\0b"]])
def test_a_nul_is_refused(value: object) -> None:
    with pytest.raises(psycopg.DataError):
        encoded([value])


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(psycopg.ProgrammingError):
        encoded([object()])
