"""Sign-offs of specifications and series, beside the versions that they are of: added by imports, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from server.commands.keys import new_key
from server.exchange import bulk
from server.exchange.bulk import Connection
from server.grading.boundaries import BoundarySet
from server.grading.sign_off import SignOff, signed_off
from server.grading.specification import Provenance

_KNOWN: Final = """\
SELECT coalesce(o.specification_id, o.boundary_set_id), o.entered_by, o.checked_by FROM usher.sign_off AS o"""
_OF: Final = """\
SELECT o.entered_by, o.checked_by, o.file_digest, o.recorded_at FROM usher.sign_off AS o
WHERE coalesce(o.specification_id, o.boundary_set_id) = %s ORDER BY o.recorded_at, o.sign_off_id"""


class NewSignOffs:
    """Those of one import that aren't stored yet. Whoever makes it holds the lock of imports of packs."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection, self._now = connection, now
        self._known = {tuple(row) for row in connection.execute(_KNOWN)}
        self._rows: list[dict[str, object]] = []
        self.checked = 0
        """How many say that somebody else checked the figures."""

    def of_specification(self, key: UUID, of: Provenance, file: str | None) -> None:
        self._add(key, signed_off(of, file), {"specification_id": key, "boundary_set_id": None})

    def of_boundaries(self, key: UUID, of: BoundarySet, file: str | None) -> None:
        self._add(key, signed_off(of, file), {"specification_id": None, "boundary_set_id": key})

    def store(self) -> None:
        """After the versions that they are of."""
        bulk.insert(self._connection, "sign_off", None, self._rows)

    def _add(self, key: UUID, found: SignOff | None, owner: dict[str, object]) -> None:
        if found is None or (said := (key, found.entered_by, found.checked_by)) in self._known:
            return
        self._known.add(said)
        self.checked += found.checked
        self._rows.append(
            {
                "sign_off_id": new_key(),
                **owner,
                "entered_by": found.entered_by,
                "checked_by": found.checked_by,
                "file_digest": found.file,
                "recorded_at": self._now,
            }
        )


def sign_offs(connection: Connection, key: UUID) -> tuple[SignOff, ...]:
    """Of a stored version of a specification or a series, oldest first."""
    return tuple(SignOff(*row) for row in connection.execute(_OF, [key]))
