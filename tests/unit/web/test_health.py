"""Liveness asks nobody; readiness asks every check and says which one failed."""

import asyncio

import httpx

from server.errors import Unavailable
from server.web.health import Check, Readiness
from tests.unit.web.fakes import CANARY, make_app


async def passes() -> None: ...


async def down() -> None:
    raise Unavailable("The database can't be reached.")


async def broken() -> None:
    raise RuntimeError(CANARY)


async def hangs() -> None:
    await asyncio.Event().wait()


async def ask(path: str, **checks: Check) -> httpx.Response:
    transport = httpx.ASGITransport(make_app(checks=checks))
    async with httpx.AsyncClient(transport=transport, base_url="http://usher") as client:
        return await client.get(path)


async def test_readiness_names_every_check() -> None:
    """200 if all of them pass."""
    answer = await ask("/readyz", database=passes, migrations=passes)
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "checks": {"database": "ok", "migrations": "ok"}},
    )


async def test_one_failed_check_is_enough() -> None:
    """503 with Retry-After; an expected failure says why, an unforeseen one keeps its text to itself."""
    answer = await ask("/readyz", database=down, policies=broken, demo=passes)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    checks = {"database": "The database can't be reached.", "policies": "Failed.", "demo": "ok"}
    assert answer.json() == {"status": "not ready", "checks": checks}


async def test_liveness_asks_nobody() -> None:
    """The process answers although nothing is ready."""
    answer = await ask("/livez", database=down)
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


async def test_a_check_that_hangs_is_given_up() -> None:
    """Its name says so, and the others are asked all the same."""
    readiness = Readiness({"database": hangs, "policies": passes}, timeout=0.01)
    results = await readiness.results()
    assert results == {"database": "No answer in time.", "policies": "ok"}


async def test_callers_at_once_share_one_answer() -> None:
    """Twenty probes ask the database once."""
    asked = 0

    async def count() -> None:
        nonlocal asked
        asked += 1

    readiness = Readiness({"database": count}, fresh=60)
    await asyncio.gather(*(readiness.results() for _ in range(20)))
    assert asked == 1
