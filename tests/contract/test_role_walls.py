"""Who gives and ends roles by plain SQL of the application's role: those who may, and nobody to themselves."""

from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

import server
from server import tables
from server.migrations.role_walls import DECIDING, GIVERS, GIVERS_OF_DECIDING
from server.policies.rule_book import RuleBook
from server.policies.vocabulary import DECIDING_ROLES
from tests.contract.see import See
from tests.worlds import insert_rows

NOBODY: Final = (
    ("STAFF", "teacher"), ("STAFF", "dpo"), ("STAFF", "senco"), ("PARENT", "pat"), ("LEARNER", "ann"),
    ("CLIENT", "mis"), ("OPERATOR", "support"), ("CLIENT", "support"), ("PARENT", "head"), ("OPERATOR", "head"),
    ("", "head"), ("JOB", "head"),
)  # fmt: skip


def _given(see: See, person: str, role: str) -> dict[str, Any]:
    return {
        "school_id": see.world.school_id, "role_assignment_id": see.world.new_id(), "person_id": see.world.ids[person],
        "role": role, "source": "manual", "valid_from": see.world.today,
    }  # fmt: skip


def _give(see: See, connection: psycopg.Connection[Any], person: str, role: str) -> None:
    with connection.transaction():
        insert_rows(connection, tables.RoleAssignmentRow, [_given(see, person, role)])


def _end(connection: psycopg.Connection[Any], role: str, end: str = "current_date") -> int:
    statement = f"UPDATE usher.role_assignment SET valid_to = {end} WHERE role = '{role}'"
    return connection.execute(statement.encode()).rowcount


def test_the_words_are_those_of_the_ceiling() -> None:
    """Who may write roles of the whole school by the guardrails, and who of them may change grants."""

    def writers(element: str) -> set[str]:
        found = (rule for rule in book.rules if (rule.element, rule.action, rule.scope) == (element, "write", "school"))
        return {rule.role for rule in found}

    guardrails = Path(server.__file__).parents[1] / "policies" / "guardrails.csv"
    book = RuleBook.from_csv(guardrails.read_text(encoding="utf-8"))

    assert writers("role_assignment") == set(GIVERS)
    assert writers("role_assignment") & writers("client_grant") == set(GIVERS_OF_DECIDING)
    assert set(DECIDING) == set(DECIDING_ROLES)


@pytest.mark.parametrize(("capacity", "person"), NOBODY)
def test_nobody_else_gives_or_ends_a_role(see: See, capacity: str, person: str) -> None:
    """Neither a role that decides nor any other; a program is no import, and the head at home is nobody."""
    with see.as_(capacity, person) as connection:
        for role in ("dpo", "class_teacher"):
            with pytest.raises(InsufficientPrivilege, match="given_wall"):
                _give(see, connection, "english", role)
            assert _end(connection, role) == 0


def test_the_head_gives_and_ends_every_role(see: See) -> None:
    """Of others."""
    with see.as_("STAFF", "head") as connection:
        for role in ("dpo", "senco"):
            _give(see, connection, "english", role)
            assert _end(connection, role) >= 2


def test_a_data_manager_gives_and_ends_what_decides_nothing(see: See) -> None:
    """No officer, approver or head begins or ends by their hand."""
    with see.as_("STAFF", "data-manager") as connection:
        for role in DECIDING:
            with pytest.raises(InsufficientPrivilege, match="given_wall"):
                _give(see, connection, "english", role)
            assert _end(connection, role) == 0
        _give(see, connection, "english", "senco")
        assert _end(connection, "senco") >= 2


@pytest.mark.parametrize(("person", "role"), [("head", "head"), ("maths-lead", "class_teacher")])
def test_nobody_gives_themselves_a_role(see: See, person: str, role: str) -> None:
    """Nor makes one of theirs last; who may end roles may end their own."""
    with see.as_("STAFF", "head") as connection:
        _give(see, connection, "maths-lead", "data_manager")
        connection.execute(f"SET LOCAL app.person = '{see.world.ids[person]}'".encode())
        with pytest.raises(InsufficientPrivilege, match="given_wall"):
            _give(see, connection, person, "senco")
        own = f"UPDATE usher.role_assignment SET valid_to = {{}} WHERE person_id = '{see.world.ids[person]}'"
        own += f" AND role = '{role}'"
        with pytest.raises(InsufficientPrivilege, match="row-level security"), connection.transaction():
            connection.execute(own.format("NULL").encode())
        assert connection.execute(own.format("current_date").encode()).rowcount == 1


@pytest.mark.parametrize("until", ["current_date", "current_date + 30"], ids=["ended", "that is to end"])
def test_nobody_lengthens_a_role_of_their_own(see: See, until: str) -> None:
    """Whoever may end roles brings none of theirs back and puts no end off, but may end it sooner; others may."""
    own = (
        f"UPDATE usher.role_assignment SET valid_to = {{}} WHERE person_id = '{see.world.ids['head']}' AND role = 'dpo'"
    )
    with see.as_("CLIENT", "teacher") as connection:
        _give(see, connection, "head", "dpo")
        _give(see, connection, "english", "head")
        assert connection.execute(own.format(until).encode()).rowcount == 1
        connection.execute(
            f"SET LOCAL app.person = '{see.world.ids['head']}'; SET LOCAL app.capacity = 'STAFF'".encode()
        )
        for later in ("current_date + 31", "'infinity'", "NULL", until):
            with pytest.raises(InsufficientPrivilege, match="row-level security"), connection.transaction():
                connection.execute(own.format(later).encode())
        assert connection.execute("SELECT usher.holds('dpo')").fetchone() == (until != "current_date",)
        assert connection.execute(own.format(f"{until} - 1").encode()).rowcount == 1
        connection.execute(f"SET LOCAL app.person = '{see.world.ids['english']}'".encode())
        assert connection.execute(own.format("NULL").encode()).rowcount == 1


def test_who_held_it_yesterday_gives_nothing(see: See) -> None:
    """The head's role must be in force today."""
    with see.as_("STAFF", "head") as connection:
        assert _end(connection, "head") == 1
        with pytest.raises(InsufficientPrivilege, match="given_wall"):
            _give(see, connection, "english", "senco")


def test_of_a_role_its_end_alone_changes(see: See) -> None:
    """Neither the role, nor whose it is, nor its beginning."""
    for change in (
        "role = 'head'",
        f"person_id = '{see.world.ids['head']}'",
        "valid_from = current_date",
        "source = ''",
    ):
        with see.as_("STAFF", "head") as connection, pytest.raises(InsufficientPrivilege, match="permission denied"):
            connection.execute(f"UPDATE usher.role_assignment SET {change}".encode())


def test_an_import_names_any_role(see: See) -> None:
    """In the name of one of the staff, whom it makes their own declarer too."""
    with see.as_("CLIENT", "teacher") as connection:
        for role in ("dpo", "class_teacher"):
            _give(see, connection, "teacher", role)
            assert _end(connection, role) >= 2


def test_a_role_of_another_school_opens_nothing(see: See, other_school: Any) -> None:
    """The head of one school is nobody at the other."""
    with see.as_("STAFF", "head") as connection:
        connection.execute(f"SET LOCAL app.school_id = '{other_school.school_id}'".encode())
        row = _given(see, "english", "senco") | {
            "school_id": other_school.school_id, "person_id": other_school.ids["english"],
        }  # fmt: skip
        with pytest.raises(InsufficientPrivilege, match="given_wall"), connection.transaction():
            insert_rows(connection, tables.RoleAssignmentRow, [row])
        assert _end(connection, "senco") == 0
