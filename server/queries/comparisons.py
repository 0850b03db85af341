"""The operations of filters, as SQL. A value that is withheld never reaches one: the caller ANDs the visibility."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Date, DateTime, Integer, Numeric, Text, any_, func
from sqlalchemy.types import TypeEngine

from server.errors import BadUserInput
from server.queries.ask import Condition
from server.queries.binding import Binding
from server.queries.constants import inline
from server.register.sort_key import folded

KINDS: Final[dict[str, TypeEngine[Any]]] = {
    "CodeFilter": Text(),
    "IntFilter": Integer(),
    "DateFilter": Date(),
    "DateTimeFilter": DateTime(timezone=True),
    "DecimalFilter": Numeric(),
}
OPERATIONS: Final[dict[str, tuple[str, ...]]] = {
    "TextFilter": ("contains", "startsWith"),
    "LabelFilter": ("contains", "startsWith"),
    "CodeFilter": ("eq", "ne", "in"),
    "IntFilter": ("eq", "in"),
    "DateFilter": ("eq", "from", "to"),
    "DateTimeFilter": ("from", "to"),
    "DecimalFilter": ("eq", "gt", "gte", "lt", "lte"),
    "InClassFilter": ("eq",),
}


def compare(part: Condition, value: Any, binding: Binding) -> ColumnElement[Any]:
    """Whether `value` passes the operation; a missing value passes only `ne`."""
    if part.filter.kind == "InClassFilter":
        return binding.identified(part.operand, "cls").in_(value)
    if part.filter.kind == "TextFilter":
        wanted = binding.given(part.operand, Text(), lambda text: _letters(text, part))
        # The sort key parts surname and first name by a space, words within them by a hyphen: here it is one text.
        return _found(part.operation, func.replace(value, inline(" "), inline("-")), wanted)
    if part.filter.kind == "LabelFilter":
        return _found(part.operation, func.lower(value), binding.given(part.operand, Text(), lowered))
    kind = KINDS[part.filter.kind]
    if part.operation == "in":
        return value == any_(binding.given(part.operand, ARRAY(kind)))
    given = binding.given(part.operand, kind)
    match part.operation:
        case "eq":
            return value == given
        case "ne":
            return value.is_distinct_from(given)
        case "gt":
            return value > given
        case "gte" | "from":
            return value >= given
        case "lt":
            return value < given
        case _:
            return value <= given


def _found(operation: str, value: Any, wanted: Any) -> ColumnElement[Any]:
    return func.strpos(value, wanted) > 0 if operation == "contains" else func.starts_with(value, wanted)


def _letters(text: str, part: Condition) -> str:
    """Folded as names are. Raises BadUserInput where nothing is left, which would find everyone."""
    wanted = folded(text)
    if not wanted:
        raise BadUserInput(f"{'.'.join(map(str, part.path))} holds no letters: give some.", part.path)
    return wanted


def lowered(text: str) -> str:
    """A to Z in small letters, as PostgreSQL's lower() does under the collation C of labels."""
    return text.translate(_SMALL)


_SMALL: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
