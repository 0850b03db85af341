"""Cursors: where a page ended, encrypted for one person, field, filter and order.

PostgreSQL writes a cursor as a mark with the keys of the row in clear; the mark is sealed before the answer leaves. A mark
begins with a number that is new in each request, so that no stored text can pass for one.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.errors import BadCursor

_NONCE: Final = 12
_LONGEST: Final = 4096


class Cursors:
    """One request's cursors. `key` is 32 random bytes that all workers share."""

    __slots__ = ("_key", "_mark")

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._mark = ""

    @property
    def mark(self) -> str:
        """Drawn when it is first needed: most answers have no cursor."""
        self._mark = self._mark or secrets.token_hex(8)
        return self._mark

    @property
    def _cipher(self) -> AESGCM:
        return AESGCM(self._key)

    def seal(self, answer: bytes, bound: list[bytes]) -> bytes:
        """The answer with each mark `cur.<mark>.<place>.<hex>` sealed; `bound[place]` is what it is bound to."""

        cipher = self._cipher

        def sealed(match: re.Match[bytes]) -> bytes:
            nonce = secrets.token_bytes(_NONCE)
            secret = cipher.encrypt(nonce, bytes.fromhex(match[2].decode()), bound[int(match[1])])
            return base64.urlsafe_b64encode(nonce + secret).rstrip(b"=")

        return re.sub(rb"cur\.%s\.(\d+)\.([0-9a-f]+)" % self.mark.encode(), sealed, answer)

    def seal_place(self, secret: bytes, bound: bytes) -> str:
        """A place that Python knows, such as that in a feed."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, secret, bound)).rstrip(b"=").decode()

    def open_place(self, cursor: str, bound: bytes, path: tuple[str | int, ...]) -> bytes:
        """Raises BadCursor."""
        return self._opened(cursor, bound, path)

    def open(self, cursor: str, bound: bytes, path: tuple[str | int, ...]) -> list[Any]:
        """The keys that the cursor holds, as texts or None. Raises BadCursor."""
        return json.loads(self._opened(cursor, bound, path))

    def _opened(self, cursor: str, bound: bytes, path: tuple[str | int, ...]) -> bytes:
        refusal = BadCursor(f"{'.'.join(map(str, path))} is no cursor of this list: start again without it.", path)
        if len(cursor) > _LONGEST:
            raise refusal
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], bound)
        except (ValueError, InvalidTag):
            raise refusal from None
