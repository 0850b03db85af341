"""`python -m server.cli.worker SOCKET LIFELINE`: one server process, as its supervisor starts it.

Both are numbers of inherited file descriptors: a listening socket, and a pipe whose end means that the supervisor died.
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
from server.web.secure_headers import own_headers
from server.web.serving import serve


def main(listener: int, lifeline: int) -> None:
    settings = load_settings()
    configure_logs(settings.usher_log_level)
    Thread(target=stop_with_supervisor, args=(lifeline,), daemon=True).start()
    leaving = Leaving()
    listening = socket.socket(fileno=listener)
    serve(build_app(settings, leaving), listening, leaving, own_headers(settings.issuer))


def stop_with_supervisor(lifeline: int) -> None:
    """Nothing is ever written to the pipe: reading ends when its other end is closed."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
