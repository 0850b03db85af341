"""A document that is to be registered: read as it would be when it is asked, and refused where it could not be."""

from __future__ import annotations

from server.errors import BadUserInput, UsherError
from server.identity.oauth.documents import LONGEST, NewDocument, check_purpose
from server.resolvers.documents import Prepared, read_document
from server.resolvers.invalid import DocumentInvalid
from server.resolvers.schema import graphql_schema
from server.web.limits import check_limits, check_source

_UNNAMED = "(unnamed)"


def new_document(text: str, purpose: str) -> NewDocument:
    """Raises BadUserInput and LimitExceeded."""
    check_purpose(purpose)
    prepared = _read(text)
    names = ", ".join(name or _UNNAMED for name in prepared.operations)
    return NewDocument(prepared.digest, names[:200], text, purpose)


def fault(text: str) -> str | None:
    """Why a document can't be asked any more, in words; None for one that can."""
    try:
        _read(text)
    except UsherError as error:
        return error.message
    return None


def _read(text: str) -> Prepared:
    if not 0 < len(text) <= LONGEST or "\x00" in text:
        raise BadUserInput(f"A document is a text of 1 to {LONGEST:,} characters, without NUL.", ("document",))
    check_source(text)
    try:
        prepared = read_document(graphql_schema(), check_limits, text)
    except DocumentInvalid as invalid:
        raise BadUserInput(f"The document is not valid: {invalid.errors[0].message}", ("document",)) from None
    if not prepared.operations:
        raise BadUserInput("The document holds no operation.", ("document",))
    return prepared
