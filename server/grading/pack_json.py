"""Strict JSON for packs: decimals stay exact, NaN is refused, and a key written twice is remembered."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal

_MOST_PARTS = 400_000
"""Objects and lists, each of which takes a hundred times its text. 16 MiB of real figures have half as many."""


class JsonObject(dict[str, object]):
    """A parsed object; `repeated` are the keys written twice, of which JSON itself keeps the last in silence."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        written = Counter(name for name, _ in pairs) if len(self) < len(pairs) else Counter[str]()
        self.repeated = tuple(sorted(name for name, times in written.items() if times > 1))


def parse_json(text: str) -> object:
    """Parse JSON text. Raises ValueError for anything that is none, absurd numbers, nesting and numbers of parts."""
    if text.count("{") + text.count("[") > _MOST_PARTS:
        raise ValueError("more parts than any table has")
    try:
        return json.loads(text, object_pairs_hook=JsonObject, parse_float=Decimal, parse_constant=_refuse)
    except (RecursionError, ArithmeticError) as problem:
        raise ValueError("nested too deeply, or a number out of range") from problem


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON number")
