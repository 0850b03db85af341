"""What runners of cases share: the row that a case names, and how packs write numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeAlias

from server.grading.exact import number_text
from server.grading.pack_cases import Case
from server.grading.pack_units import PackRow
from server.grading.packs import Pack

Actual: TypeAlias = Mapping[str, object]
Runner: TypeAlias = Callable[[Pack, Case], Actual]


class UnknownRow(Exception):
    """The case names a row that the pack does not have, or that was rejected; `word` says which."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def row_of(pack: Pack, case: Case) -> PackRow:
    row = pack.rows.get(case.spec)
    if row is None:
        raise UnknownRow("specification_rejected" if case.spec in pack.rejected else "specification_unknown")
    return row


def number(value: Fraction | None) -> object:
    """Whole numbers as such, others as exact text: how packs write them."""
    if value is None:
        return None
    return int(value) if value.denominator == 1 else number_text(value)
