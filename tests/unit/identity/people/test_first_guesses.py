"""Which passwords are among the first that strangers try."""

from __future__ import annotations

import pytest

from server.identity.people.first_guesses import is_common

COMMON = [
    "password1234", "Password123!", "P@ssw0rd2026", "passwordpassword", "qwertyuiop123", "qwertyuiopasdf", "123456789012",
    "987654321098", "aaaaaaaaaaaa", "abcabcabcabc", "abcdefghijkl", "1qaz2wsx3edc", "1q2w3e4r5t6y", "iloveyou2026",
    "ILoveYouForever", "Liverpool1892", "letmeinplease", "Welcome2026!!", "W3lc0me!2026", "summer-2026-summer",
    "manchesterunited", "teacher12345", "Headteacher1!", "sunshineprincess", "correct horse battery", "zyxwvutsrqpo",
    "000000000000", "112233112233", "september2026", "asdfghjkl;123", "…………………………………………", "111122221111",
]  # fmt: skip
OWN = [
    "a wren in the ivy", "Zwölf Boxkämpfer", "tin kettle marmalade", "kRv8-2bqm-Zx71", "twelve chars",
    "日本語のとても長い合言葉です", "seven purple otters danced", "my password is not here", "qwerty and a badger",
    "73 Oak Lane, upstairs", "grumbling wheelbarrow",
]  # fmt: skip


@pytest.mark.parametrize("password", COMMON)
def test_words_runs_and_repetitions_are_common(password: str) -> None:
    """With digits and signs for letters or around them, and in any case."""
    assert is_common(password)


@pytest.mark.parametrize("password", OWN)
def test_words_of_ones_own_are_not(password: str) -> None:
    assert not is_common(password)


def test_it_is_soon_told_of_the_longest() -> None:
    """128 characters of a common word's beginning: nothing tries all ways to part it."""
    assert not is_common("a" * 2 + "mum" * 41 + "xyq")
