"""What a school's rows say of batches of marks that clients sent: each once, whole, graded, audited and announced.

Every batch gives a reason of its own, which the versions of its marks keep: so batches are told apart without their
idempotency keys.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from tests.e2e.serving import Answer, Client
from tests.worlds import World

RECORD = """mutation Save($input: RecordMarksInput!) { recordMarks(input: $input) {
  replayed marks { id version score } grades { id value } userErrors { code path } } }"""
ROWS: dict[str, LiteralString] = {
    "audit": "SELECT audit_id, elements, details FROM usher.audit_operation"
    " WHERE school_id = %s AND kind = 'write' ORDER BY audit_id",
    "versions": "SELECT mark_id, version, learner_id, score, batch, reason FROM usher.mark_version"
    " WHERE school_id = %s ORDER BY mark_id, version",
    "marks": "SELECT mark_id, version, learner_id, score, course_id FROM usher.mark WHERE school_id = %s",
    "grades": "SELECT learner_id, course_id, version, subject_mark FROM usher.grade WHERE school_id = %s",
    "events": "SELECT sequence, kind, payload FROM usher.outbox_event WHERE school_id = %s ORDER BY sequence",
    "head": "SELECT last_sequence FROM usher.outbox_head WHERE school_id = %s",
    "keys": "SELECT idempotency_key, outcome IS NOT NULL FROM usher.idempotency_record WHERE school_id = %s",
}


PAPERS = 2


@dataclass(frozen=True)
class Batch:
    """`scores` are whole raw marks by the learner's handle; `key` is the idempotency key of its first try."""

    name: str
    key: str
    assessment: str
    scores: Mapping[str, int]

    def variables(self, world: World, key: str | None = None) -> dict[str, Any]:
        assessment = f"asm_{world.ids[self.assessment].hex}"
        marks = [
            {
                "learner": f"lrn_{world.ids[handle].hex}",
                "assessment": assessment,
                "score": str(score),
                "reason": self.name,
            }
            for handle, score in self.scores.items()
        ]
        return {"input": {"marks": marks, "idempotencyKey": key or self.key}}

    def send(self, client: Client, world: World, key: str | None = None) -> Answer:
        return client.ask(RECORD, self.variables(world, key))


class Ledger:
    """All rows of a school that marks leave, as their owner sees them; `complete` counts the grades compared."""

    complete = 0

    def __init__(self, owner_url: str, world: World) -> None:
        self.world = world
        with psycopg.connect(owner_url) as connection:
            self.rows = {name: connection.execute(query, [world.school_id]).fetchall() for name, query in ROWS.items()}

    def findings(self, batches: list[Batch]) -> list[str]:
        """A sentence for each batch that is lost, doubled, partial, ungraded, unaudited or not announced.

        `batches` are those that were answered; the marks that the world was made with are version 1.
        """
        return [*self._batches(batches), *self._versions(), *self._grades(), *self._events()]

    def _batches(self, batches: list[Batch]) -> Iterator[str]:
        audits = {str(audit_id): (elements, details) for audit_id, elements, details in self.rows["audit"]}
        written: dict[str, dict[str, dict[UUID, int]]] = defaultdict(lambda: defaultdict(dict))
        for _, _, learner, score, batch, reason in self.rows["versions"]:
            if batch != "autumn":
                written[reason][batch][learner] = int(score)
        for sent in batches:
            wanted = {self.world.ids[handle]: score for handle, score in sent.scores.items()}
            found = written.pop(sent.name, {})
            if len(found) != 1:
                yield f"{sent.name} was written {len(found)} times"
            for batch, marks in found.items():
                yield from _whole(sent.name, marks, wanted, audits.pop(batch, None))
        yield from (f"{name} was never answered, and is there" for name in written)
        yield from (f"the audit row {audit} has no marks" for audit in audits)
        keys = Counter(complete for key, complete in self.rows["keys"] if key != "used")
        if keys[False]:
            yield f"{keys[False]} keys were kept without an outcome"

    def _versions(self) -> Iterator[str]:
        versions: dict[UUID, list[tuple[int, Any]]] = defaultdict(list)
        for mark, version, _, score, _, _ in self.rows["versions"]:
            versions[mark].append((version, score))
        for mark, version, _, score, _ in self.rows["marks"]:
            if [number for number, _ in versions[mark]] != list(range(1, version + 1)):
                yield f"mark {mark} has gaps among its versions"
            elif versions[mark][-1][1] != score:
                yield f"mark {mark} is not its last version"

    def _grades(self) -> Iterator[str]:
        """Every learner with both papers of a course in whole marks has a grade of their sum."""
        papers: dict[tuple[UUID, UUID], list[int]] = defaultdict(list)
        for _, _, learner, score, course in self.rows["marks"]:
            if course != self.world.ids["english-10"] and score is not None:
                papers[learner, course].append(int(score))
        graded = {(learner, course): total for learner, course, _, total in self.rows["grades"]}
        self.complete = 0
        for seat, scores in papers.items():
            if len(scores) == PAPERS:
                self.complete += 1
                if graded.get(seat) != str(sum(scores)):
                    yield f"the grade of {seat[0]} rests on other marks"

    def _events(self) -> Iterator[str]:
        sequences = [sequence for sequence, _, _ in self.rows["events"]]
        if sequences != list(range(1, len(sequences) + 1)) or self.rows["head"] != [(len(sequences),)]:
            yield "the outbox has gaps"
        announced = Counter(payload["mark"] for _, kind, payload in self.rows["events"] if kind == "markRecorded")
        versions = Counter(str(mark) for mark, _, _, _, batch, _ in self.rows["versions"] if batch != "autumn")
        if announced != versions:
            yield "marks and their announcements differ"


def _whole(
    name: str, marks: dict[UUID, int], wanted: dict[UUID, int], audit: tuple[dict[str, list[str]], Any] | None
) -> Iterator[str]:
    if marks != wanted:
        yield f"{name} is not whole"
    if audit is None:
        yield f"{name} has no audit row"
        return
    elements, details = audit
    if set(elements["mark"]) != {str(learner) for learner in wanted} or details["marks"] != len(wanted):
        yield f"{name} is audited as something else"
