"""The key that letters are sealed to, told to whoever queues one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString

from joserfc.jwk import ECKey
from psycopg.types.json import Jsonb

PUBLISH: LiteralString = (
    "INSERT INTO usher.letter_key (kid, jwk, made_at) VALUES (%s, %s, %s) ON CONFLICT (kid) DO NOTHING"
)


def published(key: ECKey, now: datetime) -> tuple[str, Jsonb, datetime]:
    """The row of PUBLISH: its public half."""
    public: dict[str, Any] = {**key.as_dict(private=False), "kid": key.kid}
    return str(key.kid), Jsonb(public), now
