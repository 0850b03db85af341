"""The loaded demo: every scope has learners inside and outside it for each account that it can apply to.

The scopes are said here in plain SQL of their own, as the owner, and not with the server's predicates.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from datetime import date
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg
import pytest
from psycopg import sql

from server.demo.files import MANIFEST, write_files
from server.demo.packs import pack_folder
from server.exchange.loading import demo_is_whole, load_demo
from server.policies.vocabulary import expanded
from tests.database import Database, Server

_CURRENT: Final[LiteralString] = (
    "{0}.valid_from <= current_date AND ({0}.valid_to IS NULL OR {0}.valid_to > current_date)"
)
_TAUGHT_IN: Final[LiteralString] = (
    "SELECT e.learner_id, e.course_id FROM usher.enrolment AS e JOIN usher.teaching_assignment AS t "
    "ON t.school_id = e.school_id AND t.class_id = e.class_id WHERE t.staff_id = %(person)s AND "
    + _CURRENT.replace("{0}", "e")
    + " AND "
    + _CURRENT.replace("{0}", "t")
)
SCOPES: Final[dict[str, LiteralString]] = {
    "taught": "SELECT learner_id FROM (" + _TAUGHT_IN + ") AS x",
    "taught_before": (
        "SELECT e.learner_id FROM usher.enrolment AS e JOIN usher.teaching_assignment AS t ON t.school_id = e.school_id "
        "AND t.class_id = e.class_id WHERE t.staff_id = %(person)s AND t.valid_to <= current_date"
    ),
    "pastoral": (
        "SELECT m.learner_id FROM usher.tutor_membership AS m JOIN usher.tutor_group AS g ON g.school_id = m.school_id "
        "AND g.tutor_group_id = m.tutor_group_id JOIN usher.pastoral_assignment AS p ON p.school_id = m.school_id "
        "AND (p.tutor_group_id = m.tutor_group_id OR p.year_group = g.year_group) WHERE p.staff_id = %(person)s AND "
        + _CURRENT.replace("{0}", "m")
        + " AND "
        + _CURRENT.replace("{0}", "p")
    ),
    "department": (
        "SELECT e.learner_id FROM usher.enrolment AS e JOIN usher.course AS c ON c.school_id = e.school_id "
        "AND c.course_id = e.course_id JOIN usher.department_lead AS d ON d.school_id = c.school_id "
        "AND d.department = c.department WHERE d.staff_id = %(person)s AND " + _CURRENT.replace("{0}", "e")
    ),
    "caseload": (
        "SELECT a.learner_id FROM usher.learner_assignment AS a WHERE a.staff_id = %(person)s AND a.kind = 'CASELOAD' AND "
        + _CURRENT.replace("{0}", "a")
    ),
    "assigned": (
        "SELECT a.learner_id FROM usher.learner_assignment AS a WHERE a.staff_id = %(person)s AND a.kind = 'ASSIGNED' AND "
        + _CURRENT.replace("{0}", "a")
    ),
    "protected": "SELECT f.learner_id FROM usher.learner_flag AS f WHERE f.kind = 'PROTECTED' AND f.school_id = %(school)s",
    "restricted": "SELECT f.learner_id FROM usher.learner_flag AS f WHERE f.kind = 'RESTRICTED' AND f.school_id = %(school)s",
    "opted_out": "SELECT f.learner_id FROM usher.learner_flag AS f WHERE f.kind = 'OPTED_OUT' AND f.school_id = %(school)s",
    "left": "SELECT l.learner_id FROM usher.learner AS l WHERE l.left_on <= current_date AND l.school_id = %(school)s",
    "child": (
        "SELECT g.learner_id FROM usher.guardian_link AS g WHERE g.guardian_id = %(person)s AND g.verified_at IS NOT NULL "
        "AND " + _CURRENT.replace("{0}", "g")
    ),
    "own": "SELECT l.learner_id FROM usher.learner AS l WHERE l.learner_id = %(person)s",
}
SCOPES["self_family"] = SCOPES["child"]
EVERYONE = ("protected", "restricted", "opted_out", "left")

# The scopes that can apply to an account, by what its person does at school.
APPLIES: Final[dict[str, tuple[str, ...]]] = {
    "teacher": ("taught", "taught_before", "assigned", "self_family", *EVERYONE),
    "tutor": ("taught", "taught_before", "pastoral", "assigned", "self_family", *EVERYONE),
    "senco": ("taught", "caseload", "assigned", "self_family", *EVERYONE),
    "senco-untrained": ("caseload", "assigned", *EVERYONE),
    "head": ("assigned", *EVERYONE),
    "exams-officer": ("assigned", *EVERYONE),
    "data-manager": EVERYONE,
    "head-of-year": ("taught", "taught_before", "pastoral", "assigned", *EVERYONE),
    "head-of-department": ("taught", "taught_before", "department", "assigned", *EVERYONE),
    "cover-teacher": ("taught", *EVERYONE),
    "assistant": ("taught", "assigned", *EVERYONE),
    "parent": ("child",),
    "learner": ("own",),
    "other-teacher": ("taught", "taught_before", *EVERYONE),
}
# Where a denial must bite: among those whom the account sees in the first place.
REACH: Final[tuple[tuple[str, str], ...]] = (
    ("teacher", "taught"), ("tutor", "taught"), ("tutor", "pastoral"), ("senco", "caseload"), ("senco-untrained", "caseload"),
    ("head-of-year", "pastoral"), ("head-of-department", "taught"), ("other-teacher", "taught"),
)  # fmt: skip


class Demo:
    """What stands in the loaded database, seen by its owner."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def one(self, query: LiteralString, values: Any = None) -> tuple[Any, ...]:
        row = self._connection.execute(query, values).fetchone()
        assert row is not None
        return row

    def account(self, identity: str) -> dict[str, Any]:
        school, person = self.one(
            "SELECT school_id, person_id FROM usher.login_identity WHERE identity = %s", [identity]
        )
        return {"school": school, "person": person}

    def inside(self, identity: str, scope: str) -> set[Any]:
        return {row[0] for row in self._connection.execute(SCOPES[scope], self.account(identity))}

    def everyone(self, identity: str) -> set[Any]:
        rows = self._connection.execute(
            "SELECT learner_id FROM usher.learner WHERE school_id = %(school)s", self.account(identity)
        )
        return {row[0] for row in rows}


