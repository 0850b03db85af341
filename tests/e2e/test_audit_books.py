"""A rule book that the tables' owner rewrote or slipped in: the sealed audit and the kept heads say so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from server.compliance.heads import Head, keep_heads, kept_heads
from server.compliance.heads_by_mail import letter
from server.compliance.verification import verified
from tests.database import Database
from tests.e2e.audit_desk import Desk as AuditDesk
from tests.e2e.audit_desk import run_tool
from tests.e2e.policy_desk import Desk
from tests.e2e.publishing import publish, without
from tests.e2e.rewriting import RELINKED, rewritten
from tests.e2e.serving import Server
from tests.worlds import insert_world, small_school

GREEDY = without("r001")
FORGED = {"content": GREEDY.content(), "digest": GREEDY.digest(), "chain": RELINKED}


@dataclass(frozen=True)
class Proof:
    """One school's audit, with its rules' desk; nothing of it is sealed yet."""

    rules: Desk
    audit: AuditDesk
    folder: Path

    def seal(self) -> Head:
        # The server writes at the real time, so that is what is sealed at, whatever the hour.
        minutes = (datetime.now(UTC) - self.audit.start).total_seconds() / 60
        assert asyncio.run(self.audit.seal(minutes)) > 0
        return asyncio.run(self.audit.head())

    def codes(self, heads: Sequence[Head] = (), records: list[dict[str, Any]] | None = None) -> set[str]:
        """Of Usher's verification; the tool has to find something exactly where it does."""
        now = datetime.now(UTC)
        found = self.audit.records(now) if records is None else records
        export, kept = self.folder / "export.jsonl", self.folder / "heads.jsonl"
        export.write_text("".join(json.dumps(record) + "\n" for record in found))
        kept.write_text("".join(json.dumps(head) + "\n" for head in heads))
        verdict = verified(found, now, {str(self.audit.world.school_id): heads} if heads else {})
        tool = run_tool(export, kept)
        assert (tool.returncode, tool.stderr) == (1 if verdict.faults else 0, "")
        assert all("of the rule book" in fault.sentence for fault in verdict.faults), verdict.faults
        assert len(verdict.faults) == 0 or "of the rule book" in tool.stdout
        return {fault.code for fault in verdict.faults}


@pytest.fixture
def proof(server: Server, database: Database, owner_url: str, today: date, tmp_path: Path) -> Proof:
    if database.audit_url is None:
        pytest.skip("needs USHER_AUDIT_DATABASE_URL")
    world = small_school(f"the books' proof {uuid4()}", today)
    insert_world(database.app_url, world)
    audit = AuditDesk(world, database.app_url, database.audit_url, database.owner_url, datetime.now(UTC))
    return Proof(Desk(server, world, owner_url), audit, tmp_path)


def test_a_published_version_that_the_owner_rewrote_is_found(proof: Proof) -> None:
    """Content, digest and chain fit each other, and the book still is another one than was published."""
    proof.rules.publish(proof.rules.approved())
    head = proof.seal()
    assert proof.codes([head]) == set()
    with rewritten(proof.rules.owner_url, proof.rules.world, 2, FORGED):
        [newest, _] = proof.rules.ask("head", "{ policyVersions { version chainHolds } }")["policyVersions"]
        assert newest == {"version": 2, "chainHolds": True}
        assert proof.codes() == {"BOOK_CHANGED", "BOOK_UNAPPROVED"}
        assert proof.codes([head]) == {"BOOK_CHANGED", "BOOK_UNAPPROVED"}
    with rewritten(proof.rules.owner_url, proof.rules.world, 2, {"content": GREEDY.content()}):
        assert proof.codes() == {"BOOK_CHANGED"}
    assert proof.codes([head]) == set()


def test_a_first_version_that_the_owner_rewrote_is_found_by_its_head(proof: Proof) -> None:
    """No audit row tells of a school's founding; a head that was kept does."""
    head = proof.seal()
    with rewritten(proof.rules.owner_url, proof.rules.world, 1, FORGED):
        assert proof.codes() == set()
        assert proof.codes([head]) == {"BOOK_CHANGED"}
    assert proof.codes([head]) == set()


def test_a_submission_rewritten_after_its_approval_is_found(proof: Proof) -> None:
    """What was published then is what the row says, and is not what was approved."""
    approved = proof.rules.approved()
    with psycopg.connect(proof.rules.owner_url) as owner:
        owner.execute(
            "UPDATE usher.policy_submission SET content = %s, digest = %s WHERE school_id = %s",
            [without("r113").content(), without("r113").digest(), proof.rules.world.school_id],
        )
    proof.rules.publish(approved)
    assert proof.codes([proof.seal()]) == {"BOOK_UNAPPROVED"}


def test_a_version_added_by_sql_is_found(proof: Proof) -> None:
    """It has a submission and an approval, by SQL too, and no audit row."""
    publish(proof.rules.owner_url, proof.rules.world, without("r116"))
    assert proof.codes([proof.seal()]) == {"BOOK_UNTOLD"}


def test_a_version_that_is_gone_is_found(proof: Proof) -> None:
    """By the audit, and by the head alone."""
    first = proof.seal()
    assert first["book"]["version"] == 1
    proof.rules.publish(proof.rules.approved())
    head = proof.seal()
    assert (head["book"]["version"], head["sequence"]) == (2, 2)
    records = proof.audit.records(datetime.now(UTC))
    [school] = [record for record in records if "school" in record]
    school["books"] = school["books"][:1]
    assert proof.codes((), records) == {"BOOK_MISSING"}
    school["books"] = []
    assert proof.codes([first, head], records) == {"BOOK_MISSING"}
    del school["books"]
    assert proof.codes([first, head], records) == set()


def test_a_newer_book_is_kept_even_where_nothing_new_was_sealed(proof: Proof) -> None:
    """Once; a head of before books were kept is followed by one that has it."""
    head, folder = proof.seal(), proof.folder / "audit"
    older = {name: value for name, value in head.items() if name != "book"}
    assert [keep_heads(folder, [one]) for one in (older, head, head, older)] == [1, 1, 0, 0]
    assert kept_heads(folder) == {head["school"]: [older, head]}
    assert proof.codes([older, head]) == set()
    assert f"version 1, digest {head['book']['digest']}" in letter(head)[1]
    assert "Rule book    none" in letter(older)[1]
