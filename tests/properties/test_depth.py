"""A deep run goes a hundred times as far in every property there is: a test here is a property, or said to be none."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from tests.depth import OF_THEIR_OWN, PARTS, is_property, parts

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent.parent
# Where there is nothing to draw: everything there is, one case by itself, or the naive twin of a property.
EVERYTHING: Final = {
    "disclosure/test_differencing.py": {"test_who_knows_the_rule_by_heart_can_pin_no_small_cell"},
    "disclosure/test_levels.py": {"test_who_knows_the_rule_works_out_no_small_number"},
    "disclosure/test_rule_known.py": {"test_no_line_is_worked_out", "test_no_table_is_worked_out"},
    "policies/test_alike.py": {"test_many_coordinates_share_few_plans"},
    "policies/test_sentences_are_read_back.py": {
        "test_every_role_element_and_scope_is_read_back",
        "test_every_pair_of_conditions_and_duties_is_read_back",
        "test_the_longest_rule_fits",
    },
    "reach/test_sight_is_the_oracles.py": {"test_elements_with_a_field_are_known_here"},
    "reads/test_mutants.py": {
        "test_the_whole_compiler_agrees",
        "test_a_missing_test_is_noticed",
        "test_a_wrong_relation_is_noticed",
    },
    "reads/test_analyses_are_reckoned.py": {
        "test_without_any_one_test_of_visibility_something_differs",
        "test_where_nobody_is_there_each_statement_still_names_its_school",
    },
}
ONE_CASE: Final = {
    "disclosure/test_differencing.py": {
        "test_a_large_even_school_is_told_everything",
        "test_a_zero_that_tells_where_everybody_is_stays_hidden",
        "test_less_than_the_threshold_is_told_nothing",
        "test_everybody_at_the_end_of_the_scale_is_not_told",
    },
    "disclosure/test_levels.py": {"test_all_alike_is_not_told", "test_an_even_course_is_told_but_for_what_it_takes"},
    "grading/test_packs.py": {"test_deep_nesting_and_endless_numbers_are_findings"},
    "policies/test_alike.py": {"test_raised_elements_keep_their_certificate"},
    "reach/test_explaining.py": {
        "test_a_course_is_chosen_or_named",
        "test_a_hidden_learner_hides_what_rules_would_show",
        "test_oneself_learns_of_no_protection_and_of_no_unknown_learner",
    },
    "reach/test_impact_is_the_difference.py": {
        "test_what_hides_a_row_hides_its_elements",
        "test_a_rule_for_stated_reasons_is_told_as_such",
    },
    "reach/test_snapshots.py": {
        "test_a_night_is_taken_once_and_stores_only_what_changed",
        "test_the_job_takes_the_night_of_every_school",
        "test_nights_end_with_the_audits_retention",
        "test_what_changed_is_told_with_its_cause",
        "test_another_rule_book_is_a_cause_of_its_own",
    },
}
NAIVE_TWINS: Final = {
    "disclosure/test_differencing.py": {
        "test_plain_suppression_is_broken_by_the_same_attacker",
        "test_plain_averages_are_broken",
    },
    "disclosure/test_levels.py": {
        "test_a_rule_that_only_stands_subtraction_is_worked_out",
        "test_plain_suppression_is_broken_by_the_same_attacker",
    },
    "disclosure/test_rule_known.py": {
        "test_lines_that_only_stand_subtraction_are_worked_out",
        "test_tables_that_only_stand_subtraction_are_worked_out",
    },
    "reads/test_measures_are_reckoned.py": {"test_without_any_one_test_of_visibility_something_differs"},
    "summaries/test_nothing_hints.py": {"test_twins_that_hint_are_found"},
}
# Run as a file of its own: a property of either kind, and a test that is none.
SAMPLE: Final = """
from hypothesis import given, settings
from hypothesis import strategies as st

@settings(max_examples=20, derandomize=True, database=None)
@given(st.integers())
def test_drawn(number):
    print("drawn", number)

def test_numbered(part):
    print("numbered", part)

def test_plain():
    print("plain")
