"""usher letters: what became of the letters that Usher wrote."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from server.cli.console import OUT, harmless
from server.cli.databases import database
from server.database.pool import owner_connection
from server.errors import BadUserInput
from server.identity.letters.addresses import check_address
from server.identity.letters.outcomes import counts, outcomes, try_again

letters = typer.Typer(help="Letters that Usher wrote.", no_args_is_help=True, rich_markup_mode=None)


@letters.command("list")
def show(
    to: Annotated[str | None, typer.Option("--to", help="All letters of the last month to this address.")] = None,
) -> None:
    """Print the letters that wait or were given up, and why; never what they say."""
    address = None if to is None else check_address(to, "--to")
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection:
        found, totals = outcomes(connection, address), counts(connection)
    for one in found:
        tries = f"{one.attempts} {'try' if one.attempts == 1 else 'tries'}"
        line = f"{one.letter_id}  {one.queued_at:%Y-%m-%d %H:%M}  {one.kind}  {one.outcome or 'WAITING'}  {tries}"
        OUT.print(harmless(f"{line}  {one.fault}" if one.fault else line), markup=False)
    told = ", ".join(f"{totals.get(name, 0)} {word}" for name, word in _WORDS)
    OUT.print(f"Of the last month: {told}.", markup=False)


@letters.command("retry")
def retry(
    letter: Annotated[list[str] | None, typer.Argument(metavar="LETTER...", help="Their ids.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that were given up.")] = False,
) -> None:
    """Try letters that were given up again, as if they were new. Links in them may have expired."""
    if bool(letter) == everything:
        raise BadUserInput("Name letters, or say --all.", ("LETTER",))
    wanted = None if everything else [_id(one) for one in letter or ()]
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection, connection.transaction():
        count = try_again(connection, wanted)
    OUT.print(
        f"{count} {'letter is' if count == 1 else 'letters are'} queued again; the jobs send what is queued.",
        markup=False,
    )


_WORDS = (("WAITING", "wait"), ("SENT", "were sent"), ("GIVEN_UP", "were given up"))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadUserInput("A letter's id looks like 1b4e28ba-2fa1-4d2e-883f-0016d3cca427.", ("LETTER",)) from None
