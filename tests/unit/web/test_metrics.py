"""Figures for Prometheus: a closed list, of several processes together, without anything that a caller chose."""

import re
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from server.cli.figures import served
from server.cli.workers import Supervised
from server.database.context import Context
from server.database.failures import GuardFailed
from server.database.pool import Pool
from server.database.reads import Statement, read
from server.database.unit_of_work import UnitOfWork
from server.database.watching import UNWATCHED
from server.errors import Unavailable
from server.identity.keys import token_key
from server.identity.tokens import TokenIssuer
from server.settings import Settings
from server.web.instruments import Counting, Instrument, Layout, Memory, Undeclared, shared_memory
from server.web.measuring import Metrics
from server.web.metrics import INSTRUMENTS, LAYOUT
from server.web.metrics_page import Figures, MetricsPage
from tests.unit.web.test_app import started
from tests.worlds import World, insert_world, small_school

Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]
CANARY = "zebra"


@pytest.fixture
def world(app_url: str, today: date) -> World:
    world = small_school(f"figures {uuid4()}", today)
    insert_world(app_url, world)
    return world


def samples_of(text: str) -> Samples:
    """Every sample of an exposition, by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def samples(*metrics: Metrics) -> Samples:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures(LAYOUT, [one.memory for one in metrics]))
    return samples_of(generate_latest(registry).decode())


def of(found: Samples, name: str, **labels: str) -> float:
    return found[name, tuple(sorted(labels.items()))]


def test_names_and_labels_follow_prometheus() -> None:
    """One prefix, base units, counters end in _total, and each name is there once."""
    names = [one.name for one in INSTRUMENTS]
    assert len(names) == len(set(names))
    for one in INSTRUMENTS:
        assert re.fullmatch(r"usher_[a-z_]+", one.name)
        assert one.name.endswith("_total") == (one.kind == "counter")
        assert bool(one.bounds) == (one.kind == "histogram")
        assert list(one.bounds) == sorted(one.bounds)
        assert one.words.endswith(".")


def test_no_label_holds_what_somebody_chose() -> None:
    """Each label is one of ours, with a list of values that is part of the program."""
    labels = {name: values for one in INSTRUMENTS for name, values in one.labels.items()}
    assert set(labels) == {
        "route",
        "status",
        "kind",
        "code",
        "road",
        "process",
        "state",
        "cache",
        "reason",
        "job",
        "outcome",
    }
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", value) for values in labels.values() for value in values)


def test_an_undeclared_label_is_refused() -> None:
    """Nobody counts what the list doesn't have: it raises, in tests as in service, and nothing was counted."""
    metrics = Metrics()
    for wrong in (
        lambda: metrics.operation("query", "OK", 0.1) or metrics.operation(CANARY, "OK", 0.1),
        lambda: metrics.transaction(CANARY, 0.1),
        lambda: metrics.job(CANARY, "done", 1.0),
        lambda: Counting(LAYOUT, metrics.memory.slots, INSTRUMENTS[0]).add("graphql"),
    ):
        with pytest.raises(Undeclared):
            wrong()
    assert of(samples(metrics), "usher_operations_total", kind="query", code="OK") == 1
    with pytest.raises(KeyError):
        Counting(LAYOUT, metrics.memory.slots, Instrument("usher_more_total", "counter", "More."))


def test_what_a_list_does_not_hold_is_other_where_it_may_be() -> None:
    """A path, a status or a code of a caller's making has one series for all of them."""
    metrics = Metrics()
    metrics.answered(f"/{CANARY}/{CANARY}", 418, 0.2, 10)
    metrics.answered(CANARY, 200, 0.2, 10)
    metrics.unread(CANARY)
    found = samples(metrics)
    assert of(found, "usher_http_requests_total", route="other", status="other") == 1
    assert of(found, "usher_http_requests_total", route="other", status="200") == 1
    assert of(found, "usher_operations_total", kind="none", code="other") == 1
    assert CANARY not in str(found)


def test_buckets_count_up() -> None:
    """A histogram's buckets are of what is at most so much; its sum and count are of all."""
    metrics = Metrics()
    for seconds in (0.001, 0.0011, 4.0, 400.0):
        metrics.transaction("read", seconds)
    found = samples(metrics)
    bounds = ("0.001", "0.0025", "5.0", "30.0", "+Inf")
    buckets = {le: of(found, "usher_transaction_seconds_bucket", road="read", le=le) for le in bounds}
    assert list(buckets.values()) == [1, 2, 3, 3, 4]
    assert of(found, "usher_transaction_seconds_count", road="read") == 4
    assert of(found, "usher_transaction_seconds_sum", road="read") == pytest.approx(404.0021)


def test_processes_are_told_together() -> None:
    """Counters and gauges as their sum, ages as the largest."""
    one, other = Metrics(), Metrics(process="jobs")
    for metrics, lag in ((one, 0.0), (other, 7.0)):
        metrics.stream_opened()
        metrics.set(next(i for i in INSTRUMENTS if i.name == "usher_audit_seal_lag_seconds"), lag)
    found = samples(one, other)
    assert of(found, "usher_streams") == 2
    assert of(found, "usher_audit_seal_lag_seconds") == 7
    assert of(found, "usher_process_starts_total", process="server") == 1
    assert of(found, "usher_process_starts_total", process="jobs") == 1


def descriptor_of(memory: Memory) -> int:
    assert memory.descriptor is not None
    return memory.descriptor


class Counters(Supervised):
    module = "tests.unit.web.counting_child"
    called = "Counter {}"


