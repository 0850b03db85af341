"""A server whose clock is wrong beside one whose clock is right, over one database: what each believes of the other."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Final, cast

from server.compliance.sealing import LATE
from server.database.embedded import running_cluster
from server.database.roles import APP, AUDIT, OWNER
from server.migrations import migrate
from tests.drills.clock_work import leases, seals, writes
from tests.drills.product import drill_folder
from tests.drills.report import Report, Say
from tests.drills.shifted import VARIABLE
from tests.drills.sides import HOUR, SEEN, Places, Side, outcome, skewed_school, spoken
from tests.drills.stage import SETTINGS
from tests.e2e.accounts import holder
from tests.e2e.pages import Person
from tests.e2e.serving import Client, Server, serving
from tests.worlds import World

SKEWS: Final = tuple(sign * size for size in (30, 300, 2 * HOUR, 24 * HOUR) for sign in (1, -1))
"""Seconds by which one server is ahead."""
APART: Final = LATE.total_seconds() / 2
LEEWAY: Final = 30
_MARGIN: Final = 3
_START: Final = 30.0


def drill(seed: int, say: Say) -> Report:
    """Two server processes and a PostgreSQL of the drill's own; the second is started anew with each clock."""
    del seed
    report = Report("clock")
    with ExitStack() as stack:
        folder = stack.enter_context(drill_folder("clock"))
        cluster = stack.enter_context(running_cluster(folder / "cluster", say))
        migrate(cluster.url(OWNER))
        servers = stack.enter_context(serving(cluster.url(APP), folder, 2, **SETTINGS))
        places = Places(cluster.url(APP), cluster.url(OWNER), cluster.url(AUDIT))
        for skew in SKEWS:
            say(f"A server whose clock is {spoken(skew)}")
            servers[1].kill()
            servers[1].start(**SETTINGS, **{VARIABLE: str(skew)})
            measure(report, places, servers[0], servers[1], skew)
    return report


def measure(report: Report, places: Places, right: Server, wrong: Server, skew: int) -> None:
    """`wrong` was started with a clock that is so many seconds ahead; its school is a new one."""
    here, there, name = Side(right), Side(wrong, skew), spoken(skew)
    _readiness(report, there, name)
    world = skewed_school(places, skew)
    _tokens(report, world, here, there, name)
    writes(report, places, world, here, there, name)
    _rights(report, world, here, there, name)
    _sessions(report, places, world, here, there, name)
    seals(report, places, world, here, there, name)
    asyncio.run(leases(report, places, right, skew, name))


def _readiness(report: Report, there: Side, name: str) -> None:
    """It says of itself that it should be asked nothing from half an hour on."""
    deadline, checks = time.monotonic() + _START, dict[str, str]()
    far = abs(there.ahead) > APART
    while time.monotonic() < deadline:
        checks = there.server.http.get("/readyz").json()["checks"]
        bad = {check for check, said in checks.items() if said != "ok"}
        if bad == ({"clock"} if far else set()):
            break
        time.sleep(0.1)
    found = ", ".join(f"{check}: {said}" for check, said in checks.items() if said != "ok") or "ready"
    report.asks(f"{name}: /readyz", found, "clock alone" if far else "ready", holds=(found != "ready") is far)


def _tokens(report: Report, world: World, here: Side, there: Side, name: str) -> None:
    """Each side's own are served; the other's, and such as are over, for the skew at most, or are refused by a code."""
    wrong: list[str] = []
    said: dict[str, str] = {}
    longest = earliest = 0.0
    size = abs(there.ahead)
    for issuer, taker, what in (
        (here, here, "own"),
        (there, there, "own"),
        (here, there, "there"),
        (there, here, "here"),
    ):
        found = outcome(Client(taker.server.http, issuer.token(world, "teacher", issuer.now, HOUR)).ask(SEEN))
        said[what] = found
        expected = "served" if _believed(issuer.now, issuer.now + HOUR, taker.now) else "401 UNAUTHENTICATED"
        near = any(abs(one) < _MARGIN for one in (taker.now + LEEWAY - issuer.now, issuer.now + HOUR - taker.now))
        if found != expected and not near:
            wrong.append(f"a fresh one, {what}: {found}")
    for taker in (here, there):
        for off in (5, size - 5, size + 5, -5, -(size + LEEWAY - 5), -(size + LEEWAY + 5)):
            # Over for `off` seconds; below zero, begun so many seconds too early.
            issued = time.time() - HOUR - off if off > 0 else time.time() - off
            found = outcome(Client(taker.server.http, taker.token(world, "teacher", issued, HOUR)).ask(SEEN))
            if found == "served":
                longest, earliest = max(longest, off), max(earliest, -off)
            elif found != "401 UNAUTHENTICATED":
                wrong.append(f"{off:g} s off: {found}")
    report.told(f"{name}: a token of the right server, used at it", said["there"])
    report.told(f"{name}: a token of it, used at the right server", said["here"])
    report.none_of(f"{name}: tokens answered otherwise than by 401 or as their times say", wrong)
    report.at_most(f"{name}: a token was believed after its end for", longest, size)
    report.at_most(f"{name}: a token was believed before its beginning for", earliest, size + LEEWAY)


