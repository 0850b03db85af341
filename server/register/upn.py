"""Unique pupil numbers: check letter, local authority, establishment, year of allocation, serial.

The parts serve validation only; nothing is derived from them.
"""

from collections.abc import Iterable
from enum import StrEnum

from server.register.local_authorities import is_local_authority

# I, O and S are left out: they are read as 1, 0 and 5.
ALPHABET = "ABCDEFGHJKLMNPQRTUVWXYZ"
_DIGITS = "0123456789"
_VALUES = {character: value for text in (_DIGITS, ALPHABET) for value, character in enumerate(text)}


class UpnProblem(StrEnum):
    """The census's own error numbers."""

    MISSING = "1500"
    CHECK_LETTER = "1510"
    DUPLICATE = "1520"
    LOCAL_AUTHORITY = "1530"
    NOT_NUMERIC = "1540"
    LAST_CHARACTER = "1550"

    @property
    def sentence(self) -> str:
        """What is wrong and what to do; never the number itself."""
        return _SENTENCES[self]


_SENTENCES = {
    UpnProblem.MISSING: "The UPN is missing: give the learner's number or a temporary one.",
    UpnProblem.CHECK_LETTER: "The UPN's first letter does not fit the rest of it: check it for a typing error.",
    UpnProblem.DUPLICATE: "The UPN is given more than once: each learner has their own.",
    UpnProblem.LOCAL_AUTHORITY: "Characters 2 to 4 of the UPN are no local authority: check them for a typing error.",
    UpnProblem.NOT_NUMERIC: "Characters 5 to 12 of the UPN must be digits: check them for a typing error.",
    UpnProblem.LAST_CHARACTER: "The UPN must end in a digit or a letter other than I, O and S: check its end.",
}


def normalise_upn(text: str | None) -> str:
    """The number without spaces, in capitals; empty when there is none."""
    return "".join((text or "").split()).upper()


def check_letter(rest: str) -> str:
    """First character of a number from the 12 others.

    Weighted sum of positions 2 to 13 modulo 23. Raises ValueError unless `rest` is 11 digits and a digit or letter.
    """
    if not _is_body(rest):
        raise ValueError("rest must be 11 digits followed by a digit or a letter other than I, O or S")
    return ALPHABET[sum(weight * _VALUES[character] for weight, character in enumerate(rest, start=2)) % 23]


def check_upn(text: str | None) -> UpnProblem | None:
    """The first problem of a normalised or typed number, None when there is none; a wrong length is CHECK_LETTER."""
    upn = normalise_upn(text)
    if not upn:
        return UpnProblem.MISSING
    if len(upn) != 13:
        return UpnProblem.CHECK_LETTER
    if not _is_digits(upn[1:4]) or not is_local_authority(int(upn[1:4])):
        return UpnProblem.LOCAL_AUTHORITY
    if not _is_digits(upn[4:12]):
        return UpnProblem.NOT_NUMERIC
    if upn[12] not in _VALUES:
        return UpnProblem.LAST_CHARACTER
    return None if check_letter(upn[1:]) == upn[0] else UpnProblem.CHECK_LETTER


def duplicate_upns(upns: Iterable[str | None]) -> frozenset[int]:
    """Positions, from 0, of every number that occurs more than once; missing numbers are not duplicates."""
    positions: dict[str, list[int]] = {}
    for position, text in enumerate(upns):
        positions.setdefault(normalise_upn(text), []).append(position)
    positions.pop("", None)
    return frozenset(place for places in positions.values() if len(places) > 1 for place in places)


def is_temporary(upn: str) -> bool:
    """True for a valid number that ends in a letter."""
    return check_upn(upn) is None and normalise_upn(upn)[12] in ALPHABET


def make_upn(la: int, establishment: int, year: int, serial: int, *, temporary: bool = False) -> str:
    """A valid number for generated data.

    `year` is the calendar year of allocation, four or two digits; `serial` runs to 999, of a temporary number to
    2,299 (two digits and a letter). Raises ValueError that names the argument out of range.
    """
    _require(is_local_authority(la), "la must be a local authority's number")
    _require(0 <= establishment <= 9999, "establishment must be between 0 and 9999")
    _require(0 <= year <= 9999, "year must be between 0 and 9999")
    _require(0 <= serial < (2300 if temporary else 1000), "serial is beyond the last one of its kind")
    last = f"{serial % 100:02}{ALPHABET[serial // 100]}" if temporary else f"{serial:03}"
    rest = f"{la:03}{establishment:04}{year % 100:02}{last}"
    return check_letter(rest) + rest


def _is_digits(text: str) -> bool:
    # str.isdigit() would let digits of other scripts through.
    return all(character in _DIGITS for character in text)


def _is_body(rest: str) -> bool:
    return len(rest) == 12 and _is_digits(rest[:11]) and rest[11] in _VALUES


def _require(holds: bool, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence)
