"""How long work says how far it is; the command line draws bars from it."""

from typing import Protocol


class Progress(Protocol):
    def __call__(self, *, description: str, advance: int, total: int) -> None:
        """`advance` is what was done since the last call for this description, `total` all there is to do."""
        ...


def silent(*, description: str, advance: int, total: int) -> None:
    """Says nothing."""
    del description, advance, total
