"""Figures over HTTP: exact for who reads every value, the census for who reads none, and nothing to subtract."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from server import tables
from server.compliance.disclosure.family import Cell, Family
from server.queries.statistic_groups import AUDITED, DIMENSIONS, FAMILY, YEAR_GROUP
from server.queries.statistic_tables import table
from server.queries.statistics import Learner
from tests.e2e.serving import Client, Server
from tests.properties.disclosure.attacker import bounds, derived
from tests.worlds import World, insert_world
from tests.worlds.counted_school import counted_school
from tests.worlds.figures import YEARS_AGO

TABLE = """query($by: [StatisticDimension!], $measure: StatisticMeasure) { statistics(by: $by, measure: $measure) {
  by measure exact schoolYear takenAt threshold cells { yearGroup level figure suppressed } } }"""
PUBLISHED = TABLE.replace("statistics(", "publishedStatistics(")
TAKE = """mutation($measures: [StatisticMeasure!]!) { takeCensus(input: {measures: $measures}) {
  schoolYear measures learners userErrors { code message path } } }"""
WELFARE = ("PUPIL_PREMIUM", "FREE_SCHOOL_MEALS", "LOOKED_AFTER")
TABLES = [(), (YEAR_GROUP,), *((one.name,) for one in AUDITED), *((YEAR_GROUP, one.name) for one in AUDITED)]


@pytest.fixture(scope="module")
def before(app_url: str, today: date) -> World:
    """A school before its first census."""
    world = counted_school("statistics before", today, number=30)
    insert_world(app_url, world)
    return world


@pytest.fixture(scope="module")
def school(app_url: str, today: date, server: Server) -> World:
    """A school whose census was taken."""
    world = counted_school("statistics", today)
    insert_world(app_url, world)
    taken = server.client(world, "data-trained").ask(TAKE, {"measures": ["AVERAGE_ATTENDANCE", "COUNT"]})
    outcome = taken.data["takeCensus"]
    assert outcome == {
        "schoolYear": world.year,
        "measures": ["AVERAGE_ATTENDANCE", "COUNT"],
        "learners": len(truth(world)),
        "userErrors": [],
    }
    return world


def truth(world: World, *, everybody: bool = False) -> list[Learner]:
    """Learners on roll, those whose data is not restricted unless `everybody`, with the newest of each special value."""
    flags = [] if everybody else world.rows[tables.LearnerFlagRow]
    restricted = {row["learner_id"] for row in flags if row["kind"] == "RESTRICTED"}
    special = {(row["learner_id"], row["element"]): row["value"] for row in world.rows[tables.LearnerSpecialRow]}
    return [
        Learner(row["learner_id"], True, {
            one.source: row[one.source] if one.source in row else special.get((row["learner_id"], one.source))
            for one in DIMENSIONS.values()
        })
        for row in world.rows[tables.LearnerRow]
        if row["learner_id"] not in restricted and row["left_on"] is None
    ]  # fmt: skip


def counts(world: World, *, everybody: bool = False) -> Counter[Cell]:
    found: Counter[Cell] = Counter()
    for learner in truth(world, everybody=everybody):
        level = {one.name: one.level_of(learner.values[one.source]) for one in DIMENSIONS.values()}
        for by in (*TABLES, ("SEN_FLAG",), (YEAR_GROUP, "SEN_FLAG")):
            other = next((name for name in by if name != YEAR_GROUP), "")
            found[Cell(other, level[other] if other else "", level[YEAR_GROUP] if YEAR_GROUP in by else "")] += 1
    return found


def ask(client: Client, by: tuple[str, ...], measure: str = "COUNT", document: str = TABLE, **stated: str) -> Any:
    (found,) = client.ask(document, {"by": list(by), "measure": measure}, **stated).data.values()
    return found


def told(found: Mapping[str, Any], by: tuple[str, ...]) -> dict[Cell, Decimal]:
    """The cells that are told; the order is the declared one."""
    cells = table(by)
    assert [(c["yearGroup"] or "", c["level"] or "") for c in found["cells"]] == [(c.hub, c.level) for c in cells]
    assert all((c["figure"] is None) == c["suppressed"] for c in found["cells"])
    pairs = zip(cells, found["cells"], strict=True)
    return {cell: Decimal(one["figure"]) for cell, one in pairs if not one["suppressed"]}


def test_before_a_census_nothing_is_told(server: Server, before: World) -> None:
    """Not even the groups."""
    found = ask(server.client(before, "governor"), ("GENDER",))
    assert found == {"by": ["GENDER"], "measure": "COUNT", "exact": False, "schoolYear": None, "takenAt": None,
                     "threshold": 5, "cells": []}  # fmt: skip


def test_a_governor_derives_nothing_small(server: Server, school: World) -> None:
    """Every table is asked for, and an attacker does with all of them what can be done."""
    governor = server.client(school, "governor")
    figures: dict[Cell, int] = {}
    open_to_them = Family(FAMILY.hub, {name: of for name, of in FAMILY.dimensions.items() if name != "SEN_PROVISION"})
    for by in (by for by in TABLES if "SEN_PROVISION" not in by):
        found = ask(governor, by)
        assert not found["exact"]
        figures |= {cell: int(figure) for cell, figure in told(found, by).items()}
    real = counts(school)
    assert figures == {cell: real[cell] for cell in figures}
    assert len(figures) > 60
    assert any(0 < real[cell] < 5 for cell in open_to_them.cells())
    for group in derived(open_to_them, figures):
        assert sum(real[cell] for cell in group) >= 5
    assert all(most >= 5 for _, most in bounds(open_to_them, figures).values())


def test_a_flag_follows_from_the_provision(server: Server, school: World) -> None:
    """Governors may count the flag alone; it tells nothing that the provision's table does not."""
    governor = server.client(school, "governor")
    assert governor.ask(TABLE, {"by": ["SEN_PROVISION"]}).codes == ["FORBIDDEN"]
    real = counts(school)
    for by in (("SEN_FLAG",), (YEAR_GROUP, "SEN_FLAG")):
        found = told(ask(governor, by), by)
        assert found == {cell: real[cell] for cell in found}
        assert all(figure >= 5 or figure == 0 for figure in found.values())
    assert told(ask(governor, ("SEN_FLAG",)), ("SEN_FLAG",))


