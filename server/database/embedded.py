"""PostgreSQL out of the box: a supervisor for the wheel's server in a private data folder.

    cluster = Cluster(Path("/tmp/usher-dev"))
    cluster.start()                                # first time: initdb, roles, database `usher`; later: seconds
    cluster.url("usher_owner")                     # postgresql://usher_owner:...@127.0.0.1:PORT/usher
    cluster.ensure_running()                       # call it now and then: starts again what died
    cluster.stop()                                 # only what this object supervises

Or, as `with running_cluster(home) as cluster:`. Files under the home:

    postgres/              the server user's: data/, socket/, log/, port, superuser.password, copies of the programs
    passwords/ROLE         0600, the caller's
    supervisor.lock        held by the one process that supervises; others only connect
"""

import fcntl
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

from server.database.binaries import Programs, ServerUser, find_programs, plain_environment, server_user
from server.database.postmaster import is_alive, read_postmaster, remove_stale_lock
from server.database.roles import APP, OWNER, ROLES, create_role_sql, database_sql, role_settings_sql
from server.errors import Unavailable

DATABASE = "usher"
SUPERUSER = "postgres"
_START_SECONDS = 15.0
_STOP_SECONDS = 60
_SOCKET_LIMIT = 107
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
        """`server_settings` go on the server's command line at each start; tests turn fsync off so."""
        self.home = home.absolute()
        self.folder = self.home / "postgres"
        self.data = self.folder / "data"
        self._progress = progress
        self._server_settings = dict(server_settings or {})
        self._user: ServerUser = server_user()
        self._programs: Programs | None = None
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def supervising(self) -> bool:
        """Whether this object, and no other process, starts and stops the server."""
        return self._lock is not None

    def start(self) -> None:
        """Have a running server with its roles and database; create what is missing.

        When another process supervises this home, wait for its server instead. Raises Unavailable.
        """
        self._make_folders()
        if not self._take_lock():
            self._join()
            return
        try:
            self._programs = find_programs(self._user, self.folder)
            self._require_way_in()
            if not self.data.exists():
                self._initialise()
            self._run_server()
            self._prepare_database()
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
        self._run_server()
        return True

    def is_running(self) -> bool:
        """Whether the server's main process lives. Costs a few system calls."""
        if self._process is not None:
            return self._process.poll() is None
        postmaster = read_postmaster(self.data)
        return postmaster is not None and is_alive(postmaster.pid, self.data)

    def stop(self) -> None:
        """Stop the server in order (fast shutdown) if this object supervises it, else leave it alone."""
        if not self.supervising:
            return
        try:
            if self._programs is not None and self.is_running():
                self._progress("Stopping PostgreSQL")
                arguments = ["stop", "-D", str(self.data), "-m", "fast", "-w", "-t", str(_STOP_SECONDS)]
                self._programs.run("pg_ctl", arguments, timeout=_STOP_SECONDS + 10)
            if self._process is not None:
                self._process.wait(_STOP_SECONDS)
        finally:
            self._process = None
            self._release_lock()

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """The address of `database` for `role`, password included: never log it."""
        password_file = self._superuser_file if role == SUPERUSER else self._password_file(role)
        password = quote(password_file.read_text().strip(), safe="")
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    # Folders, lock and passwords

    def _make_folders(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if self._user.uid is not None:
            # The server's user must pass through; what lies in it is closed one by one.
            self.home.chmod(self.home.stat().st_mode | 0o011)
        for folder in (self.folder, self.folder / "log", self.folder / "socket"):
            folder.mkdir(mode=0o700, exist_ok=True)
            self._user.take(folder)
        self._passwords.mkdir(mode=0o700, exist_ok=True)
        for role in ROLES:
            _write_secret(self._password_file(role))

    def _require_way_in(self) -> None:
        """We never open folders that aren't ours, such as /root: say so instead."""
        if not self._user.can_enter(self.folder):
            raise Unavailable(
                f"{self.home} lies under a folder that PostgreSQL's user may not enter. "
                "Set USHER_HOME to another one, such as /var/lib/usher."
            )

    @property
    def _passwords(self) -> Path:
        return self.home / "passwords"

    @property
    def _superuser_file(self) -> Path:
        return self.folder / "superuser.password"

    def _password_file(self, role: str) -> Path:
        return self._passwords / role

    def _take_lock(self) -> bool:
        if self._lock is not None:
            return True
        handle = (self.home / "supervisor.lock").open("a")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            return False
        self._lock = handle
        return True

    def _release_lock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _join(self) -> None:
        """Wait until the other process's server answers and knows our database."""
        deadline = time.monotonic() + 4 * _START_SECONDS
        while time.monotonic() < deadline:
            if self._find_port() and self._answers(self.url(OWNER)):
                return
            time.sleep(_POLL_SECONDS)
        raise Unavailable("Another process supervises the embedded PostgreSQL, but it doesn't answer. Try again.")

    # The server

    def _initialise(self) -> None:
        assert self._programs is not None
        self._progress("Creating the database files")
        _write_secret(self._superuser_file)
        self._user.take(self._superuser_file)
        unfinished = self.folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        arguments = ["-D", str(unfinished), "-U", SUPERUSER, "-E", "UTF8", "--locale-provider=builtin"]
        arguments += ["--builtin-locale=C.UTF-8", "-A", "scram-sha-256", "--data-checksums", "--no-instructions"]
        arguments += [f"--pwfile={self._superuser_file}"]
        arguments += [part for name, value in _FIRST_SETTINGS.items() for part in ("--set", f"{name}={value}")]
        if self._server_settings.get("fsync") == "off":
            arguments.append("--no-sync")
        done = self._programs.run("initdb", arguments, timeout=300)
        if done.returncode != 0:
            raise Unavailable(f"The database files can't be created under {self.home}: {_last_line(done.stdout)}")
        unfinished.rename(self.data)  # whole or not at all: a killed first start begins again

    def _run_server(self) -> None:
        """Start the server, or take over one whose supervisor was killed; retried for 15 s."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if self._is_ready():
                return
            if self._process is None and not self.is_running():
                self._spawn()
            if self._process is not None and self._process.poll() is not None:
                # Most often the lock file of a killed server, while its children still end or nobody reaped it.
                self._process = None
                remove_stale_lock(self.data)
            if time.monotonic() > deadline:
                raise Unavailable(f"PostgreSQL doesn't start within 15 seconds: {self._start_complaint()}")
            time.sleep(_POLL_SECONDS)

    def _spawn(self) -> None:
        assert self._programs is not None
        self._progress("Starting PostgreSQL")
        self.port = self._choose_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": self._socket_folder(),
            "unix_socket_permissions": "0700",
            **self._server_settings,
        }
        arguments = ["-D", str(self.data)]
        arguments += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self._complaints.open("wb") as complaints:
            self._process = subprocess.Popen(  # noqa: S603 - the program's path is our own
                self._programs.command("postgres", arguments),
                stdin=subprocess.DEVNULL,
                stdout=complaints,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=plain_environment(),
                start_new_session=True,  # Ctrl-C is for the supervisor, which then stops the server in order
                **self._user.spawn_options(),  # pyright: ignore[reportArgumentType]
            )

    def _is_ready(self) -> bool:
        """Running, and answering the superuser on the port of its lock file."""
        postmaster = read_postmaster(self.data)
        if postmaster is None or not postmaster.ready or not self.is_running():
            return False
        self.port = postmaster.port
        return self._answers(self.url(SUPERUSER, "postgres"))

    def _find_port(self) -> bool:
        postmaster = read_postmaster(self.data)
        if postmaster is None or not postmaster.ready:
            return False
        self.port = postmaster.port
        return True

    @staticmethod
    def _answers(url: str) -> bool:
        try:
            with psycopg.connect(url, connect_timeout=5):
                return True
        except psycopg.OperationalError:
            return False

    def _choose_port(self) -> int:
        """The port of last time if it is free, so that pools and notes stay right; else any free one."""
        remembered = self.folder / "port"
        port = int(remembered.read_text()) if remembered.exists() else 0
        chosen = _free_port(port) or _free_port(0)
        remembered.write_text(str(chosen))
        return chosen

    def _socket_folder(self) -> str:
        """A socket beside the data for psql; none where its path would be longer than the system allows."""
        path = self.folder / "socket"
        return str(path) if len(os.fsencode(path / ".s.PGSQL.65535.lock")) <= _SOCKET_LIMIT else ""

    @property
    def _complaints(self) -> Path:
        return self.folder / "start.log"

    def _start_complaint(self) -> str:
        return _last_line(self._complaints.read_text(errors="replace") if self._complaints.exists() else "")

    # Roles and database

    def _prepare_database(self) -> None:
        """Create roles and database, or put their settings and passwords right; repeated at each start."""
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
            for role in ROLES:
                if role not in known:
                    connection.execute(create_role_sql(role).encode())
                self._set_password(connection, role)
                for statement in role_settings_sql(role):
                    connection.execute(statement.encode())
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template0".encode())
            for statement in database_sql(DATABASE):
                connection.execute(statement.encode())

    def _set_password(self, connection: psycopg.Connection, role: str) -> None:
        password = self._password_file(role).read_text().strip().encode()
        verifier = connection.pgconn.encrypt_password(password, role.encode(), b"scram-sha-256").decode()
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier)))


@contextmanager
def running_cluster(home: Path, progress: Progress = _silent) -> Iterator[Cluster]:
    """A started cluster, stopped at the end if it was started here."""
    cluster = Cluster(home, progress)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


def _write_secret(path: Path) -> None:
    """A random password in a 0600 file, made once and whole."""
    if path.exists():
        return
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(secrets.token_urlsafe(32))
    unfinished.rename(path)


def _free_port(port: int) -> int:
    """`port` (0: any) if it can be bound on the loopback now, else 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
        return probe.getsockname()[1]


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
