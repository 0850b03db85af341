"""How `usher policy` asks: where and as whom, and what it selects of an answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final

import typer

from server.cli.addresses import usual_address
from server.cli.databases import database
from server.cli.graphql_client import GraphQLClient, refuse
from server.identity.demo_tokens import demo_token
from server.identity.keys import token_key
from server.identity.tokens import TokenIssuer
from server.settings import load_settings

RULE: Final = "{ id sentence }"
DIFF: Final = (
    f"diff {{ same added {RULE} removed {RULE} changed {{ before {RULE} after {RULE} }}"
    " raised { element sentence } lowered { element sentence } }"
)
CHECKED: Final = "findings { rule code sentence } examples { holds sentence example { name } }"
DRAFT: Final = "draft { id title state baseVersion revision }"
IMPACT: Final = (
    "sentences widens widensSpecial people { gaining losing learnersGained learnersLost people { element gained lost"
    " person { person name roles } gainedLearners { learner name } lostLearners { learner name } } }"
    " replay { lookedAt differing }"
)
SUBMISSION: Final = "submission { id title state baseVersion version publishAt }"
VERSION: Final = "version { version kind }"
_AT_ONCE: Final = 100


def connect(
    context: typer.Context,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help="Where Usher answers; otherwise where the one of USHER_HOME does, or at PORT.",
            show_default=False,
        ),
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", envvar="USHER_TOKEN", help="A bearer token.", show_default=False)
    ] = None,
    account: Annotated[
        str | None, typer.Option("--as", help="A demo account, in a demo only.", show_default=False)
    ] = None,
) -> None:
    """The school's rules: draft, check, approve, publish."""
    context.obj = (url, token, account)


def client(context: typer.Context) -> GraphQLClient:
    url, token, account = context.obj
    if account is not None:
        with database(existing=True) as addresses:
            token = demo_token(addresses.app, account, TokenIssuer(token_key(load_settings().keys)))
    if not token:
        refuse([("UNAUTHENTICATED", "Set USHER_TOKEN, or give --as ACCOUNT in a demo.")])
    return GraphQLClient(usual_address(load_settings()) if url is None else url, token)


def names_of(client: GraphQLClient, people: Iterable[str | None]) -> dict[str, str]:
    """The names of members of staff by id, of those whom the caller may know of."""
    wanted = sorted({one for one in people if one})
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        document = "query($i: [ID!]!) { nodes(ids: $i) { ... on Staff { id givenName familyName } } }"
        nodes: list[dict[str, Any] | None] = (
            client.look_up(document, {"i": wanted[start : start + _AT_ONCE]}).get("nodes") or []
        )
        for one in filter(None, nodes):
            name = " ".join(filter(None, (one.get("givenName"), one.get("familyName"))))
            found |= {one["id"]: name} if name else {}
    return found


def of_draft(client: GraphQLClient, draft_id: str, selected: str) -> dict[str, Any]:
    document = f"query($d: ID!) {{ policyDraft(id: $d) {{ {selected} }} }}"
    return there(client.ask(document, {"d": draft_id})["policyDraft"], "draft")


def there(found: dict[str, Any] | None, what: str) -> dict[str, Any]:
    if found is None:
        refuse([("NOT_FOUND", f"There is no such {what} at your school.")])
    return found
