"""What a roster does to those who look after the rules, and to what workers remember."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest

from server.demo.packs import pack_folder
from server.exchange.context import ImportContext
from server.exchange.founding import FirstPerson, found_school
from server.exchange.outcome import Commit, ImportOutcome
from server.exchange.records_of_import import Declaration
from server.exchange.references import import_pack, store_codes
from server.exchange.roster import import_roster
from tests.unit.exchange.rosters import AUTUMN, SUMMER, Book, changed, workbook

TODAY = date(2026, 11, 21)
DECLARED = Declaration("The head has agreed that the school gives this data.")

Import = Callable[[Book, Commit], ImportOutcome]


def _with_officers(book: Book) -> None:
    book["Staff"][2][7] = "class_teacher; dpo"
    book["Staff"][3][7] = "class_teacher; policy_approver"


@pytest.fixture
def context(app_url: str) -> ImportContext:
    """A school, founded for the test."""
    with psycopg.connect(app_url) as connection:
        with connection.transaction():
            store_codes(connection)
        import_pack(connection, pack_folder(), now=datetime.now(UTC))
        with connection.transaction():
            first = FirstPerson("S1", "Mina", "Anderson")
            return found_school(
                connection, name="Elm", academic_year=2026, first=first, now=datetime.now(UTC), since=SUMMER
            )


@pytest.fixture
def give(app_url: str, tmp_path: Path, context: ImportContext) -> Import:
    """Gives the school a roster, on a connection of its own."""

    def give(book: Book, commit: Commit) -> ImportOutcome:
        with psycopg.connect(app_url) as connection:
            return import_roster(connection, workbook(tmp_path, book), context, DECLARED, commit=commit, today=TODAY)

    return give


def _drop(column: int, row: int, value: object) -> Callable[[Book], None]:
    def drop(book: Book) -> None:
        _with_officers(book)
        book["Staff"][row][column] = value

    return drop


@pytest.mark.parametrize("commit", [Commit.ALL_OR_NOTHING, Commit.GOOD_ROWS])
@pytest.mark.parametrize(
    "drop",
    [_drop(7, 2, "class_teacher"), _drop(7, 3, "class_teacher"), _drop(9, 2, TODAY), _drop(9, 3, date(2027, 7, 1))],
    ids=["officer's role", "approver's role", "officer leaves", "approver is to leave"],
)
def test_a_roster_never_takes_the_last_officer(
    give: Import, context: ImportContext, owner_url: str, drop: Callable[[Book], None], commit: Commit
) -> None:
    """The whole file is refused, in words, and nothing of it stays."""
    assert give(changed(_with_officers), Commit.ALL_OR_NOTHING).committed
    before = _roles(owner_url, context)
    outcome = give(changed(drop), commit)
    assert not outcome.committed
    assert [problem.code for problem in outcome.problems] == ["LAST_OFFICER"]
    assert _roles(owner_url, context) == before


def test_an_officer_may_leave_another_behind(give: Import, context: ImportContext, owner_url: str) -> None:
    """The role moves in one file."""
    give(changed(_with_officers), Commit.ALL_OR_NOTHING)

    def move(book: Book) -> None:
        book["Staff"][2][7] = "class_teacher; policy_approver"
        book["Staff"][3][7] = "class_teacher; dpo"

    assert give(changed(move), Commit.ALL_OR_NOTHING).committed
    assert {role for role, ends in _roles(owner_url, context) if ends is None} >= {"dpo", "policy_approver"}


def test_an_officer_of_later_is_none_today(give: Import, context: ImportContext, owner_url: str) -> None:
    """Somebody whose role or account begins in September looks after no rules until then."""
    give(changed(_with_officers), Commit.ALL_OR_NOTHING)
    before = _roles(owner_url, context)

    def later(book: Book) -> None:
        _with_officers(book)
        book["Staff"][2][7] = "class_teacher"
        book["Staff"].append(["S9", "Ms", "Noor", "Later", None, None, None, "dpo", date(2027, 9, 1), None])

    outcome = give(changed(later), Commit.ALL_OR_NOTHING)
    assert [problem.code for problem in outcome.problems] == ["LAST_OFFICER"]
    assert _roles(owner_url, context) == before


def test_a_step_of_somebody_else_is_not_lost(give: Import, context: ImportContext, owner_url: str) -> None:
    """A change of access and an import raise the same profile at once: two steps, or a worker would go on with the first."""
    give(changed(_with_officers), Commit.ALL_OR_NOTHING)

    def untaught(book: Book) -> None:
        _with_officers(book)
        book["Staff"][2][7] = "dpo"

    outcomes: list[Any] = []
    with psycopg.connect(owner_url) as other, psycopg.connect(owner_url, autocommit=True) as watcher:
        [(person, before)] = other.execute(
            "UPDATE usher.access_profile AS p SET profile_version = profile_version + 1 FROM usher.staff AS s"
            " WHERE p.school_id = %s AND s.school_id = %s AND s.staff_id = p.person_id AND s.mis_id = 'S2'"
            " AND p.capacity = 'STAFF' RETURNING p.person_id, p.profile_version - 1",
            [context.school_id, context.school_id],
        ).fetchall()
        importing = Thread(target=lambda: outcomes.append(give(changed(untaught), Commit.ALL_OR_NOTHING)))
        importing.start()
        _wait_for_a_lock(watcher, other.info.backend_pid)
        other.commit()
        importing.join(30)
        [(after,)] = watcher.execute(
            "SELECT profile_version FROM usher.access_profile WHERE school_id = %s AND person_id = %s AND capacity = 'STAFF'",
            [context.school_id, person],
        ).fetchall()
    assert outcomes[0].committed
    assert after == before + 2


def test_a_supervisor_who_leaves_raises_the_trainee(give: Import, context: ImportContext, owner_url: str) -> None:
    """Whose supervision ends with the supervisor's account."""
    give(changed(_with_officers), Commit.ALL_OR_NOTHING)
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "INSERT INTO usher.supervision SELECT t.school_id, gen_random_uuid(), t.staff_id, s.staff_id, 'manual', %s, %s"
            " FROM usher.staff AS t JOIN usher.staff AS s ON s.school_id = t.school_id AND s.mis_id = 'S1'"
            " WHERE t.school_id = %s AND t.mis_id = 'S3'",
            [AUTUMN, date(2027, 7, 1), context.school_id],
        )

    def leave(book: Book) -> None:
        _with_officers(book)
        book["Staff"][1][9] = date(2026, 12, 1)

    assert give(changed(leave), Commit.ALL_OR_NOTHING).committed
    with psycopg.connect(owner_url) as connection:
        raised = connection.execute(
            "SELECT s.mis_id FROM usher.access_profile AS p JOIN usher.staff AS s ON s.school_id = p.school_id"
            " AND s.staff_id = p.person_id WHERE p.school_id = %s AND p.capacity = 'STAFF' AND p.profile_version > 1"
            " ORDER BY 1",
            [context.school_id],
        ).fetchall()
    assert {"S1", "S3"} <= {row[0] for row in raised}


