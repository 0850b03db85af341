"""Passwords that are guessed first: common words with digits around them, runs over the keyboard, and repetitions.

NIST SP 800-63B-4, 3.1.1.2, asks to refuse what is commonly used, expected or compromised. No list of leaked passwords is
shipped and none is asked over the network: of twelve characters and more, most of those are made in these three ways.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Final

_LEET: Final = str.maketrans("013457@$!|", "oieastasil")
_ROWS: Final = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm")
_COLUMNS: Final = ("1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "1q2w3e4r5t6y7u8i9o0p", "qazwsxedcrfvtgbyhnujmikolp")
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz"
_MOST_WORDS: Final = 3
_LONGEST_PIECE: Final = 8
_SHORTEST_RUN: Final = 3


def is_common(password: str) -> bool:
    """Whether it is guessed with the first: in whichever case, with digits and signs in it or around it."""
    plain = "".join(unicodedata.normalize("NFKC", password).casefold().split())
    letters = "".join(letter for letter in plain if letter.isalpha())
    changed = "".join(letter for letter in plain.translate(_LEET) if letter.isalpha())
    core = "".join(letter for letter in plain.strip("0123456789!?.,;:-_*#+/&%=@$").translate(_LEET) if letter.isalpha())
    return (
        _is_repetition(plain)
        or _is_runs(plain)
        or (not letters and len(set(plain)) <= _LONGEST_PIECE)
        or any(_is_made_of_words(one, _MOST_WORDS) for one in {letters, changed, core})
    )


def _is_repetition(text: str) -> bool:
    """One piece, over and over."""
    return any(
        text == (text[:size] * (len(text) // size + 1))[: len(text)]
        for size in range(1, min(_LONGEST_PIECE, len(text) // 2) + 1)
    )


def _is_runs(text: str) -> bool:
    """Nothing but stretches of the alphabet, of digits or of neighbouring keys, to and fro."""
    start = 0
    while start < len(text):
        size = next((n for n in range(len(text) - start, _SHORTEST_RUN - 1, -1) if _is_run(text[start : start + n])), 0)
        if size == 0:
            return False
        start += size
    return True


@lru_cache(maxsize=1)
def _runs() -> str:
    ways = [way * 2 for way in (*_ROWS, *_COLUMNS, _ALPHABET, "0123456789", "".join(_ROWS[:4]), "".join(_ROWS[1:4]))]
    return " ".join([*ways, *(way[::-1] for way in ways)])


def _is_run(text: str) -> bool:
    return text in _runs() or len(set(text)) == 1


def _is_made_of_words(text: str, most: int) -> bool:
    """Of at most so many common words, and nothing else."""
    if not text:
        return False
    if text in _words():
        return True
    return most > 1 and any(
        text[:size] in _words() and _is_made_of_words(text[size:], most - 1) for size in range(1, len(text))
    )


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    text = (files(__package__ or "") / "common_words.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
