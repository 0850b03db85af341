"""What is measured: a closed list, printed into docs/metrics.md.

No label holds anything that a person, a school or a client chose: no names, no paths, no names of operations.
"""

from __future__ import annotations

from typing import Final

from server.commands.jobs.listed import JOBS
from server.errors import UsherError
from server.identity.letters.queue import SEND
from server.web.instruments import OTHER, Instrument, Layout

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_WORK: Final = (0.01, 0.1, 1.0, 10.0, 60.0, 300.0, 1800.0)
_BYTES: Final = (256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304)
ROUTES: Final = ("graphql", "oauth", "pages", "health", "well-known", OTHER)
_STATUSES: Final = (
    *(str(status) for status in (101, 200, 201, 204, 302, 303, 304, 400, 401, 403, 404, 405, 406, 408, 409, 413, 415)),
    *(str(status) for status in (421, 422, 429, 500, 503)),
    OTHER,
)


def _codes(error: type[UsherError]) -> set[str]:
    return {error.code}.union(*(_codes(below) for below in error.__subclasses__()))


CODES: Final = ("OK", *sorted(_codes(UsherError)), OTHER)
KINDS: Final = ("query", "mutation", "subscription", "none")
ROADS: Final = ("read", "write", "inquiry")
CACHES: Final = ("documents", "readings", "statements", "standings", "rule_books", "tokens")
PROCESSES: Final = ("server", "jobs", "supervisor")
STEPS: Final = ("wrong", "too_many")
_NAMES_OF_JOBS: Final = (*(job.name for job in JOBS), SEND)

