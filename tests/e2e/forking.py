"""`python -m tests.e2e.forking COMMANDS LIFELINE LISTENER...`: a process that has imported the server, and forks it.

Each line `[NUMBER, LOG, SETTINGS]` on COMMANDS, an inherited socket, starts one server process on the LISTENER of that
number, its output appended to LOG, with SETTINGS in its environment; the answer is the line "PID". What runs in it is
`server.cli.worker`, as under `usher run`; only the imports and the schema, which take most of a start, are made once. It
ends, as its children do, when LIFELINE ends.
"""

import json
import os
import signal
import socket
import sys
from typing import cast

from server.cli import worker
from server.resolvers.schema import graphql_schema
from tests.drills.shifted import VARIABLE, shift


def main(commands: int, lifeline: int, listeners: list[int]) -> None:
    graphql_schema()
    # Children that were killed are nobody's to wait for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=commands) as channel, channel.makefile("rw") as lines:
        for line in lines:
            number, log, settings = cast("tuple[int, str, dict[str, str]]", json.loads(line))
            pid = os.fork()
            if pid == 0:
                os.environ |= settings
                _serve(listeners[number], lifeline, log)
            lines.write(f"{pid}\n")
            lines.flush()


def _serve(listener: int, lifeline: int, log: str) -> None:
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        shift(float(os.environ.get(VARIABLE, 0)))
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        worker.main(listener, lifeline)
        status = 0
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), [int(number) for number in sys.argv[3:]])
