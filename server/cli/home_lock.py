"""One `usher run` for each data folder."""

import fcntl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from server.cli.addresses import LOCK
from server.errors import Unavailable
from server.settings import make_home


@contextmanager
def home_lock(home: Path) -> Generator[Callable[[str], None]]:
    """Hold the folder for the block, which tells the address it serves by calling what it is given.

    Raises Unavailable, with that address, while another run holds the folder. The lock ends with its holder, however
    that ends.
    """
    make_home(home)
    with (home / LOCK).open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            where = handle.read().strip() or "an address it hasn't told yet"
            raise Unavailable(
                f"Usher already runs in {home}, at {where}. Stop it first, or set USHER_HOME to another folder."
            ) from None
        handle.truncate(0)

        def tell(address: str) -> None:
            handle.write(address)
            handle.flush()

        try:
            yield tell
        finally:
            handle.truncate(0)