HTTP_REQUESTS: Final = Instrument(
    "usher_http_requests_total",
    "counter",
    "Requests that were answered, by the group of their path and the status.",
    {"route": ROUTES, "status": _STATUSES},
)
HTTP_SECONDS: Final = Instrument(
    "usher_http_request_seconds",
    "histogram",
    "Seconds from a request's headers to the last byte of its answer; of an event stream, until it ends.",
    {"route": ROUTES},
    _SECONDS,
)
HTTP_SENT: Final = Instrument(
    "usher_http_response_bytes", "histogram", "Bytes of answers' bodies.", {"route": ROUTES}, _BYTES
)
HTTP_TAKEN: Final = Instrument("usher_graphql_request_bytes", "histogram", "Bytes of operations' bodies.", {}, _BYTES)
OPERATIONS: Final = Instrument(
    "usher_operations_total",
    "counter",
    "Operations over every transport, by what they are and the code of their refusal; `none` was refused before it ran.",
    {"kind": KINDS, "code": CODES},
)
OPERATION_SECONDS: Final = Instrument(
    "usher_operation_seconds", "histogram", "Seconds that an operation ran once it was read.", {"kind": KINDS}, _SECONDS
)
TRANSACTIONS: Final = Instrument(
    "usher_transaction_seconds",
    "histogram",
    "Seconds of a transaction of operations, with its wait for a connection: a compiled read, a write, an inquiry.",
    {"road": ROADS},
    _SECONDS,
)
GUARD_FAILURES: Final = Instrument(
    "usher_guard_failures_total",
    "counter",
    "Transactions that found a newer rule book, profile or document than their plan's, and were planned anew.",
)
POOL: Final = Instrument(
    "usher_pool_connections", "gauge", "Connections to the database that are open, and how many idle.",
    {"process": PROCESSES, "state": ("open", "idle")},
)  # fmt: skip
POOL_WAITING: Final = Instrument(
    "usher_pool_waiting", "gauge", "Who waits for a connection now.", {"process": PROCESSES}
)
POOL_REFUSED: Final = Instrument(
    "usher_pool_refused_total", "counter", "Who waited for a connection in vain.", {"process": PROCESSES}
)
POOL_LOST: Final = Instrument(
    "usher_pool_lost_total", "counter", "Times that all connections were replaced because one was lost.", {"process": PROCESSES}
)  # fmt: skip
CACHE_MISSES: Final = Instrument(
    "usher_cache_misses_total",
    "counter",
    "What was looked for and made anew. Operations look for one of each: the rest of them were hits.",
    {"cache": CACHES},
)
CACHE_ENTRIES: Final = Instrument("usher_cache_entries", "gauge", "What is remembered now.", {"cache": CACHES})
STREAMS: Final = Instrument("usher_streams", "gauge", "Subscriptions that are followed now.")
STREAMS_OPENED: Final = Instrument("usher_streams_opened_total", "counter", "Subscriptions that began.")
STREAMS_CLOSED: Final = Instrument(
    "usher_streams_closed_total",
    "counter",
    "Subscriptions that ended, by the code of what ended them; OK: their client did.",
    {"code": CODES},
)
EVENT_LAG: Final = Instrument(
    "usher_event_lag_seconds",
    "histogram",
    "Seconds from what happened to the moment at which a stream tells it.",
    {},
    (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0),
)
SIGN_INS_REFUSED: Final = Instrument(
    "usher_sign_in_refusals_total", "counter", "Passwords, codes and passkeys that were wrong, or came too often.",
    {"reason": STEPS},
)  # fmt: skip
JOB_RUNS: Final = Instrument(
    "usher_job_runs_total", "counter", "Runs of jobs that came to an end.",
    {"job": _NAMES_OF_JOBS, "outcome": ("done", "failed")},
)  # fmt: skip
JOB_SECONDS: Final = Instrument("usher_job_seconds", "histogram", "Seconds of runs.", {"job": _NAMES_OF_JOBS}, _WORK)
JOB_DONE: Final = Instrument(
    "usher_job_done_timestamp_seconds",
    "gauge",
    "When the last run began that came to its end, by whichever process, in seconds since 1970; 0: never.",
    {"job": _NAMES_OF_JOBS},
    together="max",
)
SEAL_LAG: Final = Instrument(
    "usher_audit_seal_lag_seconds", "gauge",
    "Seconds since a run of the sealer covered all audit rows of all schools; looked at each quarter of a minute.",
    together="max",
)  # fmt: skip
LETTERS: Final = Instrument(
    "usher_letters_waiting", "gauge", "Letters that wait to be sent, as seen at the same time.", together="max"
)
LETTERS_AGE: Final = Instrument(
    "usher_letters_oldest_seconds", "gauge", "How long the oldest of them waits.", together="max"
)
MEMORY: Final = Instrument(
    "usher_process_resident_bytes", "gauge", "Memory that the processes hold.", {"process": PROCESSES}
)
PROCESSOR: Final = Instrument(
    "usher_process_cpu_seconds_total", "counter", "Processor time of the processes, of those that ended too.",
    {"process": PROCESSES},
)  # fmt: skip
STARTS: Final = Instrument(
    "usher_process_starts_total", "counter", "Processes that began to work.", {"process": PROCESSES}
)
SPANS_DROPPED: Final = Instrument(
    "usher_traces_failed_total", "counter", "Batches of spans that the collector didn't take."
)

INSTRUMENTS: Final = (
    HTTP_REQUESTS, HTTP_SECONDS, HTTP_SENT, HTTP_TAKEN, OPERATIONS, OPERATION_SECONDS, TRANSACTIONS,
    GUARD_FAILURES, POOL, POOL_WAITING, POOL_REFUSED, POOL_LOST, CACHE_MISSES, CACHE_ENTRIES, STREAMS,
    STREAMS_OPENED, STREAMS_CLOSED, EVENT_LAG, SIGN_INS_REFUSED, JOB_RUNS, JOB_SECONDS, JOB_DONE,
    SEAL_LAG, LETTERS, LETTERS_AGE, MEMORY, PROCESSOR, STARTS, SPANS_DROPPED,
)  # fmt: skip
LAYOUT: Final = Layout(INSTRUMENTS)
