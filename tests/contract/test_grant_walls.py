"""Who grants programs anything by plain SQL of the application's role, and what they may change of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

import server
from server import tables
from server.identity.oauth.clients import register_client
from server.migrations.grant_walls import CHANGED, GRANTERS, MOST_DAYS
from server.policies.rule_book import RuleBook
from tests.contract.see import See
from tests.worlds import insert_rows

NOBODY: Final = (
    ("STAFF", "teacher"), ("STAFF", "data-manager"), ("PARENT", "pat"), ("LEARNER", "ann"), ("CLIENT", "mis"),
    ("OPERATOR", "support"), ("PARENT", "head"), ("OPERATOR", "head"), ("", "head"), ("JOB", "head"),
)  # fmt: skip
Connection = psycopg.Connection[Any]


def _row(see: See, connection: Connection, declarer: str, **changed: Any) -> dict[str, Any]:
    world, now = see.world, datetime.now(UTC)
    client = f"walls-{world.new_id()}"
    register_client(connection, client, "A vendor", now, "secret")
    return {
        "school_id": world.school_id, "grant_id": world.new_id(), "person_id": world.ids["mis"], "scope": "gradebook.readonly",
        "purpose": "Marks for the school's MIS", "declared_by": world.ids[declarer], "valid_from": world.days(0),
        "valid_to": world.days(MOST_DAYS), "client_id": client, "declaration": "Agreed by contract.", "declared_at": now,
    } | changed  # fmt: skip


def _give(see: See, connection: Connection, declarer: str, **changed: Any) -> None:
    row = _row(see, connection, declarer, **changed)
    with connection.transaction():
        insert_rows(connection, tables.ClientGrantRow, [row])


def _end(see: See, connection: Connection, person: str, end: str = "current_date") -> int:
    statement = (
        f"UPDATE usher.client_grant SET valid_to = {end}, ended_at = now(), ended_by = '{see.world.ids[person]}', "
        "ending = 'The contract is over.' WHERE ended_at IS NULL"
    )
    with connection.transaction():
        return connection.execute(statement.encode()).rowcount


def test_the_words_are_those_of_the_ceiling() -> None:
    """Who may write grants of the whole school by the guardrails."""
    guardrails = Path(server.__file__).parents[1] / "policies" / "guardrails.csv"
    book = RuleBook.from_csv(guardrails.read_text(encoding="utf-8"))
    found = (
        rule for rule in book.rules if (rule.element, rule.action, rule.scope) == ("client_grant", "write", "school")
    )
    assert {rule.role for rule in found} == set(GRANTERS)


@pytest.mark.parametrize(("capacity", "person"), NOBODY)
def test_nobody_else_grants_or_ends(see: See, capacity: str, person: str) -> None:
    """Neither a program to itself, nor a parent, nor the head at home; in no other's name either."""
    with see.as_(capacity, person) as connection:
        for declarer in (person, "head"):
            with pytest.raises(InsufficientPrivilege, match="given_wall"):
                _give(see, connection, declarer)
        assert _end(see, connection, person) == 0


@pytest.mark.parametrize("person", ["head", "dpo"])
def test_an_officer_grants_and_ends_in_their_own_name(see: See, person: str) -> None:
    """Not in another's, not to themselves, and not to a program that nobody registered."""
    other = {"head": "dpo", "dpo": "head"}[person]
    with see.as_("STAFF", person) as connection:
        _give(see, connection, person)
        for changed in (
            {"declared_by": see.world.ids[other]},
            {"person_id": see.world.ids[person]},
            {"client_id": None},
        ):
            with pytest.raises(InsufficientPrivilege, match="given_wall"):
                _give(see, connection, person, **changed)
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            _end(see, connection, other)
        assert _end(see, connection, person) >= 2
        assert _end(see, connection, person) == 0


def test_a_grant_has_words_and_an_end(see: See) -> None:
    """And special category data a reason of their own."""
    late = {"valid_to": see.world.days(MOST_DAYS + 1)}
    with see.as_("STAFF", "head") as connection:
        for changed in ({"declaration": None}, {"valid_to": None}, late, {"scope": "special-write"}):
            with pytest.raises(CheckViolation, match="client_grant_declared"):
                _give(see, connection, "head", **changed)
        _give(see, connection, "head", scope="special-write", reason="Medical notes come from the MIS.")


def test_an_end_only_comes_sooner_and_is_whole(see: See) -> None:
    """No grant lasts longer by its end, and none ends without a name and a reason."""
    with see.as_("STAFF", "head") as connection:
        _give(see, connection, "head")
        for later in ("current_date + 2", "NULL"):
            with pytest.raises((InsufficientPrivilege, CheckViolation)):
                _end(see, connection, "head", later)
        for part in ("ended_at = now()", "valid_to = current_date"):
            with pytest.raises((InsufficientPrivilege, CheckViolation)), connection.transaction():
                connection.execute(f"UPDATE usher.client_grant SET {part}".encode())


def test_of_a_grant_its_end_alone_changes(see: See) -> None:
    """Every other column stays as it was declared."""
    others = {column.name for column in tables.metadata.tables["usher.client_grant"].columns} - set(CHANGED)
    for name in others:
        with see.as_("STAFF", "head") as connection, pytest.raises(InsufficientPrivilege, match="permission denied"):
            connection.execute(f"UPDATE usher.client_grant SET {name} = {name}".encode())
