"""usher keys: the key that signs access tokens."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from server.cli.console import OUT
from server.identity.signing_keys import rotate
from server.settings import load_settings

keys = typer.Typer(help="The keys of this installation.", no_args_is_help=True, rich_markup_mode=None)


@keys.callback()
def _group() -> None:  # pyright: ignore[reportUnusedFunction] - keeps `rotate` a command of its own
    pass


@keys.command("rotate")
def rotate_keys(
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Believe the old key no more: this ends all tokens.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Sign tokens with a new key. Servers that run take it up within a second; tokens of the old key run out by themselves."""
    if at_once and not yes:
        typer.confirm("End all tokens now? Everybody has to sign in again.", abort=True)
    old, new = rotate(load_settings().keys, now=time.time(), at_once=at_once)
    ends = "is believed no more" if at_once else "is believed for one more hour"
    OUT.print(f"{new} signs from now on; {old} {ends}.", markup=False)
