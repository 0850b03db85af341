"""The audit's seals: nobody changes what they hold without its being seen, not even the tables' owner."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio

from server.compliance import sealing
from server.compliance.audit import write_audit_now
from server.compliance.heads import Head, keep_heads, kept_heads
from server.compliance.verification import verified
from tests.database import Database, Server
from tests.e2e.audit_desk import Desk, run_tool
from tests.worlds import acting, insert_world, small_school
from tools import verify_audit


@dataclass(slots=True)
class Sealed:
    """Six rows under three seals, one of them late, and the last head as it was kept elsewhere."""

    desk: Desk
    ids: list[UUID]
    head: Head
    now: datetime


@pytest.fixture
def desk(database: Database, today: Any) -> Desk:
    if database.audit_url is None:
        pytest.skip("needs USHER_AUDIT_DATABASE_URL")
    world = small_school(f"seals {uuid4()}", today)
    insert_world(database.app_url, world)
    return Desk(world, database.app_url, database.audit_url, database.owner_url, world.morning)


@pytest_asyncio.fixture
async def sealed(desk: Desk) -> Sealed:
    ids = [desk.write(1), desk.write(2)]
    assert await desk.seal(3) == 3  # and the world's own row
    ids += [desk.write(4), desk.write(2.5), desk.write(5)]
    assert await desk.seal(6) == 3
    ids += [desk.write(7)]
    assert await desk.seal(8) == 1
    return Sealed(desk, ids, await desk.head(), desk.after(9))


@pytest.mark.parametrize("heads", [False, True])
def test_what_was_sealed_verifies(sealed: Sealed, tmp_path: Path, heads: bool) -> None:
    """By Usher and by the tool; a row that waits for its seal is no fault."""
    sealed.desk.write(8.5)
    kept = [sealed.head] if heads else []
    verdict = sealed.desk.verify(sealed.now, kept)
    assert verdict.faults == []
    assert (verdict.seals, verdict.rows, verdict.waiting) == (3, 7, 1)
    tool = sealed.desk.run_tool(tmp_path, sealed.now, kept)
    assert tool.stdout == "7 rows under 3 seals, 1 not sealed yet: everything is as it was sealed\n"
    assert (tool.returncode, tool.stderr) == (0, "")


def _nobody(desk: Desk) -> UUID:
    """A row that no person caused, as the regrade job writes them."""
    return desk.write(1, person_id=None, capacity="OPERATOR", kind="write", elements={"grade": []}, profile_version=0,
                      role_names=(), facts=(), ip_address=None, operation_name="regrade-job")  # fmt: skip


async def test_a_row_without_a_person_is_sealed_like_any_other(desk: Desk, tmp_path: Path) -> None:
    """It verifies, by Usher and by the tool; whoever puts a name to it afterwards is found out."""
    audit_id = _nobody(desk)
    assert await desk.seal(2) == 2
    assert desk.verify(desk.after(3)).faults == []
    assert desk.run_tool(tmp_path, desk.after(3)).returncode == 0
    desk.bypass(
        "UPDATE usher.audit_operation SET person_id = %s WHERE audit_id = %s", values=[desk.world.ids["head"], audit_id]
    )
    assert desk.verify(desk.after(3)).faults != []
    assert desk.run_tool(tmp_path, desk.after(3)).returncode != 0


def _changed(column: str, value: str) -> Callable[[Sealed], None]:
    def bypass(sealed: Sealed) -> None:
        statement = f"UPDATE usher.audit_operation SET {column} = {value} WHERE audit_id = %s"
        sealed.desk.bypass(statement, values=[sealed.ids[1]])

    return bypass


def _deleted(sealed: Sealed) -> None:
    sealed.desk.bypass(
        "DELETE FROM usher.audit_subject WHERE audit_id = %s",
        "DELETE FROM usher.audit_operation WHERE audit_id = %s",
        values=[sealed.ids[2]],
    )


def _deleted_with_its_leaf(sealed: Sealed) -> None:
    _deleted(sealed)
    sealed.desk.bypass("DELETE FROM usher.audit_leaf WHERE audit_id = %s", values=[sealed.ids[2]])


def _inserted(sealed: Sealed) -> None:
    sealed.desk.write(-90)


def _reordered(sealed: Sealed) -> None:
    sealed.desk.bypass(
        "UPDATE usher.audit_leaf SET position = position + 10 WHERE school_id = %s AND sequence = 2",
        "UPDATE usher.audit_leaf SET position = 12 - position WHERE school_id = %s AND sequence = 2",
        values=[sealed.desk.world.school_id],
    )


def _swapped(sealed: Sealed) -> None:
    """Two rows exchange their contents and keep their ids."""
    sealed.desk.bypass(
        "UPDATE usher.audit_operation AS a SET occurred_at = b.occurred_at, salt = b.salt FROM usher.audit_operation b "
        "WHERE a.school_id = b.school_id AND (a.audit_id, b.audit_id) IN ((%s, %s))",
        values=sealed.ids[:2],
    )


def _unsealed(number: int, *, leaves: bool) -> Callable[[Sealed], None]:
    def bypass(sealed: Sealed) -> None:
        school = [sealed.desk.world.school_id]
        if leaves:
            sealed.desk.bypass(
                f"DELETE FROM usher.audit_leaf WHERE school_id = %s AND sequence = {number}", values=school
            )
        sealed.desk.bypass(f"DELETE FROM usher.audit_seal WHERE school_id = %s AND sequence = {number}", values=school)

    return bypass


def _cut(sealed: Sealed) -> None:
    """The last seal goes with its leaves and rows, as if it had never been."""
    _unsealed(3, leaves=True)(sealed)
    sealed.desk.bypass(
        "DELETE FROM usher.audit_subject WHERE audit_id = %s",
        "DELETE FROM usher.audit_operation WHERE audit_id = %s",
        values=[sealed.ids[5]],
    )


def _without_keys(owner_url: str, *tables: str) -> None:
    """The owner's power over the tables themselves."""
    with psycopg.connect(owner_url) as connection:
        for table in tables:
            query = "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass"
            for (name,) in connection.execute(query, [f"usher.{table}"]).fetchall():
                connection.execute(f"ALTER TABLE usher.{table} DROP CONSTRAINT {name}".encode())


