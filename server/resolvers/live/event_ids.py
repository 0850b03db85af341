"""Ids of events: where a school's stream was, encrypted for one account. The same event has the same id each time."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from server.errors import BadUserInput
from server.identity.principal import Principal

PREFIX: Final = "evt_"
_BYTES: Final = 8
_LENGTH: Final = len(PREFIX) + 32


class EventIds:
    """`key` is 32 random bytes that all workers share."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESSIV(hmac.digest(key, b"usher event ids", hashlib.sha256))

    def seal(self, sequence: int, principal: Principal) -> str:
        secret = self._cipher.encrypt(sequence.to_bytes(_BYTES, "big"), _holder(principal))
        return PREFIX + base64.urlsafe_b64encode(secret).decode()

    def open(self, text: str, principal: Principal, name: str) -> int:
        """The sequence number. Raises BadUserInput, which names the argument, for an id that this account never got."""
        refusal = BadUserInput(f"{name} is no id of an event that you were told: begin without it.", (name,))
        if len(text) != _LENGTH or not text.startswith(PREFIX) or not text.isascii():
            raise refusal
        try:
            secret = base64.b64decode(text[len(PREFIX) :], altchars=b"-_", validate=True)
            return int.from_bytes(self._cipher.decrypt(secret, _holder(principal)), "big")
        except (ValueError, InvalidTag):
            raise refusal from None


def _holder(principal: Principal) -> list[bytes]:
    return [f"{principal.school_id}|{principal.person_id}|{principal.capacity}".encode()]
