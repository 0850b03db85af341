"""Where pages ask the database: what nobody waits for, and what is too much at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from server.errors import Unavailable
from server.web.logs import configure_logs
from server.web.pages import threads
from server.web.pages.threads import PagesDesk
from tests.unit.web.fakes import CANARY

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


class Slow(PagesDesk):
    """Its work waits until it is let go."""

    def __init__(self) -> None:
        super().__init__(NOWHERE)
        self.go = asyncio.Event()
        self.done: list[object] = []

    async def run(self, work: Callable[[Any], Any]) -> Any:
        await self.go.wait()
        self.done.append(work(None))


async def _until_over() -> None:
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait_for(task, 20)


async def test_what_is_done_later_is_not_waited_for() -> None:
    """The caller goes on at once; the work is done all the same."""
    desk = Slow()
    desk.later(lambda _: "looked", "/forgotten")
    await asyncio.sleep(0)
    assert desk.done == []
    desk.go.set()
    await _until_over()
    assert desk.done == ["looked"]


async def test_what_fails_later_is_logged() -> None:
    """A defect without its text, with a reference; a database that is away as what it is."""

    def fails(_: object) -> None:
        raise RuntimeError(CANARY)

    def is_away(_: object) -> None:
        raise Unavailable("The database can't be reached.")

    written = StringIO()
    configure_logs("info", written)
    desk = Slow()
    desk.go.set()
    for work in (fails, is_away):
        desk.later(work, "/forgotten")
        await _until_over()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["event"], line["route"]) for line in lines] == [
        ("defect", "/forgotten"),
        ("not done later", "/forgotten"),
    ]
    assert CANARY not in written.getvalue()


async def test_too_many_at_once_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, instead of being answered when nobody waits any more."""
    monkeypatch.setattr(threads, "MOST_WAITING", 0)
    with pytest.raises(Unavailable, match="Too many"):
        await PagesDesk(NOWHERE).run(lambda _: None)
