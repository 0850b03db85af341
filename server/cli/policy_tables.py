"""What `usher policy` prints: rules, findings, differences and history as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.table import Table

from server.cli.console import OUT, harmless

Value = Mapping[str, Any]
MOST_PEOPLE: Final = 20
MOST_NAMES: Final = 3


def say(sentence: str) -> None:
    OUT.print(harmless(sentence), markup=False)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Nothing where there are no rows. Text of schools is never read as markup."""
    listed = [[_plain(cell) for cell in row] for row in rows]
    if not listed:
        return
    made = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        made.add_column(column, no_wrap=column == "id")  # an id is copied into the next command: never cut
    for row in listed:
        made.add_row(*row)
    OUT.print(made)


def rules(title: str, found: Iterable[Value]) -> None:
    table(title, ("rule", "sentence"), ((one["id"], one["sentence"]) for one in found))


def moment(text: str) -> str:
    """A DateTime of the API, such as "2026-11-03 10:00 UTC"."""
    return f"{text[:10]} {text[11:16]} UTC"


def version(one: Value, names: Mapping[str, str]) -> None:
    """A line of what it is, a line of who and why. `names` are those of the people that the caller may know of."""
    chain = f"{one['chain'][:12]} {'holds' if one['chainHolds'] else 'BROKEN'}"
    late = ", unconfirmed" if one["overdue"] else ""
    say(f"{one['version']}  {one['kind']}  {one['state']}{late}  {moment(one['publishedAt'])}  {chain}")
    said = (("by", one["author"]), ("approved by", one["approvedBy"]))
    people = [f"{how} {names.get(who, who)}" for how, who in said if who]
    if people or one["reason"]:
        say(f"   {', '.join([*people, *([one['reason']] if one['reason'] else [])])}")


def diff(found: Value) -> None:
    """Added, removed and changed rules, and raised elements."""
    if found["same"]:
        say("Both say the same.")
        return
    rules("Added", found["added"])
    rules("Removed", found["removed"])
    table(
        "Changed",
        ("rule", "before", "after"),
        ((one["after"]["id"], one["before"]["sentence"], one["after"]["sentence"]) for one in found["changed"]),
    )
    table("Raised", ("element", "sentence"), ((one["element"], one["sentence"]) for one in found["raised"]))
    table("Lowered", ("element", "sentence"), ((one["element"], one["sentence"]) for one in found["lowered"]))


def _people(found: Value) -> None:
    """Each person with the names of some learners; of all there are the numbers."""
    rows = [_person(one) for one in found["people"][:MOST_PEOPLE]]
    table("Whom it touches", ("who", "as", "what", "gains", "loses"), rows)
    gains = _many(found["gaining"], "gains", "gain", found["learnersGained"])
    loses = _many(found["losing"], "loses", "lose", found["learnersLost"])
    say(f"{gains} {loses}")


def _many(people: int, one: str, several: str, learners: int) -> str:
    if not people:
        return f"Nobody at the school {one} anything today."
    who = f"1 person {one}" if people == 1 else f"{people} people {several}"
    return f"{who} something, of {learners} learners."


def _person(one: Value) -> tuple[str, str, str, str, str]:
    who = one["person"]
    return (
        who["name"] or who["person"],
        ", ".join(who["roles"]),
        one["element"],
        _learners(one["gained"], one["gainedLearners"]),
        _learners(one["lost"], one["lostLearners"]),
    )


def _learners(number: int, listed: Sequence[Value]) -> str:
    """Such as "28: Ann Abbot, Bob Brown, ..."."""
    names = [one["name"] or one["learner"] for one in listed[:MOST_NAMES]]
    more = ["..."] if number > len(names) else []
    return f"{number}: {', '.join([*names, *more])}" if number else ""


def impact(found: Value) -> None:
    sentences: list[str] = found["sentences"]
    table("What this changes", ("", "sentence"), enumerate(sentences, start=1))
    if not found["sentences"]:
        say("Nobody gains or loses anything.")
    _people(found["people"])
    if found["replay"] is not None:
        looked, differing = found["replay"]["lookedAt"], found["replay"]["differing"]
        say(f"Of the last {looked} recorded operations, {differing} would be answered otherwise.")
    if found["widensSpecial"]:
        say("This opens special category data: submit it with --special-reason.")
    elif not found["widens"]:
        say("Nobody gains anything.")


def findings(found: Iterable[Value]) -> None:
    table("Findings", ("rule", "code", "sentence"), ((one["rule"], one["code"], one["sentence"]) for one in found))


def outcomes(found: Iterable[Value]) -> None:
    """The examples that fail."""
    failing = ((one["example"]["name"], one["sentence"]) for one in found if not one["holds"])
    table("Failing examples", ("example", "sentence"), failing)


def _plain(cell: object) -> str:
    text = "" if cell is None else harmless(str(cell))
    return text.replace("[", "\\[")
