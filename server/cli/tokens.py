"""usher token: a bearer token for a demo account."""

from typing import Annotated

import typer

from server.cli.console import OUT
from server.cli.databases import database
from server.identity.demo_tokens import demo_token
from server.identity.keys import token_key
from server.identity.tokens import TokenIssuer
from server.settings import load_settings


def print_token(account: Annotated[str, typer.Argument(help="A demo account, such as `teacher`.")]) -> None:
    """Print a bearer token for a demo account, good for 15 minutes. Demo databases only."""
    with database(existing=True) as addresses:
        issuer = TokenIssuer(token_key(load_settings().keys))
        OUT.print(demo_token(addresses.app, account, issuer), markup=False)
