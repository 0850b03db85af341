"""Whether the audit still is what was sealed: checks over the records of an export, each fault with a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from server.compliance.audit_rows import subjects as named_in
from server.compliance.books import Books
from server.compliance.commitments import Seal, commitment, merkle_root, user_digest
from server.compliance.sealing import LATE

Record = Mapping[str, Any]

KEPT: Final = timedelta(days=365)
"""How long person, program and address belong to a row."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`code` is a stable word."""

    school: str
    code: str
    sentence: str


@dataclass(slots=True)
class Verdict:
    """What was found, over how much; `waiting` rows come into the next seal."""

    faults: list[Fault] = field(default_factory=list[Fault])
    schools: int = 0
    seals: int = 0
    rows: int = 0
    waiting: int = 0
    forgotten: int = 0


@dataclass(slots=True)
class _Block:
    """The block whose leaves are being read; `seal` is None where its row is gone."""

    sequence: int
    seal: Record | None
    commitments: list[str] = field(default_factory=list[str])
    positions: list[int] = field(default_factory=list[int])


class Verification:
    """Takes the records of an export one by one. `heads` are those kept outside the database, by school."""

    def __init__(self, now: datetime, heads: Mapping[str, Sequence[Record]]) -> None:
        self.verdict = Verdict()
        self._now = now
        self._heads = heads
        self._school = ""
        self._block: _Block | None = None
        self._last: Record | None = None
        self._before: Record | None = None
        self._next = 1
        self._digests: dict[int, str] = {}
        self._seen: set[str] = set()
        self._books = Books(None)

    def take(self, record: Record) -> None:
        if "school" in record:
            self._end_school()
            self._begin(record["school"])
            self._books = Books(record.get("books"))
        elif "seal" in record:
            self._end_block()
            self._seal(record["seal"])
        elif "missing" in record:
            self._end_block()
            self._gap(record["missing"])
            self._block = _Block(record["missing"], None)
        elif "leaf" in record:
            self._leaf(record["leaf"], record["row"], record["subjects"])
        elif "waiting" in record:
            self._end_block()
            self._waiting(record["waiting"])

    def end(self) -> Verdict:
        self._end_school()
        for school in set(self._heads) - self._seen:
            self._begin(school)
            self._end_school()
        return self.verdict

    def _begin(self, school: str) -> None:
        self._school, self._last, self._before, self._next, self._digests = school, None, None, 1, {}
        self._books = Books(None)
        self._seen.add(school)
        self.verdict.schools += 1

    def _fault(self, code: str, sentence: str) -> None:
        self.verdict.faults.append(Fault(self._school, code, sentence))

    def _seal(self, seal: Record) -> None:
        sequence: int = seal["sequence"]
        self.verdict.seals += 1
        self._gap(sequence)
        if _seal_digest(seal) != seal["digest"]:
            self._fault("SEAL_CHANGED", f"Seal {sequence} is not what was sealed.")
        before = self._digests.get(sequence - 1)
        if seal["previous"] != before and (before is not None or sequence == 1):
            self._fault("CHAIN_BROKEN", f"Seal {sequence} does not follow seal {sequence - 1}.")
        self._digests[sequence] = seal["digest"]
        self._before, self._last, self._next = self._last, seal, sequence + 1
        self._block = _Block(sequence, seal)

    def _gap(self, sequence: int) -> None:
        for missing in range(self._next, sequence):
            self._fault("SEAL_MISSING", f"Seal {missing} is missing.")
        if self._next <= sequence:
            self._next = sequence

    def _leaf(self, leaf: Record, row: Record | None, subjects: Sequence[str]) -> None:
        assert self._block is not None
        self._block.commitments.append(leaf["commitment"])
        self._block.positions.append(leaf["position"])
        self.verdict.rows += 1
        named = f"The row {leaf['audit_id']} of seal {leaf['sequence']}"
        if row is None:
            self._fault("ROW_DELETED", f"{named} was deleted.")
            return
        if not _committed(leaf, row):
            self._fault("ROW_CHANGED", f"{named} was changed.")
        else:
            self._books.tell(row["facts"]["details"])
            if self._too_late(row["facts"], self._before):
                sentence = f"{named}, dated {row['facts']['occurred_at']}, was inserted afterwards, and then sealed."
                self._fault("ROW_INSERTED", sentence)
            if row["user_salt"] is None:
                self._forgotten(named, row)
        if list(subjects) != named_in(row["facts"]["elements"]):
            self._fault("INDEX_CHANGED", f"{named} is listed under other people than it names.")

    def _forgotten(self, named: str, row: Record) -> None:
        self.verdict.forgotten += 1
        if _read(row["facts"]["occurred_at"]) > self._now - KEPT:
            self._fault("FORGOTTEN_EARLY", f"{named} lost its person before {KEPT.days} days were over.")

    def _waiting(self, row: Record) -> None:
        facts = row["facts"]
        self._books.tell(facts["details"])
        if self._too_late(facts, self._last):
            sentence = (
                f"The row {facts['audit_id']}, dated {facts['occurred_at']}, was inserted afterwards: no seal holds it."
            )
            self._fault("ROW_INSERTED", sentence)
        else:
            self.verdict.waiting += 1

    @staticmethod
    def _too_late(facts: Record, seal: Record | None) -> bool:
        """Whether the sealer would have left the row out after that seal."""
        return seal is not None and _read(facts["occurred_at"]) < _read(seal["sealed_at"]) - LATE

    def _end_block(self) -> None:
        block, self._block = self._block, None
        if block is None:
            return
        if block.seal is None:
            self._fault("SEAL_MISSING", f"Seal {block.sequence} is missing.")
            self._next = block.sequence + 1
            return
        whole = block.positions == list(range(block.seal["leaves"]))
        if not whole or merkle_root(block.commitments) != block.seal["root"]:
            sentence = (
                f"The commitments under seal {block.sequence} are not those that were sealed, or not in their order."
            )
            self._fault("LEAVES_CHANGED", sentence)

    def _end_school(self) -> None:
        self._end_block()
        if not self._school:
            return
        cut = False
        for head in self._heads.get(self._school, ()):
            sequence, known = head["sequence"], self._digests.get(head["sequence"])
            if known is None and sequence >= self._next and not cut:
                cut = True
                sentence = f"Seal {sequence}, which is kept outside the database, is missing: the end was cut off."
                self._fault("TAIL_CUT", sentence)
            elif known is not None and known != head["digest"]:
                self._fault("HEAD_DIFFERS", f"Seal {sequence} is another one than is kept outside the database.")
        for code, sentence in self._books.faults(self._heads.get(self._school, ())):
            self._fault(code, sentence)


def verified(records: Iterable[Record], now: datetime, heads: Mapping[str, Sequence[Record]]) -> Verdict:
    """All faults of the schools in the records."""
    verification = Verification(now, heads)
    for record in records:
        verification.take(record)
    return verification.end()


def _seal_digest(seal: Record) -> str:
    return Seal(
        UUID(seal["school"]), seal["sequence"], _read(seal["sealed_at"]), seal["leaves"], seal["root"], seal["previous"]
    ).digest()


def _committed(leaf: Record, row: Record) -> bool:
    """Whether row and leaf agree. A forgotten row has neither user nor its salt; the leaf's digest stands for both."""
    if row["facts"]["audit_id"] != leaf["audit_id"] or (row["user_salt"] is None and row["user"] is not None):
        return False
    if row["user_salt"] is not None and user_digest(row["user"] or {}, UUID(row["user_salt"])) != leaf["user_digest"]:
        return False
    return commitment(row["facts"], leaf["user_digest"], UUID(row["salt"])) == leaf["commitment"]


def _read(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
