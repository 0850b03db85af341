"""docs/metrics.md: every figure of /metrics, from its declaration."""

from server.web.instruments import Instrument
from server.web.metrics import INSTRUMENTS

_HEAD = """\
# Figures for Prometheus

Printed by `make schema` from `server/web/metrics.py`. `USHER_METRICS_PORT` has `usher run` answer `GET /metrics` on a port
of its own, of 127.0.0.1 unless `USHER_METRICS_HOST` says otherwise: figures of all server processes and of the jobs'
together, which stay when a process is replaced and begin anew with the supervisor. The list is closed, and so are the
values of each label: none is a person, a school, a path, a document or anything else that a caller chose.
[operations.md](operations.md#watching-it) says what to watch.
"""


def metrics_page() -> str:
    lines = [_HEAD, "| name | kind | labels | what it tells |", "|---|---|---|---|"]
    lines += [f"| `{one.name}` | {one.kind} | {_labels(one)} | {one.words} |" for one in INSTRUMENTS]
    lines += ["", "Histograms have these bounds:", ""]
    lines += [
        f"- `{one.name}`: {', '.join(f'{bound:.10g}' for bound in one.bounds)}" for one in INSTRUMENTS if one.bounds
    ]
    return "\n".join(lines) + "\n"


def _labels(instrument: Instrument) -> str:
    return "; ".join(f"`{name}`: {', '.join(values)}" for name, values in instrument.labels.items()) or "none"
