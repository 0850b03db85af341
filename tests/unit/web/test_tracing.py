"""Traces: a closed list of spans and attributes, sent to a collector, without anything of anybody's."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr

from server.app import build_app
from server.database.spans import span, traced_by
from server.identity.keys import token_key
from server.identity.tokens import TokenIssuer
from server.settings import Settings
from server.web.instruments import Undeclared
from server.web.leaving import Leaving
from server.web.measuring import Metrics
from server.web.metrics import SPANS_DROPPED
from server.web.tracing import ATTRIBUTES, Tracing
from tests.unit.web.test_metrics import of, samples
from tests.worlds import World, insert_world, small_school

CANARY = "Quetzalcoatl"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
RESOURCE = {"service.name", "service.version"}


@dataclass
class Collector:
    """Of OTLP over HTTP; `bodies` as they came."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list[bytes])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/traces"

    def resources(self) -> Iterator[Any]:
        for body in self.bodies:
            request: Any = ExportTraceServiceRequest()
            request.ParseFromString(body)
            yield from request.resource_spans

    def spans(self) -> list[Any]:
        return [one for resource in self.resources() for scope in resource.scope_spans for one in scope.spans]

    def attributes(self, name: str) -> list[dict[str, Any]]:
        return [
            {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in one.attributes}
            for one in self.spans()
            if one.name == name
        ]


@pytest.fixture
def collector() -> Generator[Collector]:
    found = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture
def world(app_url: str, today: date) -> World:
    world = small_school(f"{CANARY} {uuid4()}", today)
    insert_world(app_url, world)
    return world


@asynccontextmanager
async def served(
    app_url: str, home: Path, world: World, url: str, metrics: Metrics | None = None, **settings: Any
) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the head's, of an application that traces."""
    wanted = Settings(
        usher_database_url=SecretStr(app_url), usher_home=home, usher_pool_min=1, usher_traces_url=url, **settings
    )
    app = build_app(wanted, Leaving(), metrics)
    token = TokenIssuer(token_key(home / "keys")).issue(world.school_id, world.ids["head"], "STAFF", 60, factor=True)
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 4711))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://usher", headers={"Authorization": f"Bearer {token}"}
        ) as client,
    ):
        yield client


