"""Training, roles, classes, supervisors and links: who may change them, what it does at once, and what is refused."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from server.identity.oauth.bearer_tokens import BearerToken, end_token
from server.identity.oauth.school_access import act_at
from server.identity.principal import Principal
from server.policies.shipped import starting_book
from server.policies.vocabulary import DECIDING_ROLES
from server.queries import standing
from tests.e2e.access_desk import AccessDesk, codes
from tests.oracle.publishing import publish

NEEDS = "{ learners { nodes { givenName sen { needs } } } }"
MARKS = "{ learners { nodes { givenName marks { nodes { state } } } } }"


async def _needs(desk: AccessDesk, handle: str, worker: int = 0) -> int:
    """Of how many learners the needs are shown."""
    body = await desk.ask(handle, NEEDS, worker)
    return sum(1 for row in body["data"]["learners"]["nodes"] if row["sen"]["needs"])


async def _marks(desk: AccessDesk, handle: str, worker: int = 0) -> set[str]:
    body = await desk.ask(handle, MARKS, worker)
    if "errors" in body:
        return set()
    return {row["givenName"] for row in body["data"]["learners"]["nodes"] if row["marks"]["nodes"]}


def _certificate(desk: AccessDesk, **other: Any) -> dict[str, Any]:
    given = {"person": desk.id("senco-untrained", "stf"), "course": "sen", "evidence": "Certificate 7 of the provider"}
    return given | {"completedOn": desk.day(-3), "expiresOn": desk.day(365)} | other


async def test_a_certificate_opens_and_its_end_closes(desk: AccessDesk) -> None:
    """From the next request of each worker, and by itself at midnight of the day on which it expires."""
    for worker in (0, 1):
        assert await _needs(desk, "senco-untrained", worker) == 0
    recorded = await desk.do("dpo", "recordTraining", **_certificate(desk))
    for worker in (0, 1):
        assert await _needs(desk, "senco-untrained", worker) == 8
    body = await desk.ask("dpo", "{ trainingRecords { id course inDate personName evidence } }")
    [shown] = [row for row in body["data"]["trainingRecords"] if row["id"] == recorded["id"]]
    assert shown["inDate"]
    assert shown["personName"] == "Dr Una Late"
    await desk.do("dpo", "endTraining", certificate=recorded["id"])
    for worker in (0, 1):
        assert await _needs(desk, "senco-untrained", worker) == 0
    assert await desk.refused("dpo", "endTraining", certificate=recorded["id"]) == ["ENDED"]


@pytest.mark.parametrize(
    ("other", "wanted"),
    [
        ({"course": "needlework"}, ["UNKNOWN_COURSE"]),
        ({"completedOn": "2099-01-01"}, ["DATES"]),
        ({"expiresOn": "2001-01-01"}, ["DATES"]),
        ({"expiresOn": "2099-01-01"}, ["DATES"]),
        ({"evidence": "  "}, ["EVIDENCE_MISSING"]),
        ({"evidence": "x" * 501}, ["EVIDENCE_MISSING"]),
        ({"person": f"stf_{uuid4().hex}"}, ["NOT_FOUND"]),
    ],
)
async def test_bad_certificates(quiet_desk: AccessDesk, other: dict[str, Any], wanted: list[str]) -> None:
    """Each is a code, and nothing is written."""
    assert await quiet_desk.refused("dpo", "recordTraining", **_certificate(quiet_desk, **other)) == wanted


async def test_who_records_training(quiet_desk: AccessDesk) -> None:
    """The data protection officer and the head alone; each may read their own."""
    for handle in ("data-manager", "senco-untrained", "pat", "mis"):
        await quiet_desk.forbidden(handle, "recordTraining", **_certificate(quiet_desk))
    body = await quiet_desk.ask("senco", "{ trainingRecords { person course } }")
    assert {row["person"] for row in body["data"]["trainingRecords"]} == {quiet_desk.id("senco")}
    everybodys = await quiet_desk.ask("dpo", "{ trainingRecords { person } }")
    assert len({row["person"] for row in everybodys["data"]["trainingRecords"]}) > 5
    assert codes(await quiet_desk.ask("pat", "{ trainingRecords { person } }")) == ["FORBIDDEN"]
    one = await quiet_desk.ask(
        "dpo", "query($p: ID!) { trainingRecords(person: $p) { person } }", p=quiet_desk.id("head", "stf")
    )
    assert {row["person"] for row in one["data"]["trainingRecords"]} == {quiet_desk.id("head")}


@pytest.mark.parametrize(("officer", "other"), [("dpo", "head"), ("head", "dpo")])
async def test_nobody_records_or_ends_their_own_certificate(desk: AccessDesk, officer: str, other: str) -> None:
    """So that glass broken alone stays dark: of two who may record, each needs the other."""
    own = _certificate(desk, person=desk.id(officer, "stf"))
    assert await desk.refused(officer, "recordTraining", **own) == ["SELF_ASSIGNMENT"]
    assert await desk.refused(officer, "recordTraining", **own | {"person": desk.id(officer)}) == ["SELF_ASSIGNMENT"]
    before = await _needs(desk, officer)
    recorded = await desk.do(other, "recordTraining", **own)
    assert await desk.refused(officer, "endTraining", certificate=recorded["id"]) == ["SELF_ASSIGNMENT"]
    await desk.do(other, "endTraining", certificate=recorded["id"])
    assert await _needs(desk, officer) == before


async def test_an_officer_alone_breaks_no_glass(desk: AccessDesk) -> None:
    """Without a certificate from somebody else there is nothing that it would open."""
    await desk.refused("dpo", "recordTraining", **_certificate(desk, person=desk.id("dpo", "stf")))
    await desk.forbidden("dpo", "breakGlass", reason="A learner has collapsed")


def _role(desk: AccessDesk, person: str, role: str, **other: Any) -> dict[str, Any]:
    return {"person": desk.id(person), "role": role, "from": desk.day()} | other


async def test_a_role_opens_and_its_end_closes(desk: AccessDesk) -> None:
    """A person between roles becomes a head of year who sees everybody's name, until the role ends."""
    assert await desk.names("between-roles") == set()
    given = await desk.do("data-manager", "assignRole", **_role(desk, "between-roles", "head_of_year"))
    for worker in (0, 1):
        assert len(await desk.names("between-roles", worker)) == 8
    body = await desk.ask("head", "{ roleAssignments { id role source until personName } }")
    [shown] = [row for row in body["data"]["roleAssignments"] if row["id"] == given["id"]]
    assert (shown["role"], shown["source"], shown["until"]) == ("head_of_year", "manual", None)
    assert await desk.refused("head", "assignRole", **_role(desk, "between-roles", "head_of_year")) == ["ALREADY_HELD"]
    await desk.do("head", "endRole", assignment=given["id"])
    for worker in (0, 1):
        assert await desk.names("between-roles", worker) == set()
    assert await desk.refused("head", "endRole", assignment=given["id"]) == ["ENDED"]


