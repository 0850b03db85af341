"""Every kind of the schema, of inquiries and of mutations' payloads, by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from server.queries.kinds import Kind
from server.resolvers.governed import answered, object_type
from server.resolvers.inquiries import INQUIRIES
from server.resolvers.mutations import MUTATIONS


def _once(declared: Iterable[tuple[Kind, ...]]) -> dict[str, Kind]:
    """ValueError where two share a name."""
    found: dict[str, Kind] = {}
    for kind in (one for several in declared for one in several):
        if found.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two kinds are called {kind.name}")
    return found


KINDS: Final = _once(one.kinds for one in (*INQUIRIES.values(), *MUTATIONS.values()))


def build_kinds() -> None:
    """Their object types."""
    for kind in KINDS.values():
        members = (answered(one.name, one.type, one.description, (), one.element) for one in kind.members)
        object_type(kind.name, kind.description, members)
