"""Edits of a rule book as options of the command line."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from server.errors import BadUserInput

Adds = Annotated[list[str] | None, typer.Option("--add", help="A new rule, in words.", show_default=False)]
Changes = Annotated[
    list[str] | None, typer.Option("--change", help="What a rule says now: ID=SENTENCE.", show_default=False)
]
Removes = Annotated[list[str] | None, typer.Option("--remove", help="The id of a rule.", show_default=False)]
Raises = Annotated[
    list[str] | None,
    typer.Option("--raise", help="Treat an element as special category: ELEMENT=COURSE.", show_default=False),
]
Lowers = Annotated[list[str] | None, typer.Option("--lower", help="Undo that of an element.", show_default=False)]
Edits = list[dict[str, Any]]


def edits_of(
    adds: list[str] | None,
    changes: list[str] | None,
    removes: list[str] | None,
    raises: list[str] | None,
    lowers: list[str] | None,
) -> Edits:
    """Removed first, added last. Raises BadUserInput for a pair without its sign."""
    found: Edits = [{"remove": one} for one in removes or ()]
    found += [{"lower": one} for one in lowers or ()]
    for one in raises or ():
        element, course = _pair(one, "--raise", "ELEMENT=COURSE")
        found.append({"raise": {"element": element, "course": course}})
    for one in changes or ():
        rule, sentence = _pair(one, "--change", "ID=SENTENCE")
        found.append({"change": {"id": rule, "sentence": sentence}})
    return [*found, *({"add": {"sentence": one}} for one in adds or ())]


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    first, sign, second = text.partition("=")
    if not sign or not first.strip() or not second.strip():
        raise BadUserInput(f"{option} is written {form}.", (option,))
    return first.strip(), second.strip()
