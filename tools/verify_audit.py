"""Checks one exported audit by itself: `python -I verify_audit.py EXPORT [--heads FILE ...]`.

It needs Python 3.11 and nothing else, and shares no line with Usher: who doubts Usher's own verification reads these.

EXPORT is what `usher audit export` wrote. FILE is a `.jsonl` of heads kept outside the database: with it a chain whose
end was cut off is found too. The exit status is 0 where everything is as it was sealed, 1 where something isn't, and
2 where the file can't be read. What is checked:

1. Every row is what was committed: SHA-256 over its salt and its facts. Person, program and network address of a row
   are committed apart, under a salt of their own, so that they can be forgotten after a year and the rest still proves.
2. The commitments of a seal, in their order, have the seal's Merkle root (RFC 6962).
3. Each seal's digest is of its own facts and of the seal before it; none is missing.
4. No row lies in the sealed time without a commitment.
5. The heads that were kept elsewhere are in the chain. One that was sealed after the moment that the export says it is
   from can't be: it is named, and is no fault.
6. The digests of the rule books are those that the rows tell of, that were approved, and that the heads hold. The books
   themselves are not in an export.
"""

import argparse
import hashlib
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Record = dict[str, Any]

LATE = timedelta(hours=1)
YEAR = timedelta(days=365)
NAMED = 20


def canonical(values: Record) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def user_digest(row: Record) -> str:
    return sha256(b"usher-audit-user-1\0", bytes.fromhex(row["user_salt"]), canonical(row["user"] or {})).hex()


def commitment(row: Record, user: str) -> str:
    facts: Record = {**row["facts"], "user": user}
    return sha256(b"usher-audit-row-1\0", bytes.fromhex(row["salt"]), canonical(facts)).hex()


def seal_digest(seal: Record) -> str:
    facts = {name: seal[name] for name in ("school", "sequence", "sealed_at", "leaves", "root", "previous")}
    return sha256(b"usher-audit-seal-1\0", canonical(facts)).hex()