def _end_by_hand(owner_url: str, context: ImportContext, role: str, *, by_hand: bool = True) -> None:
    """As endRole does, whose event says that a person did."""
    with psycopg.connect(owner_url) as connection:
        [(assignment,)] = connection.execute(
            "UPDATE usher.role_assignment SET valid_to = %s WHERE school_id = %s AND role = %s RETURNING role_assignment_id",
            [TODAY, context.school_id, role],
        ).fetchall()
        if by_hand:
            connection.execute(
                "WITH h AS (UPDATE usher.outbox_head SET last_sequence = last_sequence + 1 WHERE school_id = %s"
                " RETURNING school_id, last_sequence) INSERT INTO usher.outbox_event"
                " SELECT h.school_id, h.last_sequence, 'roleEnded', jsonb_build_object('assignment', %s::text), now() FROM h",
                [context.school_id, str(assignment)],
            )


def _senco(begins: date) -> Book:
    def change(book: Book) -> None:
        _with_officers(book)
        book["Staff"][1][7] = "class_teacher; senco"
        book["Staff"][1][8] = begins

    return changed(change)


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_role_that_was_ended_by_hand_stays_ended(
    give: Import, context: ImportContext, owner_url: str, by_hand: bool
) -> None:
    """Though the same file names it, also with an earlier beginning; one that begins later is a new role.

    What a roster ended by leaving it out, the next one gives back.
    """
    assert give(_senco(AUTUMN), Commit.ALL_OR_NOTHING).committed
    _end_by_hand(owner_url, context, "senco", by_hand=by_hand)
    assert give(_senco(AUTUMN), Commit.ALL_OR_NOTHING).committed
    ends = [end for role, end in _roles(owner_url, context) if role == "senco"]
    assert ends == [TODAY if by_hand else None]
    if by_hand:
        assert give(_senco(SUMMER), Commit.ALL_OR_NOTHING).committed
        assert [end for role, end in _roles(owner_url, context) if role == "senco"] == [TODAY]
        later = date(2026, 11, 22)
        assert give(_senco(later), Commit.ALL_OR_NOTHING).committed
        assert [end for role, end in _roles(owner_url, context) if role == "senco"] == [TODAY, None]


def _wait_for_a_lock(watcher: psycopg.Connection[Any], holder: int) -> None:
    """Until some backend waits for one of `holder`'s locks."""
    query = "SELECT count(*) > 0 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
    while watcher.execute(query, [holder]).fetchone() != (True,):
        pass


def _roles(owner_url: str, context: ImportContext) -> list[tuple[str, date | None]]:
    with psycopg.connect(owner_url) as connection:
        return connection.execute(
            "SELECT role, valid_to FROM usher.role_assignment WHERE school_id = %s ORDER BY role_assignment_id",
            [context.school_id],
        ).fetchall()
