"""What requests are made of: a school of their own, tokens of everybody in it, a program, an app, and signed-in browsers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from graphql import GraphQLSchema

from server.identity.keys import token_key
from server.identity.tokens import TokenIssuer
from server.resolvers.schema import graphql_schema
from tests.e2e.accounts import holder
from tests.e2e.apps import App, registered_app
from tests.e2e.pages import Person
from tests.e2e.programs import Program, registered
from tests.e2e.serving import LIFETIME, Server
from tests.fuzz.corpus import roots
from tests.leaks.hidden import accounts
from tests.leaks.sentinels import plant
from tests.worlds import World, insert_world
from tests.worlds.wide_school import wide_school

_IDS: Final = {
    "lrn": "ann bob cat dan eve", "cls": "10/Ma1 10/En1", "crs": "maths-10", "win": "autumn spring", "stf": "head teacher dpo",
    "gdn": "pat quinn",
}  # fmt: skip
_LONGER: Final = {"asm": ("maths-10 paper 1", "english-10 paper 2"), "rep": ("report ann", "report cat")}


@dataclass(frozen=True)
class Grounds:
    """`world` is written to; `quiet` is the school of the healthy client, which nobody touches."""

    server: Server
    world: World
    quiet: World
    schema: GraphQLSchema
    roots: Sequence[str]
    ids: dict[str, list[str]]
    tokens: Sequence[str]
    bad_tokens: Sequence[str]
    cookies: Sequence[str]
    program: Program
    app: App
    vendor: str
    """A token of the program for what concerns no school."""


def grounds(server: Server, app_url: str) -> Grounds:
    today = datetime.now(UTC).date()
    world, quiet = wide_school(f"fuzzed {uuid4()}", today), wide_school(f"healthy {uuid4()}", today)
    for one in (world, quiet):
        insert_world(app_url, plant(one, whole=one is world))
    program = registered(app_url, server.http, world)
    resource = f"{program.issuer}/vendor"
    vendor = program.proved("/oauth/token", grant_type="client_credentials", resource=resource).json()["access_token"]
    schema = graphql_schema()
    return Grounds(
        server=server,
        world=world,
        quiet=quiet,
        schema=schema,
        roots=roots(schema),
        ids=_ids(world),
        tokens=[server.client(world, one.handle, one.capacity).token for one in accounts(world)],
        bad_tokens=_bad(server, world),
        cookies=[_signed_in(server, app_url, world, handle) for handle in ("pat", "teacher", "dpo")],
        program=program,
        app=registered_app(app_url, server.http),
        vendor=str(vendor),
    )


def _ids(world: World) -> dict[str, list[str]]:
    names = {prefix: tuple(text.split()) for prefix, text in _IDS.items()} | _LONGER
    found = {prefix: [f"{prefix}_{world.ids[one].hex}" for one in several] for prefix, several in names.items()}
    return found | {"mrk": [f"mrk_{world.year}_{world.ids['mark ann maths-10 1'].hex}"], "non": ["lrn_" + "0" * 32]}


def _bad(server: Server, world: World) -> list[str]:
    """Expired, of nobody, of another key, without a signature, and no token at all."""
    issuer, person = TokenIssuer(token_key(server.home / "keys")), world.ids["teacher"]
    expired = issuer.issue(world.school_id, person, "STAFF", LIFETIME, more={"exp": 1})
    nobody = issuer.issue(world.school_id, uuid4(), "STAFF", LIFETIME)
    elsewhere = issuer.issue(uuid4(), person, "STAFF", LIFETIME)
    good = issuer.issue(world.school_id, person, "STAFF", LIFETIME)
    head, body, signature = good.split(".")
    unsigned = f"eyJhbGciOiJub25lIn0.{body}."
    return [
        expired,
        nobody,
        elsewhere,
        unsigned,
        f"{head}.{body}.{signature[::-1]}",
        f"{head}.{body}",
        "x",
        "a.b.c",
        "",
    ]


def _signed_in(server: Server, app_url: str, world: World, handle: str) -> str:
    """The cookie of a session."""
    person = Person(server.http)
    holder(app_url, (world, handle)).sign_in(person)
    return person.cookies["__Host-usher"]
