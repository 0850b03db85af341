"""Apps and invitations by plain SQL of the application's role: who decides, who invites, and what can't be redeemed."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege, UniqueViolation

from server import tables
from server.migrations.invitation_walls import GUARDED, MOST_TRIES, OPENED
from tests.contract.see import See
from tests.worlds import insert_rows

Connection = psycopg.Connection[Any]
OTHERS: Final = (
    ("STAFF", "teacher"), ("STAFF", "data-manager"), ("PARENT", "pat"), ("LEARNER", "ann"), ("CLIENT", "mis"),
    ("OPERATOR", "support"), ("PARENT", "head"), ("JOINING", "head"), ("", "head"),
)  # fmt: skip


def _activation(see: See, decider: str) -> dict[str, Any]:
    return {
        "school_id": see.world.school_id, "activation_id": see.world.new_id(), "app": "PARENT", "assessment": "Folder 1",
        "declaration": "Assessed and agreed.", "decided_by": see.world.ids[decider], "decided_at": datetime.now(UTC),
    }  # fmt: skip


def _invitation(see: See, **changed: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "school_id": see.world.school_id, "invitation_id": see.world.new_id(), "kind": "LEARNER",
        "person_id": see.world.ids["bob"], "learner_id": see.world.ids["bob"], "link_id": None, "delivery": "PAPER",
        "invited_by": see.world.ids["data-manager"], "invited_at": now, "expires_at": now + timedelta(days=14),
    } | changed  # fmt: skip


def _add(connection: Connection, table: Any, row: dict[str, Any]) -> None:
    with connection.transaction():
        insert_rows(connection, table, [row])


def _invite(see: See, connection: Connection, **changed: Any) -> UUID:
    """As the data manager; afterwards the transaction is of whoever redeems."""
    _become(see, connection, "STAFF", "data-manager")
    row = _invitation(see, **changed)
    _add(connection, tables.InvitationRow, row)
    _become(see, connection, "JOINING", "bob")
    return row["invitation_id"]


def _become(see: See, connection: Connection, capacity: str, person: str) -> None:
    connection.execute("SELECT set_config('app.capacity', %s, true)", [capacity])
    connection.execute("SELECT set_config('app.person', %s, true)", [str(see.world.ids[person])])


def _redeem(see: See, connection: Connection, invitation: UUID) -> None:
    row = {"school_id": see.world.school_id, "invitation_id": invitation, "account_id": see.world.new_id()}
    _add(connection, tables.InvitationRedemptionRow, row | {"redeemed_at": datetime.now(UTC)})


def _try(see: See, connection: Connection, invitation: UUID, number: int) -> None:
    row = {"school_id": see.world.school_id, "invitation_id": invitation, "number": number}
    _add(connection, tables.InvitationTryRow, row | {"tried_at": datetime.now(UTC)})


@pytest.mark.parametrize(("capacity", "person"), OTHERS)
def test_nobody_else_activates_or_ends_an_app(see: See, capacity: str, person: str) -> None:
    """In no name: not in their own, nor the head's, nor in nobody's."""
    with see.as_(capacity, person) as connection:
        for row in (
            _activation(see, person),
            _activation(see, "head"),
            _activation(see, "head") | {"decided_by": None},
        ):
            with pytest.raises(InsufficientPrivilege, match="added_wall"):
                _add(connection, tables.AppActivationRow, row)
        live = see.world.rows[tables.AppActivationRow][-1]["activation_id"]
        end = {
            "school_id": see.world.school_id,
            "activation_id": live,
            "ended_at": datetime.now(UTC),
            "reason": "x" * 10,
        }
        for ender in (person, "head"):
            with pytest.raises(InsufficientPrivilege, match="added_wall"):
                _add(connection, tables.AppActivationEndRow, end | {"ended_by": see.world.ids[ender]})


@pytest.mark.parametrize("person", ["head", "dpo"])
def test_an_officer_decides_in_their_own_name(see: See, person: str) -> None:
    with see.as_("STAFF", person) as connection:
        row = _activation(see, person)
        _add(connection, tables.AppActivationRow, row)
        end = {"school_id": row["school_id"], "activation_id": row["activation_id"], "ended_by": row["decided_by"]}
        end |= {"ended_at": datetime.now(UTC), "reason": "Assessed anew."}
        _add(connection, tables.AppActivationEndRow, end)
        with pytest.raises(UniqueViolation):
            _add(connection, tables.AppActivationEndRow, end)


@pytest.mark.parametrize(("capacity", "person"), OTHERS[2:])
def test_nobody_else_invites_or_reads_of_it(see: See, capacity: str, person: str) -> None:
    """Parents, learners, programs and support staff see no invitation; whoever redeems adds none."""
    with see.as_(capacity, person) as connection:
        if capacity != "JOINING":
            for table in GUARDED:
                assert connection.execute(f"SELECT 1 FROM usher.{table}".encode()).fetchall() == []
        with pytest.raises(InsufficientPrivilege, match="_wall"):
            _add(connection, tables.InvitationRow, _invitation(see, invited_by=see.world.ids[person]))


def test_an_invitation_is_redeemed_once(see: See) -> None:
    with see.as_("STAFF", "data-manager") as connection:
        invitation = _invite(see, connection)
        _redeem(see, connection, invitation)
        with pytest.raises(UniqueViolation):
            _redeem(see, connection, invitation)


def test_what_was_ended_locked_or_is_over_is_not_redeemed(see: See) -> None:
    """Nor by somebody of the staff; and there is no sixth try."""
    now = datetime.now(UTC)
    with see.as_("STAFF", "data-manager") as connection:
        past = {"invited_at": now - timedelta(days=20), "expires_at": now - timedelta(days=6)}
        over, locked, ended = (_invite(see, connection, **changed) for changed in (past, {}, {}))
        for number in range(1, MOST_TRIES + 1):
            _try(see, connection, locked, number)
        for number in (0, MOST_TRIES + 1):
            with pytest.raises(CheckViolation, match="invitation_try_number"):
                _try(see, connection, locked, number)
        _become(see, connection, "STAFF", "data-manager")
        end = {"school_id": see.world.school_id, "invitation_id": ended, "ended_by": see.world.ids["data-manager"]}
        _add(connection, tables.InvitationEndRow, end | {"ended_at": now})
        for capacity in ("JOINING", "STAFF"):
            _become(see, connection, capacity, "data-manager")
            for invitation in (over, locked, ended):
                with pytest.raises(InsufficientPrivilege, match="added_wall"):
                    _redeem(see, connection, invitation)


@pytest.mark.parametrize(
    ("changed", "check"),
    [
        ({"kind": "STAFF", "learner_id": None}, "invitation_of_staff"),
        ({"delivery": "PIGEON"}, "invitation_delivery"),
        ({"expires_at": datetime(2100, 1, 1, tzinfo=UTC)}, "invitation_dates"),
        ({"kind": "PARENT"}, "invitation_link"),
        ({"learner_id": None}, "invitation_learner"),
    ],
)
def test_an_invitation_is_of_one_person_and_one_child(see: See, changed: dict[str, Any], check: str) -> None:
    """For a time, and staff by letter alone."""
    with see.as_("STAFF", "data-manager") as connection, pytest.raises(CheckViolation, match=check):
        _add(connection, tables.InvitationRow, _invitation(see, **changed))


def test_of_an_invitation_its_opening_alone_changes(see: See) -> None:
    table, opened = OPENED
    others = {column.name for column in tables.metadata.tables[f"usher.{table}"].columns} - {opened}
    for name in others:
        with see.as_("STAFF", "head") as connection, pytest.raises(InsufficientPrivilege, match="permission denied"):
            connection.execute(f"UPDATE usher.{table} SET {name} = {name}".encode())
