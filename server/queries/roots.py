"""The root fields of Query that are answered from rows: each is an edge that leads from nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.errors import BadUserInput
from server.queries.access_log import ACCESS_LOG
from server.queries.arguments import Given, Tree, scalar
from server.queries.ask import Ask, Lookup
from server.queries.asking import Reader
from server.queries.binds import CAPACITY, VIEWER
from server.queries.cost import ONE, Amount, fixed
from server.queries.ids import MOST_NODES, decode
from server.queries.noun import Argument, Many, One
from server.queries.nouns import NODES, NOUNS
from server.queries.selection import Selected

QUERY = "Query"


def everything(*_: Any) -> Sequence[Any]:
    return ()


def _self(_: Any, rows: Any, __: Any) -> Sequence[Any]:
    return (rows.c.person_id == VIEWER, rows.c.capacity == CAPACITY)


@dataclass(frozen=True, slots=True)
class Root:
    """`by` names the argument that finds the row: an id, or an @oneOf input whose fields are columns of the noun."""

    edge: One | Many
    arguments: tuple[Argument, ...] = ()
    required: bool = False
    by: str | None = None


ID = Argument("id", "ID!", "The id, as this API returned it.")

ROOTS: dict[str, Root] = {
    "viewer": Root(One("viewer", "Viewer", _self, "Who asks, as the school knows them."), required=True),
    "school": Root(One("school", "School", everything, "The school of this token."), required=True),
    "learner": Root(
        One("learner", "Learner", everything, "One learner; null where you may not know of any."),
        (Argument("by", "LearnerBy!", "How the learner is named: exactly one of its fields."),),
        by="by",
    ),
    "learners": Root(
        Many("learners", "Learner", everything, "Learners you may know of.", "NAME", usual=50, maximum=500, paged=True)
    ),
    "class": Root(One("class", "Class", everything, "One class."), (ID,), by="id"),
    "classes": Root(
        Many("classes", "Class", everything, "Classes of the school.", "NAME", usual=50, maximum=500, paged=True)
    ),
    "assessment": Root(One("assessment", "Assessment", everything, "One assessment."), (ID,), by="id"),
    "report": Root(One("report", "Report", everything, "One published report."), (ID,), by="id"),
    "reports": Root(
        Many(
            "reports",
            "Report",
            everything,
            "Published reports, newest first.",
            "PUBLISHED_AT",
            newest_first=True,
            usual=50,
            maximum=500,
            paged=True,
        )
    ),
    "staff": Root(
        Many("staff", "Staff", everything, "People who work at the school.", "NAME", usual=50, maximum=500, paged=True)
    ),
    "accessLog": Root(ACCESS_LOG),
}
LOOKUPS = {"id": ("learner_id", None), "upn": ("upn", "identifier"), "misId": ("mis_id", "identifier")}


def root_ask(reader: Reader, one: Selected) -> Ask:
    """The ask of a root field of ROOTS."""
    root = ROOTS[one.name]
    given = reader.declared(QUERY, one)
    if isinstance(root.edge, Many):
        return reader.many(root.edge, given, one, (one.key,), ONE)
    noun = NOUNS[root.edge.target]
    ask = Ask(noun, "one", root.edge, (), given, path=(one.key,))
    if root.by is not None:
        ask.lookup = _lookup(ask, given[root.by], root.by)
    ask.picks = reader.picks(noun, one.below, (one.key,), ONE)
    return ask


def node_asks(reader: Reader, one: Selected) -> tuple[list[Ask], bool]:
    """An ask for each type among the ids of `node` or `nodes`; whether it is a list."""
    given = reader.declared(QUERY, one)
    several = one.name == "nodes"
    ids = scalar(given["ids" if several else "id"])
    assert ids is not None
    texts = list(ids.value) if several else [ids.value]
    if len(texts) > MOST_NODES:
        raise BadUserInput(f"ids holds more than {MOST_NODES} ids: ask in parts.", ("ids",))
    prefixes = sorted({_known(text, ids.path) for text in texts})
    asks: list[Ask] = []
    for prefix in prefixes:
        noun = NODES[prefix]
        edge = Many(one.name, noun.name, everything, "", "", maximum=MOST_NODES)
        ask = Ask(noun, "list", edge, (), {}, path=(one.key,), limit=MOST_NODES)
        ask.lookup = Lookup(noun.key, ids, prefix=prefix, yearly=noun.yearly, several=True)
        ask.picks = reader.picks(noun, one.below, (one.key,), _how_many(ids, len(texts)))
        asks.append(ask)
    return asks, several


def _how_many(ids: Given, now: int) -> Amount:
    if not ids.varies or now == 1:
        return fixed(now)
    get = ids.get
    return Amount(now, 1, (lambda given: len(get(given)),))


def _known(text: str, path: tuple[str | int, ...]) -> str:
    found = decode(text, path)
    noun = NODES.get(found.prefix)
    if noun is None or noun.yearly != (found.year is not None):
        raise BadUserInput(f"{'.'.join(map(str, path))} is no id: give an id that this API returned.", path)
    return found.prefix


def _lookup(ask: Ask, tree: Tree, root: str) -> Lookup:
    noun = ask.noun
    if isinstance(tree, dict):
        # A variable that may be null passes validation, and is null or missing only now.
        named = [(name, given) for name, inner in tree.items() if (given := scalar(inner)) is not None]
        if len(named) != 1:
            raise BadUserInput(f"{root} must have exactly one of its fields, not null.", (root,))
        name, tree = named[0]
        if name != "id":
            column, element = LOOKUPS[name]
            return Lookup(column, tree, element)
    assert isinstance(tree, Given)
    decode(tree.value, tree.path, noun.prefix, noun.yearly)
    return Lookup(noun.key, tree, prefix=noun.prefix, yearly=noun.yearly)
