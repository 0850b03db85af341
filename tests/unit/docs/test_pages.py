"""The pages of docs/ say what the code says: codes, limits, commands, rules as sentences, and who sees what."""

import re
from pathlib import Path
from typing import Final

import pytest

from server import errors
from server.app import readiness_checks
from server.cli import usher
from server.cli.policy import policy
from server.commands.access.break_glass import LASTS
from server.commands.access.invitation_candidates import SEES
from server.commands.access.invitation_entries import Invited
from server.commands.access.support import MOST_HOURS
from server.commands.access.texts import LONGEST, SHORTEST_REASON
from server.commands.jobs.job import DAY, MINUTE
from server.commands.jobs.listed import JOBS
from server.commands.marks.entries import LARGEST_BATCH
from server.commands.marks.faults import Fault
from server.commands.policy.examples import MOST_EXAMPLES
from server.commands.policy.publication import FURTHEST
from server.commands.policy.refusals import MOST_SHOWN
from server.commands.policy.texts import LONGEST_REASON, LONGEST_TITLE
from server.commands.reports.publish import _NOBODY  # pyright: ignore[reportPrivateUsage] - its code is part of the API
from server.database.pool import Pool
from server.database.roles import ROLES
from server.migrations import newest_version
from server.policies.book_rows import MOST_RULES
from server.policies.examples import starting_examples
from server.policies.ladder import Reason
from server.policies.parse import LONGEST_SENTENCE
from server.policies.profile import Profile
from server.policies.sentence import sentence
from server.policies.shipped import shipped_ceiling, starting_book
from server.policies.vocabulary import ROLES as CAPACITIES
from server.policies.vocabulary import Capacity, relations
from server.queries.noun import Many
from server.queries.policy_rows import CONFIRM_WITHIN
from server.queries.reach.replay import LAST
from server.queries.statistic_groups import SMALLEST, SMALLEST_PUBLISHED
from server.resolvers.access.kinds import FEW, FIRST
from server.resolvers.inquiries import INQUIRIES
from server.resolvers.inquiring import MOST_INQUIRIES
from server.resolvers.mutations import MUTATIONS
from server.web.bodies import MAXIMUM_BYTES
from server.web.endpoint import DEADLINE
from server.web.limits import STANDARD
from tests.unit.docs.refusals import ACCESS, CENSUSES, GRADINGS, POLICY, SCALES, WINDOWS, findings, refusals
from tests.unit.docs.seen import table
from tests.unit.policies.decisions import shipped_planner

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


def codes(name: str, title: str, heading: str) -> set[str]:
    """Everything in backquotes in the first column of the table with that heading."""
    after = section(name, title).split(f"| {heading} | |\n")[1]
    return first_cells(after.split("\n\n")[0])


def test_every_code_of_a_refused_change_of_rules_is_explained() -> None:
    """Those of its commands, and those of findings."""
    assert codes("queries.md", "Changing the rule book", "code in `userErrors`") == refusals(POLICY)
    assert codes("queries.md", "Changing the rule book", "code of a finding") == findings() - refusals(POLICY)


def test_every_code_of_a_refused_change_of_access_is_explained() -> None:
    """Training, roles, classes, links, sessions, summaries."""
    assert codes("queries.md", "Changing who may act", "code in `userErrors`") == refusals(ACCESS)


def test_every_code_of_a_refused_step_is_explained() -> None:
    """Those of lockWindow and the others of its kind."""
    assert codes("queries.md", "Assessment windows", "code in `userErrors` of a step") == refusals(WINDOWS)


def test_every_code_of_a_refused_grading_is_explained() -> None:
    """Those of setWindowGrading."""
    found = codes("queries.md", "Assessment windows", "code in `userErrors` of `setWindowGrading`")
    assert found == refusals(GRADINGS)


def test_every_code_of_a_refused_scale_is_explained() -> None:
    """Those of setCourseScale."""
    found = codes("queries.md", "Assessment windows", "code in `userErrors` of `setCourseScale`")
    assert found == refusals(SCALES)


def test_every_code_of_a_refused_census_is_explained() -> None:
    """Those of takeCensus."""
    assert codes("queries.md", "Reckoned fields", "code in `userErrors` of `takeCensus`") == refusals(CENSUSES)


def test_mutations_with_keys_are_those_that_are_named() -> None:
    """And no other takes one."""
    keyed = {
        name
        for name, mutation in MUTATIONS.items()
        if any(argument.name == "idempotencyKey" for argument in mutation.arguments)
    }
    (line,) = [
        line for line in section("queries.md", "Changes").splitlines() if line.startswith("- **`idempotencyKey`")
    ]
    assert set(re.findall(r"\((.*?)\)", line)[0].replace("`", "").split(", ")) == keyed


def test_every_operation_of_the_officer_is_explained() -> None:
    """Mutations and reckoned fields that are there, each by its name; and no other that looks like one."""
    said = page("policy.md")
    named = set(re.findall(r"`([a-z]+(?:[A-Z][a-z]+)+)`", said))
    known = {*MUTATIONS, *INQUIRIES}
    marks = {"recordEstimates", "setTargets", "confirmForecast", "recordMarks", "publishReports", "acknowledgeReport"}
    marks |= {"lockWindow", "moderateWindow", "reopenWindow", "moderateMarks", "agreeMarks", "undoMarks"}
    marks |= {"setWindowGrading", "setCourseScale", "rekey", *(name for name in MUTATIONS if name.startswith("upsert"))}
    others = {"accessLog", "totalCount", "fromVersion", "fromDraft", "chainHolds", "specialReason", "widensSpecial"}
    assert named - known <= others
    told = {name for name in known if name in said or name in page("queries.md") or name in page("analysis.md")}
    listed = {"policyDrafts", "policySubmission", "policySubmissions", "policyVersion"}
    assert known - told <= listed
    assert set(MUTATIONS) - marks <= named