@pytest.mark.parametrize(("days", "seen"), [(1, 6), (366, 6), (367, 0), (None, 0)])
async def test_reviewers_see_under_a_role_with_an_end(desk: AccessDesk, days: int | None, seen: int) -> None:
    """The role is the school's grant while it ends within a year of its beginning; without an end it opens nothing."""
    until = {} if days is None else {"until": desk.day(days)}
    await desk.do("head", "assignRole", **_role(desk, "between-roles", "external_reviewer", **until))
    for worker in (0, 1):
        assert len(await desk.names("between-roles", worker)) == seen
    if days is not None:
        desk.now += timedelta(days=days)
        assert await desk.names("between-roles") == set()


@pytest.mark.parametrize(
    ("person", "role", "other", "wanted"),
    [
        ("head", "dsl", {}, "SELF_ASSIGNMENT"),
        ("teacher", "wizard", {}, "UNKNOWN_ROLE"),
        ("teacher", "parent", {}, "UNKNOWN_ROLE"),
        ("teacher", "vendor_support", {}, "NOT_FOUND"),
        ("pat", "head", {}, "NOT_FOUND"),
        ("leaver", "head", {}, "NOT_FOUND"),
        ("teacher", "dsl", {"from": "2001-01-01"}, "DATES"),
        ("teacher", "dsl", {"until": "2001-01-01"}, "DATES"),
        ("teacher", "class_teacher", {}, "ALREADY_HELD"),
    ],
)
async def test_bad_roles(quiet_desk: AccessDesk, person: str, role: str, other: dict[str, Any], wanted: str) -> None:
    """Nobody gives themselves a role, a role of another kind of account, one in the past, or one that is held."""
    assert await quiet_desk.refused("head", "assignRole", **_role(quiet_desk, person, role, **other)) == [wanted]


