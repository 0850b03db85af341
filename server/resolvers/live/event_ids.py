"""Ids of events, and of places between them: where a school's stream was, encrypted for one account.

The same event has the same id each time. A place has another one each time: it moves with all that happens in the school,
and who could compare two would see that something was recorded of which they are told nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from server.errors import BadUserInput
from server.identity.principal import Principal

PREFIX: Final = "evt_"
_BYTES: Final = 8
_NONCE: Final = 12
_LENGTHS: Final = (len(PREFIX) + 32, len(PREFIX) + 48)


class EventIds:
    """`key` is 32 random bytes that all workers share."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(hmac.digest(key, b"usher event ids", hashlib.sha256))

    def seal(self, sequence: int, principal: Principal) -> str:
        """Of the event of that number, which is told."""
        return self._sealed(sequence.to_bytes(_BYTES, "big"), principal)

    def place(self, sequence: int, principal: Principal) -> str:
        """Behind the event of that number, whether or not it was told."""
        return self._sealed(sequence.to_bytes(_BYTES, "big") + secrets.token_bytes(_NONCE), principal)

    def open(self, text: str, principal: Principal, name: str) -> int:
        """The sequence number. Raises BadUserInput, which names the argument, for an id that this account never got."""
        refusal = BadUserInput(f"{name} is no id of an event that you were told: begin without it.", (name,))
        if len(text) not in _LENGTHS or not text.startswith(PREFIX) or not text.isascii():
            raise refusal
        try:
            secret = base64.b64decode(text[len(PREFIX) :], altchars=b"-_", validate=True)
            return int.from_bytes(self._cipher.decrypt(secret, _holder(principal))[:_BYTES], "big")
        except (ValueError, InvalidTag):
            raise refusal from None

    def _sealed(self, plain: bytes, principal: Principal) -> str:
        return PREFIX + base64.urlsafe_b64encode(self._cipher.encrypt(plain, _holder(principal))).decode()


def _holder(principal: Principal) -> list[bytes]:
    return [f"{principal.school_id}|{principal.person_id}|{principal.capacity}".encode()]
