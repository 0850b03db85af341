"""Whether a school's rule books are those that its audit rows and the heads kept outside the database tell of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Record = Mapping[str, Any]
Found = tuple[str, str]

_TELLING: Final = frozenset({"policyPublished", "policyConfirmed"})
_BY_PEOPLE: Final = frozenset({"PUBLISHED", "ROLLED_BACK", "NARROWED"})


class Books:
    """Of one school. `rows` are its versions as an export holds them; None where it holds none, as older ones do."""

    def __init__(self, rows: Sequence[Record] | None) -> None:
        self._known = rows is not None
        self._rows: dict[int, Record] = {row["version"]: row for row in rows or ()}
        self._told: dict[int, list[Record]] = {}
        self._decided: dict[str, str] = {}

    def tell(self, details: Record | None) -> None:
        """What an audit row says of a version or a submission, if it says anything; in any order."""
        said = details or {}
        act = said.get("act")
        if act in _TELLING:
            self._told.setdefault(said["version"], []).append(said)
        elif act == "policyDecided" and said.get("decision") == "APPROVED" and "digest" in said:
            self._decided[said["submission"]] = said["digest"]

    def faults(self, heads: Sequence[Record]) -> Iterator[Found]:
        """Code and sentence of each."""
        if not self._known:
            return
        kept = [head["book"] for head in heads if head.get("book")]
        for version in sorted(self._rows.keys() | self._told.keys() | {book["version"] for book in kept}):
            named = f"Version {version} of the rule book"
            row, told = self._rows.get(version), self._told.get(version, ())
            heard = {
                "the audit": told,
                "a head kept outside the database": [b for b in kept if b["version"] == version],
            }
            if row is None:
                source = " and ".join(source for source, books in heard.items() if books)
                yield "BOOK_MISSING", f"{named}, of which {source} tells, is missing."
                continue
            if row["kind"] != "ADOPTED" and row["content_digest"] != row["digest"]:
                yield "BOOK_CHANGED", f"{named} has another content than was hashed."
            for source, books in heard.items():
                if any(_differ(row, book) for book in books):
                    yield "BOOK_CHANGED", f"{named} is another one than {source} tells of."
            if any(self._decided.get(said.get("submission", ""), row["digest"]) != row["digest"] for said in told):
                yield "BOOK_UNAPPROVED", f"{named} is not what was approved."
            if row["kind"] in _BY_PEOPLE and not told:
                yield "BOOK_UNTOLD", f"{named} came into force, and the audit doesn't tell of it."


def _differ(row: Record, book: Record) -> bool:
    """Rows of before digests were written into the audit tell of the number alone."""
    return any(book.get(name, row[name]) != row[name] for name in ("digest", "chain"))
