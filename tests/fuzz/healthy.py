"""`python -m tests.fuzz.healthy PORT`: a client that asks one question again and again, and how long each took.

Its token and the body of its request are the first line of its input, as JSON. Each line after that has it write, as a
line of JSON, what happened since the line before: milliseconds of each answer, and how many were not like the first.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from typing import Any


class Healthy:
    def __init__(self, port: int, token: str, body: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._body = body.encode()
        self._lock = threading.Lock()
        self._expected: Any = None
        self._taken: list[float] = []
        self._errors = 0

    def ask(self) -> None:
        began = time.perf_counter()
        good = False
        try:
            self._connection.request("POST", "/graphql", self._body, self._headers)
            answer = self._connection.getresponse()
            data = json.loads(answer.read()).get("data")
            good = answer.status == 200 and data is not None and data == (self._expected or data)
            self._expected = self._expected or data
        except (OSError, http.client.HTTPException, ValueError):
            self._connection.close()
        taken = (time.perf_counter() - began) * 1000
        with self._lock:
            self._taken.append(taken)
            self._errors += not good

    def since(self) -> dict[str, Any]:
        with self._lock:
            taken, errors = self._taken, self._errors
            self._taken, self._errors = [], 0
        return {"taken": taken, "errors": errors}


def main(port: int) -> None:
    asked = json.loads(sys.stdin.readline())
    client = Healthy(port, asked["token"], asked["body"])
    ended = threading.Event()

    def go_on() -> None:
        while not ended.is_set():
            client.ask()
            ended.wait(0.005)  # two hundred times a second at most: it is a client, no load

    thread = threading.Thread(target=go_on)
    thread.start()
    for _ in sys.stdin:
        sys.stdout.write(json.dumps(client.since()) + "\n")
        sys.stdout.flush()
    ended.set()
    thread.join()


if __name__ == "__main__":
    main(int(sys.argv[1]))
