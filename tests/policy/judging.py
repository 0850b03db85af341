"""Whether every way of asking agrees with a policy case: the findings, each a sentence."""

from collections.abc import Iterator

from tests.e2e.serving import capacity_of
from tests.policy.asking import ways_of
from tests.policy.cases import Audit, Case
from tests.policy.subjects import filter_of
from tests.policy.ways import ABSENT, FILTERED, LIST, NODE, READ, TOTAL, LearnerWays, Said
from tests.policy.ways_of_rows import OwnedWays
from tests.worlds import World
from tests.worlds.learners import LEARNERS

SEEN = ("visible", "allowed")


def findings(world: World, case: Case, said: dict[str, Said]) -> list[str]:
    """What differs from the case; empty where all ways agree with it."""
    if case.outcome == "turned_away":
        return [f"{way}: {one.error}, not turned away" for way, one in said.items() if one.error != "UNAUTHENTICATED"]
    return list(_findings(world, case, said))


def _findings(world: World, case: Case, said: dict[str, Said]) -> Iterator[str]:
    for way in (READ, NODE):
        yield from _single(way, case, said[way])
    yield from _listed(case, said[LIST])
    if TOTAL in said:
        yield from _totals(world, case, said)
        yield from _filtered(world, case, said)
    for way, one in said.items():
        yield from _audited(world, way, case, one)


def _single(way: str, case: Case, one: Said) -> Iterator[str]:
    if one.error is not None:
        yield f"{way}: error {one.error}"
    elif one.outcomes.get(case.of) != case.outcome:
        yield f"{way}: {one.outcomes.get(case.of)}, not {case.outcome}"
    yield from _differs(way, case.audit, one)


def _listed(case: Case, one: Said) -> Iterator[str]:
    if one.error is not None:
        yield f"{LIST}: error {one.error}"
        return
    outcome = one.outcomes.get(case.of, ABSENT)
    if outcome != case.outcome:
        yield f"{LIST}: {outcome}, not {case.outcome}"
    shown = {handle for handle, outcome in one.outcomes.items() if outcome in SEEN}
    wanted = set(one.outcomes) if case.list is None else set(case.list)
    if shown != wanted:
        yield f"{LIST}: seen of {_names(shown)}, not of {_names(wanted)}"
    known = set(case.known) if case.known is not None else _usual(case)
    if known is not None and set(one.outcomes) != known:
        yield f"{LIST}: holds {_names(set(one.outcomes))}, not {_names(known)}"
    yield from _differs(LIST, case.list_audit, one)


def _usual(case: Case) -> set[str] | None:
    return set(LEARNERS) if ways_of(case) is LearnerWays else None


def _totals(world: World, case: Case, said: dict[str, Said]) -> Iterator[str]:
    """A total is the length of the list, or is not told."""
    listed = said[READ] if ways_of(case) is OwnedWays else said[LIST]
    length = listed.rows if listed.rows is not None else len(listed.outcomes)
    for way, length_there in ((READ, length), (LIST, length), (TOTAL, length), (FILTERED, _length(said[FILTERED]))):
        one = said[way]
        told = way in (TOTAL, FILTERED) or one is listed
        if told and one.error is None and one.total != _expected(world, case, length_there):
            yield f"{way}: total {one.total}, not {_expected(world, case, length_there)}"


def _length(one: Said) -> int:
    return one.rows if one.rows is not None else len(one.outcomes)


def _expected(world: World, case: Case, length: int) -> int | None:
    counted = case.counted
    if counted is None:
        counted = (case.capacity or capacity_of(world, case.who)) == "STAFF"
    if counted == "zero":
        return 0
    return length if counted and length >= case.smallest_figure else None


def _filtered(world: World, case: Case, said: dict[str, Said]) -> Iterator[str]:
    one = said[FILTERED]
    wanted_error = "FORBIDDEN_ARGUMENT" if case.filter == "forbidden" else None
    if one.error != wanted_error:
        yield f"{FILTERED}: error {one.error}, not {wanted_error}"
        return
    if one.error is not None:
        return
    if ways_of(case) is LearnerWays:
        found, wanted = set(one.outcomes), _matching(world, case, said[LIST])
        if found != wanted:
            yield f"{FILTERED}: found {_names(found)}, not {_names(wanted)}"
    if case.partial is not None and one.partial is not case.partial:
        yield f"{FILTERED}: partial {one.partial}, not {case.partial}"


def _matching(world: World, case: Case, listed: Said) -> set[str]:
    """Who must be found: everybody of the value among those of whom the account may read it."""
    by = filter_of(world, case)
    reads = case.to == "read" and by.element == case.what
    open_to = {handle for handle, outcome in listed.outcomes.items() if not reads or outcome in SEEN}
    return {handle for handle in open_to if by.matches(handle)}


def _audited(world: World, way: str, case: Case, one: Said) -> Iterator[str]:
    if way == FILTERED and one.error is None and ways_of(case) is LearnerWays:
        by = filter_of(world, case)
        logged = {element for element in case.list_audit if element in (by.element, "name")}
        yield from _differs(way, {element: tuple(one.outcomes) for element in logged if one.outcomes}, one)
    if one.audited_as is None:
        return
    wanted = {
        "kind": "read",
        "operation_name": way,
        "person_id": world.ids[case.who],
        "capacity": case.capacity or capacity_of(world, case.who),
        "policy_version": 1,
        "purpose": case.purpose,
        "reason": case.reason,
    }
    if one.audited_as != wanted:
        yield f"{way}: audited as {one.audited_as}, not {wanted}"


def _differs(way: str, wanted: Audit, one: Said) -> Iterator[str]:
    expected = {element: set(handles) for element, handles in wanted.items()}
    if one.audit != expected:
        yield f"{way}: audit {_told(one.audit)}, not {_told(expected)}"


def _told(audit: dict[str, set[str]]) -> str:
    return ", ".join(f"{element} of {_names(audit[element])}" for element in sorted(audit)) or "none"


def _names(handles: set[str]) -> str:
    return " ".join(sorted(handles)) or "nobody"
