"""The parameters of a GraphQL request, as GraphQL over HTTP names them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, cast

from server.web.json_input import parse_json
from server.web.limits import check_source
from server.web.refusals import Refusal, malformed

PURPOSE: Final = b"usher-purpose"
REASON: Final = b"usher-reason"
_LONGEST: Final = {PURPOSE: 100, REASON: 500}
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# JSON's escapes are looked at before; these are GraphQL's own, inside its string literals.
_NUL_LITERAL: Final = re.compile(r"\\u(0000|\{0+\})")


@dataclass(frozen=True, slots=True)
class Parameters:
    """`document` is None where `document_id` names a registered one."""

    document: str | None
    operation_name: str | None
    variables: dict[str, Any]
    document_id: str | None = None


def read_parameters(body: bytes) -> Parameters:
    """Raises Refusal (400), and LimitExceeded for a document too deep to be parsed."""
    return parameters_of(parse_json(body))


def parameters_of(value: Any) -> Parameters:
    """The same, of JSON that is parsed."""
    if not isinstance(value, dict):
        raise malformed('The body must be one JSON object with a "query".')
    entries = cast("dict[str, Any]", value)
    document_id = _document_id(entries)
    # Some clients send no request without a text.
    document = None if document_id is not None and entries.get("query") == "" else entries.get("query")
    if document is not None or document_id is None:
        _check_document(document)
    name = _optional(entries, "operationName", str)
    return Parameters(document, name, _optional(entries, "variables", dict) or {}, document_id)


def _document_id(entries: Mapping[str, Any]) -> str | None:
    """`documentId`, or its other spelling: the SHA-256 that Apollo's persisted queries have in `extensions`."""
    named = _optional(entries, "documentId", str)
    extensions: dict[str, Any] = _optional(entries, "extensions", dict) or {}
    persisted: dict[str, Any] | None = _optional(extensions, "persistedQuery", dict)
    if persisted is None:
        return named
    digest: str | None = _optional(persisted, "sha256Hash", str)
    if digest is None or persisted.get("version") != 1:
        raise malformed('"persistedQuery" must hold "version": 1 and a "sha256Hash".', "extensions", "persistedQuery")
    if named is not None:
        raise malformed('Send "documentId" or "persistedQuery".', "documentId")
    return digest


def _check_document(document: object) -> None:
    if not isinstance(document, str):
        raise malformed('"query" must be a string: the GraphQL document.', "query")
    if "\\u" in document and _NUL_LITERAL.search(document):
        raise malformed("The document holds a NUL character.", "query")
    check_source(document)


def _optional(entries: Mapping[str, Any], name: str, kind: type) -> Any:
    value = entries.get(name)
    if value is not None and not isinstance(value, kind):
        raise malformed(f'"{name}" must be {"a string" if kind is str else "an object"} or null.', name)
    return value


def header_text(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    """A header that a person wrote, in UTF-8; None when it is empty or absent. Raises Refusal (400)."""
    raw = headers.get(name)
    if raw is None:
        return None
    try:
        text = raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise _bad_header(name) from None
    if len(text) > _LONGEST[name] or _CONTROL.search(text):
        raise _bad_header(name)
    return text or None


def _bad_header(name: bytes) -> Refusal:
    title = name.decode("ascii").title()
    return malformed(f"{title} must be UTF-8 text of at most {_LONGEST[name]} characters on one line.")


@lru_cache(maxsize=64)
def is_json(content_type: bytes) -> bool:
    """Whether a Content-Type is application/json in UTF-8."""
    media, *parameters = (part.strip().lower() for part in content_type.decode("latin-1").split(";"))
    charsets = [part.split("=", 1)[1].strip('" ') for part in parameters if part.startswith("charset=")]
    return media == "application/json" and all(charset in ("utf-8", "utf8") for charset in charsets)
