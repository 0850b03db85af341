"""Where people sign in: the installation's address, and what encrypts their secrets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from server.identity.issuer import Issuer
from server.identity.keys import secrets_key
from server.identity.people.secret_box import SecretBox


@dataclass(frozen=True, slots=True)
class Premises:
    issuer: Issuer
    box: SecretBox

    @classmethod
    def of(cls, issuer: Issuer, keys: Path) -> Premises:
        """`keys` is the folder of key files. Raises Unavailable."""
        return cls(issuer, SecretBox(secrets_key(keys)))

    @property
    def rp_id(self) -> str:
        """The host that passkeys are of (WebAuthn, section 5.1.2)."""
        return urlsplit(self.issuer.url).hostname or ""

    @property
    def origin(self) -> str:
        """Where a browser makes them: scheme, host and port."""
        parts = urlsplit(self.issuer.url)
        return f"{parts.scheme}://{parts.netloc.lower()}"
