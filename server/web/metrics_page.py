"""GET /metrics, on a port of its own: the figures of several processes together, in Prometheus' text format."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from server.errors import Unavailable
from server.web.instruments import Instrument, Labels, Layout, Memory

PATH: Final = "/metrics"
_SECONDS: Final = 5.0


class Figures(Collector):
    """Of all memories together; a scrape looks at them as they are."""

    def __init__(self, layout: Layout, memories: Sequence[Memory]) -> None:
        self._layout = layout
        self._memories = memories

    def collect(self) -> Iterator[Metric]:
        for instrument in self._layout.instruments.values():
            yield self._family(instrument)

    def _family(self, instrument: Instrument) -> Metric:
        name, words, names = instrument.name, instrument.words, list(instrument.labels)
        if instrument.kind == "histogram":
            histogram = HistogramMetricFamily(name, words, labels=names)
            for labels in instrument.series():
                buckets, total = self._buckets(instrument, labels)
                histogram.add_metric(labels, buckets, total)
            return histogram
        kind = CounterMetricFamily if instrument.kind == "counter" else GaugeMetricFamily
        family = kind(name, words, labels=names)
        for labels in instrument.series():
            [value] = self._values(instrument, labels)
            family.add_metric(labels, value)
        return family

    def _values(self, instrument: Instrument, labels: Labels) -> list[float]:
        place = self._layout.places[instrument.name][labels]
        together = max if instrument.together == "max" else sum
        return [
            together(memory.slots[at] for memory in self._memories) for at in range(place, place + instrument.width)
        ]

    def _buckets(self, instrument: Instrument, labels: Labels) -> tuple[list[tuple[str, float]], float]:
        """Counts up to each bound, as Prometheus has them, and the sum of what was seen."""
        *counts, total = self._values(instrument, labels)
        bounds = [*(f"{bound:g}" if bound < 1 else str(float(bound)) for bound in instrument.bounds), "+Inf"]
        so_far, buckets = 0.0, list[tuple[str, float]]()
        for bound, count in zip(bounds, counts, strict=True):
            so_far += count
            buckets.append((bound, so_far))
        return buckets, total


class MetricsPage:
    """Serves from threads of its own, until `close`. Raises Unavailable where the address can't be had."""

    def __init__(self, host: str, port: int, figures: Figures, before: Callable[[], None] = lambda: None) -> None:
        """`before` is called at each scrape."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(figures)

        class Handler(_Handler):
            def page(self) -> tuple[bytes, str]:
                before()
                encoder, media = choose_encoder(self.headers.get("Accept", ""))
                return encoder(registry), media

        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        kind = type("Server", (ThreadingHTTPServer,), {"address_family": family, "daemon_threads": True})
        try:
            self._server: ThreadingHTTPServer = kind((host, port), Handler)
        except OSError as error:
            raise Unavailable(f"{host}:{port} can't be served: {error.strerror}. Set USHER_METRICS_PORT.") from None
        self.port: int = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, daemon=True, name="metrics")
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    timeout = _SECONDS
    server_version = "usher"
    sys_version = ""

    def page(self) -> tuple[bytes, str]:
        raise NotImplementedError

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != PATH:
            self._answer(404, b"Figures are at /metrics.\n", "text/plain; charset=utf-8")
            return
        self._answer(200, *self.page())

    def _answer(self, status: int, body: bytes, media: str) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", media), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Who scrapes is nobody's business."""