def test_averages_are_of_told_groups_alone(server: Server, school: World) -> None:
    governor = server.client(school, "governor")
    for by in ((), ("GENDER",), (YEAR_GROUP, "FREE_SCHOOL_MEALS"), ("ETHNICITY",)):
        averages = told(ask(governor, by, "AVERAGE_ATTENDANCE"), by)
        assert averages.keys() <= told(ask(governor, by), by).keys()
        assert all(50 <= average < 100 for average in averages.values())
    assert told(ask(governor, (), "AVERAGE_ATTENDANCE"), ())
    old = ask(governor, (), "AVERAGE_POINTS")
    assert (old["schoolYear"], told(old, ())) == (school.year - YEARS_AGO, {Cell(): Decimal("4.7")})


def test_who_reads_every_value_is_told_exactly(server: Server, school: World) -> None:
    """And each learner whose special value made the figure is in the audit."""
    manager = server.client(school, "data-trained")
    for by in TABLES:
        found = ask(manager, by)
        assert found["exact"]
        real = counts(school, everybody=not {YEAR_GROUP, "ETHNICITY", *WELFARE} & set(by))
        assert told(found, by) == {cell: real[cell] for cell in table(by)}


def test_a_figure_of_everybody_is_logged_as_a_read(server: Server, school: World, owner_url: str) -> None:
    ask(server.client(school, "data-trained"), ("ETHNICITY",))
    with psycopg.connect(owner_url) as owner:
        found = owner.execute(
            "SELECT elements FROM usher.audit_operation WHERE school_id = %s ORDER BY audit_id DESC LIMIT 1",
            [school.school_id],
        ).fetchone()
    assert found is not None
    assert {len(learners) for learners in found[0].values()} == {len(truth(school))}
    assert "ethnicity" in found[0]


def test_the_head_is_told_the_census_until_a_reason_is_given(server: Server, school: World) -> None:
    """Without the reason the values behind are closed, and so are small groups."""
    head = server.client(school, "head")
    without = ask(head, ("FREE_SCHOOL_MEALS",))
    assert not without["exact"]
    assert ask(head, ("GENDER",))["exact"]