def _believed(issued: float, expires: float, now: float) -> bool:
    return expires > now and issued <= now + LEEWAY


def _rights(report: Report, world: World, here: Side, there: Side, name: str) -> None:
    """What begins and ends by the database's clock too is never seen outside its time, whatever the server believes."""
    odd: list[str] = []
    seen: dict[str, int] = {}
    for side, where in ((here, "right"), (there, "wrong")):
        for handle in ("support live", "support soon", "support over", "head", "head soon", "head over", "pat"):
            seen[f"{where} {handle}"] = len(_learners(side, world, handle, odd))
        others = {world.ids[handle].hex for handle in ("bob", "cat")} & set(_learners(side, world, "pat", odd))
        if others or seen[f"{where} support soon"] or seen[f"{where} support over"]:
            odd.append(f"{where}: what has not begun or is over: {len(others)} children, {seen}")
        # A role's days are the server's own: it may begin or end too early or too late by the skew.
        day, begins = datetime.fromtimestamp(side.now, UTC).date(), world.days(1)
        if (seen[f"{where} head soon"] and day < begins) or (seen[f"{where} head over"] and day >= world.today):
            odd.append(f"{where}: a role outside its days by the server's own clock")
    if not (seen["right support live"] and seen["right head"] and seen["right pat"]):
        odd.append(f"control: somebody with a right sees nothing: {seen}")
    report.none_of(f"{name}: seen of what has not begun or is over, or refused without a code", odd)
    early = "seen" if seen["wrong head soon"] else "not seen"
    late = "seen" if seen["wrong head over"] else "not seen"
    report.told(f"{name}: by roles from tomorrow, until today", f"{early}, {late}")


def _learners(side: Side, world: World, handle: str, odd: list[str]) -> list[str]:
    answer = side.client(world, handle).ask(SEEN)
    if answer.status >= 500 or (answer.body.get("errors") and not all(answer.codes)):
        odd.append(f"{handle}: {answer}")
    data = cast("dict[str, Any]", answer.body.get("data") or {})
    page = cast("dict[str, list[dict[str, str]]]", data.get("learners") or {"nodes": []})
    return [node["id"].rpartition("_")[2] for node in page["nodes"]]


def _sessions(report: Report, places: Places, world: World, here: Side, there: Side, name: str) -> None:
    """A browser that signed in at one is known at the other or is sent to sign in; one that signed out is known nowhere."""
    odd: list[str] = []
    told: list[str] = []
    for first, second in ((here, there), (there, here)):
        person = Person(first.server.http)
        holder(places.app_url, (world, "teacher")).sign_in(person)
        person.http = second.server.http
        response = person.ask("GET", "/account")
        told.append(f"{response.status_code}")
        if response.status_code not in (200, 303):
            odd.append(f"{response.status_code} for a session of the other")
        stolen = Person(first.server.http)
        person.http = first.server.http
        stolen.cookies = dict(person.cookies)
        csrf = person.open("/account").form().fields["csrf"]
        if person.ask("POST", "/sign-out", {"csrf": csrf}).status_code != 303:
            odd.append("who signs out is refused")
        for side in (here, there):
            stolen.http = side.server.http
            if stolen.ask("GET", "/account").status_code == 200:
                odd.append("a session that was ended is believed")
    report.told(f"{name}: a browser's session at the other server", ", ".join(told))
    report.none_of(f"{name}: browsers told otherwise, or believed after they signed out", odd)
