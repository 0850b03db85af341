"""Files of documents that relay-compiler and Apollo's tools write."""

import hashlib
import json
from typing import Any

import pytest

from server.cli.document_files import texts_of
from server.errors import BadUserInput

TEXTS = ["query A { viewer { roles } }", "query É {\n  viewer { capacity }\n}\n"]
IDS = [hashlib.sha256(text.encode()).hexdigest() for text in TEXTS]


def apollo(*operations: Any) -> str:
    return json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations})


def test_relays_file_and_apollos_manifest_hold_the_same() -> None:
    """Byte for byte, in the order of the file."""
    bodies = [{"id": key, "name": "A", "type": "query", "body": text} for key, text in zip(IDS, TEXTS, strict=True)]
    assert texts_of(json.dumps(dict(zip(IDS, TEXTS, strict=True)))) == TEXTS
    assert texts_of(apollo(*bodies)) == TEXTS


def test_another_algorithm_is_told_the_remedy() -> None:
    """Relay's own is MD5: Usher would never know those ids."""
    md5 = hashlib.md5(TEXTS[0].encode()).hexdigest()
    with pytest.raises(BadUserInput, match='"algorithm": "SHA256"'):
        texts_of(json.dumps({md5: TEXTS[0]}))
    with pytest.raises(BadUserInput, match="SHA-256"):
        texts_of(apollo({"id": IDS[0], "body": TEXTS[1]}))


@pytest.mark.parametrize(
    "content",
    [
        "", "null", "[]", "1", "{}", "{", "[" * 100_000, '{"a": 1}', '{"a": null}', '{"operations": 1}', '{"operations": []}',
        '{"operations": [1]}', '{"operations": [{}]}', '{"operations": [{"id": 1, "body": "a"}]}', '{"a": "\\ud800"}',
    ],
)  # fmt: skip
def test_what_is_no_such_file(content: str) -> None:
    """One sentence, whatever it is."""
    with pytest.raises(BadUserInput):
        texts_of(content)
