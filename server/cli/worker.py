"""`python -m server.cli.worker SOCKET LIFELINE [FIGURES]`: one server process, as its supervisor starts it.

All are numbers of inherited file descriptors: a listening socket, a pipe whose end means that the supervisor died, and
the memory that it counts in.
"""

import os
import signal
import socket
import sys
from threading import Thread

from server.app import build_app
from server.settings import load_settings
from server.web.leaving import Leaving
from server.web.logs import configure_logs
from server.web.measuring import Metrics, memory_of
from server.web.secure_headers import own_headers
from server.web.serving import serve


def main(listener: int, lifeline: int, figures: int | None = None) -> None:
    settings = load_settings()
    configure_logs(settings.usher_log_level)
    Thread(target=stop_with_supervisor, args=(lifeline,), daemon=True).start()
    leaving = Leaving()
    listening = socket.socket(fileno=listener)
    metrics = Metrics(memory_of(figures), "server")
    serve(build_app(settings, leaving, metrics), listening, leaving, own_headers(settings.issuer))


def stop_with_supervisor(lifeline: int) -> None:
    """Nothing is ever written to the pipe: reading ends when its other end is closed."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
