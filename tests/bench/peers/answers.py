"""Answers as one shape: what each server says, by Usher's names, and whether they are the same."""

from __future__ import annotations

import json
from typing import Any, cast
from uuid import UUID

from tests.bench.peers.asking import Question

Json = dict[str, Any]


class Unequal(Exception):
    """Two servers answer one question with different values: nothing is timed."""


def of_usher(body: bytes) -> Json:
    """Also Mercurius's, whose schema has Usher's names."""
    return _data(body)


def of_postgraphile(question: Question, body: bytes) -> Json:
    data = _data(body)
    if question.query == "q1-one-learner":
        found = data["learnerByLearnerId"]
        return {"learner": None if found is None else _learner(found, ("email",), ("provision",))}
    if question.query == "q2-class":
        found = data["classByClassId"]
        return {"class": None if found is None else _class(found)}
    contact = ("email", "phone", "address")
    nodes = [_learner(one, contact, ("provision", "needs")) for one in data["allLearnersList"]]
    return {"learners": {"nodes": nodes}}


def checked(question: Question, answers: dict[str, Json]) -> None:
    """Raises Unequal, and AssertionError where the first shows what the policy hides, or hides what it shows."""
    (first, wanted), *others = answers.items()
    for name, answer in others:
        difference = _difference(wanted, answer)
        if difference is not None:
            raise Unequal(
                f"{question.query} as {question.asker.account.name} ({question.says}): {first} and {name} differ "
                f"at {difference}"
            )
    _by_policy(question, wanted)


def _by_policy(question: Question, answer: Json) -> None:
    told = f"{question.query} as {question.asker.account.name} ({question.says})"
    if question.nothing:
        assert list(answer.values()) == [None], f"{told} shows another school's row"
        return
    assert list(answer.values()) != [None], f"{told} shows nothing"
    for path in question.hidden:
        assert _at(answer, path) is None, f"{told} shows {'.'.join(path)}"
    for path in question.shown:
        assert _at(answer, path) is not None, f"{told} hides {'.'.join(path)}"


def _at(answer: Json, path: tuple[str, ...]) -> Any:
    found: Any = answer
    for name in path:
        found = found[name]
    return found


def _data(body: bytes) -> Json:
    told: Json = json.loads(body, parse_float=str)
    assert "errors" not in told, f"a server answers with errors: {body[:500].decode()}"
    return told["data"]


def _learner(found: Json, contact: tuple[str, ...], sen: tuple[str, ...]) -> Json:
    """What hangs from a learner in Usher's shape; a row that a policy hides is an object of nulls there."""
    flat = {"senProvision": "provision", "senNeeds": "needs"}
    made = {
        name: value
        for name, value in found.items()
        if name not in ("learnerId", "yearGroup", "pupilPremiumReason", "contact", "attendance", *flat)
    }
    if "pupilPremiumReason" in found:
        made["pupilPremium"] = {"reason": found["pupilPremiumReason"]}
    return made | {
        "id": _id(found),
        "yearGroup": {"name": found["yearGroup"]},
        "sen": {name: found[given] for given, name in flat.items() if name in sen},
        "contact": found["contact"] or dict.fromkeys(contact),
        "attendance": found["attendance"] or {"percentage": None},
    }


def _class(found: Json) -> Json:
    return {"name": found["name"], "learners": [_member(one["learner"]) for one in found["membersList"]]}


def _member(found: Json) -> Json:
    marks = [
        {"score": one["score"], "state": one["state"]}
        | {"maximum": one["assessment"]["maximum"], "assessment": {"name": one["assessment"]["name"]}}
        for one in found["marksList"]
    ]
    names = {name: found[name] for name in ("givenName", "familyName")}
    return {"id": _id(found), **names, "grades": found["gradesList"], "marks": {"nodes": marks}}


def _id(found: Json) -> str:
    return f"lrn_{UUID(found['learnerId']).hex}"


def _difference(one: Any, other: Any, path: str = "data") -> str | None:
    """Where two values differ first, without the values."""
    if isinstance(one, dict) and isinstance(other, dict):
        left, right = cast(Json, one), cast(Json, other)
        if left.keys() != right.keys():
            return f"{path}: fields {sorted(left.keys() ^ right.keys())}"
        steps = ((left[name], right[name], f"{path}.{name}") for name in left)
    elif isinstance(one, list) and isinstance(other, list):
        some, more = cast(list[Any], one), cast(list[Any], other)
        if len(some) != len(more):
            return f"{path}: {len(some)} and {len(more)} items"
        steps = ((left, right, f"{path}[{at}]") for at, (left, right) in enumerate(zip(some, more, strict=True)))
    else:
        return None if one == other else path
    return next((found for step in steps if (found := _difference(*step)) is not None), None)
