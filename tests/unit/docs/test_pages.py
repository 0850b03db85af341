"""The pages of docs/ say what the code says: codes, limits, commands, rules as sentences, and who sees what."""

import re
from pathlib import Path
from typing import Final

import pytest

from server import errors
from server.app import readiness_checks
from server.cli import usher
from server.commands.marks.entries import LARGEST_BATCH
from server.commands.marks.faults import Fault
from server.commands.reports.publish import _NOBODY  # pyright: ignore[reportPrivateUsage] - its code is part of the API
from server.database.pool import Pool
from server.database.roles import ROLES
from server.policies.ladder import Reason
from server.policies.sentence import sentence
from server.policies.shipped import shipped_ceiling, starting_book
from server.queries.noun import Many
from server.web.bodies import MAXIMUM_BYTES
from server.web.endpoint import DEADLINE
from server.web.limits import STANDARD
from tests.unit.docs.seen import table

DOCS: Final = Path(__file__).parents[3] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(name: str, title: str) -> str:
    return page(name).split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> set[str]:
    """Everything in backquotes in the first column of the tables."""
    return {
        word for cell in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for word in re.findall(r"`([^`]+)`", cell)
    }


def test_every_error_code_is_explained() -> None:
    """Those of the error tree, and no other."""
    codes = {
        each.code for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.UsherError)
    }
    assert first_cells(section("queries.md", "Errors")) == codes


def test_every_code_of_a_refused_row_is_explained() -> None:
    """Those of marks, and that of a publication."""
    assert first_cells(section("queries.md", "Changes")) == {*Fault, _NOBODY.code}


def test_every_reason_is_explained() -> None:
    """Why a value is withheld."""
    assert first_cells(section("queries.md", "What is withheld")) == set(Reason)


def test_the_limits_are_the_limits() -> None:
    """Each figure stands in its sentence."""
    said = section("queries.md", "Requests")
    for figure in (
        f"{MAXIMUM_BYTES // 1024} KiB",
        f"{STANDARD.depth} levels",
        f"{STANDARD.fields:,} fields",
        f"{STANDARD.aliases} aliases",
        f"{STANDARD.root_fields} root fields",
        f"{DEADLINE:.0f} seconds",
    ):
        assert figure in said
    many = Many.__dataclass_fields__
    assert f"{many['usual'].default} rows where nothing is said, {many['maximum'].default} at most" in page(
        "queries.md"
    )
    assert f"At most {LARGEST_BATCH} marks" in page("queries.md")


RULES: Final = re.findall(r"```csv\n(.*?)\n```\n\n> (.*)", page("policy.md"))


def test_three_rules_are_read_aloud() -> None:
    assert len(RULES) == 3


@pytest.mark.parametrize(("row", "words"), RULES)
def test_a_rule_is_the_book_s_and_its_sentence_is_usher_s(row: str, words: str) -> None:
    """As it stands in policy.csv."""
    (rule,) = [each for each in starting_book().rules if each.id == row.split(",")[0]]
    assert sentence(rule) == words
    assert f"p, {row}\n" in (DOCS.parent / "policies" / "policy.csv").read_text(encoding="utf-8")


def test_the_books_have_as_many_rules_as_is_said() -> None:
    """Group rows are not counted."""
    said = page("policy.md")
    assert f"starts with, {len(starting_book().rules)} rules" in said
    assert f"the ceiling, {len(shipped_ceiling().book.rules)} rules" in said


def test_the_table_of_accounts_is_what_the_planner_says() -> None:
    """`python -m tests.unit.docs.seen` prints it."""
    assert table() in page("policy.md")


def test_every_command_is_listed() -> None:
    """Top-level commands and groups of `usher`."""
    known = {command.name for command in usher.registered_commands} | {group.name for group in usher.registered_groups}
    assert {command.split()[1] for command in first_cells(section("operations.md", "What runs"))} == known


def test_roles_and_checks_are_listed() -> None:
    """The three roles; what /readyz looks at."""
    assert first_cells(section("operations.md", "One's own PostgreSQL")) == set(ROLES)
    checks = readiness_checks(Pool("postgresql://nobody@127.0.0.1:1/none"))
    assert ", ".join(f"`{name}`" for name in checks) in section("operations.md", "Health")