WHO_MAY: Final = [
    (re.findall(r"`(\w+)`", operations), set(re.findall(r"`(\w+)`", who)))
    for operations, who in re.findall(r"^\| (`.*?) \| (.*?) \|", section("policy.md", "Who may act"), re.MULTILINE)
    if "`" in who
]


# What a mutation asks for some of its inputs only: giving or ending a role that decides about others' access.
_OFFICERS: Final = frozenset({("client_grant", "write")})
FURTHER: Final[dict[str, frozenset[tuple[str, str]]]] = {
    **dict.fromkeys(("assignRole", "endRole"), _OFFICERS),
    # Addresses for letters, and whatever the one invitation is of.
    "inviteGuardians": _OFFICERS | {SEES[Invited.PARENT][1]},
    "inviteLearners": _OFFICERS | {SEES[Invited.LEARNER][1]},
    "inviteStaff": _OFFICERS | {SEES[Invited.STAFF][1]},
    "reissueInvitation": _OFFICERS | {one for both in SEES.values() for one in both},
}


@pytest.mark.parametrize(("operations", "said"), WHO_MAY)
def test_who_may_act_is_what_the_planner_says(operations: list[str], said: set[str]) -> None:
    """Roles of staff for whom the shipped books open what the mutations ask for, on an ordinary row."""
    for operation in operations:
        asked = MUTATIONS[operation].coordinates - FURTHER.get(operation, frozenset())
        assert asked
        assert said == {
            role
            for role, capacity in CAPACITIES.items()
            if capacity is Capacity.STAFF
            and all(
                shipped_planner().plan(Profile.of(capacity, (role,), ()), *coordinate).visible(relations())
                for coordinate in asked
            )
        }


def test_most_changes_of_access_say_who_may() -> None:
    """But those of the vendor's staff and of broken glass, which go by no role."""
    assert len(WHO_MAY) == 12


def test_the_limits_of_changes_are_the_limits() -> None:
    """Each figure stands in its sentence."""
    rules, access = section("queries.md", "Changing the rule book"), section("queries.md", "Changing who may act")
    for figure in (
        f"{MOST_RULES:,}; each is",
        f"`reason` 1 to {LONGEST_REASON} characters, `title`\n{LONGEST_TITLE}",
        f"by {FURTHEST.days} days at most",
        f"more than {MOST_EXAMPLES} |",
        f"at most {MOST_SHOWN}:",
        f"over {LONGEST_SENTENCE:,} characters",
    ):
        assert figure in rules
    assert f"1 to {MOST_HOURS}, and no more" in access
    assert f"1 to {LONGEST}, {SHORTEST_REASON} to {LONGEST}" in access
    reckoned = section("queries.md", "Reckoned fields")
    assert f"At most {MOST_INQUIRIES} in an operation" in reckoned
    assert f"lists of people and learners {FIRST}, learners within a list of people's changes {FEW}," in reckoned


def test_what_officers_are_told_in_figures_is_so() -> None:
    """Hours, examples, thresholds, days."""
    said = page("policy.md")
    for figure in (
        f"are {len(starting_examples())} decisions that the agreement promises",
        f"within {CONFIRM_WITHIN.total_seconds() / 3600:.0f} hours (`confirmPolicy`)",
        f"at most {FURTHEST.days} days ahead",
        f"name, reason, 1 to {MOST_HOURS} hours",
        f"the school's last {LAST} recorded operations",
        f"(at most {FIRST}, with\n{FEW} learners of each)",
        f"Lists show {FIRST} at most, of changes {FEW} learners each;",
        {2: "for two hours and with a reason"}[int(LASTS.total_seconds() // 3600)],
        f"never below {SMALLEST}; for figures that leave the school (`publishedStatistics`) never below {SMALLEST_PUBLISHED}",
    ):
        assert figure in said


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


def test_every_word_of_usher_policy_is_listed() -> None:
    """In its order."""
    said = section("policy.md", "Changing the book").split("### On the command line")[1]
    words = ", ".join(str(command.name) for command in policy.registered_commands)
    assert f"lists its words: {words}." in said.replace("\n", " ")


def test_every_job_is_listed() -> None:
    """With how often it runs."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", section("operations.md", "Jobs"), re.MULTILINE)
    often = {MINUTE: "each minute", DAY: "daily, {:%H:%M}"}
    assert dict(rows) == {job.name: often[job.every].format(job.at) for job in JOBS}


def test_every_migration_is_listed() -> None:
    """Up to the newest."""
    listed = first_cells(section("operations.md", "Migrations"))
    assert listed == {f"{number:04}" for number in range(1, int(newest_version()) + 1)}


def test_roles_and_checks_are_listed() -> None:
    """The three roles; what /readyz looks at."""
    assert first_cells(section("operations.md", "One's own PostgreSQL")) == set(ROLES)
    checks = readiness_checks(Pool("postgresql://nobody@127.0.0.1:1/none"))
    assert ", ".join(f"`{name}`" for name in checks) in section("operations.md", "Health")