async def test_who_gives_roles(quiet_desk: AccessDesk) -> None:
    """The head and the data manager."""
    for handle in ("teacher", "dpo", "pat", "support-granted", "mis"):
        await quiet_desk.forbidden(handle, "assignRole", **_role(quiet_desk, "tutor", "dsl"))
        await quiet_desk.forbidden(handle, "endRole", assignment=quiet_desk.role("tutor", "tutor"))
        await quiet_desk.forbidden(handle, "assignTeaching", **_class(quiet_desk, "tutor"))
    assert codes(await quiet_desk.ask("pat", "{ roleAssignments { id } }")) == ["FORBIDDEN"]
    body = await quiet_desk.ask("teacher", "{ roleAssignments { person } }")
    assert {row["person"] for row in body["data"]["roleAssignments"]} == {quiet_desk.id("teacher")}


@pytest.mark.parametrize("role", sorted(DECIDING_ROLES))
async def test_a_data_manager_makes_nobody_an_officer(quiet_desk: AccessDesk, role: str) -> None:
    """Nor head, nor a second data manager: who lists staff doesn't choose who decides about access."""
    given = _role(quiet_desk, "between-roles", role)
    assert await quiet_desk.refused("data-manager", "assignRole", **given) == ["OFFICER_ROLE"]


@pytest.mark.parametrize(
    ("handle", "role"),
    [("dpo", "dpo"), ("head", "head"), ("head", "policy_approver"), ("data-manager", "data_manager")],
)
async def test_a_data_manager_unmakes_no_officer(quiet_desk: AccessDesk, handle: str, role: str) -> None:
    """Nor themselves: the head does."""
    held = quiet_desk.role(handle, role)
    assert await quiet_desk.refused("data-manager", "endRole", assignment=held) == ["OFFICER_ROLE"]


async def test_officers_are_made_by_who_may_change_grants(desk: AccessDesk) -> None:
    """The permit is asked, not the role: a head whose book gives no grants gives other roles alone."""
    with psycopg.connect(desk.owner_url) as owner:
        book = starting_book()
        without = [rule for rule in book.rules if rule.id != "r616"]
        publish(owner, desk.world, replace(book, rules=tuple(without)))
    assert await desk.refused("head", "assignRole", **_role(desk, "between-roles", "dpo")) == ["OFFICER_ROLE"]
    given = await desk.do("head", "assignRole", **_role(desk, "between-roles", "tutor"))
    assert given["userErrors"] == []


@pytest.mark.parametrize(("handle", "role"), [("dpo", "dpo"), ("head", "policy_approver")])
async def test_the_last_officer_stays(desk: AccessDesk, handle: str, role: str) -> None:
    """Neither now nor on a later day, nor while the only other one is to go; another for good sets them free."""
    assignment = desk.role(handle, role)
    assert await desk.refused("head", "endRole", assignment=assignment) == ["LAST_OFFICER"]
    assert await desk.refused("head", "endRole", assignment=assignment, on=desk.day(30)) == ["LAST_OFFICER"]
    passing = await desk.do("head", "assignRole", **_role(desk, "tutor", role, until=desk.day(60)))
    assert await desk.refused("head", "endRole", assignment=assignment) == ["LAST_OFFICER"]
    await desk.do("head", "endRole", assignment=passing["id"])
    later = await desk.do("head", "assignRole", **_role(desk, "english", role, **{"from": desk.day(5)}))
    assert await desk.refused("head", "endRole", assignment=assignment) == ["LAST_OFFICER"]
    assert later["userErrors"] == []
    await desk.do("head", "assignRole", **_role(desk, "year-11", role))
    ended = await desk.do("head", "endRole", assignment=assignment)
    assert ended["userErrors"] == []