@pytest.mark.parametrize("by", [(YEAR_GROUP,), ("GENDER",), (YEAR_GROUP, "FIRST_LANGUAGE")])
def test_who_reads_a_part_could_subtract_it(server: Server, school: World, by: tuple[str, ...]) -> None:
    """A teacher reads the gender of some: the school's figure less their own would be a figure of the others."""
    answer = server.client(school, "teacher").ask(TABLE, {"by": list(by)})
    assert answer.codes == ["FORBIDDEN"]
    assert "could subtract them" in str(answer.body)


@pytest.mark.parametrize("handle", ["pat", "ann", "mis", "support-granted", "reviewer", "peripatetic"])
def test_who_may_not_count_is_told_nothing(server: Server, school: World, handle: str) -> None:
    for document in (TABLE, PUBLISHED):
        assert server.client(school, handle).ask(document, {"by": []}).codes == ["FORBIDDEN"]


@pytest.mark.parametrize("by", [["GENDER", "ETHNICITY"], ["GENDER", "GENDER"], [YEAR_GROUP, "GENDER", "ETHNICITY"]])
def test_tables_meet_in_the_year_group_alone(server: Server, school: World, by: list[str]) -> None:
    answer = server.client(school, "governor").ask(TABLE, {"by": by})
    assert answer.codes == ["BAD_USER_INPUT"]


def test_published_figures_are_suppressed_for_everybody(server: Server, school: World) -> None:
    """Below ten, though the data manager reads every value; they are part of what governors are told."""
    manager, governor = server.client(school, "data-trained"), server.client(school, "governor")
    for by in (("GENDER",), (YEAR_GROUP, "FIRST_LANGUAGE"), ("ETHNICITY",)):
        found = ask(manager, by, document=PUBLISHED, purpose="statutory_return")
        assert (found["exact"], found["threshold"]) == (False, 10)
        outside = told(found, by)
        assert all(figure >= 10 or figure == 0 for figure in outside.values())
        assert outside.items() <= told(ask(governor, by), by).items()
        assert manager.ask(PUBLISHED, {"by": list(by)}).codes == ["FORBIDDEN"]
        assert governor.ask(PUBLISHED, {"by": list(by)}).codes == ["FORBIDDEN"]


def test_a_measure_is_taken_once_a_year(server: Server, school: World, owner_url: str) -> None:
    """So that no two censuses can be subtracted; and a refusal writes nothing."""
    before = stored(owner_url, school)
    outcome = server.client(school, "data-trained").ask(TAKE, {"measures": ["COUNT"]}).data["takeCensus"]
    assert [(one["code"], one["path"]) for one in outcome["userErrors"]] == [
        ("ALREADY_TAKEN", ["input", "measures", "0"])
    ]
    assert (outcome["schoolYear"], outcome["measures"], outcome["learners"]) == (None, [], 0)
    assert stored(owner_url, school) == before


@pytest.mark.parametrize(
    ("handle", "measures", "code"),
    [
        ("data-trained", ["AVERAGE_ATTENDANCE"], "COUNT_FIRST"),
        ("data-trained", [], "BAD_USER_INPUT"),
        ("data-trained", ["COUNT", "COUNT"], "BAD_USER_INPUT"),
    ],
)
def test_a_census_is_refused(
    server: Server, before: World, owner_url: str, handle: str, measures: list[str], code: str
) -> None:
    outcome = server.client(before, handle).ask(TAKE, {"measures": measures}).data["takeCensus"]
    assert [error["code"] for error in outcome["userErrors"]] == [code]
    assert stored(owner_url, before) == ([], [])


@pytest.mark.parametrize("handle", ["teacher", "governor", "head", "dpo", "pat", "ann", "mis"])
def test_a_census_is_taken_by_who_reads_everything(server: Server, before: World, owner_url: str, handle: str) -> None:
    assert server.client(before, handle).ask(TAKE, {"measures": ["COUNT"]}).codes == ["FORBIDDEN"]
    assert stored(owner_url, before) == ([], [])


