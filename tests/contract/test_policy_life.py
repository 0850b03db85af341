"""The life of a rule book, held by the database: each rule is broken by plain SQL of the application's role."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import CheckViolation, ForeignKeyViolation, InsufficientPrivilege, UniqueViolation
from sqlalchemy import CheckConstraint

from server import tables
from server.policies.chain import Link, founded
from server.policies.shipped import starting_book
from server.tables import metadata
from tests.contract.policy_life import insert, live, narrowed
from tests.worlds import World, acting, insert_world, small_school

Values = dict[str, Any]
# The second officer and approver, and somebody who was both until yesterday.
HOLDERS = (
    ("maths-lead", "dpo", None),
    ("year-head", "policy_approver", None),
    ("english", "dpo", -1),
    ("english", "policy_approver", -1),
)
NOW = datetime.now(UTC)
OTHER = starting_book().content().replace("r116", "r116b")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Life:
    """A school at version 3, and the steps of one change as rows. `url` is the application's."""

    url: str
    world: World

    @contextmanager
    def as_(self, handle: str) -> Generator[psycopg.Connection[tuple[Any, ...]]]:
        with acting(self.url, self.world, "STAFF", handle) as connection:
            yield connection

    def id(self, handle: str) -> UUID:
        return self.world.ids[handle]

    def draft(self, connection: psycopg.Connection[Any], base: int = 3) -> UUID:
        act(connection, self.id("dpo"))
        draft = uuid4()
        insert(
            connection, "policy_draft", school_id=self.world.school_id, draft_id=draft, base_version=base,
            author_id=self.id("dpo"), title="Less", content=OTHER, revision=1, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        return draft

    def submission(self, connection: psycopg.Connection[Any], base: int = 3, **changed: Any) -> UUID:
        """Drafted and handed in by the officer, whose transaction it is then."""
        values = self.handed(self.draft(connection, base), base)
        insert(connection, "policy_submission", **values | changed)
        return values["submission_id"]

    def handed(self, draft: UUID, base: int = 3) -> Values:
        """The row of the officer's submission."""
        return {
            "school_id": self.world.school_id, "submission_id": uuid4(), "draft_id": draft,
            "revision": 1, "kind": "PUBLISHED", "base_version": base, "author_id": self.id("dpo"), "title": "Less",
            "content": OTHER, "digest": sha256(OTHER), "reason": "Too wide", "widens_special": False,
            "special_reason": None, "summary": "{}", "submitted_at": NOW,
        }  # fmt: skip

    def decide(self, connection: psycopg.Connection[Any], submission: UUID, by: str = "head", **changed: Any) -> None:
        act(connection, self.id(by))
        values: Values = {
            "school_id": self.world.school_id, "submission_id": submission, "decision": "APPROVED",
            "author_id": self.id("dpo"), "base_version": 3, "decided_by": self.id(by), "decided_at": NOW,
        }  # fmt: skip
        insert(connection, "policy_decision", **values | changed)

    def version(self, connection: psycopg.Connection[Any], submission: UUID | None, **changed: Any) -> None:
        """Version 4 of the approved submission, published by the officer, with a chain that fits what it says."""
        act(connection, self.id("dpo"))
        insert(connection, "policy_version", **self.next_version(connection, submission, **changed))

    def next_version(self, connection: psycopg.Connection[Any], submission: UUID | None, **changed: Any) -> Values:
        [(chain,)] = connection.execute("SELECT chain FROM usher.policy_version WHERE version = 3").fetchall()
        values: Values = {
            "school_id": self.world.school_id, "version": 4, "content": OTHER, "digest": sha256(OTHER),
            "author_id": self.id("dpo"), "published_by": self.id("dpo"), "reason": "Too wide", "created_at": NOW,
            "kind": "PUBLISHED", "previous_version": 3, "previous_chain": chain, "submission_id": submission,
            "decision": "APPROVED", "base_version": 3, "widens_special": False, "special_reason": None,
        }  # fmt: skip
        values |= changed
        link = Link(**{name: values[name] for name in Link.__dataclass_fields__})
        return {"chain": link.chain(), **values}

    def schedule(self, connection: psycopg.Connection[Any], submission: UUID, by: str = "dpo") -> None:
        """For an hour from now."""
        insert(
            connection, "policy_schedule", school_id=self.world.school_id, submission_id=submission,
            decision="APPROVED", publish_at=NOW + timedelta(hours=1), scheduled_by=self.id(by), scheduled_at=NOW,
        )  # fmt: skip

    def approved(self, connection: psycopg.Connection[Any], **changed: Any) -> UUID:
        """Handed in by the officer and approved by the head; the transaction is the officer's again."""
        submission = self.submission(connection, **changed)
        self.decide(connection, submission)
        act(connection, self.id("dpo"))
        return submission


def act(connection: psycopg.Connection[Any], person: UUID) -> None:
    """From here on the transaction is that person's."""
    connection.execute(f"SET LOCAL app.person = '{person}'".encode())


def come(connection: psycopg.Connection[Any], capacity: str) -> None:
    """From here on the transaction's person acts in that capacity."""
    connection.execute(f"SET LOCAL app.capacity = '{capacity}'".encode())


def also_approver(life: Life, connection: psycopg.Connection[Any]) -> None:
    """The head makes the officer an approver as well."""
    act(connection, life.id("head"))
    insert(
        connection, "role_assignment", school_id=life.world.school_id, role_assignment_id=uuid4(),
        person_id=life.id("dpo"), role="policy_approver", source="manual", valid_from=life.world.today,
    )  # fmt: skip
    act(connection, life.id("dpo"))


@pytest.fixture(scope="module")
def life(bare_app_url: str, app_url: str, owner_url: str, today: date) -> Life:
    world = small_school("the life of a rule book", today)
    for handle, role, days in HOLDERS:
        world.add(
            tables.RoleAssignmentRow, role_assignment_id=world.new_id(), person_id=world.ids[handle], role=role,
            source="manual", valid_from=world.days(-100), valid_to=days and world.days(days),
        )  # fmt: skip
    insert_world(app_url, world)
    live(owner_url, world)
    return Life(bare_app_url, world)


def test_the_whole_road_is_open(life: Life) -> None:
    """Draft, submission, approval by another person, version, head: nothing refuses what is in order."""
    with life.as_("dpo") as connection:
        life.version(connection, life.approved(connection))
        connection.execute("UPDATE usher.policy_head SET version = 4")
        assert connection.execute("SELECT version FROM usher.policy_head").fetchall() == [(4,)]


def test_nobody_approves_their_own(life: Life) -> None:
    """Not as themselves, who may approve other people's, and not by naming another author."""
    with life.as_("dpo") as connection:
        also_approver(life, connection)
        submission = life.submission(connection)
        with pytest.raises(CheckViolation, match="four_eyes"), connection.transaction():
            life.decide(connection, submission, by="dpo")
        with pytest.raises(ForeignKeyViolation), connection.transaction():
            life.decide(connection, submission, by="dpo", author_id=life.id("head"))
        with pytest.raises(InsufficientPrivilege, match="own_hand"), connection.transaction():
            life.decide(connection, submission, by="dpo", decided_by=life.id("head"))
        assert connection.execute("SELECT 1 FROM usher.policy_decision d WHERE d.base_version = 3 AND"
                                  " d.submission_id = %s", [submission]).fetchall() == []  # fmt: skip


def test_a_submission_is_in_its_authors_name(life: Life) -> None:
    """Whose transaction it is, and whose draft it is."""
    second = life.id("maths-lead")
    with life.as_("dpo") as connection:
        with pytest.raises(InsufficientPrivilege, match="own_hand"), connection.transaction():
            life.submission(connection, author_id=second)
        values = life.handed(life.draft(connection))
        act(connection, second)
        with pytest.raises(ForeignKeyViolation):
            insert(connection, "policy_submission", **values | {"author_id": second})


def test_nothing_is_published_without_an_approval(life: Life) -> None:
    """Neither undecided nor rejected, nor as founded, adopted or of no submission at all."""
    with life.as_("dpo") as connection:
        submission = life.submission(connection)
        with pytest.raises(ForeignKeyViolation, match="decision"), connection.transaction():
            life.version(connection, submission)
        life.decide(connection, submission, decision="REJECTED", reason="No")
        with pytest.raises(ForeignKeyViolation, match="decision"), connection.transaction():
            life.version(connection, submission)
        with pytest.raises(CheckViolation, match="approved"), connection.transaction():
            life.version(connection, submission, decision="REJECTED")
        with pytest.raises(CheckViolation, match="approved"), connection.transaction():
            life.version(connection, submission, decision=None)
        with pytest.raises(CheckViolation, match="approved"), connection.transaction():
            life.version(connection, None)
        nothing: Values = {"decision": None, "base_version": None}
        with pytest.raises(CheckViolation, match="first"), connection.transaction():
            life.version(connection, None, kind="FOUNDED", **nothing)
        with pytest.raises(InsufficientPrivilege, match="adopted_wall"), connection.transaction():
            life.version(connection, None, kind="ADOPTED", **nothing)


def test_what_is_published_is_what_was_approved(life: Life) -> None:
    """Other content, other content under the approved digest, another author, kind or base are refused."""
    other = starting_book().content()
    with life.as_("dpo") as connection:
        submission = life.approved(connection)
        refused: list[tuple[type[psycopg.Error], Values]] = [
            (ForeignKeyViolation, {"content": other, "digest": sha256(other)}),
            (CheckViolation, {"content": other}),
            (CheckViolation, {"digest": sha256(other)}),
            (ForeignKeyViolation, {"author_id": life.id("head")}),
            (ForeignKeyViolation, {"kind": "ROLLED_BACK"}),
            (CheckViolation, {"base_version": 2}),
            (CheckViolation, {"previous_version": 2}),
            (ForeignKeyViolation, {"previous_chain": "0" * 64}),
            (CheckViolation, {"chain": "0" * 64}),
            (UniqueViolation, {"version": 3, "base_version": 2, "previous_version": 2}),
            (CheckViolation, {"version": 5}),
        ]
        for error, changed in refused:
            with pytest.raises(error), connection.transaction():
                life.version(connection, submission, **changed)
        life.version(connection, submission)


def test_a_submission_is_published_once(life: Life) -> None:
    """Its base is gone with the first time."""
    with life.as_("dpo") as connection:
        submission = life.approved(connection)
        life.version(connection, submission)
        [(chain,)] = connection.execute("SELECT chain FROM usher.policy_version WHERE version = 4").fetchall()
        with pytest.raises((UniqueViolation, ForeignKeyViolation)):
            life.version(connection, submission, version=5, previous_version=4, base_version=4, previous_chain=chain)


def test_a_base_that_has_moved_is_stale(life: Life) -> None:
    """Nothing is handed in, approved or published upon it."""
    with life.as_("dpo") as connection:
        with pytest.raises(InsufficientPrivilege, match="base_wall"), connection.transaction():
            life.submission(connection, base=2)
        waiting, approved, late = life.submission(connection), life.approved(connection), life.approved(connection)
        act(connection, life.id("dpo"))
        life.version(connection, approved)
        connection.execute("UPDATE usher.policy_head SET version = 4")
        with pytest.raises(InsufficientPrivilege, match="base_wall"), connection.transaction():
            life.decide(connection, waiting)
        life.decide(connection, waiting, decision="REJECTED", reason="Too late")
        [(chain,)] = connection.execute("SELECT chain FROM usher.policy_version WHERE version = 4").fetchall()
        with pytest.raises(ForeignKeyViolation):
            life.version(connection, late, version=5, previous_version=4, base_version=4, previous_chain=chain)


@pytest.mark.parametrize("version", [1, 2])
def test_the_head_never_moves_back(life: Life, version: int) -> None:
    """The newest version is the only one that it may name."""
    with life.as_("dpo") as connection, pytest.raises(InsufficientPrivilege, match="forward_wall"):
        connection.execute(b"UPDATE usher.policy_head SET version = %d" % version)


@pytest.mark.parametrize(
    "table",
    ["version", "submission", "decision", "schedule", "end", "confirmation", "example", "example_end"],
)
@pytest.mark.parametrize("change", ["UPDATE usher.policy_{} SET school_id = school_id", "DELETE FROM usher.policy_{}"])
def test_what_was_done_stays(life: Life, table: str, change: str) -> None:
    """Nothing but a draft is ever changed; nothing at all is deleted."""
    with life.as_("dpo") as connection, pytest.raises(InsufficientPrivilege, match="permission denied"):
        connection.execute(change.format(table).encode())


def test_a_submission_is_decided_once(life: Life) -> None:
    """By whomever."""
    with life.as_("dpo") as connection:
        submission = life.approved(connection)
        with pytest.raises(UniqueViolation):
            life.decide(connection, submission, by="year-head", decision="REJECTED", reason="No")


def test_a_rejection_says_why(life: Life) -> None:
    """Blanks are no reason."""
    with life.as_("dpo") as connection:
        submission = life.submission(connection)
        for reason in (None, "", "  "):
            with pytest.raises(CheckViolation, match="policy_decision_reason"), connection.transaction():
                life.decide(connection, submission, decision="REJECTED", reason=reason)


@pytest.mark.parametrize("reason", [None, "", " " * 40, "too short"])
def test_a_widening_of_special_category_needs_its_reason(life: Life, reason: str | None) -> None:
    """Twenty characters that are no blanks at its ends."""
    with life.as_("dpo") as connection, pytest.raises(CheckViolation, match="policy_submission_special"):
        life.submission(connection, widens_special=True, special_reason=reason)


def test_the_reason_of_a_widening_becomes_part_of_the_version(life: Life) -> None:
    """It can't be left out, nor exchanged."""
    why = "Agreed with the governors on 3 November"
    with life.as_("dpo") as connection:
        submission = life.approved(connection, widens_special=True, special_reason=why)
        widens: Values = {"widens_special": True}
        refused: list[tuple[type[psycopg.Error], Values]] = [
            (ForeignKeyViolation, {}),
            (CheckViolation, widens),
            (ForeignKeyViolation, widens | {"special_reason": "Agreed with nobody whosoever"}),
        ]
        for error, changed in refused:
            with pytest.raises(error), connection.transaction():
                life.version(connection, submission, **changed)
        life.version(connection, submission, **widens, special_reason=why)


def test_a_roll_back_brings_back_what_was_there(life: Life) -> None:
    """It names a version, and holds that one's content."""
    again: Values = {"kind": "ROLLED_BACK", "draft_id": None, "revision": None, "restores_version": 1}
    old: Values = {"content": starting_book().content(), "digest": starting_book().digest()}
    with life.as_("dpo") as connection:
        with pytest.raises(ForeignKeyViolation), connection.transaction():
            life.submission(connection, **again)
        nowhere: Values = again | old | {"restores_version": None}
        with pytest.raises(CheckViolation, match="kind"), connection.transaction():
            life.submission(connection, **nowhere)
        submission = life.submission(connection, **again | old)
        life.decide(connection, submission)
        life.version(connection, submission, kind="ROLLED_BACK", **old)


def test_only_what_is_approved_is_scheduled(life: Life) -> None:
    """And for a moment ahead."""
    with life.as_("dpo") as connection:
        submission = life.submission(connection)
        values: Values = {
            "school_id": life.world.school_id, "submission_id": submission, "decision": "APPROVED",
            "publish_at": NOW + timedelta(hours=1), "scheduled_by": life.id("dpo"), "scheduled_at": NOW,
        }  # fmt: skip
        for error, changed in (
            (ForeignKeyViolation, {}),
            (CheckViolation, {"decision": "REJECTED"}),
            (CheckViolation, {"publish_at": NOW}),
        ):
            with pytest.raises(error), connection.transaction():
                insert(connection, "policy_schedule", **values | changed)
        life.decide(connection, submission)
        act(connection, life.id("dpo"))
        insert(connection, "policy_schedule", **values)


@pytest.mark.parametrize("end", [("WITHDRAWN", "dpo"), ("LAPSED", None)])
def test_what_has_ended_is_not_published(life: Life, end: tuple[str, str | None]) -> None:
    """Though it was approved."""
    outcome, who = end
    with life.as_("dpo") as connection:
        submission = life.approved(connection)
        life.schedule(connection, submission)
        insert(
            connection, "policy_end", school_id=life.world.school_id, submission_id=submission, outcome=outcome,
            ended_by=life.id(who) if who else None, ended_at=NOW + timedelta(hours=1),
        )  # fmt: skip
        with pytest.raises(InsufficientPrivilege, match="ended_wall"):
            life.version(connection, submission)


@contextmanager
def narrowing(life: Life, **changed: Any) -> Generator[psycopg.Connection[tuple[Any, ...]]]:
    """Version 4 narrowed by the officer, who did so before in version 3, which the head confirmed."""
    with life.as_("dpo") as connection:
        [(chain,)] = connection.execute("SELECT chain FROM usher.policy_version WHERE version = 3").fetchall()
        values = narrowed(life.world, 4, chain, "dpo", NOW, after=3)
        insert(connection, "policy_version", **values | changed)
        yield connection


def confirm(life: Life, connection: psycopg.Connection[Any], by: str, **changed: Any) -> None:
    act(connection, life.id(by))
    values: Values = {
        "school_id": life.world.school_id, "version": 4, "kind": "NARROWED", "author_id": life.id("dpo"),
        "confirmed_by": life.id(by), "confirmed_at": NOW,
    }  # fmt: skip
    insert(connection, "policy_confirmation", **values | changed)


def test_a_narrowing_is_confirmed_by_another_person(life: Life) -> None:
    """Not by its author, whoever is named as such."""
    with narrowing(life) as connection:
        also_approver(life, connection)
        with pytest.raises(CheckViolation, match="four_eyes"), connection.transaction():
            confirm(life, connection, "dpo")
        with pytest.raises(ForeignKeyViolation), connection.transaction():
            confirm(life, connection, "dpo", author_id=life.id("head"))
        confirm(life, connection, "head")


def test_only_a_narrowing_is_confirmed(life: Life) -> None:
    """A published version has had its two persons."""
    with life.as_("head") as connection:
        with pytest.raises(ForeignKeyViolation), connection.transaction():
            confirm(life, connection, "head", version=2)
        with pytest.raises(CheckViolation, match="policy_confirmation_kind"), connection.transaction():
            confirm(life, connection, "head", version=2, kind="PUBLISHED")


def test_a_narrowing_is_alone_until_it_is_confirmed(life: Life) -> None:
    """The next one names the confirmed one before it, and each can be named once."""
    with narrowing(life) as connection:
        [(chain,)] = connection.execute("SELECT chain FROM usher.policy_version WHERE version = 4").fetchall()
        for error, after in ((UniqueViolation, None), (UniqueViolation, 3), (ForeignKeyViolation, 4)):
            with pytest.raises(error), connection.transaction():
                insert(connection, "policy_version", **narrowed(life.world, 5, chain, "dpo", NOW, after=after))
        confirm(life, connection, "head")
        act(connection, life.id("dpo"))
        insert(connection, "policy_version", **narrowed(life.world, 5, chain, "dpo", NOW, after=4))


@pytest.mark.parametrize("fault", ["reason", "hand", "author"])
def test_a_narrowing_is_its_authors_act(life: Life, fault: str) -> None:
    """With a reason, by the person who does it, and published by them."""
    author = life.id("head")
    with life.as_("dpo") as connection:
        [(chain,)] = connection.execute("SELECT chain FROM usher.policy_version WHERE version = 3").fetchall()
        values: Values = narrowed(life.world, 4, chain, "dpo", NOW, after=3)
        values |= {
            "reason": {"reason": " "}, "hand": {"author_id": author, "published_by": author, "narrowed_after": None},
            "author": {"author_id": author, "narrowed_after": None},
        }[fault]  # fmt: skip
        said: dict[str, Any] = {name: values.get(name) for name in Link.__dataclass_fields__}
        link = Link(**said)
        with pytest.raises(InsufficientPrivilege if fault == "hand" else CheckViolation):
            insert(connection, "policy_version", **values | {"chain": link.chain()})


@dataclass(frozen=True)
class Act:
    """What officers or approvers do: `ready` makes what it needs, `write` adds its row in the name of `by`."""

    officers: bool
    ready: Callable[[Life, psycopg.Connection[Any]], Any]
    write: Callable[[Life, psycopg.Connection[Any], Any, str], object]

    @property
    def whose(self) -> tuple[str, str]:
        return ("dpo", "maths-lead") if self.officers else ("head", "year-head")


def write_draft(life: Life, connection: psycopg.Connection[Any], _: object, by: str) -> None:
    insert(
        connection, "policy_draft", school_id=life.world.school_id, draft_id=uuid4(), base_version=3,
        author_id=life.id(by), title="Less", content=OTHER, revision=1, created_at=NOW, updated_at=NOW,
    )  # fmt: skip


def write_submission(life: Life, connection: psycopg.Connection[Any], draft: UUID, by: str) -> None:
    insert(connection, "policy_submission", **life.handed(draft) | {"author_id": life.id(by)})


def write_roll_back(life: Life, connection: psycopg.Connection[Any], draft: UUID, by: str) -> None:
    book = starting_book()
    values = life.handed(draft) | {"kind": "ROLLED_BACK", "draft_id": None, "revision": None, "restores_version": 1}
    values |= {"content": book.content(), "digest": book.digest(), "author_id": life.id(by)}
    insert(connection, "policy_submission", **values)


def write_decision(life: Life, connection: psycopg.Connection[Any], submission: UUID, by: str, **more: Any) -> None:
    values: Values = {
        "school_id": life.world.school_id, "submission_id": submission, "decision": "APPROVED",
        "author_id": life.id("dpo"), "base_version": 3, "decided_by": life.id(by), "decided_at": NOW,
    }  # fmt: skip
    insert(connection, "policy_decision", **values | more)


def write_rejection(life: Life, connection: psycopg.Connection[Any], submission: UUID, by: str) -> None:
    write_decision(life, connection, submission, by, decision="REJECTED", reason="No")


def write_version(life: Life, connection: psycopg.Connection[Any], submission: UUID, by: str) -> None:
    insert(connection, "policy_version", **life.next_version(connection, submission, published_by=life.id(by)))


def write_narrowing(life: Life, connection: psycopg.Connection[Any], _: object, by: str) -> None:
    [(chain,)] = connection.execute("SELECT chain FROM usher.policy_version WHERE version = 3").fetchall()
    insert(connection, "policy_version", **narrowed(life.world, 4, chain, by, NOW, after=3 if by == "dpo" else None))


def write_schedule(life: Life, connection: psycopg.Connection[Any], submission: UUID, by: str) -> None:
    life.schedule(connection, submission, by)


def write_withdrawal(life: Life, connection: psycopg.Connection[Any], submission: UUID, by: str) -> None:
    insert(
        connection, "policy_end", school_id=life.world.school_id, submission_id=submission, outcome="WITHDRAWN",
        ended_by=life.id(by), ended_at=NOW,
    )  # fmt: skip


def write_confirmation(life: Life, connection: psycopg.Connection[Any], _: object, by: str) -> None:
    insert(
        connection, "policy_confirmation", school_id=life.world.school_id, version=4, kind="NARROWED",
        author_id=life.id("dpo"), confirmed_by=life.id(by), confirmed_at=NOW,
    )  # fmt: skip


def write_example(life: Life, connection: psycopg.Connection[Any], _: object, by: str) -> UUID:
    example = uuid4()
    insert(
        connection, "policy_example", school_id=life.world.school_id, example_id=example, name="Theirs",
        capacity="PARENT", roles=["parent"], facts=[], relations=["child"], element="name", action="read",
        visible=True, added_by=life.id(by), added_at=NOW,
    )  # fmt: skip
    return example


def write_removal(life: Life, connection: psycopg.Connection[Any], example: UUID, by: str) -> None:
    insert(
        connection, "policy_example_end", school_id=life.world.school_id, example_id=example,
        removed_by=life.id(by), removed_at=NOW,
    )  # fmt: skip


def nothing(life: Life, connection: psycopg.Connection[Any]) -> None:
    """What needs nothing before it."""


def narrowing_of_officer(life: Life, connection: psycopg.Connection[Any]) -> None:
    write_narrowing(life, connection, None, "dpo")


def example_of_officer(life: Life, connection: psycopg.Connection[Any]) -> UUID:
    return write_example(life, connection, None, "dpo")


ACTS: dict[str, Act] = {
    "draft": Act(True, nothing, write_draft),
    "submit": Act(True, Life.draft, write_submission),
    "roll back": Act(True, Life.draft, write_roll_back),
    "approve": Act(False, Life.submission, write_decision),
    "reject": Act(False, Life.submission, write_rejection),
    "publish": Act(True, Life.approved, write_version),
    "narrow": Act(True, nothing, write_narrowing),
    "schedule": Act(True, Life.approved, write_schedule),
    "withdraw": Act(True, Life.submission, write_withdrawal),
    "withdraw another's": Act(False, Life.submission, write_withdrawal),
    "confirm": Act(False, narrowing_of_officer, write_confirmation),
    "add an example": Act(True, nothing, write_example),
    "remove an example": Act(True, example_of_officer, write_removal),
}


@pytest.mark.parametrize("name", ACTS)
def test_each_act_is_in_the_name_of_whose_transaction_it_is(life: Life, name: str) -> None:
    """Not even another holder of the same role writes in somebody's name, who does so themselves a moment later."""
    one = ACTS[name]
    named, other = one.whose
    with life.as_("dpo") as connection:
        ready = one.ready(life, connection)
        act(connection, life.id(other))
        with pytest.raises(InsufficientPrivilege, match="own_hand"), connection.transaction():
            one.write(life, connection, ready, named)
        act(connection, life.id(named))
        one.write(life, connection, ready, named)


@pytest.mark.parametrize("name", ACTS)
def test_each_act_is_for_who_holds_its_role_now(life: Life, name: str) -> None:
    """Not for a class teacher, for a former holder, for the holders of the other role, nor for a holder at home."""
    one = ACTS[name]
    named, _ = one.whose
    # An officer withdraws what is their own: `dpo` is its author.
    others = ["teacher", "english", "maths-lead" if not one.officers else "year-head"]
    if name == "withdraw":
        others = ["teacher", "english", "maths-lead"]
    with life.as_("dpo") as connection:
        ready = one.ready(life, connection)
        for who in others:
            act(connection, life.id(who))
            with pytest.raises(InsufficientPrivilege, match="role_wall"), connection.transaction():
                one.write(life, connection, ready, who)
        act(connection, life.id(named))
        for capacity in ("PARENT", "LEARNER", "CLIENT", "OPERATOR", "JOB", ""):
            come(connection, capacity)
            with pytest.raises(InsufficientPrivilege, match="role_wall"), connection.transaction():
                one.write(life, connection, ready, named)
        come(connection, "STAFF")
        one.write(life, connection, ready, named)


def test_a_draft_is_changed_by_its_author_alone(life: Life) -> None:
    """Other officers don't reach it, its author gives it to nobody, and doesn't change it as a parent."""
    with life.as_("dpo") as connection:
        draft = life.draft(connection)

        def change(what: str) -> int:
            statement = f"UPDATE usher.policy_draft SET {what} WHERE draft_id = '{draft}'"
            return connection.execute(statement.encode()).rowcount

        for who in ("maths-lead", "head", "teacher"):
            act(connection, life.id(who))
            for what in ("content = 'mine'", f"author_id = '{life.id(who)}'", "closed_at = now()"):
                assert change(what) == 0
        act(connection, life.id("dpo"))
        with pytest.raises(InsufficientPrivilege, match="own_hand"), connection.transaction():
            change(f"author_id = '{life.id('maths-lead')}'")
        come(connection, "PARENT")
        with pytest.raises(InsufficientPrivilege, match="role_wall"), connection.transaction():
            change("content = 'mine'")
        come(connection, "STAFF")
        query = "SELECT content, author_id, closed_at FROM usher.policy_draft WHERE draft_id = %s"
        assert connection.execute(query, [draft]).fetchall() == [(OTHER, life.id("dpo"), None)]
        assert change("content = 'mine'") == 1


def test_a_published_draft_is_closed_by_its_publisher_just_as_it_was(life: Life) -> None:
    """Another officer may publish what was approved; nothing else of the draft is theirs to change, nor to open."""
    with life.as_("dpo") as connection:
        submission = life.approved(connection)
        close = f"closed_at = '{NOW}'"
        of = f"WHERE draft_id = (SELECT draft_id FROM usher.policy_submission WHERE submission_id = '{submission}')"
        act(connection, life.id("maths-lead"))
        assert connection.execute(f"UPDATE usher.policy_draft SET {close} {of}".encode()).rowcount == 0
        write_version(life, connection, submission, "maths-lead")
        for change in ("title = 'Mine'", f"{close}, content = 'mine'", f"{close}, revision = 2", "closed_at = NULL"):
            with pytest.raises(InsufficientPrivilege, match="own_hand"), connection.transaction():
                connection.execute(f"UPDATE usher.policy_draft SET {change} {of}".encode())
        assert connection.execute(f"UPDATE usher.policy_draft SET {close} {of}".encode()).rowcount == 1


def test_only_what_is_due_lapses_in_the_name_of_who_scheduled_it(life: Life) -> None:
    """Not what nobody scheduled, nor before its time, nor by another officer; also if the role has ended meanwhile."""

    def lapse(connection: psycopg.Connection[Any], submission: UUID, minutes: int) -> None:
        insert(
            connection, "policy_end", school_id=life.world.school_id, submission_id=submission, outcome="LAPSED",
            ended_at=NOW + timedelta(minutes=minutes),
        )  # fmt: skip

    with life.as_("dpo") as connection:
        submission = life.approved(connection)
        with pytest.raises(InsufficientPrivilege, match="own_hand"), connection.transaction():
            lapse(connection, submission, 60)
        life.schedule(connection, submission)
        for who, minutes in (("dpo", 59), ("maths-lead", 60), ("teacher", 60)):
            act(connection, life.id(who))
            with pytest.raises(InsufficientPrivilege, match="own_hand"), connection.transaction():
                lapse(connection, submission, minutes)
        act(connection, life.id("head"))
        connection.execute("UPDATE usher.role_assignment SET valid_to = current_date WHERE role = 'dpo'")
        act(connection, life.id("dpo"))
        lapse(connection, submission, 60)


def test_a_school_is_founded_in_nobodys_name(life: Life) -> None:
    """A founding version that names somebody as its publisher or author is refused."""
    with life.as_("teacher") as connection:
        connection.execute(f"SET LOCAL app.school_id = '{uuid4()}'".encode())
        [(school,)] = connection.execute("SELECT current_setting('app.school_id')::uuid").fetchall()
        for named in ("published_by", "author_id"):
            with pytest.raises(InsufficientPrivilege, match="own_hand"), connection.transaction():
                insert(
                    connection, "policy_version", school_id=school, created_at=NOW, content=OTHER,
                    digest=sha256(OTHER), **founded(sha256(OTHER), NOW) | {named: life.id("head")},
                )  # fmt: skip


def test_each_word_of_a_version_is_in_its_chain() -> None:
    """A change of any part changes the link."""
    whole = Link(4, "PUBLISHED", "d", NOW, "p", 3, uuid4(), uuid4(), uuid4(), "why", "why so special")
    parts: Values = {
        "version": 5, "kind": "NARROWED", "digest": "e", "created_at": NOW + timedelta(microseconds=1),
        "previous_chain": "q", "base_version": 4, "submission_id": uuid4(), "author_id": uuid4(),
        "published_by": uuid4(), "reason": "why not", "special_reason": None,
    }  # fmt: skip
    assert set(parts) == set(Link.__dataclass_fields__)
    chains = {replace(whole, **{name: value}).chain() for name, value in parts.items()}
    assert len(chains | {whole.chain()}) == len(parts) + 1


def test_the_checks_of_the_tables_are_those_of_the_code(owner: psycopg.Connection[tuple[Any, ...]]) -> None:
    """What stands in server.tables is what PostgreSQL holds, condition by condition."""

    def printed(table: str, name: str) -> Any:
        return owner.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s",
            [f"usher.{table}", name],
        ).fetchone()

    for table in (table for table in metadata.tables.values() if table.name.startswith("policy_")):
        for check in [key for key in table.constraints if isinstance(key, CheckConstraint)]:
            held = printed(table.name, str(check.name))
            owner.execute(f"ALTER TABLE usher.{table.name} ADD CONSTRAINT as_declared CHECK ({check.sqltext})".encode())
            assert printed(table.name, "as_declared") == held
            owner.execute(f"ALTER TABLE usher.{table.name} DROP CONSTRAINT as_declared".encode())
