"""This machine: Python, libraries, the data folder, its keys and its disk."""

from __future__ import annotations

import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Final

from server.cli.checkup.finding import Finding, fail, ok, warn
from server.identity.keys import FORMER_TOKEN_FILE, TOKEN_FILE
from server.settings import Settings

_OLD: Final = 365 * 86400
_DAY: Final = 86400
_GIB: Final = 2**30
_LOCK: Final = Path(__file__).parents[3] / "requirements.lock"
_KEYS: Final = (TOKEN_FILE, "cursor.key", "secrets.key", "letters-p256.pem")


def machine_findings(
    settings: Settings, now: float | None = None, disk: tuple[int, int] | None = None
) -> list[Finding]:
    """`now` in seconds since 1970; `disk`: bytes in all and free."""
    return [
        _python(sys.version_info[:3]),
        _libraries(_LOCK),
        *_home(settings),
        *_keys(settings.keys, time.time() if now is None else now),
        _disk(settings.usher_home, disk),
    ]


def _python(version: tuple[int, ...]) -> Finding:
    said = ".".join(map(str, version))
    if version < (3, 11):
        return fail("python", f"Python is {said}.", "Usher needs 3.11 or newer: make the environment anew with it.")
    return ok("python", f"Python {said}, Usher {metadata.version('usher')}.")


def _libraries(lock: Path) -> Finding:
    """Those that Usher asks for; at a version of the lock, which may have one each for several Pythons, where that lies
    beside the program."""
    pinned: dict[str, list[str]] = {}
    for name, pin in re.findall(r"^([a-z0-9-]+)(?:\[[^\]]*\])?==([^\s;]+)", _text(lock), re.MULTILINE):
        pinned.setdefault(name, []).append(pin)
    missing: list[str] = []
    other: list[str] = []
    for wanted in _asked_for():
        try:
            found = metadata.version(wanted)
        except metadata.PackageNotFoundError:
            missing.append(wanted)
            continue
        if found not in pinned.get(wanted, [found]):
            other.append(f"{wanted} {found} for {' or '.join(pinned[wanted])}")
    if missing:
        return fail("libraries", f"Missing: {', '.join(missing)}.", "Install from requirements.lock: make install.")
    if other:
        return warn("libraries", f"Other versions than tested: {', '.join(other)}.", "Install from requirements.lock.")
    return ok("libraries", f"{len(list(_asked_for()))} libraries, {'as locked' if pinned else 'all there'}.")


def _asked_for() -> Iterator[str]:
    for line in metadata.requires("usher") or ():
        if "extra ==" not in line and "sys_platform" not in line:
            yield re.split(r"[\[<>=;~! ]", line)[0].lower().replace("_", "-")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _home(settings: Settings) -> Iterator[Finding]:
    home = settings.usher_home
    if not home.is_dir():
        yield fail("home", f"There is no {home}.", "Set USHER_HOME to the data folder of `usher run`.")
    elif home.stat().st_mode & 0o022:
        yield fail("home", f"{home} can be written by other users.", f"chmod go-w {home}")
    else:
        yield ok("home", f"The data folder is {home}.")


def _keys(folder: Path, now: float) -> Iterator[Finding]:
    there = [folder / name for name in (*_KEYS, FORMER_TOKEN_FILE) if (folder / name).exists()]
    if folder / TOKEN_FILE not in there:
        yield fail("keys", f"{folder} has no key that signs tokens.", "Run `usher run` once, or restore the folder.")
        return
    wide = [path for path in there if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if wide:
        names = " ".join(map(str, wide))
        yield fail("keys", f"{len(wide)} keys are open to other users.", f"chmod 600 {names}")
        return
    age = now - (folder / TOKEN_FILE).stat().st_mtime
    if age > _OLD:
        yield warn("keys", f"Tokens are signed with a key of {int(age // _DAY)} days ago.", "Run `usher keys rotate`.")
        return
    yield ok("keys", f"{len(there)} keys, for their owner alone; the one of tokens is {int(age // _DAY)} days old.")


def _disk(home: Path, given: tuple[int, int] | None) -> Finding:
    if given is None:
        place = next(path for path in (home, *home.parents) if path.exists())
        used = shutil.disk_usage(place)
        given = (used.total, used.free)
    total, free = given
    says = f"{free / _GIB:.1f} GiB of {total / _GIB:.0f} are free under {home}."
    remedy = "Make room: PostgreSQL stops when its disk is full."
    if free < max(_GIB, total // 50):
        return fail("disk", says, remedy)
    return warn("disk", says, remedy) if free < max(4 * _GIB, total // 10) else ok("disk", says)
