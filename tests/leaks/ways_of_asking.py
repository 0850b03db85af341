"""Modules and names through which a test can be told something unheard by tests/leaks/listening.py, and who may use them.

Heard are operations run by `Execution`, httpx, `capsys.readouterr` and `subprocess.run`. A test reads all tests: a use that
is not here fails, and so does an entry without its use.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

MODULES: Final = frozenset({
    "requests", "urllib3", "urllib.request", "http.client", "aiohttp", "websockets", "websockets.sync.client",
    "playwright.sync_api", "playwright.async_api", "starlette.testclient", "fastapi.testclient", "socket", "telnetlib", "pexpect",
})  # fmt: skip
"""They speak, or can."""
NAMES: Final = frozenset({
    "Popen", "create_subprocess_exec", "create_subprocess_shell", "open_connection", "read_query", "compile_reading",
    "check_output", "getoutput", "system", "execute_sync", "capfd", "capsysbinary", "capfdbinary", "ASGITransport",
    "handle_request", "handle_async_request",
})  # fmt: skip

_FAKE: Final = "the server is a fake without a database"
_LOG: Final = "its output is a file below the temporary folder, which is swept"
_ROWS: Final = "it looks at a statement, of which no answer is made"
_PLACE: Final = "it holds or finds a port"
_FRAMES: Final = "it hears each frame before a test does"
_HEARD: Final = "the operation is heard where it runs, in this process"
SPEAKING: Final[Mapping[str, Mapping[str, str]]] = {
    "bench/live_client.py": {"websockets": "a benchmark, and no test"},
    "bench/machine.py": {"system": "the name of what the machine runs"},
    "bench/peers/servers.py": {"Popen": "a benchmark, and no test", "socket": _PLACE},
    "bench/pgbench.py": {"create_subprocess_exec": "a benchmark, and no test"},
    "bench/planning.py": {"compile_reading": _ROWS},
    "bench/prepared.py": {"compile_reading": _ROWS, "read_query": _ROWS},
    "bench/usher_server.py": {
        "Popen": "a benchmark, and no test",
        "socket": _PLACE,
        "urllib.request": "it asks /readyz",
    },
    "drills/product.py": {"Popen": _LOG, "socket": _PLACE},
    "drills/proxy.py": {"open_connection": "it stands between a server and its database", "socket": _PLACE},
    "drills/slow.py": {"open_connection": "it never ends its request, and counts answers that refuse it"},
    "drills/stuck.py": {"socket": "it asks and takes nothing of the answer"},
    "e2e/access_desk.py": {"ASGITransport": _HEARD},
    "e2e/forking.py": {"socket": _PLACE},
    "e2e/live.py": {"socket": "it cuts a connection off", "websockets": _FRAMES, "websockets.sync.client": _FRAMES},
    "e2e/npm_clients.py": {"Popen": "each line that the program says is given to the watch"},
    "e2e/serving.py": {"Popen": _LOG, "socket": _PLACE},
    "e2e/test_access_log_at_size.py": {"compile_reading": _ROWS, "read_query": _ROWS},
    "e2e/test_access_summaries.py": {"compile_reading": _ROWS, "read_query": _ROWS},
    "e2e/rosters.py": {"system": "the name of an argument"},
    "e2e/test_browser.py": {"playwright.sync_api": _FAKE},
    "e2e/test_demo_letters.py": {"ASGITransport": "its letters are to invented addresses of the test"},
    "e2e/test_doctor.py": {"socket": _PLACE},
    "e2e/test_embedded.py": {"Popen": "it says where PostgreSQL stands, and no school is there", "socket": _PLACE},
    "e2e/test_http_standing.py": {"ASGITransport": _HEARD},
    "e2e/test_jobs.py": {"Popen": _LOG},
    "e2e/test_letters.py": {"Popen": _LOG},
    "e2e/test_live_shutdown.py": {"socket": "it asks for a stream and takes nothing of it"},
    "e2e/test_pages_browser.py": {"playwright.sync_api": "its pages are people's own, and show nobody else"},
    "e2e/test_record_marks.py": {"create_subprocess_exec": "it says its number in the database, and is killed"},
    "e2e/test_regrade.py": {"create_subprocess_exec": "it says its number in the database, and is killed"},
    "e2e/test_rosters_closing.py": {"system": "the name of an argument"},
    "e2e/test_run.py": {"Popen": _LOG, "socket": _PLACE},
    "e2e/test_school_sign_in_clients.py": {"Popen": "a provider that knows no school", "socket": _PLACE},
    "e2e/test_every_answer.py": {"ASGITransport": "who asks has no token"},
    "fuzz/healthy.py": {"http.client": "it tells how long each answer took, and nothing of what stands there"},
    "fuzz/running.py": {"Popen": "it hears how long a client waited"},
    "fuzz/wire.py": {"open_connection": "each answer is given to the watch"},
    "leaks/listening.py": {"ASGITransport": _HEARD},
    "oracle/named_queries.py": {"compile_reading": _ROWS, "read_query": _ROWS},
    "oracle/printed.py": {"execute_sync": "it introspects the schema"},
    "unit/cli/test_supervised.py": {"Popen": _LOG},
    "unit/cli/test_worker_sockets.py": {"socket": _PLACE},
    "unit/identity/test_certificates.py": {"socket": _FAKE},
    "unit/identity/test_outbound.py": {"socket": _FAKE},
    "unit/resolvers/test_elements_asked.py": {"read_query": _ROWS},
    "unit/web/conftest.py": {"Popen": _LOG, "socket": _PLACE},
    "unit/web/fakes.py": {"execute_sync": _FAKE, "socket": _FAKE},
    "unit/web/test_app.py": {"ASGITransport": _HEARD},
    "unit/web/test_stuck_clients.py": {"socket": _FAKE},
    "unit/web/test_bodies.py": {"socket": _FAKE},
    "unit/web/test_health.py": {"ASGITransport": _FAKE},
    "unit/web/test_tracing.py": {"ASGITransport": _FAKE},
    "unit/web/test_slow_heads.py": {"http.client": _FAKE, "socket": _FAKE},
    "unit/web/test_page_framework.py": {"ASGITransport": _FAKE},
    "unit/web/test_whole_answers.py": {"open_connection": _FAKE, "socket": _FAKE},
    "wire_tap.py": {"open_connection": "it stands between a server and its database"},
}
"""By file below tests/."""


def used(tree: ast.Module) -> Iterator[str]:
    """What of it a module names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            several = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            yield from (one for one in several if one in MODULES)
            yield from (one.name for one in node.names if one.name in NAMES)
        elif isinstance(node, ast.Attribute) and node.attr in NAMES:
            yield node.attr
        elif isinstance(node, ast.arg) and node.arg in NAMES:
            yield node.arg
