"""Two servers over one database, one of whose clocks is wrong, and a school whose rights begin and end meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from server import tables
from server.identity.keys import token_key
from server.identity.tokens import TokenIssuer
from tests.drills.traffic import LEARNERS
from tests.e2e.serving import Answer, Client, Server, capacity_of
from tests.unit.commands.desk import crowd
from tests.worlds import World, insert_world, small_school
from tests.worlds.access import session
from tests.worlds.people import account

HOUR: Final = 3600
SEEN: Final = "{ learners(first: 50) { nodes { id } } }"


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses of one database."""

    app_url: str
    owner_url: str
    audit_url: str


@dataclass(frozen=True, slots=True)
class Side:
    """A server, and who issues tokens by its clock."""

    server: Server
    ahead: float = 0.0

    @property
    def now(self) -> float:
        return time.time() + self.ahead

    def client(self, world: World, handle: str) -> Client:
        return Client(self.server.http, self.token(world, handle, self.now, HOUR))

    def token(self, world: World, handle: str, issued: float, lifetime: int) -> str:
        issuer = TokenIssuer(token_key(self.server.home / "keys"), lambda: issued)
        return issuer.issue(world.school_id, world.name(handle), capacity_of(world, handle), lifetime, factor=True)


def spoken(skew: float) -> str:
    size = abs(skew)
    much = f"{size:g} s" if size < 60 else f"{size / 60:g} min" if size < HOUR else f"{size / HOUR:g} h"
    return f"{much} {'ahead' if skew > 0 else 'behind'}"


def skewed_school(places: Places, skew: int) -> World:
    """The small one with a crowd, and people whose rights begin or end within the skew."""
    now, part = datetime.now(UTC), timedelta(seconds=max(abs(skew) / 2, 10))
    world = small_school(f"drill clock {skew} {uuid4()}", now.date())
    crowd(world, LEARNERS)
    for handle, begins, ends in (("live", -HOUR, HOUR), ("soon", part, HOUR), ("over", -HOUR, -part)):
        account(world, f"support {handle}", "OPERATOR", ("vendor_support",))
        begun = now + (begins if isinstance(begins, timedelta) else timedelta(seconds=begins))
        ended = now + (ends if isinstance(ends, timedelta) else timedelta(seconds=ends))
        if handle == "over":
            begun = ended - timedelta(hours=1)
        session(world, f"support {handle}", begun, max(ended, begun + timedelta(hours=1)))
    [headship] = [one for one in world.rows[tables.RoleAssignmentRow] if one["person_id"] == world.ids["head"]][:1]
    for handle, days in (("head soon", {"valid_from": world.days(1)}), ("head over", {"valid_to": world.days(0)})):
        account(world, handle, "STAFF", (headship["role"],))
        world.rows[tables.RoleAssignmentRow][-1] |= days
    for row in world.rows[tables.GuardianLinkRow]:
        if row["guardian_id"] == world.ids["pat"] and row["learner_id"] == world.ids["bob"]:
            row["valid_to"] = world.days(0)
        if row["guardian_id"] == world.ids["pat"] and row["learner_id"] == world.ids["cat"]:
            row |= {"valid_from": world.days(1), "verified_at": world.morning}
    insert_world(places.app_url, world)
    return world


def outcome(answer: Answer) -> str:
    codes: list[Any] = answer.codes
    return "served" if answer.status == 200 and not codes else f"{answer.status} {codes[0] if codes else ''}".strip()
