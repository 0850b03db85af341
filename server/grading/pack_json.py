"""Strict JSON for packs: decimals stay exact, NaN is refused, and a key written twice is remembered."""

from __future__ import annotations

import json
from decimal import Decimal


class JsonObject(dict[str, object]):
    """A parsed object; `repeated` are the keys written twice, of which JSON itself keeps the last in silence."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        twice = {name for name in names if names.count(name) > 1} if len(self) < len(names) else set[str]()
        self.repeated = tuple(sorted(twice))


def parse_json(text: str) -> object:
    """Parse JSON text. Raises ValueError for anything that is none, absurd numbers and nesting included."""
    try:
        return json.loads(text, object_pairs_hook=JsonObject, parse_float=Decimal, parse_constant=_refuse)
    except (RecursionError, ArithmeticError) as problem:
        raise ValueError("nested too deeply, or a number out of range") from problem


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is no JSON number")
