"""Finds sentinels in what leaves a server: an answer may hold those that its reader may see, by the oracle.

An error, a log line, a header, a metric or an e-mail may hold none.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast
from uuid import UUID

import psycopg

from server.errors import UsherError
from server.policies.shipped import starting_book
from tests.leaks.sentinels import PLANTED, WORD, Planted
from tests.leaks.stored import stored
from tests.oracle.asker import asker
from tests.oracle.enforcing import Books
from tests.oracle.rows import Rows, Values
from tests.oracle.things import Thing
from tests.oracle.visibility import Visibility
from tests.worlds.world import World


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is told: by their token, and what they stated."""

    school_id: UUID
    person_id: UUID
    capacity: str
    stated: frozenset[str] = frozenset()
    moment: datetime | None = None
    """By a clock that a test sets; now, where there is none."""


class Watch:
    """Judges answers; `owner_url` is where a school can be read as it is now, and is set once a database is there."""

    def __init__(self) -> None:
        self.owner_url: str | None = None
        self.deaf = False
        """While a test shows what a broken server would tell."""
        self.told: list[str] = []
        """What was heard and should not have been, whatever became of the test that asked."""
        self._began: dict[Reader, tuple[Visibility, Rows]] = {}
        self._allowed: set[tuple[str, Reader]] = set()
        self._books: list[Books] = []

    def hear(self, text: str, reader: Reader | None) -> None:
        """Raises AssertionError where the reader, or nobody known, is told what they may not be."""
        faults = [] if self.deaf else self.faults(text, reader)
        self.told += faults
        assert faults == [], faults

    def faults(self, text: str, reader: Reader | None) -> list[str]:
        """A sentence for each sentinel in an answer that its reader may not see."""
        return [fault for word in words(text) for fault in self._fault(word, text, reader)]

    def _fault(self, word: str, text: str, reader: Reader | None) -> Iterator[str]:
        found = PLANTED.get(word)
        if found is None or reader is None:
            yield f"{word} is told to nobody known" if found else f"{word} is told, and nobody planted it"
        elif word.lower() in refusals(text).lower():
            yield f"{found} is told in an error"
        elif not self._allows(found, reader):
            yield f"{found} is told to {reader.capacity} {_handle(found.world, reader.person_id)}"

    def _allows(self, found: Planted, reader: Reader) -> bool:
        """As the school was when it was made, or as it stands now: tests change people, rows and books."""
        if reader.school_id != found.world.school_id:
            return False
        key = (found.word, reader)
        if key in self._allowed:
            return True
        if self.allowed_at_first(found, reader) or self._may_now(found, reader):
            self._allowed.add(key)
        return key in self._allowed

    def allowed_at_first(self, found: Planted, reader: Reader) -> bool:
        """Whether the reader may see it in the school as its world has it."""
        return self._may(found, *self._beginning(found.world, reader))

    def _beginning(self, world: World, reader: Reader) -> tuple[Visibility, Rows]:
        if reader not in self._began:
            self._books = self._books or [Books(starting_book())]
            rows = Rows(world)
            self._began[reader] = _visibility(rows, self._books[0], reader), rows
        return self._began[reader]

    def _may_now(self, found: Planted, reader: Reader) -> bool:
        if self.owner_url is None:
            return False
        try:
            rows, book = stored(self.owner_url, found.world)
        except (UsherError, psycopg.Error):
            return False
        return self._may(found, _visibility(rows, Books(book), reader), rows)

    @staticmethod
    def _may(found: Planted, visibility: Visibility, rows: Rows) -> bool:
        things = [Thing(found.type, row, rows.today) for row in _rows(found, rows)]
        return any(visibility.exists(one) and visibility.can(one, found.element) for one in things)


def _visibility(rows: Rows, books: Books, reader: Reader) -> Visibility:
    if reader.moment is not None:
        rows.moment, rows.today = reader.moment, reader.moment.date()
    return Visibility(rows, books, asker(rows, reader.person_id, reader.capacity, reader.stated))


def words(text: str) -> list[str]:
    """The sentinels in a text, in whichever case they were put."""
    return sorted({match.group().lower().replace("zs", "Zs", 1) for match in WORD.finditer(text)})


def _rows(found: Planted, rows: Rows) -> Iterable[Values]:
    """The rows of the type through which it may be told."""
    if found.type == "":
        return ()
    if found.type == "Guardian":
        return rows.where("guardian_link", guardian_id=found.row["guardian_id"])
    if found.type == "Learner":
        return rows.where("learner", learner_id=found.row["learner_id"])
    return (found.row,)


def refusals(text: str) -> str:
    """Errors of the operation and of its payload, as text; all of it where it is no JSON."""
    try:
        body = json.loads(text)
    except ValueError:
        return text
    return json.dumps(list(_errors(body)))


def _errors(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from _errors(inner)
    elif isinstance(value, dict):
        for name, inner in cast("dict[str, Any]", value).items():
            if name in ("errors", "userErrors"):
                yield inner
            else:
                yield from _errors(inner)


def _handle(world: World, person_id: UUID) -> str:
    return next((handle for handle, key in world.ids.items() if key == person_id), "a stranger")


def reader_of(headers: Mapping[str, str]) -> Reader | None:
    """The reader by the claims of the token, which the server verified."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    parts = token.split(".")
    if scheme.lower() != "bearer" or len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        school_id, person_id = UUID(claims["school"]), UUID(claims["sub"])
    except (ValueError, KeyError):
        return None
    stated = {"reason"} if headers.get("usher-reason") else set[str]()
    stated |= {f"purpose:{headers['usher-purpose']}"} if headers.get("usher-purpose") else set()
    return Reader(school_id, person_id, claims["capacity"], frozenset(stated))


WATCH: Final = Watch()


def judge(text: str, headers: Mapping[str, str], asked: Mapping[str, str]) -> None:
    """Raises AssertionError: `headers` are the answer's, `asked` the request's."""
    faults = WATCH.faults(text, reader_of(asked))
    faults += [f"{word} is told in a header" for word in words(str(dict(headers)))]
    assert faults == [], faults


PROOFS: Final = re.compile(
    r"eyJ[\w-]{12,}\.eyJ[\w-]{12,}|\$argon2id\$v|a lantern under the old bridge|PRIVATE KEY-----"
)
"""What somebody proves themselves with: tokens, hashes of passwords, the password of the tests' accounts, keys."""
LOGS: Final = ("*.log", "log", "*.stdout", "*.stderr")
WATCHED: Final = ("*.log", "*.eml", "*.jsonl", "*.stdout", "*.stderr")


def proofs_in_logs(folder: Path) -> list[str]:
    """The logs below a folder that hold something to prove oneself with."""
    paths = [path for pattern in LOGS for path in folder.rglob(pattern) if path.is_file()]
    return [str(path) for path in paths if PROOFS.search(path.read_text(encoding="utf-8", errors="replace"))]


def told_in_files(folder: Path) -> dict[str, list[str]]:
    """Sentinels in the logs, mails and heads of audit below a folder, by file."""
    found: dict[str, list[str]] = {}
    for pattern in WATCHED:
        for path in folder.rglob(pattern):
            if path.is_file() and (seen := words(path.read_text(encoding="utf-8", errors="replace"))):
                found[str(path.relative_to(folder))] = seen
    return found
