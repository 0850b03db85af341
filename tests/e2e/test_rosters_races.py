"""The same rows at once, again and in any order: one record each, and what a plain reckoning says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.commands.rosters.batch import MOST_ROWS
from server.register.upn import make_upn
from tests.e2e.programs import registered
from tests.e2e.rosters import ANN, Source, outcomes
from tests.e2e.serving import Client, Server
from tests.worlds import World, insert_world, small_school

RACERS = 20
NAMES = ("givenName", "familyName", "preferredName", "gender", "email")


@pytest.fixture(scope="module")
def school(app_url: str, today: date) -> World:
    world = small_school(f"roster races {uuid4()}", today)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def source(app_url: str, server: Server, school: World) -> Source:
    program = registered(app_url, server.http, school)
    return Source(Client(server.http, program.token(school.school_id)))


def held(owner_url: str, world: World, name: str) -> list[tuple[Any, ...]]:
    """Rows of learners with that family name."""
    with psycopg.connect(owner_url) as connection:
        return connection.execute(
            "SELECT learner_id, upn FROM usher.learner WHERE school_id = %s AND family_name = %s",
            [world.school_id, name],
        ).fetchall()


@pytest.mark.parametrize("hint", ["the same id", "ids of their own and one UPN"])
def test_twenty_at_once_make_one_learner(source: Source, school: World, owner_url: str, hint: str) -> None:
    """Each with a key of its own: one makes the learner, and the others find it, or are refused a second name."""
    name = f"Race{uuid4().hex[:8]}"
    upn = make_upn(301, 4001, 25, 100 + len(hint))

    def send(number: int) -> list[str]:
        key = "same" if hint == "the same id" else f"own-{number}"
        return outcomes(source.learners({"id": f"{name}-{key}", **ANN, "familyName": name, "upn": upn}))

    with ThreadPoolExecutor(RACERS) as racers:
        found = [one for answer in racers.map(send, range(RACERS)) for one in answer]
    assert found.count("CREATED") == 1, found
    assert set(found) <= {"CREATED", "UNCHANGED", "ERROR"}
    assert len(held(owner_url, school, name)) == 1


def test_one_key_is_worked_on_once(source: Source, school: World, owner_url: str) -> None:
    """A repeat answers what the first did, and writes nothing; with other rows it is refused."""
    name, key = f"Once{uuid4().hex[:8]}", str(uuid4())
    rows = {"id": name, **ANN, "familyName": name}
    first, again = (source.learners(rows, idempotencyKey=key) for _ in range(2))
    assert again == {**first, "replayed": True}
    other = source.attempt("upsertLearners", [{**rows, "givenName": "Other"}], idempotencyKey=key)
    assert other.codes == ["IDEMPOTENCY_CONFLICT"]
    assert len(held(owner_url, school, name)) == 1


def test_more_rows_than_a_call_takes_are_refused(source: Source) -> None:
    """By a sentence that says how many, before anything is looked at; so is a system that is none."""
    rows = [{"id": str(number)} for number in range(MOST_ROWS + 1)]
    assert source.attempt("upsertLearners", rows).codes == ["BAD_USER_INPUT"]
    assert source.attempt("upsertLearners", []).codes == ["BAD_USER_INPUT"]
    for system in ("upn", "SIMS", "x", "si ms", ""):
        assert Source(source.client, system).attempt("upsertLearners", rows[:1]).codes == ["BAD_USER_INPUT"], system


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("upn", "B801200005002", "1510"),
        ("upn", None, "1500"),
        ("gender", "Q", "UNKNOWN_CODE"),
        ("yearGroup", "99", "UNKNOWN_CODE"),
        ("givenName", None, "REQUIRED"),
        ("givenName", "  ", "REQUIRED"),
        ("givenName", "x" * 201, "OUT_OF_RANGE"),
        ("familyName", "a\u0007b", "BAD_VALUE"),
        ("dateOfBirth", "1850-01-01", "OUT_OF_RANGE"),
        ("keyStage2", "130", "OUT_OF_RANGE"),
        ("email", "x" * 201, "OUT_OF_RANGE"),
        ("senProvision", "Z", "UNKNOWN_CODE"),
        ("senNeeds", ["SPLD", "SPLD"], "BAD_VALUE"),
        ("medical", ["a;b"], "BAD_VALUE"),
        ("id", "", "BAD_VALUE"),
        ("id", "x" * 101, "BAD_VALUE"),
    ],
)
def test_bad_values_are_named_by_row_and_field(source: Source, field: str, value: Any, code: str) -> None:
    """The row is refused, and in PER_ROW the others are not; in ATOMIC nothing is written."""
    bad, good = {"id": "bad", **ANN, field: value}, {"id": f"good-{uuid4().hex}", **ANN}
    payload = source.learners(good, bad, mode="ATOMIC")
    assert [row["outcome"] for row in payload["results"]] == ["ERROR"]
    [error] = payload["userErrors"]
    assert (error["code"], error["path"]) == (code, ["input", "rows", "1", field])
    assert outcomes(source.learners(good, dryRun=True)) == ["CREATED"]
    assert outcomes(source.learners(good, bad, mode="PER_ROW")) == ["CREATED", "ERROR"]


ROWS = st.fixed_dictionaries(
    {"id": st.sampled_from("abcd")},
    optional={
        "givenName": st.sampled_from(["Ann", "Bea"]),
        "preferredName": st.sampled_from(["Annie", None]),
        "gender": st.sampled_from(["F", "M", None]),
        "email": st.sampled_from(["a@x.example", "b@x.example", None]),
    },
)
CALLS = st.lists(
    st.tuples(st.lists(ROWS, min_size=1, max_size=4, unique_by=lambda row: row["id"]), st.booleans()), max_size=5
)


@given(CALLS)
@settings(max_examples=8)
def test_any_sequence_ends_as_a_plain_reckoning(
    source: Source, server: Server, school: World, calls: list[tuple[list[dict[str, Any]], bool]]
) -> None:
    """Rows in any order, calls repeated: the learners are what a dictionary would hold, and outcomes say what changed."""
    seed = uuid4().hex[:8]
    model: dict[str, dict[str, Any]] = {}
    records: dict[str, str] = {}
    for rows, repeated in calls:
        sent = [
            {**({} if row["id"] in model else ANN | {"familyName": seed}), **row, "id": f"{seed}{row['id']}"}
            for row in rows
        ]
        for _ in range(2 if repeated else 1):
            payload = source.learners(*sent)
            for row, given_row, result in zip(rows, sent, payload["results"], strict=True):
                before = model.get(row["id"])
                after = {**(before or dict.fromkeys(NAMES)), **{k: v for k, v in given_row.items() if k in NAMES}}
                wanted = "CREATED" if before is None else "CHANGED" if after != before else "UNCHANGED"
                assert result["outcome"] == wanted
                model[row["id"]] = after
                records.setdefault(row["id"], result["record"])
                assert records[row["id"]] == result["record"]
    manager = server.client(school, "data-manager")
    for name, record in records.items():
        seen = manager.ask(
            "query($id: ID!) { learner(by: {id: $id}) { givenName familyName preferredName gender contact { email } } }",
            {"id": record},
        ).data["learner"]
        assert {**{key: seen[key] for key in NAMES[:4]}, "email": seen["contact"]["email"]} == model[name]