def test_what_a_killed_process_counted_stays() -> None:
    """Its memory is the supervisor's; the process in its place counts on, and has none of its streams."""
    with closing(shared_memory(LAYOUT)) as memory:
        children = Counters([], 1, {}, lambda _: None, figures=[descriptor_of(memory)])
        deadline = time.monotonic() + 60
        slots = LAYOUT.places["usher_process_starts_total"]["server",]
        try:
            while memory.slots[slots] < 2 and time.monotonic() < deadline:
                children.tend()
                time.sleep(0.02)
        finally:
            children.stop()
        after = Metrics(memory)  # as the next process, without another of the figures' file
        found = samples(after)
    assert of(found, "usher_http_requests_total", route="pages", status="200") >= 2
    assert of(found, "usher_streams") == 0
    assert of(found, "usher_streams_opened_total") >= 2


def test_counters_of_others_go_on_where_they_were() -> None:
    """A cache that begins anew with its process doesn't take its series back."""
    with closing(shared_memory(LAYOUT)) as memory:
        first = Metrics(memory)
        first.cache("documents", 5, 7)
        first.cache("documents", 6, 9)
        second = Metrics(memory)
        second.cache("documents", 1, 2)
        found = samples(second)
    assert of(found, "usher_cache_misses_total", cache="documents") == 11
    assert of(found, "usher_cache_entries", cache="documents") == 1


def test_memory_of_another_version_is_left_alone() -> None:
    """A process that was started with newer code than its supervisor's counts for itself."""
    other = Layout([*INSTRUMENTS, Instrument("usher_more_total", "counter", "More.")])
    with closing(shared_memory(other)) as memory, pytest.raises(Undeclared):
        Memory(LAYOUT, memory.descriptor)
    swapped = Layout([*INSTRUMENTS[1:], INSTRUMENTS[0]])
    with closing(shared_memory(swapped)) as memory, pytest.raises(Undeclared):
        Memory(LAYOUT, memory.descriptor)


def test_the_page_answers_prometheus_alone() -> None:
    """GET /metrics, in the format that is asked for; nothing else is there, and no address is logged."""
    metrics = Metrics()
    page = MetricsPage("127.0.0.1", 0, Figures(LAYOUT, [metrics.memory]), metrics.itself)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{page.port}", trust_env=False) as http:
            plain = http.get("/metrics")
            modern = http.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
            others = [http.get("/"), http.get("/metrics/x"), http.post("/metrics"), http.get("//metrics")]
    finally:
        page.close()
    assert plain.status_code == modern.status_code == 200
    assert plain.headers["content-type"].startswith("text/plain; version=")
    assert modern.headers["content-type"].startswith("application/openmetrics-text")
    assert modern.text.endswith("# EOF\n")
    assert {one.status_code for one in others} <= {404, 501}
    assert "Python" not in plain.headers["server"]
    names = {name for name, _ in samples_of(plain.text)}
    declared = {one.name for one in INSTRUMENTS}
    assert {
        re.sub(r"_(bucket|count|sum|created)$", "", name) if name not in declared else name for name in names
    } == declared
    assert of(samples_of(plain.text), "usher_process_resident_bytes", process="server") > 1_000_000


def test_a_port_that_is_taken_is_said() -> None:
    """In one sentence that names the setting."""
    metrics = Metrics()
    with closing(MetricsPage("127.0.0.1", 0, Figures(LAYOUT, [metrics.memory]))) as page:
        settings = Settings(usher_metrics_port=page.port)
        with pytest.raises(Unavailable, match="USHER_METRICS_PORT"), served(settings, [metrics.memory], metrics):
            pass
    with served(Settings(), [metrics.memory], metrics):
        pass  # without the setting nothing is opened


async def test_what_the_database_is_asked_is_measured(pool: Pool, world: World) -> None:
    """Reads, writes and guards that fail, as they come through the pool."""
    metrics = Metrics()
    pool.watch = metrics
    nobody = Context(world.school_id, uuid4(), "STAFF", 1, 1)
    try:
        with pytest.raises(GuardFailed):
            await read(pool, Statement("SELECT '{}'::json"), [], nobody)
        with pytest.raises(GuardFailed):
            async with UnitOfWork(pool, nobody):
                pass
    finally:
        pool.watch = UNWATCHED
    found = samples(metrics)
    assert of(found, "usher_guard_failures_total") == 2
    assert of(found, "usher_transaction_seconds_count", road="read") == 1
    assert of(found, "usher_transaction_seconds_count", road="write") == 1


async def test_requests_are_counted_with_their_refusals(app_url: str, tmp_path: Path, world: World) -> None:
    """By what they were, and never by what they said."""
    metrics = Metrics()
    async with started(app_url, tmp_path, metrics) as client:
        token = TokenIssuer(token_key(tmp_path / "keys")).issue(
            world.school_id, world.ids["head"], "STAFF", 60, factor=True
        )
        headers = {"Authorization": f"Bearer {token}"}
        for body in (
            {"query": "query Zebra { viewer { capacity } }"},
            {"query": "{ zebra }"},
            {"query": "mutation { recordMarks }"},
        ):
            await client.post("/graphql", json=body, headers=headers)
        await client.post("/graphql", json={"query": "{ viewer { capacity } }"})
        await client.get(f"/{CANARY}")
    found = samples(metrics)
    assert of(found, "usher_operations_total", kind="query", code="OK") == 1
    assert of(found, "usher_operations_total", kind="none", code="BAD_USER_INPUT") == 2
    assert of(found, "usher_http_requests_total", route="graphql", status="401") == 1
    assert of(found, "usher_http_requests_total", route="other", status="404") == 1
    assert of(found, "usher_graphql_request_bytes_count") == 3
    assert of(found, "usher_cache_misses_total", cache="documents") == 3
    assert CANARY not in str(found).lower()
