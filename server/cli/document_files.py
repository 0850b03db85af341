"""Files in which other tools keep the documents of an app, each with its id."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final, cast

from server.errors import BadUserInput

_FORM: Final = (
    "A file of documents is relay-compiler's JSON, their texts by id, or the manifest of Apollo's"
    " generate-persisted-query-manifest."
)


def texts_of(content: str) -> list[str]:
    """The documents of a JSON file, in its order. Raises BadUserInput: what Usher would not know by that id, too."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise BadUserInput("The file is no JSON.", ("--add",)) from None
    texts: list[str] = []
    for key, text in _pairs(found):
        if not isinstance(text, str) or not isinstance(key, str):
            raise BadUserInput(_FORM, ("--add",))
        if hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() != key.removeprefix("sha256:"):
            raise BadUserInput(
                'An id of the file is not its document\'s SHA-256. For Relay, set "algorithm": "SHA256" in persistConfig.',
                ("--add",),
            )
        texts.append(text)
    if not texts:
        raise BadUserInput("The file holds no document.", ("--add",))
    return texts


def _pairs(found: object) -> Iterator[tuple[object, object]]:
    if not isinstance(found, dict):
        raise BadUserInput(_FORM, ("--add",))
    entries = cast("dict[str, Any]", found)
    if "operations" not in entries:
        yield from entries.items()
        return
    operations = entries["operations"]
    if not isinstance(operations, list):
        raise BadUserInput(_FORM, ("--add",))
    for one in cast("list[Any]", operations):
        if not isinstance(one, dict):
            raise BadUserInput(_FORM, ("--add",))
        operation = cast("dict[str, Any]", one)
        yield operation.get("id"), operation.get("body")