def rosters_only(folder: Path) -> None:
    """Scopes need no marks: leave these out of the list, for a fast test."""
    listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for school in listed["schools"]:
        school["marks"], school["parts"] = [], []
    (folder / MANIFEST).write_text(json.dumps(listed), encoding="utf-8")


@pytest.fixture(scope="module")
def loaded(database_server: Server, tmp_path_factory: pytest.TempPathFactory, today: date) -> Generator[Database]:
    if not database_server.can_create:
        pytest.skip("needs an owner with CREATEDB")
    folder = tmp_path_factory.mktemp("demo")
    write_files(folder, today)
    rosters_only(folder)
    made = database_server.make()
    load_demo(made.app_url, folder, [pack_folder()], today=today)
    yield made
    database_server.drop(made)


@pytest.fixture(scope="module")
def demo(loaded: Database) -> Generator[Demo]:
    with psycopg.connect(loaded.owner_url) as connection:
        yield Demo(connection)


@pytest.mark.parametrize(("identity", "scope"), [(who, scope) for who, scopes in APPLIES.items() for scope in scopes])
def test_a_scope_has_learners_inside_and_outside_it(demo: Demo, identity: str, scope: str) -> None:
    """Nobody's demo shows everything or nothing for want of people."""
    inside = demo.inside(identity, scope)
    assert inside
    assert demo.everyone(identity) - inside


@pytest.mark.parametrize(("identity", "reach"), REACH)
@pytest.mark.parametrize("denied", ["protected", "restricted"])
def test_a_denial_bites_within_each_reach(demo: Demo, identity: str, reach: str, denied: str) -> None:
    """Some of the learners whom an account sees by its work are protected or restricted, and most are not."""
    seen = demo.inside(identity, reach)
    assert seen & demo.inside(identity, denied)
    assert seen - demo.inside(identity, denied)


@pytest.mark.parametrize("identity", ["teacher", "tutor", "senco"])
def test_own_family_is_within_reach_of_the_staff_who_are_parents(demo: Demo, identity: str) -> None:
    """The rule against one's own family would show nothing otherwise."""
    seen = demo.inside(identity, "caseload" if identity == "senco" else "taught") | demo.inside(identity, "pastoral")
    assert seen & demo.inside(identity, "self_family")


@pytest.mark.parametrize("identity", ["teacher", "tutor", "head-of-department", "other-teacher"])
def test_taught_is_more_than_taught_in_the_course(demo: Demo, identity: str) -> None:
    """A teacher's learners have other courses with other teachers; former learners are not the present ones."""
    account = demo.account(identity)
    [others] = demo.one(
        sql.SQL(
            "SELECT count(*) FROM usher.enrolment AS o WHERE o.learner_id IN (SELECT learner_id FROM ({taught}) AS x) "
            "AND (o.learner_id, o.course_id) NOT IN ({taught})"
        ).format(taught=sql.SQL(_TAUGHT_IN)),  # pyright: ignore[reportArgumentType]
        account,
    )
    assert others > 0
    assert demo.inside(identity, "taught_before") - demo.inside(identity, "taught")