@pytest.fixture(scope="module")
def keyless(database_server: Server) -> Generator[Database]:
    """A database whose owner has taken the foreign keys of the seals away."""
    if not database_server.can_create:
        pytest.skip("needs an owner with CREATEDB")
    made = database_server.make()
    _without_keys(made.owner_url, "audit_seal", "audit_leaf")
    yield made
    database_server.drop(made)


def _forged(sealed: Sealed) -> None:
    """A changed row with a new commitment, root and digest for its seal: everything but the chain fits."""
    _changed("reason", "'forged'")(sealed)
    desk, school = sealed.desk, sealed.desk.world.school_id
    for table in ("audit_leaf", "audit_seal"):
        desk.bypass(f"DELETE FROM usher.{table} WHERE school_id = %s AND sequence = 1", values=[school])
    rows = [record["waiting"] for record in desk.records(sealed.now) if "waiting" in record]
    leaves = [(row, sealing.Leaf(*_leaf(row))) for row in sorted(rows, key=lambda row: row["facts"]["audit_id"])]
    root = sealing.merkle_root([leaf.commitment for _, leaf in leaves])
    seal = sealing.Seal(school, 1, desk.after(3), len(leaves), root, None)
    with psycopg.connect(desk.owner_url) as connection:
        connection.execute(
            "INSERT INTO usher.audit_seal VALUES (%s, 1, %s, %s, %s, NULL, NULL, %s)",
            [school, seal.sealed_at, seal.leaves, root, seal.digest()],
        )
        for place, (_, leaf) in enumerate(leaves):
            values = [school, place, leaf.audit_id, leaf.user_digest, leaf.commitment]
            connection.execute("INSERT INTO usher.audit_leaf VALUES (%s, 1, %s, %s, %s, %s)", values)


def _leaf(row: dict[str, Any]) -> tuple[UUID, str, str]:
    user = verify_audit.user_digest(row)
    return UUID(row["facts"]["audit_id"]), user, verify_audit.commitment(row, user)


