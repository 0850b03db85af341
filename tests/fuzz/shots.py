"""One mutated request: which it is follows from a seed and its number alone, whatever was sent before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.fuzz.forms import of_forms, of_program
from tests.fuzz.graphql import of_broken_http, of_graphql, of_stream
from tests.fuzz.grounds import Grounds
from tests.fuzz.shot import Shot
from tests.fuzz.sockets import of_socket

Makes = Callable[[Grounds, Random, int], Shot]


@dataclass(frozen=True, slots=True)
class Kind:
    makes: Makes
    weight: int


KINDS: Final[Mapping[str, Kind]] = {
    "graphql": Kind(of_graphql, 50),
    "http": Kind(of_broken_http, 10),
    "forms": Kind(of_forms, 18),
    "program": Kind(of_program, 6),
    "stream": Kind(of_stream, 6),
    "socket": Kind(of_socket, 10),
}


def shot(grounds: Grounds, seed: int, number: int) -> tuple[str, Shot]:
    """The kind's name, and what is sent."""
    chance = Random(f"usher {seed} {number}")
    name = chance.choices(list(KINDS), [kind.weight for kind in KINDS.values()])[0]
    return name, KINDS[name].makes(grounds, chance, number)
