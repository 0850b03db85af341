"""Asks a server of ours whether it can serve."""

import http.client
import json
from typing import Any, cast


def readiness(host: str, port: int) -> dict[str, str] | None:
    """The checks that failed, by name: none of them means ready. None while nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body: Any = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    if answer.status == 200:
        return {}
    checks = cast("dict[str, str]", body.get("checks", {}))
    return {name: result for name, result in checks.items() if result != "ok"} or {"readyz": str(answer.status)}
