"""Codes that people read from a letter and type: their letters, and the digests that are all that is stored of them."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter looks like another, and none makes a word that one wouldn't print."""
_LOOKS_LIKE: Final = str.maketrans("OIL", "011")
_BETWEEN: Final = re.compile(r"[\s\u2010-\u2015-]+")
_GROUP: Final = 5
CODE_LETTERS: Final = 20
"""100 bits: nobody finds one by trying."""
CONFIRMATION_LETTERS: Final = 10
NUMBER_DIGITS: Final = 6


def new_code() -> str:
    """Of an invitation, such as 7K3QD-0M9VX-PZ4TA-1HJ8C."""
    return _grouped(_letters(CODE_LETTERS))


def new_confirmation() -> str:
    """Of somebody without an e-mail address, beside the code and apart from it."""
    return _grouped(_letters(CONFIRMATION_LETTERS))


def new_number() -> str:
    """Sent to an e-mail address."""
    return f"{secrets.randbelow(10**NUMBER_DIGITS):0{NUMBER_DIGITS}}"


def code_digest(text: str) -> str | None:
    """Of what was typed, however it was grouped; None for what can't be a code."""
    return _digest_of(text, CODE_LETTERS)


def confirmation_digest(text: str) -> str | None:
    return _digest_of(text, CONFIRMATION_LETTERS)


def keyed_digest(secret: str, text: str) -> str:
    """Of a short number, with a secret that is stored nowhere: whoever reads the digest can't try all numbers."""
    return hashlib.sha256(f"{secret} {_BETWEEN.sub('', text)}".encode()).hexdigest()


def _digest_of(text: str, length: int) -> str | None:
    plain = _BETWEEN.sub("", text).upper().translate(_LOOKS_LIKE)
    if len(plain) != length or not set(plain) <= set(ALPHABET):
        return None
    return hashlib.sha256(plain.encode()).hexdigest()


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(count))


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
