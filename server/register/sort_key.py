"""The stored key by which people are ordered, indexed and paged, independent of any database's collation."""

import unicodedata

# Below every character a name part keeps, so that all of "Smith" comes before "Smith-Jones" and "Smithson".
_BETWEEN_NAMES = " "
# Below every letter and digit, so that a short word comes before a longer one.
_BETWEEN_WORDS = "-"

# Letters that Unicode does not take apart, as an English reader files them.
_PLAIN = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŧ": "t", "þ": "th", "ŋ": "ng"}
)
_APOSTROPHES = frozenset("'`´‘’‛′ʹʻʼʽʾʿˈ＇")


def sort_key(family: str, given: str) -> str:
    """Key of a person: ordered by family name, then given name, when compared byte by byte (COLLATE "C").

    Case, accents and apostrophes do not count; hyphens and spaces separate words. Names that differ only in these
    share a key: order by id after it. Never contains a control character, a lone surrogate or a line break.
    """
    return folded(family) + _BETWEEN_NAMES + folded(given)


def folded(name: str) -> str:
    """One name part of a key: folded words joined by `-`; empty when nothing of the name is kept."""
    words: list[str] = []
    word = ""
    for character in _decomposed(name):
        if _kept(character):
            word += character
        elif not _joins(character):
            words.append(word)
            word = ""
    words.append(word)
    return _BETWEEN_WORDS.join(filter(None, words))


def _decomposed(name: str) -> str:
    # Folding can compose and compatibility forms can hide capitals: twice reaches the fixed point.
    for _ in range(2):
        name = unicodedata.normalize("NFKD", name).casefold()
    return unicodedata.normalize("NFKD", name).translate(_PLAIN)


def _kept(character: str) -> bool:
    """Letters, digits, and the vowel signs that spell a word in scripts such as Devanagari; accents are not."""
    if character in _APOSTROPHES:
        return False
    category = unicodedata.category(character)
    if category[0] == "L" or category[0] == "N":
        return True
    return category in ("Mc", "Mn") and not unicodedata.combining(character) and not _invisible(character)


def _joins(character: str) -> bool:
    """Characters that vanish without ending a word: accents, apostrophes, marks and invisible joiners."""
    return character in _APOSTROPHES or unicodedata.category(character) in ("Mn", "Me", "Cf")


def _invisible(character: str) -> bool:
    return character == "\u034f" or "VARIATION SELECTOR" in unicodedata.name(character, "")
