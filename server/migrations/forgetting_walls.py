"""What usher_audit may change: a sealed audit row of more than a year ago forgets who it was, all of it, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

FORGOTTEN: Final = ("person_id", "client_id", "ip_address", "user_salt")
_SEALED: Final = (
    "SELECT 1 FROM usher.audit_leaf l "
    "WHERE l.school_id = audit_operation.school_id AND l.audit_id = audit_operation.audit_id"
)
FORGETTABLE: Final = f"occurred_at <= now() - interval '365 days' AND EXISTS ({_SEALED})"
NOBODY: Final = " AND ".join(f"{column} IS NULL" for column in FORGOTTEN)


def statements() -> Iterator[str]:
    yield f"GRANT UPDATE ({', '.join(FORGOTTEN)}) ON usher.audit_operation TO usher_audit"
    yield (
        f"CREATE POLICY forgetter ON usher.audit_operation FOR UPDATE TO usher_audit USING ({FORGETTABLE}) "
        f"WITH CHECK ({NOBODY})"
    )
