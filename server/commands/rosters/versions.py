"""A record's version: what stands in it, as far as the caller may read, in one word that a vendor can compare."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from server.commands.rosters.shapes import Shape


def version_of(shape: Shape, stored: Mapping[str, Any], readable: Collection[str]) -> str | None:
    """16 hexadecimal digits; None where no element is readable. `stored` is by column."""
    told = {
        column: stored.get(column)
        for column, element in shape.element_of.items()
        if element in readable and column in stored
    }
    if not told:
        return None
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
