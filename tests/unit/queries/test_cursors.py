"""Sealing and opening of cursors."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import BadCursor
from server.queries.cursors import Cursors

KEY, OTHER = b"k" * 32, b"o" * 32
PATH = ("learners", "after")


def sealed(cursors: Cursors, keys: list[str | None], bound: bytes = b"bound") -> str:
    mark = f'"cur.{cursors.mark}.0.{json.dumps(keys).encode().hex()}"'.encode()
    return cursors.seal(mark, [bound]).decode().strip('"')


@given(keys=st.lists(st.none() | st.text(max_size=40), min_size=1, max_size=4), bound=st.binary(max_size=40))
def test_a_cursor_opens_to_its_keys(keys: list[str | None], bound: bytes) -> None:
    assert Cursors(KEY).open(sealed(Cursors(KEY), keys, bound), bound, PATH) == keys


@given(keys=st.lists(st.text(max_size=10), min_size=1, max_size=3), text=st.text(max_size=200))
def test_no_other_text_opens(keys: list[str], text: str) -> None:
    with pytest.raises(BadCursor) as caught:
        Cursors(KEY).open(text, b"bound", PATH)
    assert caught.value.path == PATH


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_changed_cursor_does_not_open(place: int, bit: int) -> None:
    found = sealed(Cursors(KEY), ["ash ann", "0190"])
    at = place % (len(found) - 1)  # the last letter of base64 has bits that say nothing
    changed = found[:at] + chr(ord(found[at]) ^ (1 << bit)) + found[at + 1 :]
    with pytest.raises(BadCursor):
        Cursors(KEY).open(changed, b"bound", PATH)


def test_a_cursor_is_bound_and_keyed() -> None:
    found = sealed(Cursors(KEY), ["a"])
    for key, bound in ((OTHER, b"bound"), (KEY, b"other"), (KEY, b"")):
        with pytest.raises(BadCursor):
            Cursors(key).open(found, bound, PATH)


def test_only_marks_of_this_request_are_sealed() -> None:
    """Text that a row holds may look like a mark of another request."""
    cursors = Cursors(KEY)
    text = f'{{"name": "cur.{"0" * 16}.0.5b5d", "cursor": "cur.{cursors.mark}.0.{b"[null]".hex()}"}}'.encode()
    told = json.loads(cursors.seal(text, [b"bound"]))
    assert told["name"] == f"cur.{'0' * 16}.0.5b5d"
    assert re.fullmatch(r"[A-Za-z0-9_-]+", told["cursor"])
    assert Cursors(KEY).open(told["cursor"], b"bound", PATH) == [None]


def test_marks_are_new_each_time() -> None:
    assert len({Cursors(KEY).mark for _ in range(100)}) == 100
