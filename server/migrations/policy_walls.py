"""What the application's role may add to the life of a rule book: restrictive policies of INSERT and UPDATE alone.

Constraints hold within a row and its references; these hold against what stands elsewhere now: the head never moves
back, nothing is handed in or approved upon a base that has moved, nothing ended is published, and each act is written
in the name of the person whose transaction it is, who is staff and holds the role for it now.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from server.migrations.walls import CAPACITY, PERSON, SCHOOL, holders

_HEAD: Final = f"(SELECT h.version FROM usher.policy_head h WHERE h.school_id = {SCHOOL})"
_OFFICER: Final = f"{CAPACITY} = 'STAFF' AND EXISTS ({holders('dpo')})"
_APPROVER: Final = f"{CAPACITY} = 'STAFF' AND EXISTS ({holders('policy_approver')})"
_OWN_SUBMISSIONS: Final = (
    f"SELECT s.submission_id FROM usher.policy_submission s WHERE s.school_id = {SCHOOL} AND s.author_id = {PERSON}"
)
# Nobody's hand ends what lapses: its hour has come in the name of who scheduled it, and perhaps holds no role any more.
_LAPSING: Final = (
    f"SELECT p.submission_id FROM usher.policy_schedule p WHERE p.school_id = {SCHOOL} AND p.scheduled_by = {PERSON} "
    "AND p.publish_at <= ended_at"
)


def _published(columns: str) -> str:
    return (
        f"SELECT {columns} FROM usher.policy_submission s JOIN usher.policy_version v "
        "ON v.school_id = s.school_id AND v.submission_id = s.submission_id "
        f"WHERE s.school_id = {SCHOOL} AND s.draft_id IS NOT NULL"
    )


WRITE_WALLS: Final[dict[str, dict[str, str]]] = {
    "policy_head": {
        "forward_wall": f"version = (SELECT max(v.version) FROM usher.policy_version v WHERE v.school_id = {SCHOOL})"
    },
    # A school is founded by an import, before it has anybody with a role.
    "policy_version": {
        "adopted_wall": "kind <> 'ADOPTED'",
        "own_hand": f"published_by = {PERSON} OR (kind = 'FOUNDED' AND published_by IS NULL AND author_id IS NULL)",
        "role_wall": f"kind = 'FOUNDED' OR ({_OFFICER})",
        "ended_wall": "submission_id IS NULL OR submission_id NOT IN "
        f"(SELECT e.submission_id FROM usher.policy_end e WHERE e.school_id = {SCHOOL})",
    },
    "policy_draft": {"own_hand": f"author_id = {PERSON}", "role_wall": _OFFICER},
    "policy_submission": {
        "own_hand": f"author_id = {PERSON}",
        "role_wall": _OFFICER,
        "base_wall": f"base_version = {_HEAD}",
    },
    "policy_decision": {
        "own_hand": f"decided_by = {PERSON}",
        "role_wall": _APPROVER,
        "base_wall": f"decision = 'REJECTED' OR base_version = {_HEAD}",
    },
    "policy_schedule": {"own_hand": f"scheduled_by = {PERSON}", "role_wall": _OFFICER},
    "policy_end": {
        "own_hand": f"ended_by = {PERSON} OR (outcome = 'LAPSED' AND submission_id IN ({_LAPSING}))",
        "role_wall": f"outcome = 'LAPSED' OR ({_APPROVER}) OR ({_OFFICER} AND submission_id IN ({_OWN_SUBMISSIONS}))",
    },
    "policy_confirmation": {"own_hand": f"confirmed_by = {PERSON}", "role_wall": _APPROVER},
    "policy_example": {"own_hand": f"added_by = {PERSON}", "role_wall": _OFFICER},
    "policy_example_end": {"own_hand": f"removed_by = {PERSON}", "role_wall": _OFFICER},
}
"""By table and name, the condition that an added row meets."""

UPDATE_WALLS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "policy_head": {"forward_wall": ("true", WRITE_WALLS["policy_head"]["forward_wall"])},
    # Another officer who publishes a draft's submission closes the draft, just as it was handed in.
    "policy_draft": {
        "own_hand": (
            f"author_id = {PERSON} OR draft_id IN ({_published('s.draft_id')})",
            f"author_id = {PERSON} OR (closed_at IS NOT NULL AND "
            "(draft_id, revision, base_version, author_id, title, content) IN "
            f"({_published('s.draft_id, s.revision, s.base_version, s.author_id, s.title, s.content')}))",
        ),
        "role_wall": ("true", _OFFICER),
    },
}
"""Of the tables that are also updated: which rows may be, and the condition that they meet then."""


def statements() -> Iterator[str]:
    for table, conditions in WRITE_WALLS.items():
        for name, condition in conditions.items():
            yield (
                f"CREATE POLICY {name} ON usher.{table} AS RESTRICTIVE FOR INSERT TO usher_app WITH CHECK ({condition})"
            )
    for table, walls in UPDATE_WALLS.items():
        for name, (using, condition) in walls.items():
            yield (
                f"CREATE POLICY {name}_update ON usher.{table} AS RESTRICTIVE FOR UPDATE TO usher_app "
                f"USING ({using}) WITH CHECK ({condition})"
            )
