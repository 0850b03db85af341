"""Is PostgreSQL running on this data folder? Read from its lock file and, on Linux, from /proc."""

import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The first lines of postmaster.pid."""

    pid: int
    port: int
    ready: bool


def read_postmaster(data: Path) -> Postmaster | None:
    """What the lock file says, whether or not the process still lives; None without a readable file."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return Postmaster(int(lines[0]), int(lines[3]), len(lines) > 7 and lines[7].strip() == "ready")
    except (OSError, ValueError, IndexError):
        return None


def is_alive(pid: int, data: Path) -> bool:
    """Whether `pid` is a living server of this data folder: not unreaped, not another program with its number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    if not _PROC.is_dir():
        return True
    return pid in server_processes(data)


def server_processes(data: Path) -> set[int]:
    """Pids of PostgreSQL's processes on this data folder (they all work in it). Empty where there is no /proc."""
    if not _PROC.is_dir() or not data.exists():
        return set()
    owner = data.stat().st_uid
    return {int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit() and _belongs(entry, data, owner)}


def remove_stale_lock(data: Path) -> bool:
    """Remove the lock file that a killed server left, once no process of it is left. False: something still runs.

    PostgreSQL itself does so, but not when the dead process's number is taken or was never reaped by its parent.
    """
    if server_processes(data) or not _PROC.is_dir():
        return False
    (data / "postmaster.pid").unlink(missing_ok=True)
    return True


def _belongs(process: Path, data: Path, owner: int) -> bool:
    try:
        if _state(process) in "ZX":
            return False  # dead, only not reaped by its parent
        return os.readlink(process / "cwd") == str(data)
    except PermissionError:
        # Root in a container may not look at another user's working folder: then any postgres of that user counts.
        return _is_postgres_of(process, owner)
    except OSError:
        return False


def _state(process: Path) -> str:
    """One letter of proc(5); the name before it may hold any character."""
    return (process / "stat").read_text().rpartition(")")[2].split()[0]


def _is_postgres_of(process: Path, owner: int) -> bool:
    try:
        return process.stat().st_uid == owner and (process / "comm").read_text().strip() == "postgres"
    except OSError:
        return False