def merkle_root(hashes: list[str]) -> str:
    """Level by level: neighbours are joined, and one without a neighbour goes up as it is."""
    level = [sha256(b"\0", bytes.fromhex(one)) for one in hashes]
    while len(level) > 1:
        pairs = [sha256(b"\1", level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0].hex() if level else ""


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


class Unreadable(Exception):
    """The file is no whole export."""


class Check:
    """Reads the lines of an export once, and says what it finds."""

    def __init__(self, heads: list[Record]) -> None:
        self.heads = heads
        self.younger: list[Record] = []
        self.faults: list[str] = []
        self.counts = {"seals": 0, "leaves": 0, "waiting": 0}
        self.school: str | None = None
        self.seals: dict[int, Record] = {}
        self.open: Record | None = None
        self.given: list[Record] = []
        self.books: dict[int, Record] | None = None
        self.told: list[Record] = []
        self.exported_at: datetime | None = None
        self.whole = False

    def line(self, text: str) -> None:
        try:
            record: Record = json.loads(text)
        except ValueError:
            raise Unreadable("a line is no JSON") from None
        if self.exported_at is None:
            if record.get("format") != "usher-audit-1":
                raise Unreadable("it isn't an export of the format usher-audit-1")
            self.exported_at = moment(record["exported_at"])
            self.leave_younger(self.exported_at)
            return
        for name in ("school", "seal", "missing", "leaf", "waiting", "end"):
            if name in record:
                getattr(self, f"on_{name}")(record)
                return
        raise Unreadable("a line has no meaning")

    def leave_younger(self, exported_at: datetime) -> None:
        """What was sealed after the export can't be in it."""
        self.younger = [head for head in self.heads if moment(head["sealed_at"]) > exported_at]
        self.heads = [head for head in self.heads if head not in self.younger]

    def notes(self) -> list[str]:
        """Which heads couldn't be compared, a line a school. Whoever knows when the export was made sees if that fits."""
        found: list[str] = []
        for school in sorted({head["school"] for head in self.younger}):
            numbers = [str(head["sequence"]) for head in self.younger if head["school"] == school]
            listed = list(dict.fromkeys(numbers))
            named = ", ".join(listed) if len(listed) <= NAMED else f"{listed[0]} to {listed[-1]}"
            found.append(
                f"{school}: Kept heads of seals {named} are younger than this export of {self.exported_at:%Y-%m-%d %H:%M:%S}"
                " UTC and can't be compared with it: export again to compare them."
            )
        return found

    def fault(self, sentence: str) -> None:
        self.faults.append(f"{self.school}: {sentence}")

    def on_school(self, record: Record) -> None:
        self.finish_school()
        self.school, self.seals, self.open, self.given = record["school"], {}, None, []
        self.books = {book["version"]: book for book in record["books"]} if "books" in record else None
        self.told = []

    def on_seal(self, record: Record) -> None:
        self.finish_seal()
        seal = self.open = record["seal"]
        self.counts["seals"] += 1
        number = seal["sequence"]
        if seal["school"] != self.school or seal_digest(seal) != seal["digest"]:
            self.fault(f"Seal {number} is not what was sealed.")
        before = self.seals.get(number - 1)
        if before is None and number != 1:
            self.fault(f"The seal before seal {number} is missing.")
        elif seal["previous"] != (before["digest"] if before else None):
            self.fault(f"Seal {number} does not follow seal {number - 1}.")
        self.seals[number] = seal

    def on_missing(self, record: Record) -> None:
        self.finish_seal()
        self.fault(f"Seal {record['missing']} is missing, and its commitments are still there.")

    def on_leaf(self, record: Record) -> None:
        leaf, row = record["leaf"], record["row"]
        self.counts["leaves"] += 1
        self.given.append(leaf)
        named = f"The row {leaf['audit_id']} of seal {leaf['sequence']}"
        if row is None:
            self.fault(f"{named} was deleted.")
        elif not self.is_as_committed(leaf, row):
            self.fault(f"{named} was changed.")
        else:
            self.told.append(row["facts"]["details"] or {})
            before = self.seals.get(leaf["sequence"] - 1)
            if before is not None and moment(row["facts"]["occurred_at"]) < moment(before["sealed_at"]) - LATE:
                self.fault(f"{named}, dated {row['facts']['occurred_at']}, was inserted afterwards, and then sealed.")
            if row["user_salt"] is None and self.is_young(row):
                self.fault(f"{named} lost its person before 365 days were over.")

    def is_young(self, row: Record) -> bool:
        return self.exported_at is not None and moment(row["facts"]["occurred_at"]) > self.exported_at - YEAR

    def is_as_committed(self, leaf: Record, row: Record) -> bool:
        if row["facts"]["audit_id"] != leaf["audit_id"]:
            return False
        known = row["user"] is None if row["user_salt"] is None else user_digest(row) == leaf["user_digest"]
        return known and commitment(row, leaf["user_digest"]) == leaf["commitment"]

    def on_waiting(self, record: Record) -> None:
        self.finish_seal()
        self.counts["waiting"] += 1
        facts = record["waiting"]["facts"]
        self.told.append(facts["details"] or {})
        last = self.seals[max(self.seals)] if self.seals else None
        if last is not None and moment(facts["occurred_at"]) < moment(last["sealed_at"]) - LATE:
            self.fault(f"The row {facts['audit_id']}, dated {facts['occurred_at']}, was inserted afterwards.")

    def on_end(self, record: Record) -> None:
        self.finish_school()
        self.whole = True
        if record["end"] != self.counts:
            raise Unreadable("lines are missing or doubled")

    def finish_seal(self) -> None:
        seal, self.open = self.open, None
        given, self.given = self.given, []
        if seal is None:
            return
        in_order = [leaf["position"] for leaf in given] == list(range(seal["leaves"]))
        of_it = all(leaf["sequence"] == seal["sequence"] for leaf in given)
        if not (in_order and of_it) or merkle_root([leaf["commitment"] for leaf in given]) != seal["root"]:
            self.fault(
                f"The commitments under seal {seal['sequence']} are not those that were sealed, or not in order."
            )

    def finish_school(self) -> None:
        if self.school is None:
            return
        self.finish_seal()
        for head in self.heads:
            if head["school"] != self.school:
                continue
            known = self.seals.get(head["sequence"])
            if known is None:
                self.fault(f"Seal {head['sequence']}, kept outside the database, is missing: the chain was cut.")
            elif known["digest"] != head["digest"]:
                self.fault(f"Seal {head['sequence']} is another one than was kept outside the database.")
        if self.books is not None:
            self.compare_books(self.books)

    def compare_books(self, books: dict[int, Record]) -> None:
        published = [one for one in self.told if one.get("act") in ("policyPublished", "policyConfirmed")]
        approved = {
            one["submission"]: one["digest"]
            for one in self.told
            if one.get("act") == "policyDecided" and one.get("decision") == "APPROVED" and "digest" in one
        }
        kept = [head["book"] for head in self.heads if head["school"] == self.school and head.get("book")]
        sentences = [self.of_book(books.get(one["version"]), one, approved) for one in published + kept]
        told = {one["version"] for one in published}
        for number, book in books.items():
            if book["kind"] != "ADOPTED" and book["content_digest"] != book["digest"]:
                sentences.append(f"Version {number} of the rule book has another content than was hashed.")
            if book["kind"] in ("PUBLISHED", "ROLLED_BACK", "NARROWED") and number not in told:
                sentences.append(
                    f"Version {number} of the rule book came into force, and the audit doesn't tell of it."
                )
        for sentence in dict.fromkeys(filter(None, sentences)):
            self.fault(sentence)

    def of_book(self, book: Record | None, told: Record, approved: dict[str, str]) -> str:
        """What is wrong with a version of which a row or a head tells; nothing where it is as they say."""
        named = f"Version {told['version']} of the rule book"
        if book is None:
            return f"{named} is missing."
        if any(told.get(name, book[name]) != book[name] for name in ("digest", "chain")):
            return f"{named} is another one than the audit or a kept head tells of."
        if approved.get(told.get("submission", ""), book["digest"]) != book["digest"]:
            return f"{named} is not what was approved."
        return ""


def check(export: str, heads: list[Record]) -> Check:
    found = Check(heads)
    with Path(export).open(encoding="utf-8") as lines:
        for line in lines:
            if found.whole:
                raise Unreadable("something follows the end")
            found.line(line)
    if not found.whole:
        raise Unreadable("its end is missing")
    return found


def kept(name: str) -> list[Record]:
    """The heads of one file, each with what is compared."""
    lines = [line for line in Path(name).read_text(encoding="utf-8").splitlines() if line.strip()]
    heads: list[Record] = [json.loads(line) for line in lines]
    for head in heads:
        _ = moment(head["sealed_at"]), head["school"], head["sequence"], head["digest"]
    return heads


def said(error: Exception) -> str:
    """Why a file can't be used, in words of ours."""
    match error:
        case FileNotFoundError():
            return "there is no such file"
        case OSError():
            return "it can't be opened; is it a file that you may read?"
        case Unreadable():
            return str(error)
        case UnicodeDecodeError() | json.JSONDecodeError():
            return "it isn't lines of JSON"
        case _:
            return "a line lacks what it should hold"


def main() -> int:
    parser = argparse.ArgumentParser(description="Check an exported audit.")
    parser.add_argument("export")
    parser.add_argument("--heads", nargs="*", default=[], help="files of heads that were kept outside the database")
    arguments = parser.parse_args()
    name = arguments.export
    try:
        heads: list[Record] = []
        for name in arguments.heads:
            heads += kept(name)
        name = arguments.export
        found = check(name, heads)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, Unreadable) as error:
        wanted = "an export of `usher audit export`" if name == arguments.export else "a file of kept heads"
        sys.stderr.write(f"{name} can't be verified as {wanted}: {said(error)}.\n")
        return 2
    for note in found.notes():
        sys.stdout.write(f"{note}\n")
    for fault in found.faults:
        sys.stdout.write(f"{fault}\n")
    counts = found.counts
    sys.stdout.write(
        f"{counts['leaves']} rows under {counts['seals']} seals, {counts['waiting']} not sealed yet: "
        + (f"{len(found.faults)} faults" if found.faults else "everything is as it was sealed")
        + "\n"
    )
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
