"""Random passwords of the embedded server's roles, each in a file that only its owner may read."""

import os
import secrets
from pathlib import Path


def read_password(path: Path) -> str:
    """The password in the file, made first if there is none."""
    _make(path)
    return path.read_text().strip()


def _make(path: Path) -> None:
    """Written under another name and linked: whole, or not at all, even when two processes race."""
    if path.exists():
        return
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(secrets.token_urlsafe(32))
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass  # the other process was faster: its password counts
    finally:
        unfinished.unlink()