async def ask(client: httpx.AsyncClient, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> Any:
    answer = await client.post("/graphql", json={"query": query, "variables": variables or {}}, headers=headers)
    return answer.json()


async def test_spans_and_attributes_are_those_of_the_list(
    app_url: str, tmp_path: Path, world: World, collector: Collector
) -> None:
    """Of answers and refusals alike; one trace an operation, each part inside it; and no canary in any byte."""
    async with served(app_url, tmp_path, world, collector.url) as client:
        query = f"query {CANARY}($q: ID!) {{ {CANARY}: learner(by: {{id: $q}}) {{ familyName }} }}"
        learner = f"lrn_{world.ids['ann'].hex}"
        answered = await ask(client, query, {"q": learner}, **{"Usher-Reason": CANARY, "baggage": f"a={CANARY}"})
        await ask(client, f"{{ {CANARY} }}")
        await ask(client, query, {"q": CANARY})
        await client.post("/graphql", content=CANARY.encode(), headers={"Authorization": f"Bearer {CANARY}"})
        await client.request(CANARY.upper(), "/graphql")
    assert answered["data"][CANARY]["familyName"], answered
    by_name = {one.name for one in collector.spans()}
    assert by_name == set(ATTRIBUTES) - {"commit"} or by_name == set(ATTRIBUTES)
    for name, allowed in ATTRIBUTES.items():
        assert all(set(found) <= allowed for found in collector.attributes(name))
    assert {pair.key for resource in collector.resources() for pair in resource.resource.attributes} == RESOURCE
    assert not any(one.events or one.links or one.status.message or one.trace_state for one in collector.spans())
    codes = {one.get("usher.code") for one in collector.attributes("operation")}
    assert {"OK"} <= codes
    statuses = [one["http.response.status_code"] for one in collector.attributes("request")]
    assert sorted(statuses) == [200, 200, 200, 401, 405]
    assert {one["http.request.method"] for one in collector.attributes("request")} == {"POST", "_OTHER"}
    [root] = [one for one in collector.spans() if one.name == "statement"][:1]
    assert {"request", "plan"} <= {one.name for one in collector.spans() if one.trace_id == root.trace_id}
    sent = b"".join(collector.bodies).lower()
    names = [str(world.ids[handle]) for handle in ("head", "ann")] + [str(world.school_id)]
    for secret in (CANARY, answered["data"][CANARY]["familyName"], *names, *(one.replace("-", "") for one in names)):
        assert secret.lower().encode() not in sent


@pytest.mark.parametrize(
    ("trusted", "said", "taken"),
    [
        (("127.0.0.0/8",), [PARENT], True),
        (("10.0.0.0/8",), [PARENT], False),
        ((), [PARENT], False),
        (("127.0.0.0/8",), [PARENT, PARENT], False),
        (("127.0.0.0/8",), [PARENT + "-x"], False),
        (("127.0.0.0/8",), [PARENT.upper()], False),
        (("127.0.0.0/8",), ["00-" + "0" * 32 + "-" + "0" * 16 + "-01"], False),
    ],
)
async def test_another_trace_is_gone_on_with_for_trusted_proxies_alone(
    app_url: str,
    tmp_path: Path,
    world: World,
    collector: Collector,
    trusted: tuple[str, ...],
    said: list[str],
    taken: bool,
) -> None:
    """By its ids; what it carries besides is left out."""
    headers = [("traceparent", one) for one in said] + [("tracestate", f"v={CANARY}"), ("baggage", f"u={CANARY}")]
    async with served(app_url, tmp_path, world, collector.url, usher_trusted_proxies=trusted) as client:
        await client.post("/graphql", json={"query": "{ viewer { capacity } }"}, headers=headers)
    [request] = [one for one in collector.spans() if one.name == "request"]
    assert (request.trace_id.hex() == PARENT.split("-")[1]) == taken
    assert (request.parent_span_id.hex() == PARENT.split("-")[2]) == taken
    assert CANARY.encode() not in b"".join(collector.bodies)


async def test_a_collector_that_is_away_hurts_nobody(app_url: str, tmp_path: Path, world: World) -> None:
    """Operations are answered, the process ends in time, and what was lost is counted."""
    metrics = Metrics()
    begun = time.monotonic()
    async with served(app_url, tmp_path, world, "http://127.0.0.1:1/v1/traces", metrics) as client:
        answer = await ask(client, "{ viewer { capacity } }")
    assert answer["data"] == {"viewer": {"capacity": "STAFF"}}
    assert time.monotonic() - begun < 30
    assert of(samples(metrics), SPANS_DROPPED.name) >= 1


async def test_a_share_of_nothing_traces_nothing(
    app_url: str, tmp_path: Path, world: World, collector: Collector
) -> None:
    """And without an address there is no tracer at all."""
    async with served(app_url, tmp_path, world, collector.url, usher_traces_share=0.0) as client:
        await ask(client, "{ viewer { capacity } }")
    assert collector.bodies == []


def test_an_undeclared_attribute_is_refused() -> None:
    """In tests and in service alike; and an exception leaves its type and text outside."""
    exporter = InMemorySpanExporter()
    tracing = Tracing(SimpleSpanProcessor(exporter))
    with traced_by(tracing), pytest.raises(Undeclared), span("statement") as noted:
        noted.note("db.query.text", CANARY)
    with traced_by(tracing), pytest.raises(ValueError, match=CANARY), span("commit"):
        raise ValueError(CANARY)
    with span("plan") as noted:
        noted.note("anything", 1)  # nobody traces here
    tracing.close()
    told = "".join(one.to_json() for one in exporter.get_finished_spans())
    assert [one.name for one in exporter.get_finished_spans()] == ["statement", "commit"]
    assert CANARY not in told
    assert "ValueError" not in told
    assert json.loads(exporter.get_finished_spans()[1].to_json())["status"] == {"status_code": "ERROR"}
