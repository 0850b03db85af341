"""`python -m tests.unit.web.counting_child LIFELINE FIGURES`: counts one request of a page, says so, and is killed."""

import os
import signal
import sys

from server.web.measuring import Metrics, memory_of


def main(_lifeline: int, figures: int) -> None:
    metrics = Metrics(memory_of(figures), "server")
    metrics.answered("/sign-in", 200, 0.01, 5000)
    metrics.stream_opened()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
