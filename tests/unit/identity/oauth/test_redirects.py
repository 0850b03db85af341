"""Addresses for codes: what may be registered, what is taken for it, and where an answer stands in it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.errors import BadUserInput
from server.identity.oauth.redirects import callbacks, is_assured, is_registered, sent_to

REGISTERED = [
    "https://app.example/callback", "https://app.example:8443/a?b=c", "http://127.0.0.1/callback",
    "http://[::1]:51004/callback", "com.example.app:/callback", "com.example.app://callback/a",
]  # fmt: skip
_LETTERS = st.sampled_from("/:.@?#%[]\\ \t\x00abceghlmpstx0127")


def mutated(text: str, place: int, letters: str, cut: int) -> str:
    at = place % (len(text) + 1)
    return text[:at] + letters + text[at + cut :]


def test_these_may_be_registered() -> None:
    """The control: each is taken as it was written, and twice is once."""
    assert callbacks([*REGISTERED, *REGISTERED]) == REGISTERED


@given(st.text(max_size=60))
@example("https://app.example/\u212a")
@example("HTTPS://app.example/callback")
@example("https:app.example")
@example("https://app.example\\@evil.example")
@example("https://[::1/")
@example("https://app.example:/callback")
@example("http://127.0.0.1:0/callback")
@example("1.a:/callback")
@example(".a:/b")
def test_whatever_is_registered_has_one_meaning(text: str) -> None:
    """Plain ASCII without a fragment, a user or a space, of a scheme that no browser runs as a program."""
    try:
        [found] = callbacks([text])
    except BadUserInput:
        return
    assert found == text
    parts = urlsplit(found)
    assert found.isascii()
    assert not set(found) & set(' \\#"<>^`{|}')
    assert not parts.username
    assert parts.scheme == "https" or "." in parts.scheme or parts.hostname in ("127.0.0.1", "::1")


@given(st.sampled_from(REGISTERED), st.integers(0, 99), st.text(_LETTERS, max_size=4), st.integers(0, 4))
@example("http://127.0.0.1/callback", 16, ":99999", 0)
@example("http://127.0.0.1/callback", 16, ":80@evil.example", 0)
@example("http://127.0.0.1/callback", 16, ".evil.example", 0)
@example("http://127.0.0.1/callback", 16, "\\", 0)
def test_an_address_that_differs_is_another(text: str, place: int, letters: str, cut: int) -> None:
    """But for the port of a loopback address, which still leads to this very machine."""
    asked = mutated(text, place, letters, cut)
    if not is_registered(REGISTERED, asked) or asked in REGISTERED:
        return
    parts = urlsplit(asked)
    assert (parts.scheme, parts.hostname in ("127.0.0.1", "::1"), parts.username) == ("http", True, None)
    assert parts.port is None or 0 < parts.port <= 65535
    without = asked.replace(f":{parts.port}/", "/") if parts.port else asked
    assert without in ("http://127.0.0.1/callback", "http://[::1]/callback")


@given(st.sampled_from(REGISTERED), st.text(max_size=20))
def test_an_answer_stands_in_the_query_alone(uri: str, value: str) -> None:
    """Whatever it is, it comes back as it was, behind what was registered."""
    sent = sent_to(uri, [("code", value), ("state", None), ("iss", "https://usher.example")])
    assert sent.startswith(uri)
    found = parse_qsl(urlsplit(sent).query, keep_blank_values=True)
    assert found[-2:] == [("code", value), ("iss", "https://usher.example")]


@pytest.mark.parametrize(
    ("uri", "assured"), list(zip(REGISTERED, [True, True, False, False, False, False], strict=True))
)
def test_only_https_is_the_apps_alone(uri: str, assured: bool) -> None:
    assert is_assured(uri) is assured
