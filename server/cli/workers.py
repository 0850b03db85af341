"""Server processes under supervision: started, watched, started again when they die, stopped in order."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_FIRST_DELAY = 0.1
_LONGEST_DELAY = 10.0
# A start takes three seconds or so: whoever lived longer than this has served.
_STEADY_SECONDS = 5.0
_STOP_SECONDS = 15.0
# The owner's rights are for migrations alone: a process that faces the network never has them.
_KEPT_BACK = frozenset({"USHER_OWNER_DATABASE_URL", "USHER_AUDIT_DATABASE_URL"})


@dataclass(slots=True)
class _Slot:
    """One worker's place, and what it is to inherit of its own.

    `due` is when a dead one may start again, on the monotonic clock in seconds.
    """

    own: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = _FIRST_DELAY
    due: float = 0.0


class Supervised:
    """Processes of one of our modules.

    Each gets the read end of a pipe that this process alone holds open: when this process dies, however it dies, they
    see its end and stop.
    """

    module = ""
    called = ""

    def __init__(
        self,
        inherited: Sequence[int],
        count: int,
        environment: Mapping[str, str],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        figures: Sequence[int] = (),
    ) -> None:
        """`environment` is added to this process's own; `inherited` are file descriptors, named before the pipe's.

        `figures`, one a process or none: descriptors of the memories that they count in, named behind it.
        """
        self._inherited = inherited
        self._say = say
        self._clock = clock
        self._slots = [_Slot(own=tuple(figures[place : place + 1])) for place in range(count)]
        self._environment = {name: value for name, value in os.environ.items() if name not in _KEPT_BACK}
        self._environment |= environment
        self._lifeline, self._held = os.pipe()

    def tend(self) -> None:
        """Start what isn't running and may start now. Costs a few system calls."""
        now = self._clock()
        for number, slot in enumerate(self._slots, start=1):
            if slot.process is not None and slot.process.poll() is not None:
                self._note_death(number, slot, now)
            if slot.process is None and now >= slot.due:
                slot.process = self._spawn(slot)
                slot.started = now

    def restart(self, environment: Mapping[str, str]) -> None:
        """Replace all of them, because the environment has changed."""
        self._environment |= environment
        self._end_all()

    def stop(self) -> None:
        """Stop all of them: requests that have begun are answered first, for 15 s at most."""
        self._end_all()
        for end in (self._lifeline, self._held):
            os.close(end)

    def pids(self) -> list[int]:
        return [slot.process.pid for slot in self._slots if slot.process is not None]

    def _note_death(self, number: int, slot: _Slot, now: float) -> None:
        """One that has served starts again at once, however often; one that keeps dying at its start, ever later."""
        steady = now - slot.started >= _STEADY_SECONDS
        slot.delay = _FIRST_DELAY if steady else min(2 * slot.delay, _LONGEST_DELAY)
        slot.due = now if steady else now + slot.delay
        slot.process = None
        self._say(f"{self.called.format(number)} has stopped: starting it again")

    def _spawn(self, slot: _Slot) -> subprocess.Popen[bytes]:
        return self._begun([*self._inherited, self._lifeline, *slot.own])

    def _begun(self, numbers: Sequence[int]) -> subprocess.Popen[bytes]:
        """With those descriptors, named in this order."""
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", self.module, *map(str, numbers)],
            pass_fds=numbers,
            stdin=subprocess.DEVNULL,
            env=self._environment,
            start_new_session=True,  # Ctrl-C is for the supervisor, which then stops them in order
        )

    def _end_all(self) -> None:
        running = [slot.process for slot in self._slots if slot.process is not None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        for process in running:
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for slot in self._slots:
            slot.process, slot.due, slot.delay = None, 0.0, _FIRST_DELAY


class Workers(Supervised):
    """Server processes on one address.

    The first has the supervisor's own socket, in whose queue connections wait while it is replaced. Further ones have each
    another beside it (SO_REUSEPORT), among which the kernel shares out connections evenly: of several processes that wait
    at one socket it wakes the last, and gives that one all there are. Such a socket ends with its process, so that nobody
    is sent to it meanwhile. Elsewhere than on Linux all wait at one.
    """

    module = "server.cli.worker"
    called = "Server process {}"

    def __init__(
        self,
        listener: socket.socket,
        count: int,
        environment: Mapping[str, str],
        say: Callable[[str], None],
        figures: Sequence[int] = (),
    ) -> None:
        super().__init__([], count, environment, say, figures=figures)
        self._listener = listener

    def _spawn(self, slot: _Slot) -> subprocess.Popen[bytes]:
        if slot is self._slots[0] or not shares(self._listener):
            return self._begun([self._listener.fileno(), self._lifeline, *slot.own])
        with beside(self._listener) as another:
            return self._begun([another.fileno(), self._lifeline, *slot.own])

    def _note_death(self, number: int, slot: _Slot, now: float) -> None:
        super()._note_death(number, slot, now)
        others = any(one.process is not None for one in self._slots)
        if slot is self._slots[0] and slot.due > now and others and shares(self._listener):
            # It keeps dying: nobody waits for it while others answer. It keeps its address, since its port was named when
            # it was bound, and listens again when it starts.
            self._listener.shutdown(socket.SHUT_RDWR)


def shared(listener: socket.socket) -> None:
    """Before it is bound: let others be bound beside it, where the kernel shares out connections."""
    if sys.platform == "linux":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def shares(listener: socket.socket) -> bool:
    return sys.platform == "linux" and listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) == 1


def beside(listener: socket.socket) -> socket.socket:
    """Another on the same address, bound: connections come to it once it listens."""
    another = socket.socket(listener.family)
    try:
        another.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        shared(another)
        another.bind(listener.getsockname())
    except OSError:
        another.close()
        raise
    return another


class JobsProcess(Supervised):
    """The one that seals the audit and does what else no person starts."""

    module = "server.cli.jobs_process"
    called = "The process of the jobs"

    def __init__(self, environment: Mapping[str, str], say: Callable[[str], None], figures: Sequence[int] = ()) -> None:
        super().__init__([], 1, environment, say, figures=figures)