async def test_two_who_remove_the_last_two_officers(desk: AccessDesk) -> None:
    """At once, by two workers: one of them is refused, and one officer stays."""
    await desk.do("head", "assignRole", **_role(desk, "tutor", "dpo"))
    ends = [desk.role("dpo", "dpo"), desk.role("tutor", "dpo")]
    answers = await asyncio.gather(
        desk.do("head", "endRole", assignment=ends[0]), desk.do("head", "endRole", assignment=ends[1])
    )
    assert sorted(error["code"] for answer in answers for error in answer["userErrors"]) == ["LAST_OFFICER"]
    left = desk.rows(
        "SELECT count(*) FROM usher.role_assignment WHERE school_id = %s AND role = 'dpo' AND valid_to IS NULL"
    )
    assert left == [(1,)]


@pytest.mark.parametrize("role", ["dpo", "policy_approver", "head", "dsl", "data_manager"])
async def test_officers_hear_of_a_change_of_officers(desk: AccessDesk, role: str) -> None:
    """Whoever looks after access knows who else does; who begins, and above all who loses the role, is told as well."""
    told = {desk.world.ids[one] for one in ("dpo", "dsl", "dsl-tutor", "between-roles")}
    given = await desk.do("head", "assignRole", **_role(desk, "between-roles", role))
    assert _heard(desk, given["id"]) == dict.fromkeys(told, 1)
    await desk.do("head", "endRole", assignment=given["id"])
    assert _heard(desk, given["id"]) == dict.fromkeys(told, 2)
    body = await desk.ask("between-roles", "{ notices { kind about { id } } }")
    assert [one["kind"] for one in body["data"]["notices"]] == ["officersChanged"] * 2
    assert {"id": desk.id("between-roles")} in body["data"]["notices"][0]["about"]


async def test_the_approver_hears_of_an_officer(desk: AccessDesk) -> None:
    """By another head, who is no approver: the one who approves is told."""
    await desk.do("head", "assignRole", **_role(desk, "english", "head"))
    given = await desk.do("english", "assignRole", **_role(desk, "tutor", "dpo"))
    ended = await desk.do("english", "endRole", assignment=desk.role("head", "head"))
    assert ended["userErrors"] == []
    assert {_heard(desk, one["id"])[desk.world.ids["head"]] for one in (given, ended)} == {1}


def _heard(desk: AccessDesk, assignment: str) -> dict[UUID, int]:
    """How often whom of a role's beginning and end."""
    rows = desk.rows(
        "SELECT person_id, count(*) FROM usher.notice WHERE school_id = %s AND kind = 'officersChanged'"
        " AND payload ->> 'assignment' = %s GROUP BY person_id",
        str(UUID(assignment.removeprefix("rla_"))),
    )
    return dict(rows)


def _class(desk: AccessDesk, staff: str, **other: Any) -> dict[str, Any]:
    given = {"staff": desk.id(staff, "stf"), "class": desk.id("10/Ma1", "cls"), "kind": "COVER"}
    return given | {"from": desk.day(), "until": desk.day(2)} | other


async def test_a_cover_opens_and_is_over(desk: AccessDesk) -> None:
    """The class stands open from now until the end that it must have; a roster leaves it alone."""
    before = await _marks(desk, "english")
    given = await desk.do("data-manager", "assignTeaching", **_class(desk, "english", kind="TEACHER"))
    for worker in (0, 1):
        assert await _marks(desk, "english", worker) > before
    body = await desk.ask("head", "{ teachingAssignments { id className kind source until } }")
    [shown] = [row for row in body["data"]["teachingAssignments"] if row["id"] == given["id"]]
    assert shown == {
        "id": given["id"],
        "className": "10/Ma1",
        "kind": "TEACHER",
        "source": "manual",
        "until": desk.day(2),
    }
    await desk.do("head", "endTeaching", assignment=given["id"])
    assert await _marks(desk, "english") == before
    again = await desk.do("data-manager", "assignTeaching", **_class(desk, "english", kind="TEACHER"))
    assert again["userErrors"] == []
    desk.now += timedelta(days=2)
    assert await _marks(desk, "english") == before


