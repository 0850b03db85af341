"""Types of the schema whose values Python makes, as declared: what nouns are to rows, kinds are to reckoned answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a kind; `type` in GraphQL's notation, such as "[PolicyRule!]!"; `element` where it tells of one."""

    name: str
    type: str
    description: str
    element: str | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """An object type. Its values are mappings by member name; a member may be an async function, called if selected."""

    name: str
    description: str
    members: tuple[Member, ...]

    def member(self, name: str) -> Member:
        """KeyError for a name that is not declared."""
        return next(one for one in self.members if one.name == name)


def kind(
    name: str,
    description: str,
    *members: tuple[str, str, str] | tuple[str, str, str, str | None],
    element: str | None = None,
) -> Kind:
    """Members by name, type and description; all tell of `element` but those that name another, or None."""
    return Kind(name, description, tuple(Member(*one) if len(one) == 4 else Member(*one, element) for one in members))


def named(type_: str) -> str:
    """The type's name inside lists and non-nulls."""
    found = _NAME.search(type_)
    assert found is not None
    return found.group()