def test_what_happens_after_the_census_changes_no_figure(
    server: Server, school: World, app_url: str, owner_url: str
) -> None:
    """A learner who leaves, or is found to have a need, can't be seen by subtracting one day from another."""
    governor = server.client(school, "governor")
    asked = [("GENDER",), (YEAR_GROUP, "SEN_FLAG"), (YEAR_GROUP, "FREE_SCHOOL_MEALS")]
    today = [ask(governor, by) for by in asked]
    with psycopg.connect(owner_url) as owner:
        owner.execute(
            "UPDATE usher.learner SET left_on = admitted_on WHERE school_id = %s AND learner_id = %s",
            [school.school_id, school.ids["learner-101"]],
        )
    try:
        assert [ask(governor, by) for by in asked] == today
    finally:
        with psycopg.connect(owner_url) as owner:
            owner.execute(
                "UPDATE usher.learner SET left_on = NULL WHERE school_id = %s AND learner_id = %s",
                [school.school_id, school.ids["learner-101"]],
            )


def test_small_figures_are_not_even_stored(school: World, owner_url: str, server: Server) -> None:
    """Whoever reads the database as the application does finds none."""
    _, figures = stored(owner_url, school)
    some = [figure for measure, _, figure in figures if measure == "COUNT"]
    assert some
    assert all(figure >= 5 or figure == 0 for figure in some)


def stored(owner_url: str, world: World) -> tuple[list[Any], list[Any]]:
    with psycopg.connect(owner_url) as owner:
        census = owner.execute(
            "SELECT measure FROM usher.statistic_census WHERE school_id = %s AND school_year = %s",
            [world.school_id, world.year],
        )
        found = census.fetchall()
        figures = owner.execute(
            "SELECT measure, audience, figure FROM usher.statistic_figure"
            " WHERE school_id = %s AND school_year = %s ORDER BY 1, 2, 3",
            [world.school_id, world.year],
        )
        return found, figures.fetchall()


def test_restricted_data_is_in_no_figure_that_is_made_of_it(server: Server, school: World) -> None:
    """Everybody's name may be read, so everybody counts as a learner; nobody reads a restricted learner's ethnicity."""
    total = len(truth(school, everybody=True))
    assert told(ask(server.client(school, "head"), ()), ()) == {Cell(): total}
    assert told(ask(server.client(school, "teacher"), ()), ()) == {Cell(): total}
    manager = server.client(school, "data-trained")
    assert sum(told(ask(manager, ("ETHNICITY",)), ("ETHNICITY",)).values()) == total - 1 == len(truth(school))


def test_averages_may_be_taken_later_and_anew_next_year(
    server: Server, app_url: str, owner_url: str, today: date
) -> None:
    """Two managers at once take one census; averages follow; the next school year begins anew, threshold and all."""
    world = counted_school("statistics later", today, number=60)
    insert_world(app_url, world)
    manager, governor = server.client(world, "data-trained"), server.client(world, "governor")

    def take(measures: list[str]) -> list[str]:
        outcome = manager.ask(TAKE, {"measures": measures}).data["takeCensus"]
        return [error["code"] for error in outcome["userErrors"]]

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(take, [["COUNT"], ["COUNT"]])) == [[], ["ALREADY_TAKEN"]]
    assert take(["AVERAGE_ATTENDANCE"]) == []
    everybody = told(ask(governor, (), "AVERAGE_ATTENDANCE"), ())
    assert told(ask(governor, ("GENDER",), "AVERAGE_ATTENDANCE"), ("GENDER",)).keys() <= set(table(("GENDER",)))
    with psycopg.connect(owner_url) as owner:
        owner.execute(
            "UPDATE usher.school SET academic_year = academic_year + 1, suppression_threshold = 12 WHERE school_id = %s",
            [world.school_id],
        )
    assert told(ask(governor, (), "AVERAGE_ATTENDANCE"), ()) == everybody
    assert take(["AVERAGE_ATTENDANCE"]) == ["COUNT_FIRST"]
    assert take(["COUNT"]) == []
    found = ask(governor, ("ETHNICITY",))
    assert (found["schoolYear"], found["threshold"]) == (world.year + 1, 12)
    assert all(figure >= 12 or figure == 0 for figure in told(found, ("ETHNICITY",)).values())
