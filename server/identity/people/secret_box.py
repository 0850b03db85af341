"""Secrets that must be read again, encrypted by a key file of the installation: AES-256-GCM (NIST SP 800-38D)."""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.errors import Unavailable

_NONCE_BYTES: Final = 12


class SecretBox:
    """`key` is 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, secret: bytes, about: bytes) -> str:
        """Base64url of a nonce and what is encrypted, which opens only together with `about`: a row moved is no secret."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, secret, about)).decode("ascii")

    def open(self, sealed: str, about: bytes) -> bytes:
        """Raises Unavailable where the key is another one than it was sealed by."""
        try:
            whole = base64.urlsafe_b64decode(sealed)
            return self._cipher.decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], about)
        except (InvalidTag, binascii.Error, ValueError):
            raise Unavailable("The secrets of authenticator apps can't be read: restore keys/secrets.key.") from None
