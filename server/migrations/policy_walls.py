"""What the application's role may add to the life of a rule book: restrictive policies of INSERT and UPDATE alone.

Constraints hold within a row and its references; these hold against what stands elsewhere now: the head never moves
back, nothing is handed in or approved upon a base that has moved, nothing ended is published, and each act is written
in the name of the person whose transaction it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from server.migrations.walls import PERSON, SCHOOL

_HEAD: Final = f"(SELECT h.version FROM usher.policy_head h WHERE h.school_id = {SCHOOL})"

WRITE_WALLS: Final[dict[str, dict[str, str]]] = {
    "policy_head": {
        "forward_wall": f"version = (SELECT max(v.version) FROM usher.policy_version v WHERE v.school_id = {SCHOOL})"
    },
    "policy_version": {
        "adopted_wall": "kind <> 'ADOPTED'",
        "narrowing_hand": f"kind <> 'NARROWED' OR author_id = {PERSON}",
        "ended_wall": "submission_id IS NULL OR submission_id NOT IN "
        f"(SELECT e.submission_id FROM usher.policy_end e WHERE e.school_id = {SCHOOL})",
    },
    "policy_submission": {"own_hand": f"author_id = {PERSON}", "base_wall": f"base_version = {_HEAD}"},
    "policy_decision": {
        "own_hand": f"decided_by = {PERSON}",
        "base_wall": f"decision = 'REJECTED' OR base_version = {_HEAD}",
    },
    "policy_confirmation": {"own_hand": f"confirmed_by = {PERSON}"},
    "policy_example": {"own_hand": f"added_by = {PERSON}"},
    "policy_example_end": {"own_hand": f"removed_by = {PERSON}"},
}
"""By table and name, the condition that a written row meets."""

# Only the head is also updated.
_UPDATED: Final = ("policy_head",)


def statements() -> Iterator[str]:
    for table, conditions in WRITE_WALLS.items():
        for name, condition in conditions.items():
            yield (
                f"CREATE POLICY {name} ON usher.{table} AS RESTRICTIVE FOR INSERT TO usher_app WITH CHECK ({condition})"
            )
            if table in _UPDATED:
                yield (
                    f"CREATE POLICY {name}_update ON usher.{table} AS RESTRICTIVE FOR UPDATE TO usher_app "
                    f"USING (true) WITH CHECK ({condition})"
                )
