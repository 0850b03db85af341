"""Keys of yearly rows, as outcomes name them."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID


class YearlyKey(NamedTuple):
    """The academic year (its starting year) and the key of a mark or grade."""

    year: int
    key: UUID
