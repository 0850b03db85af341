"""What README and docs show is so. The examples themselves are asked in tests/e2e/test_run.py, where the demo is made.

Making it takes a minute, so it is made once, and `check_examples` is called there. Answers are compared exactly in the
school year that the README names, and by their shape in later ones, whose demo has other names and marks.
"""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import build_schema, parse, validate

from server.cli import call
from server.demo.packs import pack_folder
from server.grading.packs import load_pack
from server.grading.verification import Verification, run_cases
from server.resolvers.schema import printed
from server.settings import Settings
from server.web.graphiql_page import demo_queries
from tests.e2e.examples import DOCUMENTS, ROOT, Ask, Asker, Block, blocks, examples, fits, mentioned, read, school_year
from tests.e2e.officers_story import Run, Story, parted
from tests.unit.docs.seen import STANDING

USHER = str(Path(sys.executable).with_name("usher"))
SHELL = [
    block.text
    for document in (*DOCUMENTS, "docs/operations.md")
    for block in blocks(read(document))
    if block.language == "sh"
]
# Words of a shell line before the command: settings, and the assignment of a token.
COMMANDS = sorted(set(re.findall(r"\.venv/bin/usher ([a-z-]+(?: [a-z-]+)?)", "\n".join(SHELL))))


def check_examples(ask: Ask, year: int, accounts: set[str]) -> None:
    """Each example of each document, in order; `year` is the demo's school year, `accounts` those that it has."""
    asker = Asker(ask, exact=year == school_year())
    for document in DOCUMENTS:
        for example in examples(told(document)):
            asker.check(example)
    assert asker.asked >= 10
    assert set(re.findall(r"^\| `([a-z-]+)` \|", _section("Ask it"), re.MULTILINE)) == accounts
    for account, (capacity, roles, facts) in STANDING.items():
        answer = ask(account, "{ viewer { capacity roles capabilities } }", {})
        if capacity == "OPERATOR":  # nobody is let in yet, not even to their own standing
            assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
            continue
        viewer = answer["data"]["viewer"]
        assert viewer == {"capacity": capacity, "roles": list(roles), "capabilities": list(facts)}


def told(document: str) -> str:
    """The document; of the README what is beside the story, whose answers depend on what was done before."""
    return parted(read(document))[0] if document == "README.md" else read(document)


def check_story(ask: Ask, run: Run, year: int) -> None:
    """The officer's story, from its first step to its last."""
    exact = year == school_year()
    story = Story(run, Asker(ask, exact), exact)
    story.tell(parted(read("README.md"))[1])
    assert story.told >= 15


def check_shell(url: str, environment: dict[str, str]) -> None:
    """The README's way to ask with curl, line by line, and the answer that it shows."""
    block, shown = _asked_by_shell()
    line = block.replace("http://127.0.0.1:8000", url).replace(".venv/bin/usher", USHER)
    if shutil.which("curl") and shutil.which("bash"):
        done = subprocess.run(
            ["bash", "-c", line], env=environment, capture_output=True, text=True, timeout=60, check=True
        )
        answer = done.stdout
    else:
        answer = _sent(line, environment)
    found = httpx.Response(200, text=answer).json()
    del found["extensions"]  # what it cost, which the page leaves out
    assert found == httpx.Response(200, text=shown).json()


def _asked_by_shell() -> tuple[str, str]:
    found = list(blocks(read("README.md")))
    place = next(i for i, block in enumerate(found) if block.language == "sh" and "curl" in block.text)
    assert found[place + 1].language == "json"
    return found[place].text, found[place + 1].text


