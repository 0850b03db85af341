"""What the documents say is so: paths exist, verbs exist, quoted code is the code."""

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from server.database.roles import prepare_server_sql

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT)
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if path.name != "data-map.md"  # printed, and compared with the code
)
# First folders of the tree, so that a fraction or a media type is not taken for a path.
TOPS = {path.name for path in ROOT.iterdir() if path.is_dir()}


def spoken(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_path_exists(document: Path) -> None:
    """Each path in backquotes, seen from the repository's root; a star stands for any name."""
    quoted = re.findall(r"`([\w.*-]+(?:/[\w.*-]+)*/?)`", spoken(document))
    paths = {path for path in quoted if path.split("/")[0] in TOPS and "/" in path and not path.startswith(".venv")}
    assert {path for path in paths if not list(ROOT.glob(path.rstrip("/")))} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_verb_exists(document: Path) -> None:
    """Each `make verb` in backquotes is one of the Makefile's."""
    targets = set(re.findall(r"^([a-z-]+):", spoken(Path("Makefile")), re.MULTILINE))
    verbs = {verb for words in re.findall(r"`make ([a-z -]+)`", spoken(document)) for verb in words.split()}
    assert verbs <= targets


def quotations() -> list[tuple[str, str]]:
    """(file, code) of each block of Python whose first line names the file it stands in."""
    blocks = re.findall(r"^( *)```python\n(.*?)^\1```", spoken(Path("CONTRIBUTING.md")), re.MULTILINE | re.DOTALL)
    found: list[tuple[str, str]] = []
    for _, block in blocks:
        first, _, code = textwrap.dedent(block).partition("\n")
        found.append((first.removeprefix("# "), code))
    return found


@pytest.mark.parametrize(("file", "code"), quotations())
def test_quoted_code_is_the_code(file: str, code: str) -> None:
    """Line by line, whatever its indentation."""
    source = [line.strip() for line in spoken(Path(file)).splitlines()]
    lines = [line.strip() for line in code.splitlines()]
    assert any(source[start : start + len(lines)] == lines for start in range(len(source)))


def test_a_field_s_page_has_quotations() -> None:
    """The page on adding a field shows a column and a declaration."""
    assert [file for file, _ in quotations()] == ["server/tables/learners.py", "server/queries/learners.py"]


@pytest.mark.parametrize("decision", [path for path in DOCUMENTS if path.parent.name == "decisions"], ids=str)
def test_a_decision_says_how_it_is_checked(decision: Path) -> None:
    """Context, decision and the check, under a numbered title; numbers are given once."""
    text = spoken(decision)
    assert text.startswith(f"# {decision.name[:4]} ")
    for part in ("Context", "Decision", "hecked"):
        assert part in text
    assert len([path for path in DOCUMENTS if path.name.startswith(decision.name[:4])]) == 1


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_server_is_prepared_as_the_program_says(document: Path) -> None:
    """SQL that makes roles is server.database.roles' own, wherever it is shown."""
    blocks = re.findall(r"```sql\n(.*?)```", spoken(document), re.DOTALL)
    assert {block for block in blocks if "CREATE ROLE" in block} <= {prepare_server_sql()}


def test_hooks_are_local_and_call_verbs() -> None:
    """Nothing is fetched to make a commit."""
    repositories = yaml.safe_load(spoken(Path(".pre-commit-config.yaml")))["repos"]
    assert [each["repo"] for each in repositories] == ["local"]
    for hook in repositories[0]["hooks"]:
        assert re.fullmatch(r"make --no-print-directory [a-z-]+", hook["entry"])
        assert hook["language"] == "system"
