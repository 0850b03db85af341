"""Bare questions in somebody's name: what a wall shows when no compiled predicate helps it."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import psycopg

from tests.worlds import World, acting

YEAR_10 = {"ann", "bob", "cat", "eve", "gus", "hal"}
EVERYBODY = {*YEAR_10, "dan", "fay"}


class See:
    """Bare questions in somebody's name."""

    def __init__(self, url: str, world: World) -> None:
        self.url = url
        self.world = world

    @contextmanager
    def as_(self, capacity: str, person: str) -> Generator[psycopg.Connection[tuple[Any, ...]]]:
        with acting(self.url, self.world, capacity, person) as connection:
            yield connection

    def learners(self, capacity: str, person: str, table: str) -> set[str]:
        """Handles of the learners with a row in the table."""
        handles = {self.world.ids[handle]: handle for handle in EVERYBODY}
        with self.as_(capacity, person) as connection:
            rows = connection.execute(f"SELECT learner_id FROM usher.{table}".encode()).fetchall()
        return {handles[learner_id] for (learner_id,) in rows}

    def count(self, capacity: str, person: str, table: str) -> int:
        with self.as_(capacity, person) as connection:
            (count,) = connection.execute(f"SELECT count(*) FROM usher.{table}".encode()).fetchone() or (-1,)
        return count
