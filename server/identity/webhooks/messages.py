"""What a webhook is told, and the signature that it knows us by: a JWS with detached content (RFC 7515, appendix F).

The body names the school and what there is news of, and nothing of anybody at it. The key is that of access tokens, in
the same JWK Set; `typ` and `url` keep a signature from being taken for anything else, or for another endpoint's.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from joserfc import jws
from joserfc.jwk import ECKey

TYPE: Final = "usher-webhook+json"
HEADER: Final = "Usher-Signature"
_REGISTRY: Final = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)


def message_id(client_id: str, school_id: UUID, news: str) -> str:
    """The same for the same news, so that a second delivery is known for one."""
    return hashlib.sha256(f"{client_id}|{school_id}|{news}".encode()).hexdigest()[:32]


def body(id_: str, school_id: UUID, kinds: Sequence[str], now: datetime) -> bytes:
    """`kinds` are of changes and purges."""
    told = {"id": id_, "at": int(now.timestamp()), "school": f"sch_{school_id.hex}", "news": list(kinds)}
    return json.dumps(told, separators=(",", ":")).encode()


def signature(content: bytes, url: str, key: ECKey) -> str:
    """`header..signature`."""
    protected = {"alg": "ES256", "kid": str(key.kid), "typ": TYPE, "url": url}
    whole = jws.serialize_compact(protected, content, key, registry=_REGISTRY)
    header, _, sign = whole.split(".")
    return f"{header}..{sign}"


def attached(content: bytes, detached: str) -> str:
    """The compact JWS that a receiver verifies."""
    header, _, sign = detached.split(".")
    return f"{header}.{base64.urlsafe_b64encode(content).rstrip(b'=').decode()}.{sign}"
