"""Which processes are started again, and when."""

from __future__ import annotations

import subprocess
from collections.abc import Generator, Mapping, Sequence

import pytest

from server.cli.workers import Supervised
from tests.drills.product import kill


class _Sleepers(Supervised):
    """Processes that do nothing, by a clock of the test's own."""

    called = "Sleeper {}"

    def __init__(self, inherited: Sequence[int], count: int, environment: Mapping[str, str]) -> None:
        self.now = 0.0
        super().__init__(inherited, count, environment, lambda _: None, lambda: self.now)

    def _begun(self, numbers: Sequence[int]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(["/bin/sleep", "600"], pass_fds=numbers)

    def die_after(self, seconds: float) -> None:
        """The only one, killed when it has lived so long."""
        self.now += seconds
        [pid] = self.pids()
        kill(pid)
        self.tend()


@pytest.fixture
def sleepers() -> Generator[_Sleepers]:
    found = _Sleepers([], 1, {})
    found.tend()
    yield found
    found.stop()


def test_who_has_served_starts_again_at_once_however_often(sleepers: _Sleepers) -> None:
    """Whatever kills it, who asks meanwhile waits for its start alone."""
    for _ in range(8):
        sleepers.die_after(5.0)
        assert len(sleepers.pids()) == 1


def test_who_keeps_dying_at_its_start_is_started_ever_later(sleepers: _Sleepers) -> None:
    """Each start costs seconds of a processor, which others need."""
    waits: list[float] = []
    for _ in range(8):
        sleepers.die_after(0.1)
        died = sleepers.now
        while not sleepers.pids():
            sleepers.now += 0.05
            sleepers.tend()
        waits.append(round(sleepers.now - died, 2))
    assert waits == sorted(waits)
    assert 9.9 < waits[-1] < 10.1
