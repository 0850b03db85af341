"""Traces (OpenTelemetry) of requests to /graphql, sent over OTLP/HTTP: a closed list of spans and attributes.

None of them holds a name, an id of anybody, a variable, a statement's parameter, a message of an exception or an
address. Of another's trace its ids alone are taken (W3C Trace Context), and from trusted proxies alone: neither tracestate
nor baggage.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Final

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.database.spans import Name, Noted, traced_by
from server.web.instruments import Undeclared
from server.web.measuring import Metrics

ATTRIBUTES: Final[dict[Name, frozenset[str]]] = {
    "request": frozenset({"http.request.method", "http.route", "http.response.status_code"}),
    "document": frozenset({"usher.document.digest", "usher.document.known"}),
    "operation": frozenset({"usher.operation.kind", "usher.code"}),
    "plan": frozenset(),
    "compile": frozenset(),
    "statement": frozenset({"db.system.name", "usher.road", "usher.answer.bytes"}),
    "commit": frozenset({"db.system.name"}),
}
"""By span; docs/operations.md says what each is."""
_PARENT: Final = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_TIMEOUT: Final = 3.0
"""Seconds for a batch, its repetitions with it: a process that ends waits no longer for a collector that is away."""
_METHODS: Final = frozenset({"GET", "POST"})


class Tracing:
    """Spans as OpenTelemetry's SDK takes them. `close` it: what waits is sent."""

    def __init__(self, processor: SpanProcessor, share: float = 1.0) -> None:
        """`share` of the requests that are traced, 0 to 1; those of a trusted caller's trace as that says."""
        resource = Resource({"service.name": "usher", "service.version": version("usher")})
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(share)), resource=resource, shutdown_on_exit=False
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("usher")

    @contextmanager
    def span(self, name: Name) -> Generator[Noted]:
        kind = SpanKind.SERVER if name == "request" else SpanKind.INTERNAL
        # An exception's text may quote what somebody sent.
        with self._tracer.start_as_current_span(
            name, kind=kind, record_exception=False, set_status_on_exception=False
        ) as begun:
            try:
                yield _Noted(name, begun)
            except BaseException:
                begun.set_status(Status(StatusCode.ERROR))
                raise

    def close(self) -> None:
        self._provider.shutdown()


class _Noted:
    def __init__(self, name: Name, span: trace.Span) -> None:
        self._allowed = ATTRIBUTES[name]
        self._name = name
        self._span = span

    def note(self, name: str, value: str | int | bool) -> None:
        """Raises Undeclared."""
        if name not in self._allowed:
            raise Undeclared(f"the span {self._name} has no attribute {name}")
        self._span.set_attribute(name, value)


class Traced:
    """ASGI middleware around /graphql, outside of what believes proxies: it asks who really holds the other end."""

    def __init__(self, app: ASGIApp, tracing: Tracing, trusted: Iterable[str] = ()) -> None:
        """`trusted`: networks of those whose trace is gone on with."""
        self._app = app
        self._tracing = tracing
        self._trusted = [ipaddress.ip_network(one) for one in trusted]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = context.attach(self._caller(scope))
        try:
            with traced_by(self._tracing):
                if scope["type"] == "http":
                    await self._request(scope, receive, send)
                else:
                    await self._app(scope, receive, send)
        finally:
            context.detach(token)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._tracing.span("request") as noted:
            noted.note("http.request.method", scope["method"] if scope["method"] in _METHODS else "_OTHER")
            noted.note("http.route", "/graphql")

            async def send_noted(message: Message) -> None:
                if "status" in message:
                    noted.note("http.response.status_code", message["status"])
                await send(message)

            await self._app(scope, receive, send_noted)

    def _caller(self, scope: Scope) -> context.Context:
        """An empty one, or with the span that a trusted caller is in; several headers, or a malformed one, are none."""
        said = [value for name, value in scope["headers"] if name == b"traceparent"]
        found = _PARENT.fullmatch(said[0]) if len(said) == 1 and self._trusts(scope) else None
        if found is None:
            return context.Context()
        trace_id, span_id, flags = (int(part, 16) for part in found.groups())
        parent = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags & TraceFlags.SAMPLED))
        if not parent.is_valid:
            return context.Context()
        return trace.set_span_in_context(NonRecordingSpan(parent), context.Context())

    def _trusts(self, scope: Scope) -> bool:
        peer = scope.get("client")
        if peer is None or not self._trusted:
            return False
        try:
            at = ipaddress.ip_address(str(peer[0]))
        except ValueError:
            return False
        return any(at in network for network in self._trusted if network.version == at.version)


def exported_to(url: str, share: float, metrics: Metrics) -> Tracing:
    """Batches of spans go to an OTLP/HTTP collector at `url`, its whole address, from a thread of their own."""
    return Tracing(BatchSpanProcessor(_Counted(OTLPSpanExporter(endpoint=url, timeout=_TIMEOUT), metrics)), share)


class _Counted(SpanExporter):
    """Counts what the collector didn't take."""

    def __init__(self, exporter: SpanExporter, metrics: Metrics) -> None:
        self._exporter = exporter
        self._metrics = metrics

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._metrics.traces_failed()
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)
