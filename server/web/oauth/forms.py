"""Forms as RFC 6749 has them: every field once, UTF-8, no control characters, and no more than a form needs."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from server.identity.oauth.requests import Form

MAXIMUM_BYTES: Final = 32 * 1024
_MOST_FIELDS: Final = 30
_LONGEST_BASIC: Final = 1024
_FORM: Final = "application/x-www-form-urlencoded"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


class BadForm(Exception):
    """The sentence tells what is wrong, and nothing of what was sent; ASCII without quotes and backslashes."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def read_form(headers: Mapping[bytes, bytes], body: bytes) -> Form:
    """Raises BadForm. A header that was sent several times stands in `headers` with commas between."""
    media = headers.get(b"content-type", b"").decode("latin-1").split(";")[0].strip().lower()
    if media != _FORM:
        raise BadForm(f"Send a form: Content-Type {_FORM}.")
    return Form(_fields(body), _authorization(headers), _proof(headers))


def _proof(headers: Mapping[bytes, bytes]) -> str | None:
    header = headers.get(b"dpop")
    return None if header is None else header.decode("latin-1").strip()


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict",
            max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise BadForm("The body is no form in UTF-8, or has too many fields.") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise BadForm("Send each field once.")
    if any(_CONTROL.search(text) for pair in pairs for text in pair):
        raise BadForm("A field holds a control character.")
    # RFC 6749, section 3.2: a field without a value is as good as none.
    return {name: value for name, value in fields.items() if value}


def _authorization(headers: Mapping[bytes, bytes]) -> str | None:
    """The header, where it is HTTP Basic that can be read; any other form proves nobody."""
    header = headers.get(b"authorization")
    if header is None:
        return None
    scheme, _, token = header.decode("latin-1").partition(" ")
    if scheme.lower() != "basic" or len(token) > _LONGEST_BASIC:
        raise BadForm("Authorization must be HTTP Basic, or left out.")
    try:
        text = base64.b64decode(token.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise BadForm("The credentials of HTTP Basic can not be read.") from None
    if _CONTROL.search(text) or ":" not in text:
        raise BadForm("The credentials of HTTP Basic are an id and a secret, with a colon between them.")
    return f"Basic {token.strip()}"
