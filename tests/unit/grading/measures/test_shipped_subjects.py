"""The shipped list of what specifications count as: it fits the shipped qualifications and points tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from server.demo.packs import pack_folder
from server.demo.subjects import KEY_STAGE_4
from server.grading.measures.entries import ENGLISH, Area
from server.grading.measures.subjects import Subject
from server.grading.packs import Pack, load_pack
from server.grading.specification import Specification


@cache
def pack() -> Pack:
    return load_pack(pack_folder())


def subjects() -> Mapping[str, Subject]:
    return pack().measures.subjects


def test_every_grade_of_a_specification_has_points() -> None:
    """Under the types that its line names; and there is such a specification."""
    tables = pack().measures
    specifications: dict[str, Specification] = {
        row.specification.identity: row.specification for row in pack().rows.values()
    }
    assert len(subjects()) > 40
    assert subjects().keys() <= specifications.keys()
    for name, subject in subjects().items():
        for table, kind in ((tables.ks4, subject.ks4), (tables.tariff, subject.tariff)):
            for step in specifications[name].grades if kind is not None else ():
                assert table.find(str(kind), step.grade).points > 0, name


def test_tiers_and_boards_of_one_subject_share_a_word() -> None:
    """So that two tiers of mathematics never fill two slots."""
    words: dict[str, set[str | None]] = {}
    for name in subjects():
        board, code, *_ = name.split(":")
        words.setdefault(f"{board}:{code}", set()).add(subjects()[name].discount)
    assert all(len(found) == 1 for found in words.values())
    maths = {each.discount for each in subjects().values() if each.area is Area.MATHS}
    assert maths == {"mathematics"}


def test_what_the_demo_teaches_at_key_stage_4_counts() -> None:
    """English twice, mathematics and sciences among it."""
    taught = {course.specification for course in KEY_STAGE_4}
    assert taught <= subjects().keys()
    areas = {subjects()[str(name)].area for name in taught}
    assert areas >= ENGLISH | {Area.MATHS, Area.BIOLOGY, Area.CHEMISTRY, Area.HUMANITY}
