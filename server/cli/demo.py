"""usher demo: the files of the demo schools."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.cli.console import OUT
from server.demo.files import write_files

demo = typer.Typer(help="The demo schools.", no_args_is_help=True, rich_markup_mode=None)


@demo.callback()
def _group() -> None:  # pyright: ignore[reportUnusedFunction] - keeps `files` a command of its own
    """The demo schools."""


@demo.command("files")
def files(folder: Annotated[Path, typer.Argument(help="Where to write them.", show_default=False)]) -> None:
    """Write the demo schools' rosters and marks, the same bytes each time within a school year."""
    for path in write_files(folder, datetime.now(UTC).date()):
        OUT.print(str(path), markup=False)
