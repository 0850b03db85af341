"""PostgreSQL out of the box: a supervisor for the wheel's server in a private data folder.

    cluster = Cluster(Path("/tmp/usher-dev"))
    cluster.start()                                # first time: initdb, roles, database `usher`; later: seconds
    cluster.url("usher_owner")                     # postgresql://usher_owner:...@127.0.0.1:PORT/usher
    cluster.ensure_running()                       # call it now and then: starts again what died
    cluster.stop()                                 # only what this object supervises

Or, as `with running_cluster(home) as cluster:`. A server whose supervisor was killed runs on, and the next `start`
takes it over. While one process supervises, `start` in another one only connects, and its `stop` does nothing.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg

from server.database.binaries import Programs, find_programs, plain_environment, server_user
from server.database.cluster_files import SUPERUSER, ClusterFiles, last_line
from server.database.postmaster import is_alive, read_postmaster, remove_stale_lock
from server.database.roles import APP, OWNER, ROLES, prepare_cluster
from server.errors import Unavailable

DATABASE = "usher"
_START_SECONDS = 15.0
_JOIN_SECONDS = 60.0
_STOP_SECONDS = 60
_POLL_SECONDS = 0.05

Progress = Callable[[str], None]

# Tunables written into postgresql.conf once, where an administrator may change them.
_FIRST_SETTINGS = {
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "password_encryption": "scram-sha-256",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    # Statements and key values are personal data: they stay out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
}


def _silent(_: str) -> None: ...


class Cluster:
    """One data folder and its server. Not thread-safe: one thread supervises."""

    def __init__(
        self, home: Path, progress: Progress = _silent, server_settings: Mapping[str, str] | None = None
    ) -> None:
        """`progress` gets a sentence per step. `server_settings` go on the server's command line at each start."""
        self._user = server_user()
        self.files = ClusterFiles(home, self._user)
        self.port = 0
        self._progress = progress
        self._server_settings = dict(server_settings or {})
        self._programs: Programs | None = None
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def supervising(self) -> bool:
        """Whether this object, and no other process, starts and stops the server."""
        return self._lock is not None

    def start(self) -> None:
        """Have a running server with its roles and database; create what is missing. Raises Unavailable."""
        self.files.make()
        self._lock = self._lock or self.files.lock()
        if self._lock is None:
            self._join()
            return
        try:
            self._programs = find_programs(self._user, self.files.folder)
            if not self.files.data.exists():
                self._initialise()
            self._run_server()
            prepare_cluster(
                self.url(SUPERUSER, "postgres"), DATABASE, {role: self.files.password(role) for role in ROLES}
            )
        except BaseException:
            self.stop()
            raise

    def ensure_running(self) -> bool:
        """Start the server again if it died; True if it had to. Raises Unavailable when it can't be started."""
        if self.is_running():
            return False
        if not self.supervising:
            self._join()
            return False
        self._progress("PostgreSQL has stopped: starting it again")
        self._process = None
        self._run_server()
        return True

    def is_running(self) -> bool:
        """Whether the server's main process lives. Costs a few system calls."""
        if self._process is not None:
            return self._process.poll() is None
        postmaster = read_postmaster(self.files.data)
        return postmaster is not None and is_alive(postmaster.pid, self.files.data)

    def stop(self) -> None:
        """Stop the server in order (fast shutdown) if this object supervises it, else leave it alone."""
        if self._lock is None:
            return
        try:
            if self._programs is not None and self.is_running():
                self._progress("Stopping PostgreSQL")
                arguments = ["stop", "-D", str(self.files.data), "-m", "fast", "-w", "-t", str(_STOP_SECONDS)]
                self._programs.run("pg_ctl", arguments, timeout=_STOP_SECONDS + 10)
            if self._process is not None:
                self._process.wait(_STOP_SECONDS)
        finally:
            self._process = None
            self._lock.close()
            self._lock = None

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """The address of `database` for `role`, password included: never log it."""
        return f"postgresql://{role}:{quote(self.files.password(role), safe='')}@127.0.0.1:{self.port}/{database}"

    def _join(self) -> None:
        """Wait until the server that another process supervises answers and knows our database."""
        deadline = time.monotonic() + _JOIN_SECONDS
        while not (self._read_port() and _answers(self.url(OWNER))):
            if time.monotonic() > deadline:
                raise Unavailable("Another process supervises the embedded PostgreSQL, but it doesn't answer.")
            time.sleep(_POLL_SECONDS)

    def _initialise(self) -> None:
        assert self._programs is not None
        self._progress("Creating the database files")
        self.files.password(SUPERUSER)
        unfinished = self.files.unfinished_data
        shutil.rmtree(unfinished, ignore_errors=True)
        arguments = ["-D", str(unfinished), "-U", SUPERUSER, "-E", "UTF8", "--locale-provider=builtin"]
        arguments += ["--builtin-locale=C.UTF-8", "-A", "scram-sha-256", "--data-checksums", "--no-instructions"]
        arguments += [f"--pwfile={self.files.superuser_password}"]
        arguments += [part for name, value in _FIRST_SETTINGS.items() for part in ("--set", f"{name}={value}")]
        if self._server_settings.get("fsync") == "off":
            arguments.append("--no-sync")
        done = self._programs.run("initdb", arguments, timeout=300)
        if done.returncode != 0:
            raise Unavailable(f"The files under {self.files.home} can't be created: {last_line(done.stdout)}")
        unfinished.rename(self.files.data)  # whole or not at all: a killed first start begins again

    def _run_server(self) -> None:
        """Start the server, or take over one whose supervisor was killed; retried for 15 s."""
        deadline = time.monotonic() + _START_SECONDS
        complaint = ""
        while not self._is_ready():
            if self._process is None and not self.is_running():
                self._spawn()
            if self._process is not None and self._process.poll() is not None:
                # Most often the lock file of a killed server, while its children still end or nobody reaped it.
                self._process = None
                complaint = self.files.start_complaint()
                remove_stale_lock(self.files.data)
            if time.monotonic() > deadline:
                complaint = complaint or self.files.start_complaint()
                raise Unavailable(f"PostgreSQL doesn't start within 15 seconds: {complaint}")
            time.sleep(_POLL_SECONDS)

    def _spawn(self) -> None:
        assert self._programs is not None
        self._progress("Starting PostgreSQL")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.files.choose_port()),
            "unix_socket_directories": self.files.socket_folder(),
            "unix_socket_permissions": "0700",
            **self._server_settings,
        }
        arguments = ["-D", str(self.files.data)]
        arguments += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.files.start_log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the program's path is our own
                self._programs.command("postgres", arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=plain_environment(),
                start_new_session=True,  # Ctrl-C is for the supervisor, which then stops the server in order
                **self._user.spawn_options(),
            )

    def _is_ready(self) -> bool:
        return self.is_running() and self._read_port() and _answers(self.url(SUPERUSER, "postgres"))

    def _read_port(self) -> bool:
        """Take the port from the lock file of a server that says it is ready."""
        postmaster = read_postmaster(self.files.data)
        if postmaster is None or not postmaster.ready:
            return False
        self.port = postmaster.port
        return True


@contextmanager
def running_cluster(home: Path, progress: Progress = _silent) -> Generator[Cluster]:
    """A started cluster, stopped at the end if it was started here."""
    cluster = Cluster(home, progress)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False
