"""Where the embedded server keeps its files, and who may read them.

HOME/                    0700, the caller's; 0711 where root steps down to the server user, who passes through it
HOME/postgres/           the server user's: data/, socket/, log/, port, superuser.password, copies of the programs
HOME/passwords/ROLE      0600, the caller's
HOME/supervisor.lock     held by the one process that supervises; others only connect
"""

import fcntl
import os
import socket
from pathlib import Path
from typing import IO

from server.database.binaries import ServerUser
from server.database.passwords import read_password
from server.errors import Unavailable
from server.settings import make_home

SUPERUSER = "postgres"
_SOCKET_LIMIT = 107


class ClusterFiles:
    """The paths under one home. Nothing is made before `make`."""

    def __init__(self, home: Path, user: ServerUser) -> None:
        self.home = home.absolute()
        self.folder = self.home / "postgres"
        self.data = self.folder / "data"
        self.unfinished_data = self.folder / "data.unfinished"
        self.start_log = self.folder / "start.log"
        self.superuser_password = self.folder / "superuser.password"
        self._user = user

    def make(self) -> None:
        """Make the folders. Raises Unavailable when the server's user can't reach them."""
        make_home(self.home)
        if self._user.steps_down:
            # That user must pass through the home; what lies in it is closed one by one.
            self.home.chmod(self.home.stat().st_mode | 0o011)
        for folder in (self.folder, self.folder / "log", self.folder / "socket"):
            folder.mkdir(mode=0o700, exist_ok=True)
            self._user.take(folder)
        (self.home / "passwords").mkdir(mode=0o700, exist_ok=True)
        if not self._user.can_enter(self.folder):
            # Parent folders that aren't ours, such as /root, are never opened.
            raise Unavailable(
                f"{self.home} lies under a folder that PostgreSQL's user may not enter. "
                "Set USHER_HOME to another one, such as /var/lib/usher."
            )

    def password(self, role: str) -> str:
        """The role's password, made when it is first asked for."""
        if role != SUPERUSER:
            return read_password(self.home / "passwords" / role)
        password = read_password(self.superuser_password)
        self._user.take(self.superuser_password)
        return password

    def socket_folder(self) -> str:
        """The folder of the socket for psql; empty where its path would be longer than the system allows."""
        path = self.folder / "socket"
        return str(path) if len(os.fsencode(path / ".s.PGSQL.65535")) <= _SOCKET_LIMIT else ""

    def start_complaint(self) -> str:
        """The last line that a failed start wrote."""
        return last_line(self.start_log.read_text(errors="replace") if self.start_log.exists() else "")

    def remembered_port(self) -> int:
        """The port of last time, or 0."""
        try:
            return int((self.folder / "port").read_text())
        except (OSError, ValueError):
            return 0

    def choose_port(self) -> int:
        """The port of last time if it is free, so that pools and notes stay right; else any free one, remembered."""
        port = _free_port(self.remembered_port()) or _free_port(0)
        (self.folder / "port").write_text(str(port))
        return port

    def lock(self) -> IO[str] | None:
        """The supervisor's lock, held until closed or the process ends; None when another process has it."""
        handle = (self.home / "supervisor.lock").open("a")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return None
        return handle


def last_line(text: str) -> str:
    """The last line that says something, for an error sentence."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _free_port(port: int) -> int:
    """`port` (0: any) if it can be bound on the loopback now, else 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
        return probe.getsockname()[1]
