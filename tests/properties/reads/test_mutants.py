"""Each visibility test of the compiler is needed: without any one of them the comparison with the oracle turns red."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import psycopg
import pytest

from server import tables
from server.database.pool import Pool
from server.policies.rule_book import RuleBook
from tests.leaks.watching import WATCH
from tests.oracle.comparing import Case, Comparison
from tests.oracle.documents import DOCUMENTS
from tests.oracle.proof_book import proof_book
from tests.oracle.publishing import publish
from tests.oracle.served import Served
from tests.properties.reads.mutants import MUTANTS, RELATIONS, relation_is
from tests.worlds import World, insert_world, varied_school

EVERY_RELATION = (
    """{ learners { nodes { id gender age dateOfBirth upn firstLanguage contact { address email } attendance { attended }
      yearGroup { name } behaviour { id } guardians { familyName relationship contact { email } } marks { nodes { id } }
      grades { id } } } staff { nodes { contact { email } } } }""",
    "{ reports { nodes { id lines { grade comment } } } viewer { children { linkId } } }",
)


@dataclass
class Proof:
    runner: asyncio.Runner
    pool: Pool
    world: World
    owner: psycopg.Connection[tuple[object, ...]]

    @property
    def learners(self) -> set[UUID]:
        return {self.world.ids["ann"], self.world.ids["eve"]}

    def differs(self, monkeypatch: pytest.MonkeyPatch, book: RuleBook, documents: tuple[str, ...]) -> bool:
        """Whether any account is told something else than by the oracle, by a server that starts now."""
        publish(self.owner, self.world, book)
        comparison = Comparison(Served(self.pool, monkeypatch, self.world), self.world, book)
        return any(self._one_differs(comparison, case) for case in self._cases(documents))

    def _one_differs(self, comparison: Comparison, case: Case) -> bool:
        try:
            return self.runner.run(comparison.difference(case)) is not None
        except Exception as error:  # a statement that PostgreSQL refuses is noticed, too
            return type(error).__name__ == "DatabaseDefect"

    def _cases(self, documents: tuple[str, ...]) -> Iterator[Case]:
        for document in documents:
            text = DOCUMENTS[document](self.world) if document in DOCUMENTS else document
            for row in self.world.rows[tables.AccessProfileRow]:
                if row["capacity"] == "LEARNER" and row["person_id"] not in self.learners:
                    continue  # equals of the two
                yield Case(UUID(str(row["person_id"])), row["capacity"], text, {})


@pytest.fixture(scope="module")
def proof(bare_app_url: str, owner_url: str, today: date) -> Generator[Proof]:
    world = varied_school("proof", today)
    world.rows[tables.SchoolRow][0]["suppression_threshold"] = 6
    world.rows[tables.PublicationRow][0]["status"] = "WITHDRAWN"
    insert_world(owner_url, world)
    with asyncio.Runner() as runner, psycopg.connect(owner_url) as owner:
        pool = Pool(bare_app_url, min_size=1, max_size=2)
        runner.run(pool.__aenter__())
        yield Proof(runner, pool, world, owner)
        runner.run(pool.__aexit__(None, None, None))


def test_the_whole_compiler_agrees(proof: Proof, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing taken out: no difference in any of the documents that the mutants are asked."""
    documents = tuple(dict.fromkeys(one for mutant in MUTANTS.values() for one in mutant.documents))
    assert not proof.differs(monkeypatch, proof_book(), (*documents, *EVERY_RELATION))
    for hidden in sorted({mutant.hides for mutant in MUTANTS.values() if mutant.hides}):
        asked = tuple(one for mutant in MUTANTS.values() if mutant.hides == hidden for one in mutant.documents)
        assert not proof.differs(monkeypatch, proof_book(hidden), tuple(dict.fromkeys(asked)))


@pytest.mark.parametrize("name", MUTANTS)
def test_a_missing_test_is_noticed(proof: Proof, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    mutant = MUTANTS[name]
    monkeypatch.setattr(WATCH, "deaf", True)
    mutant.mutate(monkeypatch)
    assert proof.differs(monkeypatch, proof_book(mutant.hides), mutant.documents)


@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("token", RELATIONS)
def test_a_wrong_relation_is_noticed(proof: Proof, monkeypatch: pytest.MonkeyPatch, token: str, holds: bool) -> None:
    monkeypatch.setattr(WATCH, "deaf", True)
    relation_is(token, holds)(monkeypatch)
    assert proof.differs(monkeypatch, proof_book(), EVERY_RELATION)