ATTACKS: dict[str, tuple[Callable[[Sealed], None], set[str], str]] = {
    "time": (_changed("occurred_at", "occurred_at + interval '1 microsecond'"), {"ROW_CHANGED"}, "was changed"),
    "element": (_changed("elements", "'{}'"), {"ROW_CHANGED", "INDEX_CHANGED"}, "was changed"),
    "person": (_changed("person_id", "gen_random_uuid()"), {"ROW_CHANGED"}, "was changed"),
    "nobody": (_changed("person_id", "NULL"), {"ROW_CHANGED"}, "was changed"),
    "address": (_changed("ip_address", "'192.0.2.8'"), {"ROW_CHANGED"}, "was changed"),
    "kind": (_changed("kind", "'import'"), {"ROW_CHANGED"}, "was changed"),
    "salt": (_changed("salt", "gen_random_uuid()"), {"ROW_CHANGED"}, "was changed"),
    "salt of the user": (_changed("user_salt", "NULL"), {"ROW_CHANGED"}, "was changed"),
    "deleted": (_deleted, {"ROW_DELETED"}, "was deleted"),
    "deleted with its leaf": (_deleted_with_its_leaf, {"LEAVES_CHANGED"}, "not those that were sealed"),
    "inserted": (_inserted, {"ROW_INSERTED"}, "was inserted afterwards"),
    "reordered": (_reordered, {"LEAVES_CHANGED"}, "not in"),
    "swapped": (_swapped, {"ROW_CHANGED"}, "was changed"),
    "seal": (_unsealed(2, leaves=False), {"SEAL_MISSING"}, "is missing"),
    "seal and leaves": (_unsealed(2, leaves=True), {"SEAL_MISSING"}, "is missing"),
    "forged": (_forged, {"CHAIN_BROKEN"}, "does not follow"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_an_administrator_changes_is_found(keyless: Database, today: Any, tmp_path: Path, attack: str) -> None:
    """Each way round the application is told by a sentence, by Usher and by the tool alike."""
    sealed = asyncio.run(_sealed_in(keyless, today))
    bypass, codes, sentence = ATTACKS[attack]
    bypass(sealed)
    verdict = sealed.desk.verify(sealed.now)
    assert {fault.code for fault in verdict.faults} - {"ROW_INSERTED"} == codes - {"ROW_INSERTED"}
    assert codes <= {fault.code for fault in verdict.faults}
    assert any(sentence in fault.sentence for fault in verdict.faults)
    tool = sealed.desk.run_tool(tmp_path, sealed.now)
    assert tool.returncode == 1
    assert sentence in tool.stdout
    assert tool.stderr == ""


def test_an_old_row_that_is_sealed_by_another_program_is_found(
    keyless: Database, today: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator adds a row of three months ago, and seals it with a sealer that knows no limit."""
    sealed = asyncio.run(_sealed_in(keyless, today))
    sealed.desk.write(-90 * 24 * 60)
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "LATE", timedelta(days=1000))
        assert asyncio.run(sealed.desk.seal(9)) == 1
    verdict = sealed.desk.verify(sealed.now)
    assert [fault.code for fault in verdict.faults] == ["ROW_INSERTED"]
    tool = sealed.desk.run_tool(tmp_path, sealed.now)
    assert tool.returncode == 1
    assert "was inserted afterwards, and then sealed" in tool.stdout


async def test_a_backlog_of_hours_is_sealed_whole(desk: Desk) -> None:
    """More rows than a block holds, all of them older than the limit when the sealer comes back."""
    for minute in (1, 2, 2, 130, 131):
        desk.write(minute)
    await desk.seal(300, most=2)
    verdict = desk.verify(desk.after(301))
    assert (verdict.faults, verdict.waiting) == ([], 0)
    assert verdict.rows >= 5


async def _sealed_in(database: Database, today: Any) -> Sealed:
    assert database.audit_url is not None
    world = small_school(f"attacked {uuid4()}", today)
    insert_world(database.app_url, world)
    desk = Desk(world, database.app_url, database.audit_url, database.owner_url, world.morning)
    ids = [desk.write(1), desk.write(2)]
    await desk.seal(3)
    ids += [desk.write(4), desk.write(2.5), desk.write(5)]
    await desk.seal(6)
    ids += [desk.write(7)]
    await desk.seal(8)
    return Sealed(desk, ids, await desk.head(), desk.after(9))


def test_a_cut_end_is_found_by_the_head_kept_outside(keyless: Database, today: Any, tmp_path: Path) -> None:
    """Without it the shorter chain is whole; with it the missing end has a sentence."""
    sealed = asyncio.run(_sealed_in(keyless, today))
    _cut(sealed)
    assert sealed.desk.verify(sealed.now).faults == []
    [fault] = sealed.desk.verify(sealed.now, [sealed.head]).faults
    assert (fault.code, fault.sentence) == (
        "TAIL_CUT",
        "Seal 3, which is kept outside the database, is missing: the end was cut off.",
    )
    assert sealed.desk.run_tool(tmp_path, sealed.now).returncode == 0
    tool = sealed.desk.run_tool(tmp_path, sealed.now, [sealed.head])
    assert tool.returncode == 1
    assert "Seal 3, kept outside the database, is missing" in tool.stdout


async def test_a_head_that_is_younger_than_the_export_is_no_fault(sealed: Sealed, tmp_path: Path) -> None:
    """It is named, with the export's moment; a head of before is still looked for, and so is a gap."""
    desk = sealed.desk
    assert desk.run_tool(tmp_path, sealed.now, [sealed.head]).stdout.count("\n") == 1
    export, kept = tmp_path / "export.jsonl", tmp_path / "heads.jsonl"
    desk.write(10)
    assert await desk.seal(11) == 1
    heads = [sealed.head, await desk.head()]
    kept.write_text("".join(json.dumps(head) + "\n" for head in heads))
    tool = run_tool(export, kept)
    assert (tool.returncode, tool.stderr) == (0, "")
    assert tool.stdout.splitlines()[0] == (
        f"{desk.world.school_id}: Kept heads of seals 4 are younger than this export of {sealed.now:%Y-%m-%d %H:%M:%S} UTC"
        " and can't be compared with it: export again to compare them."
    )
    export.write_text("".join(json.dumps(record) + "\n" for record in desk.records(desk.after(12))))
    assert run_tool(export, kept).stdout.count("\n") == 1
    gap = {**sealed.head, "sequence": 9, "digest": "0" * 64}
    kept.write_text("".join(json.dumps(head) + "\n" for head in (gap, *heads)))
    tool = run_tool(export, kept)
    assert tool.returncode == 1
    assert "Seal 9, kept outside the database, is missing" in tool.stdout


async def test_a_new_end_in_place_of_a_cut_one_is_found(keyless: Database, today: Any) -> None:
    """The sealer goes on after the cut; the number is there again, with another digest."""
    sealed = await _sealed_in(keyless, today)
    _cut(sealed)
    sealed.desk.write(8.5)
    assert await sealed.desk.seal(9) == 1
    [fault] = sealed.desk.verify(sealed.now, [sealed.head]).faults
    assert fault.code == "HEAD_DIFFERS"


def test_a_school_that_is_gone_is_found(sealed: Sealed) -> None:
    """Its kept head is the last that knows of it."""
    other = {**sealed.head, "school": str(uuid4())}
    records = sealed.desk.records(sealed.now)
    [fault] = verified(records, sealed.now, {other["school"]: [other]}).faults
    assert (fault.school, fault.code) == (other["school"], "TAIL_CUT")


FORGET = (
    "UPDATE usher.audit_operation SET person_id = NULL, client_id = NULL, ip_address = NULL, user_salt = NULL "
    "WHERE school_id = %s"
)


def test_person_and_address_are_forgotten_and_the_rest_still_proves(sealed: Sealed, tmp_path: Path) -> None:
    """After a year, with their salt; before it, that too is a finding. What is left must still be as it was."""
    sealed.desk.bypass(FORGET, values=[sealed.desk.world.school_id])
    later = sealed.now + timedelta(days=366)
    verdict = sealed.desk.verify(later, [sealed.head])
    assert (verdict.faults, verdict.forgotten) == ([], 7)
    assert sealed.desk.run_tool(tmp_path, later, [sealed.head]).returncode == 0
    assert {fault.code for fault in sealed.desk.verify(sealed.now).faults} == {"FORGOTTEN_EARLY"}
    assert "before 365 days were over" in sealed.desk.run_tool(tmp_path, sealed.now).stdout
    _changed("reason", "'changed'")(sealed)
    assert {fault.code for fault in sealed.desk.verify(later).faults} == {"ROW_CHANGED"}


def test_an_export_tells_nothing_of_who_was_forgotten(sealed: Sealed) -> None:
    """Neither the person nor the salt that would let one try all persons of the school."""
    before = json.dumps(sealed.desk.records(sealed.now))
    person = str(sealed.desk.world.ids["senco"])
    assert person in before
    sealed.desk.bypass(FORGET, values=[sealed.desk.world.school_id])
    after = json.dumps(sealed.desk.records(sealed.now))
    assert person not in after
    assert "192.0.2.7" not in after


async def test_rows_that_commit_late_are_sealed(desk: Desk) -> None:
    """A transaction that began before a seal and ends after it comes into the next one."""
    with acting(desk.app_url, desk.world, "STAFF", "senco") as slow:
        write_audit_now(slow, desk.record(1))
        desk.write(2)
        assert await desk.seal(3) == 2
        slow.commit()
    assert await desk.seal(4) == 1
    assert desk.verify(desk.after(5)).faults == []


async def test_sealers_at_the_same_time_make_one_chain(desk: Desk) -> None:
    """Four of them over sixty rows in blocks of five: each row once, one block after the other."""
    for minute in range(60):
        desk.write(minute / 100)
    counts = await asyncio.gather(*(desk.seal(2, most=5) for _ in range(4)))
    assert sum(counts) == 61
    verdict = desk.verify(desk.after(3))
    assert verdict.faults == []
    assert (verdict.rows, verdict.waiting) == (61, 0)
    assert verdict.seals == 13


async def test_a_fork_is_refused_by_the_database(sealed: Sealed) -> None:
    """A second block of a number, one that follows a foreign digest, one that leaves a number out."""
    school = sealed.desk.world.school_id
    blocks = [
        (3, 2, "a" * 64, psycopg.errors.UniqueViolation),
        (4, 3, "a" * 64, psycopg.errors.ForeignKeyViolation),
        (5, 3, sealed.head["digest"], psycopg.errors.CheckViolation),
        (4, None, None, psycopg.errors.CheckViolation),
    ]
    for sequence, before, previous, error in blocks:
        with psycopg.connect(sealed.desk.audit_url) as connection, pytest.raises(error):
            connection.execute(
                "INSERT INTO usher.audit_seal VALUES (%s, %s, now(), 1, 'r', %s, %s, %s)",
                [school, sequence, before, previous, "d" * 64],
            )


async def test_a_sealer_that_dies_leaves_nothing_half(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its connection is cut after the block and before its leaves; the next one seals all."""
    desk.write(1)
    execute = psycopg.AsyncConnection.execute

    async def dying(self: Any, query: Any, *values: Any, **options: Any) -> Any:
        if query == sealing._LEAVES:  # pyright: ignore[reportPrivateUsage]
            os.close(self.fileno())
        return await execute(self, query, *values, **options)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", dying)
    with pytest.raises((psycopg.OperationalError, OSError)):
        await desk.seal(2)
    monkeypatch.undo()
    with psycopg.connect(desk.owner_url) as connection:
        for table in ("audit_seal", "audit_leaf", "audit_subject"):
            query = f"SELECT count(*) FROM usher.{table} WHERE school_id = %s"
            assert connection.execute(query.encode(), [desk.world.school_id]).fetchone() == (0,)
    assert await desk.seal(3) == 2
    assert desk.verify(desk.after(4)).faults == []


def test_what_is_no_export_is_refused(sealed: Sealed, tmp_path: Path) -> None:
    """A file without its end, with a line too few, with another's words: exit status 2, no verdict."""
    assert sealed.desk.run_tool(tmp_path, sealed.now).returncode == 0
    whole = (tmp_path / "export.jsonl").read_text().splitlines()
    for lines in (whole[:-1], [*whole[:3], *whole[4:]], ["{}"], ["not json"], [], [*whole, whole[-1]]):
        (tmp_path / "broken.jsonl").write_text("\n".join(lines))
        tool = run_tool(tmp_path / "broken.jsonl")
        assert tool.returncode in (1, 2) if lines == [*whole[:3], *whole[4:]] else tool.returncode == 2
    for name, content, why in (
        ("nowhere", None, "can't be verified as an export of `usher audit export`: there is no such file.\n"),
        ("bytes", b"\xff\xfe", "can't be verified as an export of `usher audit export`: it isn't lines of JSON.\n"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        tool = run_tool(tmp_path / name)
        assert (tool.returncode, tool.stdout, tool.stderr) == (2, "", f"{tmp_path / name} {why}")
    for content, why in (("not json", "it isn't lines of JSON"), ("{}", "a line lacks what it should hold")):
        (tmp_path / "heads.jsonl").write_text(content)
        tool = run_tool(tmp_path / "export.jsonl", tmp_path / "heads.jsonl")
        said = f"{tmp_path / 'heads.jsonl'} can't be verified as a file of kept heads: {why}.\n"
        assert (tool.returncode, tool.stdout, tool.stderr) == (2, "", said)


def test_heads_are_kept_once_and_whole(tmp_path: Path) -> None:
    """A head is appended when it is new; half a line, left by a writer that died, is mended."""
    school = str(uuid4())
    first, second = ({"school": school, "sequence": number, "digest": "d" * 64} for number in (1, 2))
    assert keep_heads(tmp_path / "audit", [first]) == 1
    assert keep_heads(tmp_path / "audit", [first]) == 0
    path = tmp_path / "audit" / f"{school}.jsonl"
    path.write_bytes(path.read_bytes() + b'{"school": "')
    assert keep_heads(tmp_path / "audit", [second]) == 1
    assert kept_heads(tmp_path / "audit") == {school: [first, second]}
    assert path.stat().st_mode & 0o777 == 0o600
