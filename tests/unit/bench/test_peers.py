"""The peers' project, which nobody starts in the suite: its files are whole, and its comparison bites."""

import json
import re
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import pytest
from graphql import build_schema, parse, validate

from server.database.context import Context
from server.identity.principal import Principal
from tests.bench.accounts import Account
from tests.bench.load import Measured, Round
from tests.bench.operations import FOLDER as USHERS
from tests.bench.peers.answers import Unequal, checked, of_postgraphile
from tests.bench.peers.asking import Asker, Question
from tests.bench.peers.outcome import TARGETS, Compared
from tests.bench.peers.project import FOLDER, QUERIES
from tests.bench.peers.requests import to_mercurius, to_postgraphile, to_usher
from tests.bench.peers.roads import MERCURIUS, POSTGRAPHILE, USHER
from tests.bench.pgbench import BARE, OPEN, WALLED, script

LEARNER: Final = UUID(int=7)
CONTEXT: Final = Context(UUID(int=1), UUID(int=2), "STAFF", 3, 4)
PRINCIPAL: Final = Principal(UUID(int=1), UUID(int=2), "STAFF", None, "t", 0)
QUESTION: Final = Question(
    "q1-one-learner", Asker(Account("teacher", PRINCIPAL, "a token"), "class_teacher"), LEARNER, "a learner",
    hidden=(("learner", "upn"),), shown=(("learner", "gender"),),
)  # fmt: skip


def _answer(**changed: Any) -> dict[str, Any]:
    return {"learner": {"id": "lrn_7", "gender": "F", "upn": None, "contact": {"email": None}} | changed}


def _lock() -> dict[str, Any]:
    return json.loads((FOLDER / "package-lock.json").read_text())


def test_the_lock_names_no_host() -> None:
    """Packages come from whichever registry npm is set to, and are what their digests say."""
    text = (FOLDER / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert not re.search(r"https?://\S*\.tgz", text)
    [_, *packages] = _lock()["packages"].values()
    assert len(packages) > 100
    assert all(package["integrity"].startswith("sha512-") for package in packages)


def test_the_lock_is_the_projects() -> None:
    """Exact versions, the same in both files."""
    package, root = json.loads((FOLDER / "package.json").read_text()), _lock()["packages"][""]
    wanted = {**package["dependencies"], **package["optionalDependencies"]}
    assert wanted == {**root["dependencies"], **root["optionalDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())


def test_the_readme_names_what_there_is() -> None:
    """Each file of its table, and the versions of the lock."""
    readme, packages = (FOLDER / "README.md").read_text(), _lock()["packages"]
    named = re.findall(r"`((?:postgraphile|mercurius)/[\w./]+)`", readme)
    assert len(named) >= 7
    assert all((FOLDER / name).exists() for name in named)
    for name in ("PostGraphile", "Mercurius"):
        major = packages[f"node_modules/{name.lower()}"]["version"].split(".")[0]
        assert f"{name} {major}" in readme


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_is_asked_of_each(query: str) -> None:
    """Usher's document fits Mercurius's schema as it is; PostGraphile's has a document of its own, and a target."""
    schema = (FOLDER / "mercurius" / "schema.mjs").read_text().split("`")[1]
    document = (USHERS / f"{query}.graphql").read_text()
    assert validate(build_schema(schema), parse(document)) == []
    parse((FOLDER / "postgraphile" / "queries" / f"{query}.graphql").read_text())
    assert query in TARGETS


def test_who_asks_stands_in_the_request() -> None:
    """A token for Usher, headers for the peers, and a body of the length that it says."""
    for made, marked in (
        (to_usher, b"Bearer a token"),
        (to_mercurius, b"x-role: class_teacher"),
        (to_postgraphile, b"x-person: 00000000-0000-0000-0000-000000000002"),
    ):
        head, _, body = made(QUESTION).partition(b"\r\n\r\n")
        assert marked in head
        assert f"content-length: {len(body)}".encode() in head
        assert LEARNER.hex[-4:] in json.loads(body)["variables"]["id"]


def test_answers_that_differ_are_refused() -> None:
    """By the place of the difference, never by its values."""
    checked(QUESTION, {"usher": _answer(), "peer": _answer()})
    for other, place in (
        (_answer(gender="M"), r"data\.learner\.gender"),
        (_answer(contact={"email": "a@b.example"}), r"data\.learner\.contact\.email"),
        (_answer(more=1), r"data\.learner: fields \['more'\]"),
        ({"learner": None}, r"data\.learner"),
    ):
        with pytest.raises(Unequal, match=place) as refused:
            checked(QUESTION, {"usher": _answer(), "peer": other})
        assert "a@b.example" not in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "nothing", "told"),
    [
        (_answer(upn="A1"), False, "shows"),
        (_answer(gender=None), False, "hides"),
        (_answer(), True, "another school's"),
    ],
)
def test_equal_answers_are_not_enough(answer: dict[str, Any], nothing: bool, told: str) -> None:
    """Servers that show a denied field, hide an allowed one, or show another school's row alike are refused too."""
    with pytest.raises(AssertionError, match=told):
        checked(replace(QUESTION, nothing=nothing), {"usher": answer, "peer": answer})


def test_postgraphiles_names_are_mapped() -> None:
    """A row that a policy hides is an object of nulls."""
    told = {
        "learnerId": str(LEARNER), "givenName": "Ann", "gender": "F", "upn": None, "yearGroup": "10", "senProvision": None,
        "contact": None, "tutorGroup": {"name": "10A"}, "attendance": None,
    }  # fmt: skip
    body = json.dumps({"data": {"learnerByLearnerId": told}}).encode()
    assert of_postgraphile(QUESTION, body) == {
        "learner": {
            "id": f"lrn_{LEARNER.hex}", "givenName": "Ann", "gender": "F", "upn": None, "yearGroup": {"name": "10"},
            "sen": {"provision": None}, "contact": {"email": None}, "tutorGroup": {"name": "10A"},
            "attendance": {"percentage": None},
        }
    }  # fmt: skip


def test_pgbench_runs_the_same_text() -> None:
    """Prepared once a connection; a transaction is one message of context, guard, EXECUTE and COMMIT."""
    text = "SELECT json_build_object('a', CAST($1 AS UUID))"
    whole = script(text, [LEARNER], CONTEXT, bare=False).splitlines()
    assert f"PREPARE asked AS {text};" in whole
    [message] = [line for line in whole if "EXECUTE" in line]
    parts = [part.strip() for part in message.removesuffix(";").split("\\;")]
    assert parts[0].startswith("BEGIN")
    assert [part.split()[0] for part in parts[-3:]] == ["SELECT", "EXECUTE", "COMMIT"]
    assert LEARNER.hex in parts[-2]
    bare = script(text, [LEARNER], CONTEXT, bare=True).splitlines()
    assert "SET app.capacity = 'STAFF';" in bare
    assert bare[-1].startswith("EXECUTE")


def test_a_missed_target_is_said() -> None:
    """Reached and missed, by how much."""
    costs = {USHER: 0.1, POSTGRAPHILE: 1.0, MERCURIUS: 0.25, WALLED: 0.2, OPEN: 0.1, BARE: 0.1}
    roads = {name: Measured(name, [Round([cost], cost, cost, cost)]) for name, cost in costs.items()}
    verdicts = Compared("q1-one-learner", "teacher", {}, roads, {}, False).verdicts()
    assert [one.reached for one in verdicts] == [True, False, True, True, False]
    assert verdicts[0].said() == "10 (>= 8: reached)"
    assert verdicts[4].said() == "2 (<= 1.5: missed: 1.3 times)"