"""


def _tests() -> Iterator[tuple[str, Callable[..., Any]]]:
    for path in sorted(HERE.glob("*/**/test_*.py")):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        found = {name: one for name, one in vars(module).items() if name.startswith("test_")}
        yield from ((f"{path.relative_to(HERE).as_posix()} {name}", one) for name, one in found.items())


def test_every_property_can_be_searched_further() -> None:
    """Each test under tests/properties has parts, or stands in one of the lists above; nothing stands there in vain."""
    named = {
        f"{path} {name}"
        for listed in (EVERYTHING, ONE_CASE, NAIVE_TWINS)
        for path, names in listed.items()
        for name in names
    }
    assert named == {name for name, test in _tests() if not is_property(test)}


def test_what_is_drawn_within_a_test_follows_its_part() -> None:
    """An inner Hypothesis test has the part for a seed: else all its parts would be the same."""
    found = 0
    for path in (ROOT / "tests").rglob("test_*.py"):
        if path.relative_to(ROOT).as_posix().startswith(OF_THEIR_OWN):
            continue
        for outer in _functions(ast.parse(path.read_text(encoding="utf-8"))):
            for inner in _functions(*outer.body):
                said = [ast.unparse(one) for one in inner.decorator_list]
                if any(one.startswith("given(") for one in said):
                    assert "seed(part)" in said, (path, outer.name, inner.name)
                    found += 1
    assert found >= 3


def test_nothing_else_is_called_a_part() -> None:
    """A test that is given cases under that name would be taken for a property."""
    given = re.compile(r"""parametrize\(\s*\(?[^()\[]*["', ]part["', ]""")
    assert given.search('parametrize("part, other", ')
    assert given.search('parametrize(\n    ("said", "part"),')
    found = [path for path in (ROOT / "tests").rglob("test_*.py") if given.search(path.read_text(encoding="utf-8"))]
    assert found == [Path(__file__)]


def _functions(*below: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for one in below:
        yield from (each for each in ast.walk(one) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def _ran(folder: Path, **asked: str) -> tuple[dict[str, list[str]], str]:
    """What each test of the sample printed, by its name; and the last line."""
    (folder / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("USHER_TEST_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-p", "tests.depth", "-c", str(ROOT / "pyproject.toml"), "--rootdir",
               str(folder), "-m", "deep", "-vs", "-p", "no:cacheprovider", str(folder)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=plain | asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    printed = {
        name: re.findall(r"(?:drawn|numbered|plain) \S+", text)
        for name, text in re.findall(r"::(test_\w+(?:\[\w+\])?) (.*?)PASSED", done.stdout, re.DOTALL)
    }
    return printed, done.stdout.splitlines()[-1]


def test_a_deep_run_has_a_hundred_parts_of_each_property(tmp_path: Path) -> None:
    """Each as large as a usual run, with examples of its own; the same ones each time; tests that are none stay out."""
    usual, _ = _ran(tmp_path)
    deep, last = _ran(tmp_path, USHER_TEST_DEEP="1")
    assert f"{2 * PARTS} passed, 1 deselected" in last
    assert [len(usual["test_drawn"]), usual["test_numbered"]] == [20, ["numbered 0"]]
    drawn = [deep[f"test_drawn[part{number}]"] for number in range(PARTS)]
    assert sum(map(len, drawn)) == 100 * 20
    assert len({tuple(one) for one in drawn}) == 100
    assert [deep[f"test_numbered[part{number}]"] for number in range(PARTS)] == [[f"numbered {n}"] for n in range(100)]
    again, last = _ran(tmp_path, USHER_TEST_DEEP="1", USHER_TEST_PARTS="40-41")
    assert "4 passed, 1 deselected" in last
    assert again["test_drawn[part40]"] == drawn[40]


def test_parts_are_named_as_a_span_or_alone() -> None:
    """All of them where none is named."""
    assert parts("") == range(100)
    assert parts("40-99") == range(40, 100)
    assert parts("7") == range(7, 8)


@pytest.mark.parametrize("asked", ["100", "9-3", "0-100"])
def test_other_parts_are_refused(asked: str) -> None:
    with pytest.raises(pytest.UsageError, match="USHER_TEST_PARTS"):
        parts(asked)
