"""Which of several confidences is the lowest. They are words that people wrote, such as "official document text; single-source"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_WORDS: Final = (
    "none", "low", "assumed", "general knowledge", "second-hand", "derived", "medium", "single-source", "2-source", "high",
    "published", "stated", "official",
)  # fmt: skip
"""Lowest first."""


def lowest(confidences: Sequence[str]) -> str:
    """As it is written; the first of equals. The lowest word of a text says what it is worth, and none of these is least."""
    return min(confidences, key=_rank)


def _rank(confidence: str) -> int:
    return min((place for place, word in enumerate(_WORDS) if word in confidence.lower()), default=-1)
