"""Probes of mutations, made from the schema: each id of an input in turn names what its asker may not know of.

It names an existing thing of the school, a thing of another school, or nobody's: the three must be answered alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from graphql import get_named_type, is_required_input_field

from server.queries.noun import Noun
from server.queries.nouns import NOUNS
from server.resolvers.mutations import MUTATIONS
from server.resolvers.schema import graphql_schema
from tests.leaks.inquiring import NOWHERE, selected
from tests.oracle.rows import Rows
from tests.oracle.things import Thing
from tests.oracle.visibility import Visibility
from tests.worlds import World

Path = tuple[str, ...]
_named: Final[Any] = get_named_type
# What each id names, by argument: the prefix of such ids.
PREFIXES: Final[Mapping[str, str]] = {
    "draft": "pdr", "fromDraft": "pdr", "submission": "psb", "example": "pex", "certificate": "crt", "link": "gdn",
    "request": "sup", "session": "gls", "notices": "ntc", "report": "rep", "window": "win", "person": "per",
    "course": "crs", "mark": "mrk",
    "staff": "stf", "trainee": "stf", "supervisor": "stf", "class": "cls", "learner": "lrn", "assessment": "asm",
    "supervision": "svn", "program": "prg", "links": "gdn", "learners": "lrn", "invitation": "inv", "optOut": "opo",
    "closing": "rcl", "keep": "lrn", "merge": "lrn",
    "endRole.assignment": "rla", "endTeaching.assignment": "tas",
}  # fmt: skip
# Rows that no type of the schema shows by id.
TABLES: Final[Mapping[str, tuple[str, str]]] = {
    "pdr": ("policy_draft", "draft_id"), "psb": ("policy_submission", "submission_id"), "pex": ("policy_example", "example_id"),
    "crt": ("training_certificate", "certificate_id"), "sup": ("support_request", "request_id"), "gls": ("break_glass", "glass_id"),
    "ntc": ("notice", "notice_id"), "svn": ("supervision", "supervision_id"), "rla": ("role_assignment", "role_assignment_id"),
    "tas": ("teaching_assignment", "teaching_assignment_id"), "per": ("access_profile", "person_id"),
    "prg": ("client_grant", "person_id"), "inv": ("invitation", "invitation_id"),
    "opo": ("client_opt_out", "opt_out_id"), "rcl": ("roster_closing", "closing_id"),
}  # fmt: skip
EACH: Final = 2
_KINDS: Final = {"assignTeaching": "COVER", "setFieldMaster": "STAFF"}


@dataclass(frozen=True, slots=True)
class Place:
    """An id in the input of a mutation."""

    mutation: str
    path: Path

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @property
    def prefix(self) -> str:
        return PREFIXES.get(f"{self.mutation}.{self.name}") or PREFIXES[self.path[-1]]

    def __str__(self) -> str:
        return f"{self.mutation}.{self.name}"


def places(mutation: str) -> list[Place]:
    return [Place(mutation, path) for path in _ids(_input(mutation), ())]


def _input(mutation: str) -> Any:
    kind: Any = graphql_schema().mutation_type
    return _named(kind.fields[mutation].args["input"].type)


def _ids(kind: Any, path: Path) -> Iterator[Path]:
    for name, field in kind.fields.items():
        of = _named(field.type)
        if of.name == "ID":
            yield (*path, name)
        elif hasattr(of, "fields"):
            yield from _ids(of, (*path, name))


def document(mutation: str) -> str:
    """All of its payload that a refusal could fill; of changed rows their ids."""
    kind: Any = graphql_schema().mutation_type
    fields = _named(kind.fields[mutation].type).fields
    rows = MUTATIONS[mutation].rows
    payload = " ".join(
        f"{name} {'{ id }' if name in rows else selected(_named(field.type), 0)}" for name, field in fields.items()
    )
    return f"mutation($input: {_input(mutation).name}!) {{ {mutation}(input: $input) {{ {payload} }} }}"


def given(place: Place, world: World, one: str) -> dict[str, Any]:
    """An input in which all is well but the id at the place, which is `one`."""
    return _filled(_input(place.mutation), place, place.path, world, one)


def _filled(kind: Any, place: Place, path: Path, world: World, one: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in kind.fields.items():
        of = _named(field.type)
        here = path[:1] == (name,)
        if here and len(path) == 1:
            value: Any = one
        elif here or (is_required_input_field(field) and hasattr(of, "fields") and name != "edits"):
            value = _filled(of, place, path[1:] if here else (), world, one)
        elif is_required_input_field(field) or (name == "expectedRevision" and path == ("draft",)):
            value = _valid_id(name, world) if of.name == "ID" else _valid(name, place, world)
        else:
            continue
        found[name] = [value] if "[" in str(field.type) and not isinstance(value, list) else value
    return found


def _valid_id(name: str, world: World) -> str:
    ids = {
        "person": ("per", "tutor"), "staff": ("stf", "tutor"), "trainee": ("stf", "trainee"), "class": ("cls", "10/Ma2"),
        "supervisor": ("stf", "tutor"), "learner": ("lrn", "ann"), "assessment": ("asm", "maths-10 paper 1"),
        "course": ("crs", "maths-10"), "learners": ("lrn", "ann"), "program": ("prg", "mis"), "window": ("win", "autumn"),
        "keep": ("lrn", "ann"), "merge": ("lrn", "bob"),
    }  # fmt: skip
    prefix, handle = ids[name]
    return f"{prefix}_{world.ids[handle].hex}"


def _valid(name: str, place: Place, world: World) -> Any:
    values: dict[str, Any] = {
        "edits": [{"remove": "r116"}], "expectedRevision": 1, "reason": "Said so at the meeting of the governors",
        "evidence": "Folder 7", "name": "Autumn", "kind": _KINDS.get(place.mutation, "COURT_ORDER"), "fields": ["title"],
        "course": "welfare", "role": "senco", "from": world.days(0).isoformat(), "until": world.days(9).isoformat(),
        "completedOn": world.days(-3).isoformat(), "expiresOn": world.days(99).isoformat(), "yearGroup": "10",
        "idempotencyKey": f"k{uuid4()}", "state": "ABSENT", "mode": "ATOMIC",
        "grade": "6", "method": "WORKING_AT", "expectedValue": "6", "expectedMethodVersion": 1, "score": "12", "version": 1,
        "expectedVersion": 1, "delivery": "MAIL", "askedBy": "GUARDIAN",
    }  # fmt: skip
    return values[name]


def unknown(place: Place, rows: Rows, visibility: Visibility) -> list[str]:
    """Ids of the school's things that the account is shown nowhere."""
    noun = _noun(place.prefix)
    if noun is None:
        return _spread([_id(place.prefix, row) for row in rows.all(TABLES[place.prefix][0])])
    things = [Thing(noun.name, row, rows.today) for row in rows.all(noun.table.name)]
    return _spread([_id(place.prefix, one.row) for one in things if not visibility.exists(one)])


def _spread(ids: list[str]) -> list[str]:
    """The first and the last, which are most apart."""
    return ids if len(ids) < EACH else [ids[0], ids[-1]]


def elsewhere(place: Place, rows: Rows) -> str:
    """An id of another school's thing."""
    noun = _noun(place.prefix)
    return _id(place.prefix, rows.all(noun.table.name if noun else TABLES[place.prefix][0])[0])


def nobodys(place: Place, world: World) -> str:
    noun = _noun(place.prefix)
    return f"{place.prefix}_{world.year}_{NOWHERE}" if noun and noun.yearly else f"{place.prefix}_{NOWHERE}"


def _noun(prefix: str) -> Noun | None:
    return next((noun for noun in NOUNS.values() if noun.node and noun.prefix == prefix), None)


def _id(prefix: str, row: Mapping[str, Any]) -> str:
    noun = _noun(prefix)
    if noun is None:
        return f"{prefix}_{row[TABLES[prefix][1]].hex}"
    year = f"{row['academic_year']}_" if noun.yearly else ""
    return f"{prefix}_{year}{row[noun.key].hex}"
