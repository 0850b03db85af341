"""Where two books decide otherwise, as least points.

A point is a set of bits: roles held, facts that hold, relations that hold of a row. A rule matches every point that
contains its own bits, so that permitting only grows with a point and denying only grows with it too. Therefore

- whatever is visible contains one permission of each book, and the union of these two is visible as well;
- a point that is visible under one side and not under the other contains such a union that the other side does not
  permit, or such a union with one denial of the other side.

So the least points with a difference hold at most three roles, and finding them finds every difference there is, for
any number of roles, any facts and any rows. The property tests compare this with Casbin.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

Point = int


@dataclass(frozen=True)
class Side:
    """One rule book under the ceiling.

    `people`: the bits of which profiles consist, roles and facts. `duties` maps a duty to the points of such bits that
    bring it.
    """

    people: Point

    above: tuple[Point, ...]
    above_denied: tuple[Point, ...]
    allowed: tuple[Point, ...]
    denied: tuple[Point, ...]
    duties: dict[str, tuple[Point, ...]] = field(default_factory=dict[str, tuple[Point, ...]])

    def visible(self, point: Point) -> bool:
        """The decision at a point."""
        return hit(point, self.allowed) and hit(point, self.above) and not self.refused(point)

    def refused(self, point: Point) -> bool:
        return hit(point, self.denied) or hit(point, self.above_denied)

    def least(self, allowed: Iterable[Point]) -> list[Point]:
        """The least points that some of these permissions open together with the ceiling's; a denial may close them."""
        return minimal(one | two for one in minimal(allowed) for two in self.above)

    @cached_property
    def seen(self) -> list[Point]:
        """All least points that are visible."""
        return [one for one in self.least(self.allowed) if not self.refused(one)]

    def sees(self, who: Point) -> bool:
        """True where a profile sees any row."""
        strange = self.people & ~who
        return any(not one & strange and not self.refused(who | one) for one in self.seen)


def hit(point: Point, parts: Iterable[Point]) -> bool:
    """True where the point contains one of the parts."""
    for part in parts:  # noqa: SIM110  a third faster than any(), and most of the work
        if part & point == part:
            return True
    return False


def minimal(points: Iterable[Point]) -> list[Point]:
    """Those that contain no other of them."""
    kept: list[Point] = []
    for point in sorted(set(points), key=lambda one: (one.bit_count(), one)):
        if not hit(point, kept):
            kept.append(point)
    return kept


def gains(before: Side, after: Side) -> list[Point]:
    """The least points that are visible after and were not before."""
    known, lifted = set(before.allowed), [one for one in before.denied if one not in set(after.denied)]
    found = set(after.least(one for one in after.allowed if one not in known))
    if lifted:
        found |= {one | denial for one in after.least(after.allowed) for denial in lifted}
    return minimal(point for point in found if after.visible(point) and not before.visible(point))


def duties_gone(before: Side, after: Side) -> dict[str, list[Point]]:
    """Duty -> the least profiles that had it and have it no more, where they see something before and after."""
    gone: dict[str, list[Point]] = {}
    for duty, bringing in before.duties.items():
        still = after.duties.get(duty, ())
        ended = minimal(one for one in bringing if not hit(one, still))
        found: Iterable[Point] = ended
        for side in (before, after) if ended else ():
            seeing = {one & side.people for one in side.seen}
            joined = {one | two for one in found for two in seeing}
            found = [who for who in joined if not hit(who, still) and side.sees(who)]
        least = minimal(who for who in found if before.sees(who))
        if least:
            gone[duty] = least
    return gone