def test_the_accounts_hold_what_their_names_say(demo: Demo) -> None:
    """Roles, certificates in date and expired, a live grant, a second school."""

    def roles(identity: str) -> set[str]:
        rows = demo.one(
            "SELECT array_agg(role) FROM usher.role_assignment WHERE school_id = %(school)s AND person_id = %(person)s "
            "AND valid_to IS NULL",
            demo.account(identity),
        )
        return set(rows[0])

    def trained(identity: str) -> set[str]:
        [found] = demo.one(
            "SELECT coalesce(array_agg(course), '{}') FROM usher.training_certificate WHERE school_id = %(school)s "
            "AND person_id = %(person)s AND completed_on <= current_date AND expires_on > current_date",
            demo.account(identity),
        )
        return set(found)

    assert roles("head") == {"head", "policy_approver"}
    assert "class_teacher" in roles("teacher")
    # A parent too, in the other capacity.
    assert roles("tutor") == {"class_teacher", "tutor", "parent"}
    assert roles("parent") == {"parent"}
    assert roles("learner") == {"learner"}
    assert roles("mis") == {"mis_client"}
    assert roles("dpo") == {"dpo"}
    assert roles("cover-teacher") == {"cover_teacher"}
    assert roles("assistant") == {"teaching_assistant"}
    assert roles("governor") == {"governor"}
    assert roles("support") == {"vendor_support"}
    assert trained("cover-teacher") == trained("assistant") == {"sen"}
    assert trained("governor") == set()
    assert trained("senco") == {"sen", "welfare", "equality"}
    assert trained("senco-untrained") == set()
    [scopes] = demo.one(
        "SELECT array_agg(scope ORDER BY scope) FROM usher.client_grant WHERE school_id = %(school)s "
        "AND person_id = %(person)s AND valid_from <= current_date AND valid_to IS NULL",
        demo.account("mis"),
    )
    assert set(scopes) == expanded(["gradebook", "roster-core", "roster-demographics", "special-write"])
    assert demo.account("other-teacher")["school"] != demo.account("teacher")["school"]


def test_a_parent_has_links_that_do_not_count_too(demo: Demo) -> None:
    """One has ended and one was never verified: neither child is visible."""
    [verified, ended, unverified] = demo.one(
        "SELECT count(*) FILTER (WHERE verified_at IS NOT NULL AND valid_to IS NULL), count(*) FILTER "
        "(WHERE valid_to <= current_date), count(*) FILTER (WHERE verified_at IS NULL) FROM usher.guardian_link "
        "WHERE guardian_id = %(person)s",
        demo.account("parent"),
    )
    assert (verified, ended, unverified) == (2, 1, 1)


def test_a_second_load_keeps_what_is_there(loaded: Database, tmp_path: Path, today: date, demo: Demo) -> None:
    """The schools are known by their entry, so nothing is founded or imported twice."""
    before = demo.one("SELECT count(*) FROM usher.import_batch")
    write_files(tmp_path, today)
    called: list[object] = []
    assert len(load_demo(loaded.app_url, tmp_path, [pack_folder()], today=today, after_import=called.append)) == 2
    assert called == []
    assert demo.one("SELECT count(*) FROM usher.import_batch") == before
    assert demo_is_whole(loaded.app_url)


def test_an_interrupted_load_goes_on(make_database: Callable[[], Database], tmp_path: Path, today: date) -> None:
    """Stopped in the second school: the first stands whole, the second not at all, and a repeat completes them."""
    database = make_database()
    write_files(tmp_path, today)
    rosters_only(tmp_path)

    class Stop(Exception):
        pass

    def stop(*, description: str, advance: int, total: int) -> None:
        if description.startswith("Harrow Fell School"):
            raise Stop

    with pytest.raises(Stop):
        load_demo(database.app_url, tmp_path, [pack_folder()], stop, today=today)
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        half = Demo(connection)
        assert half.one("SELECT count(*) FROM usher.school") == (1,)
        assert half.one("SELECT count(DISTINCT school_id) FROM usher.learner") == (1,)
        assert not demo_is_whole(database.app_url)
        ready: list[object] = []
        load_demo(database.app_url, tmp_path, [pack_folder()], today=today, after_import=ready.append)
        assert half.one("SELECT count(*) FROM usher.school") == (2,)
        assert len(ready) == 1
        assert demo_is_whole(database.app_url)


def test_cover_ends_and_support_was_never_let_in(demo: Demo) -> None:
    """The cover teacher's classes are dated; the vendor's person has an account and no session."""
    account = demo.account("cover-teacher")
    kinds = demo.one(
        "SELECT array_agg(DISTINCT kind), count(*) FILTER (WHERE valid_to IS NULL) FROM usher.teaching_assignment "
        "WHERE school_id = %(school)s AND staff_id = %(person)s",
        account,
    )
    assert kinds == (["COVER"], 0)
    support = demo.account("support")
    capacity = demo.one(
        "SELECT capacity FROM usher.access_profile WHERE school_id = %(school)s AND person_id = %(person)s", support
    )
    assert capacity == ("OPERATOR",)
    assert demo.one("SELECT count(*) FROM usher.support_request WHERE school_id = %(school)s", support) == (0,)
