"""Text that PostgreSQL can store."""

from __future__ import annotations


def storable(text: str, longest: int) -> bool:
    """At most `longest` characters, no NUL and no lone surrogates, which UTF-8 has not."""
    return len(text) <= longest and not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in text)
