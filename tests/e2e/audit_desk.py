"""A school's audit under a test's hands: rows written as the application writes them, sealed, exported, verified."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from server.commands.keys import new_key
from server.compliance.audit import AuditRecord, write_audit_now
from server.compliance.audit_export import audit_connection, exported
from server.compliance.heads import Head, current_heads
from server.compliance.sealing import seal_school
from server.compliance.verification import Verdict, verified
from tests.worlds import World, acting

TOOL = Path(__file__).parents[2] / "tools" / "verify_audit.py"


@dataclass(slots=True)
class Desk:
    """`start` is the moment of the first row; the clock of a test is told, never read."""

    world: World
    app_url: str
    audit_url: str
    owner_url: str
    start: datetime

    def after(self, minutes: float) -> datetime:
        return self.start + timedelta(minutes=minutes)

    def record(self, minutes: float, **changed: Any) -> AuditRecord:
        ann = str(self.world.ids["ann"])
        facts: dict[str, Any] = {
            "school_id": self.world.school_id, "audit_id": new_key(), "occurred_at": self.after(minutes),
            "person_id": self.world.ids["senco"], "capacity": "STAFF", "profile_version": 1, "policy_version": 1,
            "ceiling_digest": "0" * 64, "kind": "read", "document_digest": "0" * 64, "elements": {"sen_needs": [ann]},
            "role_names": ("senco",), "facts": ("trained:sen",), "footprint": {"read": ["sen_needs"]},
            "reason": "naïve “quotes”, \u2028 and a \\ backslash", "ip_address": "192.0.2.7",
        }  # fmt: skip
        return AuditRecord(**{**facts, **changed})

    def write(self, minutes: float, **changed: Any) -> UUID:
        """One row, committed as the application commits it; its id."""
        record = self.record(minutes, **changed)
        with acting(self.app_url, self.world, "STAFF", "senco") as connection:
            write_audit_now(connection, record)
            connection.commit()
        return record.audit_id

    async def seal(self, minutes: float, most: int = 5000) -> int:
        async with await psycopg.AsyncConnection.connect(self.audit_url, autocommit=True) as connection:
            return await seal_school(connection, self.world.school_id, self.after(minutes), most)

    async def head(self) -> Head:
        async with await psycopg.AsyncConnection.connect(self.audit_url, autocommit=True) as connection:
            return next(head for head in await current_heads(connection) if head["school"] == str(self.world.school_id))

    def bypass(self, *statements: str, values: Sequence[Any] = ()) -> None:
        """What an administrator does: as the tables' owner, constraints aside."""
        with psycopg.connect(self.owner_url) as connection:
            for statement in statements:
                connection.execute(statement.encode(), values if "%s" in statement else None)

    def records(self, now: datetime) -> list[dict[str, Any]]:
        with audit_connection(self.audit_url) as connection:
            return list(exported(connection, [self.world.school_id], now))

    def verify(self, now: datetime, heads: Sequence[Head] = ()) -> Verdict:
        kept: Mapping[str, Sequence[Head]] = {str(self.world.school_id): heads} if heads else {}
        return verified(self.records(now), now, kept)

    def run_tool(
        self, folder: Path, now: datetime, heads: Sequence[Head] = ()
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """The independent verifier on an exported file, without any import of ours."""
        export, kept = folder / "export.jsonl", folder / "heads.jsonl"
        export.write_text("".join(json.dumps(record) + "\n" for record in self.records(now)))
        kept.write_text("".join(json.dumps(head) + "\n" for head in heads))
        return run_tool(export, kept)


def run_tool(*arguments: Path) -> subprocess.CompletedProcess[str]:
    export, *heads = map(str, arguments)
    command = [sys.executable, "-I", str(TOOL), export, *(["--heads", *heads] if heads else [])]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
