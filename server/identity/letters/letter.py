"""A letter, and its subject and text as they are sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from string import Template
from typing import Final

from server.identity.letters.addresses import check_address
from server.identity.letters.kinds import KINDS, Form

_LONGEST_TEXT: Final = 200
_LINK: Final = re.compile(r"https?://[!-~]{1,1900}", re.ASCII)
_DOT_INSIDE: Final = re.compile(r"(?<=\w)\.(?=\w)")
_SUBJECT: Final = "Subject: "


@dataclass(frozen=True, slots=True)
class Letter:
    """`values` are those that the kind declares, no more and no fewer: texts and links are str, moments aware datetimes.

    Raises BadUserInput for an address that is none, ValueError for what is no such kind or value.
    """

    kind: str
    to: str = field(repr=False)
    values: Mapping[str, str | datetime] = field(repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError("there is no such kind of letter")
        if self.values.keys() != KINDS[self.kind].keys():
            raise ValueError(f"a letter of {self.kind} holds {', '.join(KINDS[self.kind])}")
        check_address(self.to)


@dataclass(frozen=True, slots=True)
class Written:
    """What the mail server is given."""

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


def write(letter: Letter) -> Written:
    """Subject and text of the letter. Raises ValueError for a value of another form than the kind declares."""
    heading, _, text = _template(letter.kind).partition("\n\n")
    values = {name: _WRITTEN[value.form](letter.values[name]) for name, value in KINDS[letter.kind].items()}
    subject = Template(heading.removeprefix(_SUBJECT)).substitute(values)
    return Written(check_address(letter.to), subject, Template(text).substitute(values))


def _template(kind: str) -> str:
    return (resources.files(__package__ or "") / "templates" / f"{kind}.txt").read_text(encoding="utf-8")


def _text(value: object) -> str:
    """One line, of what can be seen; what mail programs would make a link of is none any more."""
    if not isinstance(value, str):
        raise ValueError("a text is a str")
    seen = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in unicodedata.normalize("NFC", value))
    return _DOT_INSIDE.sub(". ", " ".join(seen.split()).replace("://", ": // "))[:_LONGEST_TEXT]


def _link(value: object) -> str:
    if not isinstance(value, str) or _LINK.fullmatch(value) is None:
        raise ValueError("a link is an address of printable ASCII that begins with https:// or http://")
    return value


def _moment(value: object) -> str:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("a moment is an aware datetime")
    moment = value.astimezone(UTC)
    return f"{moment.day} {moment:%B %Y} at {moment:%H:%M} (UTC)"


_WRITTEN: Final = {Form.TEXT: _text, Form.LINK: _link, Form.MOMENT: _moment}
