"""Whether the engine's answer is what a case expects. Only what the case states is compared."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import cast

from server.grading.errors import GradingError
from server.grading.exact import exact, half_up

_NUMBERS = frozenset(
    {"subject_mark", "points", "fine", "marks_to_next", "marks_above_boundary", "floor_mark", "ceiling_mark"}
    | {"inner", "grade3", "factor", "ums", "total", "a2_total", "exam_used", "attainment8", "estimate"}
    | {"progress8_unrounded"}
)
_PRINTED = frozenset({"fine", "factor"})
"""Boards print these to some decimals: the exact value must round, half up, to what is printed."""
_MISSING = object()


def differences(expected: Mapping[str, object], actual: Mapping[str, object], path: str = "") -> tuple[str, ...]:
    """Names of expected fields that the answer lacks or contradicts, such as "by_policy.sum_exact.grade"."""
    found: list[str] = []
    for name, value in expected.items():
        answer = actual.get(name, _MISSING)
        inner, outer = _mapping(answer), _mapping(value)
        if inner is not None and outer is not None:
            found += differences(outer, inner, path=f"{path}{name}.")
        elif not _same(name, value, answer):
            found.append(f"{path}{name}")
    return tuple(found)


def named(values: Mapping[str, object], path: str = "") -> dict[str, object]:
    """Every value by the name that `differences` gives it, those inside others too."""
    found: dict[str, object] = {}
    for name, value in values.items():
        found[f"{path}{name}"] = value
        inner = _mapping(value)
        if inner is not None:
            found |= named(inner, path=f"{path}{name}.")
    return found


def _same(name: str, expected: object, actual: object) -> bool:
    if actual is _MISSING:
        return False
    if expected is None or actual is None:
        return expected is actual
    items, answers = _items(expected), _items(actual)
    if items is not None and answers is not None:
        return _same_list(name, items, answers)
    if name in _NUMBERS:
        return _same_number(expected, actual, printed=name in _PRINTED)
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if name == "error":
        return str(expected).casefold() == str(actual).casefold()
    return str(expected) == str(actual)


def _mapping(value: object) -> Mapping[str, object] | None:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else None


def _items(value: object) -> list[object] | None:
    return cast("list[object]", value) if isinstance(value, list) else None


def _same_list(name: str, expected: list[object], actual: list[object]) -> bool:
    if name == "flags":
        return sorted(map(str, expected)) == sorted(map(str, actual))
    pairs = zip(expected, actual, strict=False)
    return len(expected) == len(actual) and all(_same(name, *pair) for pair in pairs)


def _same_number(expected: object, actual: object, *, printed: bool) -> bool:
    try:
        wanted, got = exact(expected, "expected"), exact(actual, "actual")
    except GradingError:
        return False
    return wanted == got or (printed and _rounded(got, expected) == wanted)


def _rounded(value: Fraction, like: object) -> Fraction | None:
    """The value rounded half up to as many decimals as `like` is printed with."""
    text = format(like, "f") if isinstance(like, Decimal) else str(like)
    _, point, decimals = text.partition(".")
    if not point:
        return None
    return Fraction(half_up(value * 10 ** len(decimals)), 10 ** len(decimals))