def _sent(line: str, environment: dict[str, str]) -> str:
    """What the lines do, where there is no curl: a token, and one POST."""
    command = re.search(r"TOKEN=\$\((.*)\)", line)
    assert command is not None
    done = subprocess.run(
        shlex.split(command[1]), env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    words = shlex.split(line.replace("\\\n", " ").replace("$TOKEN", done.stdout.strip()))
    headers = [words[i + 1].split(": ", 1) for i, word in enumerate(words) if word == "--header"]
    url = next(word for word in words if word.startswith("http"))
    return httpx.post(
        url, content=words[words.index("--data") + 1], headers=dict(headers), trust_env=False, timeout=30
    ).text


def _section(title: str) -> str:
    return read("README.md").split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_operation_is_valid(document: str) -> None:
    """Against the schema as it is printed."""
    schema = build_schema(printed())
    for block in blocks(read(document)):
        if block.language == "graphql":
            assert validate(schema, parse(block.text)) == []


def test_the_three_queries_are_those_of_the_tabs() -> None:
    """What `usher run` prints, GraphiQL shows and the README explains is one text."""
    shown = [block.text for block in blocks(told("README.md")) if block.language == "graphql"]
    assert [document for document in shown if not document.startswith("mutation")] == [
        document for _, document in demo_queries()[:3]
    ]


def test_two_accounts_or_more_answer_each_shown_operation() -> None:
    """The policy shows in the difference."""
    asked: dict[str, set[str]] = {}
    for example in examples(told("README.md")):
        if example.answer is not None:
            asked.setdefault(example.operation, set()).add(example.account)
    assert len(asked) == 3
    assert all(len(accounts) >= 2 for accounts in asked.values())


def test_the_settings_are_all_there() -> None:
    """Each by its variable, with its default."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", _section("Settings"), re.MULTILINE))
    assert {name.lower() for name in rows} == set(Settings.model_fields)
    for name, settled in Settings.model_fields.items():
        if settled.default_factory is None:
            default = "none" if settled.default is None else f"`{settled.default}`"
            assert rows[name.upper()].startswith(default)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_exists(command: str) -> None:
    """The first words that are commands have a page of help."""
    words = command.split()
    assert 0 in [call([*words[:n], "--help"]) for n in (2, 1)]


def test_every_setting_in_a_shell_line_exists() -> None:
    """Nobody sets a variable in vain."""
    known = {name.upper() for name in Settings.model_fields}
    assert {name for text in SHELL for name in re.findall(r"\b(USHER_\w+|PORT)=", text)} <= known


def test_every_verb_in_a_shell_line_exists() -> None:
    """`make` knows it."""
    verbs = {verb for text in SHELL for verb in re.findall(r"\bmake ([a-z-]+)", text)}
    assert {"run", "test"} <= verbs <= set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))


def test_the_shipped_pack_passes_all_cases_that_the_readme_counts() -> None:
    """And it is the folder that the command names."""
    pack = load_pack(pack_folder())
    result = Verification(pack, tuple(run_cases(pack)))
    section = _section("Boundary packs")
    assert result.ok
    assert f"runs its {len(pack.cases)} cases through the engine" in section
    assert str(pack_folder().relative_to(ROOT)) in section


def test_the_tree_is_the_tree() -> None:
    """Every folder that the README's last section names is there."""
    named = re.findall(r"([a-z]+)/", _section("Where things are").split("```")[1])
    for name in set(named) - {"decisions"}:
        assert (ROOT / name).is_dir() or (ROOT / "server" / name).is_dir(), name


SHOWN: dict[str, Any] = {"data": {"rows": [{"id": "lrn_1", "score": "4", "withheld": []}], "total": 3}}


OTHERS: list[dict[str, Any]] = [
    {"data": {"rows": [{"id": "lrn_1", "score": 4, "withheld": []}], "total": 3}},
    {"data": {"rows": [{"id": "lrn_1", "score": "4"}], "total": 3}},
    {"data": {"rows": {}, "total": 3}},
    {"errors": []},
]


@pytest.mark.parametrize("answer", OTHERS)
def test_another_shape_is_noticed(answer: dict[str, Any]) -> None:
    """A kind of value, a field, a list, an error."""
    assert not fits(answer, SHOWN)


def test_another_year_fits() -> None:
    """Other values, more rows or none, null."""
    assert fits({"data": {"rows": [], "total": None}}, SHOWN)
    assert fits({"data": {"rows": [{"id": "lrn_2", "score": None, "withheld": []}] * 2, "total": 5}}, SHOWN)


def test_a_changed_answer_is_noticed() -> None:
    """In the README's own school year one character is enough."""
    (first, *_) = [example for example in examples(read("README.md")) if example.answer is not None]
    wrong = Asker(_nothing, exact=True)
    with pytest.raises(AssertionError):
        wrong.check(first)


def test_variables_come_from_the_answer_before() -> None:
    """The first of each."""
    answer = {"data": {"id": "lrn_1", "marks": [{"version": 2, "assessment": {"id": "asm_1"}}, {"version": 3}]}}
    assert mentioned(answer) == {"learner": "lrn_1", "assessment": "asm_1", "version": 2}
    assert Block("sh", "x\n", "\n") in list(blocks("\n```sh\nx\n```\n"))


def test_another_year_may_lack_the_learner_but_not_the_shape() -> None:
    """Operations about a learner of that year's demo are left out; an error is noticed all the same."""
    shown = [example for example in examples(read("README.md")) if example.answer is not None]
    late = next(example for example in shown if example.operation.startswith("mutation"))
    later = Asker(_nothing, exact=False)
    later.check(late)
    assert later.asked == 0
    with pytest.raises(AssertionError):
        later.check(shown[0])


def _nothing(account: str, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    return {"data": {}}
