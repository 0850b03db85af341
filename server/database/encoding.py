"""Parameters as PostgreSQL reads them: always text, so that a value never chooses its type. The casts do."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, cast
from uuid import UUID

import psycopg
from psycopg.adapt import PyFormat, Transformer


def encoded(values: Sequence[object]) -> tuple[bytes | None, ...]:
    """Raises psycopg.DataError for a text that holds a NUL, psycopg.ProgrammingError for what has no form."""
    return tuple([_ENCODERS.get(type(value), _other)(value) for value in values])


def _text(value: Any) -> bytes:
    raw = str(value).encode()
    if b"\0" in raw:
        raise psycopg.DataError("PostgreSQL's text holds no NUL")
    return raw


def _plain(value: Any) -> bytes:
    return str(value).encode()


def _array(value: Any) -> bytes:
    """Section 8.15.2 of PostgreSQL's manual: elements between braces, quoted where they could mean something else."""
    return b"{" + b",".join([_element(one) for one in value]) + b"}"


def _element(value: object) -> bytes:
    if value is None:
        return b"NULL"
    raw = cast(bytes, _ENCODERS.get(type(value), _other)(value))
    if type(value) in _UNQUOTED:
        return raw
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def _other(value: Any) -> bytes | None:
    """Everything rarer as psycopg writes it: times, decimals, json."""
    raw = Transformer().get_dumper(value, PyFormat.TEXT).dump(value)
    return None if raw is None else bytes(raw)


_ENCODERS: Final[dict[type, Callable[[Any], bytes | None]]] = {
    type(None): lambda _: None,
    str: _text,
    UUID: _plain,
    int: _plain,
    date: _plain,
    bool: lambda value: b"t" if value else b"f",
    list: _array,
}
# A list within a list is an array's further dimension.
_UNQUOTED: Final = frozenset({UUID, int, date, bool, list})
