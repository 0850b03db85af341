"""Imports obey the windows: what is locked, or moderated, is not changed by a file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from server.commands.windows.standing import WindowState, standings_now
from server.exchange.merging import Merge
from server.exchange.outcome import Commit
from server.exchange.places import Sitting
from server.exchange.records import Record
from server.queries.graded_by import Held

WINDOW_LOCKED: Final = "WINDOW_LOCKED"
_MESSAGE: Final = (
    "Marks of the course are locked, or moderated, in this window: have it reopened (reopenWindow), "
    "or leave out the row."
)


def closed_windows(merge: Merge, sittings: Iterable[Sitting], commit: Commit) -> set[Held]:
    """Those of the sittings' courses in windows that take no marks. For a file that may be kept their courses are locked.

    In key order, as every writer of marks does: else two of them could grade without each other's marks.
    """
    wanted = {held(sitting) for sitting in sittings}
    if commit is not Commit.CHECK:
        merge.connection.execute(
            "SELECT course_id FROM usher.course WHERE school_id = %s AND course_id = ANY(%s) "
            "ORDER BY course_id FOR NO KEY UPDATE",
            [merge.school_id, sorted({one.course_id for one in wanted})],
        )
    found = standings_now(merge.connection, merge.school_id, wanted)
    return {one for one, standing in found.items() if standing.state is not WindowState.OPEN}


def held(sitting: Sitting) -> Held:
    return Held(sitting.course_id, sitting.window_id)


def refuse(merge: Merge, record: Record) -> None:
    """A fault of the row."""
    merge.problems.add(WINDOW_LOCKED, _MESSAGE, record.sheet, record.row, "Window")
