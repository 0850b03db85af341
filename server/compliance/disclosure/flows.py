"""How far a hidden cell may lie from the truth, as a flow: what one cell gains, others on a way round lose and gain."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

Node = Hashable
UNBOUNDED = 1 << 60


@dataclass(slots=True)
class Arc:
    """A hidden number from one node to another: what it is, and the least and most that an onlooker must reckon with.

    `primary` is the most for an onlooker who knows by the rule that it was hidden for being small.
    """

    tail: Node
    head: Node
    flow: int
    least: int
    most: int
    known: bool = False
    """Told, so that it can't give way unless it is hidden, for its price."""
    price: int = 0
    primary: int = UNBOUNDED


class Network:
    """Arcs between nodes whose sums are told; each arc is an unknown of the equations."""

    def __init__(self) -> None:
        self._at: dict[Node, list[tuple[Arc, bool]]] = {}

    def add(self, arc: Arc) -> Arc:
        self._at.setdefault(arc.tail, []).append((arc, True))
        self._at.setdefault(arc.head, []).append((arc, False))
        return arc

    def reach(self, arc: Arc, wanted: int) -> int:
        """The most that the arc's number may be, looked for up to `wanted`; leaves all numbers as they were."""
        gained = list(self._gains(arc, wanted))
        for one, step in gained:
            one.flow -= step
        return arc.flow + sum(step for one, step in gained if one is arc)

    def settle(self, arcs: Iterable[Arc]) -> None:
        """Give each arc in turn the most that those before it leave: numbers that follow from what is told alone."""
        for arc in arcs:
            for _ in self._gains(arc, UNBOUNDED):
                pass
            arc.known = True

    def _gains(self, arc: Arc, wanted: int) -> Iterator[tuple[Arc, int]]:
        """Moves the numbers, and says by how much."""
        while arc.flow < min(wanted, arc.most):
            way = self._way(arc)
            if way is None:
                break
            step = min(min(wanted, arc.most) - arc.flow, *(_room(one, ahead) for one, ahead in way))
            for one, ahead in [*way, (arc, True)]:
                one.flow += step if ahead else -step
                yield one, step if ahead else -step

    def moves(self, arc: Arc) -> bool:
        """Whether the number could be another one, even for who knows which numbers are hidden for being small."""
        if arc.flow < arc.primary and self._leads(arc.head, arc.tail, arc):
            return True
        return arc.flow > arc.least and self._leads(arc.tail, arc.head, arc)

    def _leads(self, start: Node, goal: Node, without: Arc) -> bool:
        reached: set[Node] = {start}
        queue = [start]
        while queue:
            for one, ahead in self._at.get(queue.pop(), ()):
                other = one.head if ahead else one.tail
                room = min(one.most, one.primary) - one.flow if ahead else one.flow - one.least
                if one is not without and not one.known and room > 0 and other not in reached:
                    reached.add(other)
                    queue.append(other)
        return goal in reached

    def cheapest(self, arc: Arc) -> list[Arc]:
        """The told arcs of least price which, hidden, would let the arc gain; empty where none would."""
        start, goal = arc.head, arc.tail
        best: dict[Node, int] = {start: 0}
        came: dict[Node, tuple[Node, Arc]] = {}
        queue: list[tuple[int, int, Node]] = [(0, 0, start)]
        order = 0
        while queue:
            cost, _, node = heapq.heappop(queue)
            if node == goal:
                return _told(came, start, goal)
            if cost > best[node]:
                continue
            for one, _ahead, other, price in self._onward(node, arc):
                if cost + price < best.get(other, UNBOUNDED):
                    best[other], came[other] = cost + price, (node, one)
                    order += 1
                    heapq.heappush(queue, (cost + price, order, other))
        return []

    def _onward(self, node: Node, without: Arc) -> Iterator[tuple[Arc, bool, Node, int]]:
        for one, ahead in self._at.get(node, ()):
            if one is not without and _room(one, ahead) > 0:
                yield one, ahead, one.head if ahead else one.tail, one.price if one.known else 0

    def _way(self, arc: Arc) -> list[tuple[Arc, bool]] | None:
        """A shortest way over hidden arcs from the arc's head back to its tail."""
        start, goal = arc.head, arc.tail
        came: dict[Node, tuple[Node, Arc, bool]] = {}
        queue: deque[Node] = deque([start])
        while queue:
            node = queue.popleft()
            for one, ahead, other, _ in self._onward(node, arc):
                if one.known or other in came or other == start:
                    continue
                came[other] = (node, one, ahead)
                if other == goal:
                    return _back(came, start, goal)
                queue.append(other)
        return None


def _room(arc: Arc, ahead: bool) -> int:
    return arc.most - arc.flow if ahead else arc.flow - arc.least


def _back(came: dict[Node, tuple[Node, Arc, bool]], start: Node, goal: Node) -> list[tuple[Arc, bool]]:
    way: list[tuple[Arc, bool]] = []
    node = goal
    while node != start:
        node, arc, ahead = came[node]
        way.append((arc, ahead))
    return way


def _told(came: dict[Node, tuple[Node, Arc]], start: Node, goal: Node) -> list[Arc]:
    found: list[Arc] = []
    node = goal
    while node != start:
        node, arc = came[node]
        if arc.known:
            found.append(arc)
    return found
