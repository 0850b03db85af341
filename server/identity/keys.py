"""Key files under USHER_HOME/keys: made on first use, owner-only, replaced whole when they are rotated."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from joserfc.jwk import ECKey

from server.errors import Unavailable
from server.settings import make_in_home

TOKEN_FILE: Final = "token-es256.pem"  # noqa: S105 - a file name
FORMER_TOKEN_FILE: Final = "token-es256-former.pem"  # noqa: S105 - a file name
_LETTER_FILE = "letters-p256.pem"
_CURSOR_FILE = "cursor.key"
_SECRETS_FILE = "secrets.key"
_KEY_BYTES = 32


def token_key(folder: Path) -> ECKey:
    """The P-256 key that signs access tokens, its `kid` the RFC 7638 thumbprint. Raises Unavailable."""
    path = folder / TOKEN_FILE
    return _p256(path, _read_or_make(path, lambda: new_token_key().as_pem(private=True)))


def former_token_key(folder: Path) -> ECKey | None:
    """The key that signed before the last rotation, if there was one. Raises Unavailable."""
    path = folder / FORMER_TOKEN_FILE
    return _p256(path, _readable(path)) if path.exists() else None


def letter_key(folder: Path) -> ECKey:
    """The P-256 key that opens letters, which wait sealed to it. Raises Unavailable."""
    path = folder / _LETTER_FILE
    return _p256(path, _read_or_make(path, lambda: new_token_key().as_pem(private=True)))


def new_token_key() -> ECKey:
    key = ECKey.generate_key("P-256")
    key.ensure_kid()
    return key


def write_key(path: Path, key: ECKey) -> None:
    """Put the key in the place of what is there, whole or not at all. Raises Unavailable."""
    unfinished = _written(path, key.as_pem(private=True))
    unfinished.replace(path)


def cursor_key(folder: Path) -> bytes:
    """The 32 random bytes that encrypt cursors. Raises Unavailable."""
    return _random_key(folder / _CURSOR_FILE)


def secrets_key(folder: Path) -> bytes:
    """The 32 random bytes that encrypt secrets of authenticator apps. Raises Unavailable."""
    return _random_key(folder / _SECRETS_FILE)


def _random_key(path: Path) -> bytes:
    key = _read_or_make(path, lambda: secrets.token_bytes(_KEY_BYTES))
    if len(key) != _KEY_BYTES:
        raise Unavailable(f"{path} isn't {_KEY_BYTES} bytes long. Restore it.")
    return key


def _read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        _make_once(path, make())
    return _readable(path)


def _p256(path: Path, pem: bytes) -> ECKey:
    try:
        key = ECKey.import_key(pem)
    except ValueError:
        raise Unavailable(
            f"{path} is no key. Restore it, or remove it: what it signed or sealed is then lost."
        ) from None
    if key.curve_name != "P-256" or not key.is_private:
        raise Unavailable(f"{path} is no private P-256 key. Restore it.")
    key.ensure_kid()
    return key


def _readable(path: Path) -> bytes:
    try:
        return _read(path)
    except OSError:
        raise Unavailable(f"{path} can't be read. Run Usher as the user who owns USHER_HOME.") from None


def _read(path: Path) -> bytes:
    with path.open("rb") as handle:
        if os.fstat(handle.fileno()).st_mode & 0o077:
            raise Unavailable(f"{path} is open to other users. Close it: chmod 600 {path}")
        return handle.read()


def _make_once(path: Path, content: bytes) -> None:
    """Several workers may start at once: the first whole file wins, and all of them read that one."""
    unfinished = _written(path, content)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(unfinished)
    unfinished.unlink()


def _written(path: Path, content: bytes) -> Path:
    """A file beside `path`, for its owner alone, that is on the disk. Raises Unavailable."""
    try:
        make_in_home(path.parent)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
    except OSError as error:
        raise Unavailable(f"No key can be made in {path.parent}: {error.strerror}.") from None
    return unfinished
