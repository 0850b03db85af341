"""Letters at rest: sealed to the key of the process that sends them (JWE, ECDH-ES with A256GCM; RFC 7518, 4.6 and 5.3).

A letter may hold a link that lets somebody in. Whoever queues it needs the public key alone, which stands in the
database; no web server, backup or reader of the database can open what it holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from server.identity.letters.letter import Written

_ALGORITHMS: Final = ["ECDH-ES", "A256GCM"]


def seal(public: Mapping[str, Any], written: Written) -> str:
    """In compact form, its header naming the key's `kid`."""
    key = ECKey.import_key(dict(public))
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": public["kid"]}
    content = json.dumps([written.to, written.subject, written.text]).encode()
    return jwe.encrypt_compact(header, content, key, algorithms=_ALGORITHMS)


def unseal(key: ECKey, sealed: str) -> Written | None:
    """None where it was sealed to another key."""
    try:
        content = jwe.decrypt_compact(sealed, key, algorithms=_ALGORITHMS).plaintext
    except (JoseError, ValueError):
        return None
    return Written(*json.loads(content or b"[]"))
