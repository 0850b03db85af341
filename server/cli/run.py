"""usher run: everything, from an empty folder to a serving API, and its supervision until it is told to stop."""

import errno
import signal
import socket
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Annotated

import typer

from server.cli.addresses import reachable, written
from server.cli.console import ERRORS
from server.cli.databases import Addresses, own_addresses
from server.cli.demo_people import let_demo_people_in
from server.cli.demo_programs import let_demo_programs_in
from server.cli.figures import figures
from server.cli.home_lock import home_lock
from server.cli.preparing import import_demo, migrate_with_progress, verify_database
from server.cli.readiness import readiness
from server.cli.welcome import welcome
from server.cli.workers import JobsProcess, Supervised, Workers, shared
from server.database.embedded import Cluster
from server.database.roles import APP, AUDIT, OWNER
from server.errors import Unavailable
from server.settings import Settings, load_settings

_POLL_SECONDS = 0.2
_READY_SECONDS = 60.0
_LOCK_SECONDS = 60.0


class _Stopped(BaseException):
    """SIGINT or SIGTERM."""


def run(
    demo: Annotated[
        bool | None,
        typer.Option("--demo/--no-demo", help="Import the demo schools. By default only into the embedded database."),
    ] = None,
) -> None:
    """Start the database if need be, migrate, import the demo schools, and serve. Ctrl-C stops all of it.

    PORT, USHER_HOST, USHER_HOME, USHER_WORKERS and USHER_DATABASE_URL change where and how.
    """
    settings = load_settings()
    with ExitStack() as stack:
        try:
            stack.enter_context(_signals())
            _run(settings, demo, stack)
        except _Stopped:
            _say("Stopping")
        finally:
            _ignore()


def _run(settings: Settings, demo: bool | None, stack: ExitStack) -> None:
    tell = stack.enter_context(home_lock(settings.usher_home))
    listener = stack.enter_context(_bound(settings))
    port: int = listener.getsockname()[1]
    address = written(settings.usher_host, port)
    tell(address)
    own = own_addresses(settings)
    cluster = None if own else _cluster(settings, stack)
    addresses = own or _embedded_addresses(cluster)
    if addresses.owner is not None:
        migrate_with_progress(addresses.owner)
    verify_database(settings, addresses.app)
    if demo if demo is not None else own is None:
        import_demo(addresses.app, settings.usher_home / "demo", addresses.owner)
        let_demo_people_in(settings, addresses.app)
        let_demo_programs_in(addresses.app)
    listener.listen(2048)
    environment = {"USHER_DATABASE_URL": addresses.app, "USHER_HOME": str(settings.usher_home)}
    *ours, of_jobs = stack.enter_context(figures(settings, settings.usher_workers))
    workers = Workers(listener, settings.usher_workers, environment, _say, ours)
    stack.callback(workers.stop)
    # Of the processes that face the network none has the sealer's rights.
    sealing = {"USHER_AUDIT_DATABASE_URL": addresses.audit} if addresses.audit is not None else {}
    jobs = JobsProcess(environment | sealing, _say, [of_jobs])
    stack.callback(jobs.stop)
    processes = (workers, jobs)
    _wait_until_ready(processes, cluster, reachable(settings.usher_host), port)
    welcome(address, addresses.app)
    while True:
        _tend(processes, cluster)
        time.sleep(_POLL_SECONDS)


def _tend(processes: Sequence[Supervised], cluster: Cluster | None) -> None:
    """Start again what died: PostgreSQL first, since the others need it."""
    if cluster is not None:
        before = cluster.port
        try:
            cluster.ensure_running()
        except Unavailable as error:
            _say(error.message)
        if cluster.port != before:
            for each in processes:
                each.restart(_addressed(each, cluster))
    for each in processes:
        each.tend()


def _addressed(process: Supervised, cluster: Cluster) -> dict[str, str]:
    addresses = {"USHER_DATABASE_URL": cluster.url(APP)}
    return addresses | ({"USHER_AUDIT_DATABASE_URL": cluster.url(AUDIT)} if isinstance(process, JobsProcess) else {})


def _wait_until_ready(processes: Sequence[Supervised], cluster: Cluster | None, host: str, port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    failed: dict[str, str] | None = None
    while time.monotonic() < deadline:
        _tend(processes, cluster)
        failed = readiness(host, port) if failed is None or failed else failed
        if failed == {}:
            return
        time.sleep(_POLL_SECONDS)
    reasons = "; ".join(f"{name}: {reason}" for name, reason in (failed or {"server": "no answer"}).items())
    raise Unavailable(f"The server isn't ready after {_READY_SECONDS:.0f} s ({reasons}).")


def _cluster(settings: Settings, stack: ExitStack) -> Cluster:
    """The embedded server under our own supervision; a shorter command that holds it is waited for."""
    cluster = Cluster(settings.usher_home, _say)
    stack.callback(cluster.stop)
    cluster.start()
    deadline = time.monotonic() + _LOCK_SECONDS
    while not cluster.supervising:
        if time.monotonic() > deadline:
            raise Unavailable("Another process supervises the embedded PostgreSQL of this folder. Stop it first.")
        time.sleep(_POLL_SECONDS)
        cluster.start()
    return cluster


def _embedded_addresses(cluster: Cluster | None) -> Addresses:
    assert cluster is not None
    return Addresses(cluster.url(APP), cluster.url(OWNER), cluster.url(AUDIT))


@contextmanager
def _bound(settings: Settings) -> Generator[socket.socket]:
    """A socket that holds the address but doesn't listen yet. Raises Unavailable."""
    family = socket.AF_INET6 if ":" in settings.usher_host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.usher_host, settings.port))
        except OSError as error:
            where = f"{settings.usher_host}:{settings.port}"
            advice = "Set USHER_HOST to an address of this machine"
            if not isinstance(error, socket.gaierror) and error.errno != errno.EADDRNOTAVAIL:
                advice = "Set PORT to a free one"
            raise Unavailable(f"{where} can't be served: {error.strerror}. {advice}.") from None
        if settings.usher_workers == 1:
            yield listener
            return
        address = listener.getsockname()
    # Bound by itself first: a socket that lets others beside it is bound beside another server's too, and nobody is told.
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        shared(listener)
        listener.bind(address)
        yield listener


@contextmanager
def _signals() -> Generator[None]:
    """Turn the first SIGINT or SIGTERM into an exception; from then on things are put in order undisturbed."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        _ignore()
        raise _Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _say(sentence: str) -> None:
    ERRORS.print(sentence, markup=False)