@pytest.mark.parametrize(
    ("staff", "other", "wanted"),
    [
        ("data-manager", {}, "SELF_ASSIGNMENT"),
        ("english", {"kind": "GUEST"}, "UNKNOWN_KIND"),
        ("english", {"until": "2001-01-01"}, "DATES"),
        ("english", {"from": "2001-01-01"}, "DATES"),
        ("english", {"class": f"cls_{uuid4().hex}"}, "NOT_FOUND"),
        ("pat", {}, "NOT_FOUND"),
    ],
)
async def test_bad_covers(quiet_desk: AccessDesk, staff: str, other: dict[str, Any], wanted: str) -> None:
    """Each is a code, and nothing is written."""
    assert await quiet_desk.refused("data-manager", "assignTeaching", **_class(quiet_desk, staff, **other)) == [wanted]


async def test_supervision_opens_what_trainees_see(desk: AccessDesk) -> None:
    """Without a supervisor by name nothing; with one, the marks of the class; not once it has ended."""
    assert await _marks(desk, "trainee") == set()
    assert "supervised" not in await desk.capabilities("trainee")
    dates = {"from": desk.day(), "until": desk.day(40)}
    people = {"trainee": desk.id("trainee", "stf"), "supervisor": desk.id("teacher", "stf")}
    given = await desk.do("head", "superviseTrainee", **people, **dates)
    for worker in (0, 1):
        assert await _marks(desk, "trainee", worker) == {"Ann", "Bob", "Eve"}
    body = await desk.ask("head", "{ supervisions { id supervisorName personName } }")
    assert {row["supervisorName"] for row in body["data"]["supervisions"] if row["id"] == given["id"]} == {
        "Dr Thea Chalk"
    }
    await desk.do("head", "endSupervision", supervision=given["id"])
    assert await _marks(desk, "trainee") == set()
    own = people | {"supervisor": people["trainee"]}
    assert await desk.refused("head", "superviseTrainee", **own, **dates) == ["SELF_ASSIGNMENT"]
    gone = people | {"supervisor": desk.id("leaver", "stf")}
    assert await desk.refused("head", "superviseTrainee", **gone, **dates) == ["NOT_FOUND"]


async def test_a_restricted_link_gives_nothing(desk: AccessDesk) -> None:
    """Not the child, not the reports, not the entry under the viewer's children; until it is lifted."""
    children = "{ viewer { children { linkId } } reports { nodes { id } } learners { nodes { givenName } } }"

    async def seen(worker: int) -> tuple[int, int, int]:
        data = (await desk.ask("pat", children, worker))["data"]
        return len(data["viewer"]["children"]), len(data["reports"]["nodes"]), len(data["learners"]["nodes"])

    assert await seen(0) == await seen(1) == (1, 1, 1)
    link = desk.link("pat", "ann")
    given = {"link": link, "kind": "COURT_ORDER", "evidence": "Order 12 of the family court"}
    await desk.do("dsl", "restrictGuardianLink", **given)
    assert await seen(0) == await seen(1) == (0, 0, 0)
    assert await desk.refused("dsl", "restrictGuardianLink", **given) == ["ALREADY_RESTRICTED"]
    await desk.do("dsl", "liftGuardianLinkRestriction", link=link, evidence="Order discharged")
    assert await seen(0) == await seen(1) == (1, 1, 1)
    assert await desk.refused("dsl", "liftGuardianLinkRestriction", link=link, evidence="Again") == ["NOT_RESTRICTED"]
    await desk.do("data-manager", "endGuardianLink", link=link)
    assert await seen(0) == await seen(1) == (0, 0, 0)
    assert await desk.refused("data-manager", "endGuardianLink", link=link) == ["ENDED"]


async def test_who_changes_links(desk: AccessDesk) -> None:
    """Safeguarding leads and data managers, never of their own child, never a program."""
    link = desk.link("pat", "ann")
    given = {"link": link, "kind": "PROTECTION", "evidence": "Decision of the day"}
    for handle in ("teacher", "head", "pat", "support-granted", "mis"):
        await desk.forbidden(handle, "restrictGuardianLink", **given)
        await desk.forbidden(handle, "endGuardianLink", link=link)
    for other, wanted in (
        ({"kind": "WHIM"}, "UNKNOWN_KIND"),
        ({"evidence": " "}, "EVIDENCE_MISSING"),
        ({"link": f"gdn_{uuid4().hex}"}, "NOT_FOUND"),
    ):
        assert await desk.refused("dsl", "restrictGuardianLink", **(given | other)) == [wanted]
    await desk.do("head", "assignRole", **_role(desk, "teacher", "dsl"))
    own = {"link": desk.link("teacher", "bob"), "evidence": "I say so"}
    assert await desk.refused("teacher", "restrictGuardianLink", kind="PROTECTION", **own) == ["SELF_ASSIGNMENT"]


