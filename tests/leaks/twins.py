"""Naive twins: each answers one position's question as it is answered where nobody thinks of leaks.

A twin gets a school's rows and one account, and masks every value of the rows that it shows: what it tells, it tells by the
position alone. `NAIVE` has one for each position of the matrix and for each line of the design that a read can break.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from tests.oracle.rows import Rows, Values
from tests.oracle.things import Thing
from tests.oracle.values import percentage
from tests.oracle.visibility import Visibility

Answer = Any


class Naive:
    """The rows that the account knows of, with values masked where it may not see them."""

    def __init__(self, rows: Rows, visibility: Visibility) -> None:
        self.rows, self._visibility = rows, visibility

    def learners(self) -> list[Values]:
        found = self.rows.all("learner")
        return [row for row in found if self._visibility.exists(self._thing("Learner", row))]

    def shown(self, learner: Values, element: str, value: Any) -> Any:
        return value if self._visibility.can(self._thing("Learner", learner), element) else None

    def exists(self, kind: str, row: Values) -> bool:
        return self._visibility.exists(self._thing(kind, row))

    def marks(self, learner: Values) -> Iterable[Values]:
        return self.rows.where("mark", learner_id=learner["learner_id"])

    def special(self, learner: Values, element: str) -> Any:
        return self.rows.newest_special(learner["learner_id"], element)

    def _thing(self, kind: str, row: Values) -> Thing:
        return Thing(kind, row, self.rows.today)


def names(learners: Iterable[Values]) -> list[UUID]:
    return [row["learner_id"] for row in learners]


def selects_all(twin: Naive) -> Answer:
    """The row is known, so its values are shown."""
    return [row["gender"] for row in twin.learners()]


def filters_after_fetching(twin: Naive) -> Answer:
    """The list is filtered by the value, and the value masked when it is printed."""
    return [
        (row["learner_id"], twin.shown(row, "gender", row["gender"])) for row in twin.learners() if row["gender"] == "F"
    ]


def negates(twin: Naive) -> Answer:
    """Who is not filtered out must be the other thing."""
    return names(row for row in twin.learners() if row["gender"] != "F")


def ranges(twin: Naive) -> Answer:
    return names(row for row in twin.learners() if (percentage(twin.rows, row) or 0) >= 94)


def searches(twin: Naive) -> Answer:
    """A search over everything that is told of a learner finds by what is not shown."""
    return names(
        row for row in twin.learners() if any("3 Test Lane" in (one["address"] or "") for one in _contact(twin, row))
    )


def alternates(twin: Naive) -> Answer:
    """The alternative by a permitted value hides nothing of the forbidden one."""
    return names(row for row in twin.learners() if row["gender"] == "M" or row["year_group"] == "11")


def orders(twin: Naive) -> Answer:
    """The order of rows is the order of hidden values."""
    return names(sorted(twin.learners(), key=lambda row: (percentage(twin.rows, row) or 0, row["learner_id"])))


def pages(twin: Naive) -> Answer:
    """Whether there is a next page is known before what is hidden is taken out."""
    found = [row for row in twin.rows.all("learner") if (percentage(twin.rows, row) or 0) >= 94]
    return names(found[:2]), len(found) > 2


def counts(twin: Naive) -> Answer:
    """A number names nobody, so it is counted over everybody."""
    return sum(twin.special(row, "sen_provision") == "K" for row in twin.rows.all("learner"))


def groups(twin: Naive) -> Answer:
    """So does a group."""
    return Counter(row["value"] for row in twin.rows.all("grade"))


def averages(twin: Naive) -> Answer:
    scores = [row["score"] for row in twin.rows.all("mark") if row["score"] is not None]
    return sum(scores) / len(scores)


def looks_up(twin: Naive) -> Answer:
    """Found, and only then judged: null and FORBIDDEN are told apart."""
    found = next((row for row in twin.rows.all("learner") if row["mis_id"] == "L2"), None)
    return (
        "FORBIDDEN" if found and not twin.shown(found, "identifier", found["mis_id"]) else found and found["learner_id"]
    )


def says_what_is_withheld(twin: Naive) -> Answer:
    """Only what exists is called withheld."""
    kept = ("medical", "sen_needs", "ethnicity")
    return [
        [name for name in kept if twin.special(row, name) and not twin.shown(row, name, 1)] for row in twin.learners()
    ]


def trusts_the_way(twin: Naive) -> Answer:
    """The learner may be known, so their marks may: the hop is not planned anew."""
    return [[one["score"] for one in twin.marks(row)] for row in twin.learners()]


def answers_ids(twin: Naive) -> Answer:
    """An id that exists is refused, one that doesn't is not found."""
    ids = names(twin.rows.all("learner"))[-1:]
    marks = [row["mark_id"] for row in twin.rows.all("mark")]
    return [len(ids), len(marks)]


def takes_arguments(twin: Naive) -> Answer:
    """What a markbook was on a day is read from its versions, whoever asks."""
    return sorted(str(row["score"]) for row in twin.rows.all("mark_version"))


def seals_nothing(twin: Naive) -> Answer:
    """A cursor of the plain key: the last row's hidden value, for everyone to decode."""
    last = orders(twin)[-1]
    row = twin.rows.one("learner", learner_id=last)
    assert row is not None
    return base64.b64encode(f"{percentage(twin.rows, row)}/{last}".encode())


def tells_versions(twin: Naive) -> Answer:
    """The number of a version counts the edits of a value that is not shown."""
    return [[one["version"] for one in twin.marks(row)] for row in twin.learners()]


def refuses_with_the_value(twin: Naive) -> Answer:
    """A sentence that helps: it says what is stored."""
    unseen = (row for row in twin.rows.all("mark") if not twin.exists("Mark", row))
    return next((f"The mark is {row['score']} already." for row in unseen), "There is no such mark.")


def completes_words(twin: Naive) -> Answer:
    """Suggestions are made of what there is."""
    return sorted({str(twin.special(row, "pupil_premium")) for row in twin.rows.all("learner")})


def computes(twin: Naive) -> Answer:
    """A grade is not a mark, so that whoever may read grades is told what marks come to."""
    return [sum(one["score"] or 0 for one in twin.marks(row)) for row in twin.rows.all("learner")]


NAIVE: Final[Mapping[str, Callable[[Naive], Answer]]] = {
    "select": selects_all,
    "filter": filters_after_fetching,
    "negation": negates,
    "range": ranges,
    "search": searches,
    "alternative": alternates,
    "order": orders,
    "page": pages,
    "count": counts,
    "group": groups,
    "average": averages,
    "lookup": looks_up,
    "withheld": says_what_is_withheld,
    "hop": trusts_the_way,
    "node": answers_ids,
    "argument": takes_arguments,
    "cursor": seals_nothing,
    "version": tells_versions,
    "error": refuses_with_the_value,
    "suggestion": completes_words,
    "derived": computes,
}


def _contact(twin: Naive, learner: Values) -> Iterable[Values]:
    return twin.rows.where("learner_contact", learner_id=learner["learner_id"])
