"""What the command line says, and how it shows that it works."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from server.commands.storable import misleads

OUT = Console(highlight=False, soft_wrap=True, emoji=False)
ERRORS = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def harmless(text: str) -> str:
    """Control characters, line breaks and direction marks as their numbers: a text can't pass for another line."""
    return "".join(ascii(letter)[1:-1] if misleads(letter) else letter for letter in text)


def complain(sentence: str, status: int) -> int:
    """Say what is wrong on standard error, whatever text of a file it quotes; returns the exit status."""
    ERRORS.print("\n".join(map(harmless, sentence.split("\n"))), markup=False)
    return status


class Bars:
    """A bar for each description; server.exchange's Progress, and a line for what can't be counted."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, *, description: str, advance: int, total: int) -> None:
        task = self._tasks.get(description)
        if task is None:
            task = self._tasks[description] = self._progress.add_task(description, total=total)
            if not self._progress.console.is_terminal:
                self.say(description)  # a log file gets a line where a terminal gets a bar
        self._progress.update(task, advance=advance, total=total)

    def say(self, sentence: str) -> None:
        self._progress.console.print(sentence, markup=False)


@contextmanager
def bars() -> Generator[Bars]:
    """Bars on standard error while the block runs."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERRORS, disable=not ERRORS.is_terminal) as progress:
        yield Bars(progress)
