"""Random texts that a person's browser or letter holds, of which the tables have the digest alone."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

_BYTES: Final = 32
_LONGEST: Final = 128


def new_text() -> str:
    """43 characters of base64url, 256 random bits."""
    return secrets.token_urlsafe(_BYTES)


def digest_of(text: str) -> str:
    """SHA-256 in hexadecimal, which is enough for so many random bits; looked up by a unique index, never compared."""
    return hashlib.sha256(text[:_LONGEST].encode("utf-8", "surrogatepass")).hexdigest()