async def test_who_reads_of_restrictions(desk: AccessDesk) -> None:
    """As far as the links may be read: a head of year those of the year group, and nobody of a family."""
    asked = "query($l: ID) { linkRestrictions(learner: $l) { guardian learner kind liftedAt } }"
    known = {(desk.id("pat"), "ann"), (desk.id("quinn"), "dan"), (desk.id("kit"), "ann")}
    given = {"link": desk.link("quinn", "cat"), "kind": "PROTECTION", "evidence": "Decision of the day"}
    await desk.do("dsl", "restrictGuardianLink", **given)
    known |= {(desk.id("quinn"), "cat")}
    learners = {desk.id(handle, "lrn"): handle for handle in ("ann", "cat", "dan")}

    async def seen(handle: str, learner: str | None = None) -> set[tuple[str, str]]:
        body = await desk.ask(handle, asked, l=learner)
        return {(row["guardian"], learners[row["learner"]]) for row in body["data"]["linkRestrictions"]}

    assert await seen("dsl") == await seen("data-manager") == known
    assert await seen("dsl", desk.id("cat", "lrn")) == {(desk.id("quinn"), "cat")}
    assert await seen("year-11") == {one for one in known if one[1] == "dan"}
    assert await seen("year-head") == {one for one in known if one[1] != "dan"}
    for handle in ("teacher", "head", "pat", "quinn", "ann", "mis", "support-granted"):
        assert codes(await desk.ask(handle, asked)) == ["FORBIDDEN"]


async def test_a_link_that_a_roster_brings_anew_is_restricted_too(desk: AccessDesk, owner_url: str) -> None:
    """The restriction is of guardian and learner: another row of the same link opens nothing."""
    given = {"link": desk.link("pat", "ann"), "kind": "PROTECTION", "evidence": "Decision of the day"}
    await desk.do("dsl", "restrictGuardianLink", **given)
    desk.rows(
        "INSERT INTO usher.guardian_link SELECT school_id, gen_random_uuid(), guardian_id, learner_id, relationship,"
        " verified_at, valid_from + 1, valid_to, source FROM usher.guardian_link WHERE school_id = %s AND guardian_id = %s"
        " AND learner_id = %s RETURNING link_id",
        desk.world.ids["pat"],
        desk.world.ids["ann"],
    )
    assert await desk.names("pat") == set()


Drive = Callable[[AccessDesk], Awaitable[Any]]


async def _session_ended(desk: AccessDesk) -> None:
    [(key,)] = desk.rows(
        "SELECT request_id FROM usher.support_decision WHERE school_id = %s AND requester_id = %s",
        desk.world.ids["support-granted"],
    )
    await desk.do("head", "endSupportAccess", request=f"sup_{key.hex}")


async def _session_begun(desk: AccessDesk) -> None:
    asked = await desk.do("support", "requestSupportAccess", name="Sol", reason="The grades look wrong.", hours=1)
    await desk.do("head", "approveSupportAccess", request=asked["id"])


async def _glass_mended(desk: AccessDesk) -> None:
    broken = await desk.do("assistant", "breakGlass", reason="A learner has collapsed.")
    await desk.do("assistant", "endBreakGlass", session=broken["id"])


async def _supervision_ended(desk: AccessDesk) -> None:
    [(key,)] = desk.rows(
        "SELECT supervision_id FROM usher.supervision WHERE school_id = %s AND trainee_id = %s",
        desk.world.ids["trainee-supervised"],
    )
    await desk.do("head", "endSupervision", supervision=f"svn_{key.hex}")


async def _token_ended(desk: AccessDesk) -> None:
    holder = Principal(
        desk.world.school_id, desk.world.ids["mis-gradebook"], "CLIENT", "a-program", "a-token", 4_000_000_000
    )
    assert isinstance(desk.pool.conninfo, str)
    with psycopg.connect(desk.pool.conninfo) as connection:
        act_at(connection, holder.school_id, holder.person_id)
        end_token(connection, BearerToken(holder, ended=False), desk.now)


