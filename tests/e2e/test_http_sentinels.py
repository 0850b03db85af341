"""The sentinels: every account asks everything of a school that is full of them; and that they are found where they are."""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from server import tables
from server.queries.nouns import NOUNS
from server.register.elements import ELEMENTS, Sensitivity
from tests.e2e.accounts import PASSWORD
from tests.e2e.serving import Server
from tests.leaks.changes import SPECIAL
from tests.leaks.hidden import Account, accounts
from tests.leaks.matrix import told, values
from tests.leaks.sentinels import PLANTED, plant
from tests.leaks.watching import WATCH, Reader, judge, proofs_in_logs, told_in_files, words
from tests.leaks.ways import places
from tests.worlds import World, insert_rows, insert_world
from tests.worlds.wide_school import certify, wide_school

EVERYBODY = accounts(wide_school("everybody", date(2026, 9, 21)))


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = plant(wide_school("sentinels", today), whole=True)
    insert_world(app_url, world)
    return world


def of(world: World) -> set[str]:
    return {word for word, one in PLANTED.items() if one.world is world}


@pytest.mark.parametrize("account", EVERYBODY, ids=str)
def test_every_account_is_told_its_own_sentinels_alone(server: Server, school: World, account: Account) -> None:
    """All values of each type, by the shortest way. The client fails on a foreign one; here it meets all of its own."""
    client = server.client(school, account.handle, account.capacity)
    met: set[str] = set()
    for place in places():
        if place.noun is not None and values(place.noun):
            answer = client.ask(place.document(values(place.noun)))
            assert set(answer.codes) <= {"FORBIDDEN"}, answer
            met |= set(words(json.dumps(answer.body)))
    reader = Reader(school.school_id, school.ids[account.handle], account.capacity)
    own = {word for word in of(school) if WATCH.allowed_at_first(PLANTED[word], reader)}
    older = {word for word in own if PLANTED[word].row in superseded(school)}
    # A guardian is also told of through a link that has ended, which is another way than the shortest.
    missed = {str(PLANTED[word]) for word in own - older - met if PLANTED[word].type != "Guardian"}
    assert (missed, met - own) == (set(), set())


def superseded(world: World) -> list[object]:
    """Values that a newer row of the same learner and element has replaced: they are shown to nobody."""
    newest = {(row["learner_id"], row["element"]): row for row in world.rows[tables.LearnerSpecialRow]}
    return [row for row in world.rows[tables.LearnerSpecialRow] if row not in newest.values()]


def test_every_special_category_value_has_one(school: World) -> None:
    """Current ones and older ones, of every element that is special category or treated as it and has values."""
    rows = school.rows[tables.LearnerSpecialRow]
    planted = {id(one.row) for one in PLANTED.values() if one.world is school}
    assert {id(row) for row in rows} <= planted
    stored = set(SPECIAL)
    assert {row["element"] for row in rows} == stored
    special = {name for name, one in ELEMENTS.items() if one.sensitivity >= Sensitivity.TREATED_AS_SPECIAL}
    declared = {element for noun in NOUNS.values() for _, element in told(noun)}
    assert declared & special <= stored


def test_a_sentinel_is_found_wherever_it_is_told(school: World) -> None:
    """The control: to a stranger, to another school, in an error, in a header, in any case of letters."""
    word = _word_of(school, "ann", "medical")
    answer = json.dumps({"data": {"conditions": ["Asthma", word]}})
    senco = _headers(school, "senco", "STAFF")
    judge(answer, {}, senco)
    elsewhere = {**senco, "authorization": _token(UUID(int=7), school.ids["senco"], "STAFF")}
    for text, headers, asked in (
        (answer, {}, _headers(school, "teacher", "STAFF")),
        (answer.lower(), {}, _headers(school, "pat", "PARENT")),
        (answer, {}, elsewhere),
        (answer, {}, {}),
        (json.dumps({"data": None, "errors": [{"message": f"no {word}"}]}), {}, senco),
        (json.dumps({"data": {"x": {"userErrors": [{"message": word}]}}}), {}, senco),
        ("{}", {"location": word}, senco),
        (f"<html>{word}", {}, senco),
        (json.dumps({"data": "Zs0123456789abcdef"}), {}, senco),
    ):
        with pytest.raises(AssertionError):
            judge(text, headers, asked)


def test_a_sentinel_in_a_file_is_found(tmp_path: Path, school: World) -> None:
    """Logs, mails and heads of audit, wherever they lie."""
    word = _word_of(school, "ann", "medical")
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "postgresql-Mon.log").write_text(f"DETAIL: Key (value)=({word.upper()}) already exists.")
    (tmp_path / "mail.eml").write_text("Nothing.")
    found = told_in_files(tmp_path)
    (tmp_path / "log" / "postgresql-Mon.log").unlink()  # else the plugin finds it, too
    assert found == {"log/postgresql-Mon.log": [word]}


def test_a_token_in_a_log_is_found(tmp_path: Path, server: Server, school: World) -> None:
    """And a hash, and a password; a letter may hold a link, and is no log."""
    token = server.client(school, "teacher").token
    for name, line in (("a.log", f"Bearer {token}"), ("log", "$argon2id$v=19$m=19456"), ("b.stderr", PASSWORD)):
        (tmp_path / name).write_text(line)
    (tmp_path / "letter.eml").write_text(token)
    (tmp_path / "c.log").write_text('{"event": "refused", "code": "UNAUTHENTICATED"}')
    found = proofs_in_logs(tmp_path)
    for name in ("a.log", "log", "b.stderr"):
        (tmp_path / name).unlink()  # else the plugin finds it, too
    assert {Path(path).name for path in found} == {"a.log", "log", "b.stderr"}


def test_an_answer_is_judged_by_the_school_as_it_stands(school: World, owner_url: str) -> None:
    """A certificate that was given meanwhile lets its holder be told."""
    word = _word_of(school, "ann", "medical")
    reader = Reader(school.school_id, school.ids["teacher"], "STAFF")
    answer = json.dumps({"data": word})
    assert WATCH.faults(answer, reader) == ["medical of a Learner is told to STAFF teacher"]
    with psycopg.connect(owner_url) as owner:
        certify(school, "teacher", "sen", school.days(9))
        insert_rows(owner, tables.TrainingCertificateRow, school.rows[tables.TrainingCertificateRow][-1:])
    assert WATCH.faults(answer, reader) == []


def _word_of(world: World, handle: str, element: str) -> str:
    learner = world.ids[handle]
    found = [
        one
        for one in PLANTED.values()
        if one.world is world and one.element == element and one.row.get("learner_id") == learner
    ]
    return found[-1].word


def _token(school_id: UUID, person_id: UUID, capacity: str) -> str:
    claims = json.dumps({"school": str(school_id), "sub": str(person_id), "capacity": capacity})
    return f"Bearer e.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.s"


def _headers(world: World, handle: str, capacity: str) -> dict[str, str]:
    return {"authorization": _token(world.school_id, world.ids[handle], capacity)}
