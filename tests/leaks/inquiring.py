"""One operation for each root field that Python answers, made from the schema: every field of its answer, with arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    get_named_type,
    is_required_argument,
)

from server.resolvers.schema import graphql_schema
from tests.worlds import World

DEEPEST: Final = 3
# What was recorded lately grows with every answer of the asker's own.
GROWING: Final = frozenset({"replay"})
_named: Final[Any] = get_named_type
NOWHERE: Final = "0190" + "0" * 24 + "dead"


def operations(name: str, world: World, asker: str) -> Iterator[str]:
    """Of the person who asks, of learners in reach and out of it, and of several; one where the field takes no such argument."""
    query: Any = graphql_schema().query_type
    field = query.fields[name]
    wanted = selected(_named(field.type), DEEPEST)
    for learner in ("ann", "cat") if "learner" in field.args else ("ann",):
        yield f"{{ {name}{_given(field, world, asker, learner)} {wanted} }}"
    if "learners" in field.args:
        several = ", ".join(f'"lrn_{world.ids[handle].hex}"' for handle in ("ann", "bob", "cat", "eve"))
        for whose in (f"learners: [{several}]", f'class: "cls_{world.ids["10/Ma1"].hex}"'):
            yield f"{{ {name}({whose}) {wanted} }}"


def _given(field: Any, world: World, asker: str, learner: str) -> str:
    known = {
        "person": f'"per_{world.ids[asker].hex}"',
        "learner": f'"lrn_{world.ids[learner].hex}"',
        "element": "MARK",
        "client": '"mis"',
        "version": "1",
        "assessment": f'"asm_{world.ids["maths-10 paper 1"].hex}"',
        "window": f'"win_{world.ids["autumn"].hex}"',
        "course": f'"crs_{world.ids["maths-10"].hex}"',
        "overlays": '[{name: "other", marks: [{component: "1", score: "70"}]}, {name: "shifted", boundaryShift: 5}]',
    }
    days = {"from": world.days(-2), "to": world.days(-1)}
    ids = {"PolicyDraft": "pdr", "PolicySubmission": "psb"}
    parts: list[str] = []
    for name, argument in field.args.items():
        of: Any = _named(argument.type)
        if name in known and (is_required_argument(argument) or name in ("learner", "version", "course")):
            parts.append(f"{name}: {known[name]}")
        elif name in days:
            parts.append(f'{name}: "{days[name]}"' if of.name == "Date" else f"{name}: 1")
        elif is_required_argument(argument) and name == "id":
            prefix = ids[_named(field.type).name]
            parts.append(f'id: "{prefix}_{NOWHERE}"')
        elif is_required_argument(argument):
            assert isinstance(of, GraphQLEnumType), f"say here what {name} is given"
            listed = str(argument.type).startswith("[")
            value = next(iter(of.values))
            parts.append(f"{name}: [{value}]" if listed else f"{name}: {value}")
    return f"({', '.join(parts)})" if parts else ""


def selected(kind: Any, deep: int) -> str:
    """Every leaf, and the objects below so far down; "" for a leaf. What must be given an argument is left out."""
    if not isinstance(kind, GraphQLObjectType):
        return ""
    fields: dict[str, Any] = kind.fields
    parts = [
        f"{name} {selected(_named(field.type), deep - 1)}"
        for name, field in fields.items()
        if name not in GROWING
        and not any(is_required_argument(one) for one in field.args.values())
        and (deep > 0 or not isinstance(_named(field.type), GraphQLObjectType))
    ]
    return f"{{ __typename {' '.join(parts)} }}"