async def _app_activated(desk: AccessDesk) -> None:
    await desk.do("head", "endApp", app="PARENT", reason="Assessed anew.")
    words = {"assessment": "Folder 13", "declaration": "Assessed anew and agreed."}
    await desk.do("head", "activateApp", app="PARENT", **words)


async def test_of_a_child_who_has_left_guardians_see_nothing_more(desk: AccessDesk) -> None:
    """From the day on that the roster says, whatever the link says; their other children are theirs as before."""
    asked = "{ learners { nodes { givenName } } reports { nodes { id } } viewer { capacity } }"
    body = (await desk.ask("pat", asked))["data"]
    assert (body["learners"]["nodes"], len(body["reports"]["nodes"])) == ([{"givenName": "Ann"}], 1)
    leaving = "UPDATE usher.learner SET left_on = %s WHERE school_id = %s AND learner_id = %s"
    for days, seen in ((1, 1), (0, 0)):
        with psycopg.connect(desk.owner_url) as connection:
            day = desk.now.date() + timedelta(days=days)
            connection.execute(leaving, [day, desk.world.school_id, desk.world.ids["ann"]])
        body = (await desk.ask("pat", asked))["data"]
        assert (len(body["learners"]["nodes"]), len(body["reports"]["nodes"])) == (seen, seen)
    assert await desk.names("quinn") == {"Cat"}


# Each table that a standing reads: what changes it here, whose profile that raises. Accounts and the programs' grants
# are changed by rosters alone (tests/e2e/test_import.py); the head has its own place in the guard.
WRITERS: dict[str, list[tuple[str, Drive]]] = {
    "role_assignment": [
        ("tutor", lambda desk: desk.do("head", "assignRole", **_role(desk, "tutor", "dsl"))),
        ("tutor", lambda desk: desk.do("head", "endRole", assignment=desk.role("tutor", "tutor"))),
    ],
    "training_certificate": [
        ("senco-untrained", lambda desk: desk.do("dpo", "recordTraining", **_certificate(desk))),
    ],
    "guardian_link": [("pat", lambda desk: desk.do("dsl", "endGuardianLink", link=desk.link("pat", "ann")))],
    "support_decision": [("support", _session_begun)],
    "support_end": [("support-granted", _session_ended)],
    "break_glass": [("assistant", lambda desk: desk.do("assistant", "breakGlass", reason="A learner has collapsed."))],
    "break_glass_end": [("assistant", _glass_mended)],
    "supervision": [
        (
            "trainee",
            lambda desk: desk.do(
                "head", "superviseTrainee", trainee=desk.id("trainee"), supervisor=desk.id("teacher"),
                **{"from": desk.day(), "until": desk.day(9)},
            ),
        ),
        ("trainee-supervised", _supervision_ended),
    ],
    "ended_token": [("mis-gradebook", _token_ended)],
    "app_activation": [("pat", _app_activated)],
    "app_activation_end": [("ann", lambda desk: desk.do("dpo", "endApp", app="LEARNER", reason="Assessed anew."))],
}  # fmt: skip
ELSEWHERE = {"access_profile", "client_grant", "policy_head"}


def test_every_table_of_a_standing_has_its_writers_here() -> None:
    """A table that is read for a standing and stands in neither list is one whose change nobody would see."""
    read = set(re.findall(r"usher\.(\w+)", standing._STANDING))  # pyright: ignore[reportPrivateUsage]
    assert read == WRITERS.keys() | ELSEWHERE


@pytest.mark.parametrize(
    ("table", "number"), [(table, number) for table, drives in WRITERS.items() for number in range(len(drives))]
)
async def test_every_writer_raises_the_profile(desk: AccessDesk, table: str, number: int) -> None:
    """In the same transaction as the row, of that person alone."""
    handle, drive = WRITERS[table][number]
    before, others = desk.version(handle), desk.version("english")
    rows = desk.rows_of(table)
    await drive(desk)
    assert desk.rows_of(table) != rows
    assert all(new > old for new, old in zip(desk.version(handle), before, strict=True))
    assert desk.version("english") == others
