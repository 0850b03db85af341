"""The rules that no import shows, and that they hold where they must and only there."""

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SOURCES = sorted(path.relative_to(ROOT) for top in ("server", "tests", "tools") for path in (ROOT / top).rglob("*.py"))
VAGUE = re.compile(r"^_?(utils?|helpers?|managers?|services?|base|common|misc|lib|shared|stuff)\d*$")
VAGUE_ENDING = re.compile(r"_(utils?|helpers?|managers?|services?|base)$")
MOST_LINES = 400


def test_no_file_has_a_name_that_says_nothing() -> None:
    """No utils, helpers, managers, services or base, as file or folder."""
    parts = {part for path in SOURCES for part in (*path.parts[:-1], path.stem)}
    assert {part for part in parts if VAGUE.match(part) or VAGUE_ENDING.search(part)} == set()


def test_files_stay_readable() -> None:
    """Of 400 lines at most; aim at 60 to 250."""
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: length for path, length in lengths.items() if length > MOST_LINES and path.startswith("server")} == {}


def test_no_name_of_the_standard_library_is_hidden() -> None:
    """A package named like one of its modules shadows it once a file is run as a script."""
    packages = {path.parts[1].removesuffix(".py") for path in SOURCES if path.parts[0] == "server"}
    assert packages & sys.stdlib_module_names == set()


# rule -> code that breaks it, a place where it must be found, a place where it may stand (or None)
PLACES = [
    ("roles-are-read-by-policies", "x = principal.roles\n", "server/commands/a.py", "server/policies/a.py"),
    ("roles-are-read-by-policies", "x = principal.roles\n", "server/queries/a.py", "server/queries/profiles.py"),
    ("enforcers-stay-on", "e.enable_enforce(False)\n", "server/policies/a.py", None),
    ("enforcers-stay-on", "e.enable_enforce(False)\n", "tests/e2e/a.py", "tests/unit/policies/test_casbin_faults.py"),
    ("sql-has-its-layers", 'x = "SELECT 1"\n', "server/policies/a.py", "server/queries/a.py"),
    ("sql-has-its-layers", 'x = "SELECT 1"\n', "server/web/a.py", "server/identity/a.py"),
    ("sql-has-its-layers", 'x = "SELECT 1"\n', "server/resolvers/a.py", "server/commands/a.py"),
    ("sql-has-its-layers", 'x = "SELECT 1"\n', "server/app.py", "server/exchange/a.py"),
    ("sql-has-its-layers", 'x = "SELECT 1"\n', "server/tables/a.py", "server/compliance/a.py"),
    ("sql-is-never-glued", 'x = f"SELECT * FROM {t}"\n', "server/queries/a.py", "server/database/a.py"),
    ("sql-is-never-glued", 'x = f"SELECT * FROM {t}"\n', "server/commands/a.py", "server/migrations/a.py"),
    ("settings-are-local-to-a-transaction", 'x = "SELECT set_config(a)"\n', "server/database/a.py", None),
    ("only-the-command-line-prints", "print(1)\n", "server/demo/a.py", "server/cli.py"),
    ("the-wheel-only-lends-binaries", "e.get_server(x)\n", "server/database/a.py", None),
    ("pure-layers-have-no-clock", "x = date.today()\n", "server/grading/a.py", "server/queries/a.py"),
    ("pure-layers-have-no-clock", "x = date.today()\n", "server/policies/a.py", "server/identity/a.py"),
    ("figures-are-exact", "x = 0.5\n", "server/grading/a.py", "server/queries/a.py"),
    ("figures-are-exact", "x: float\n", "server/commands/marks/a.py", "server/commands/jobs/a.py"),
    ("figures-are-exact", "x = float(y)\n", "server/exchange/scores.py", "server/commands/rosters/cells.py"),
    ("figures-are-exact", "x = float(y)\n", "server/resolvers/marks/changes.py", "server/resolvers/live/a.py"),
    ("roundings-have-names", "x = round(y)\n", "server/grading/a.py", "server/grading/measures/rounding.py"),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], set[str]]:
    """Which rules are found in which file, of a tree with one file for each case and place."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "sgconfig.yml", tree)
    shutil.copytree(ROOT / "tools" / "ast-grep", tree / "tools" / "ast-grep")
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for _, code, *places in PLACES:
        for place in filter(None, places):
            (tree / place).parent.mkdir(parents=True, exist_ok=True)
            (tree / place).write_text(code)
            done = subprocess.run(
                [BIN / "ast-grep", "scan", "--json=compact", "."], cwd=tree, capture_output=True, text=True, check=False
            )
            found[place, code] = {finding["ruleId"] for finding in json.loads(done.stdout)}
            (tree / place).unlink()
    return found


@pytest.mark.parametrize(("rule", "code", "forbidden", "allowed"), PLACES)
def test_a_rule_holds_where_it_must_and_only_there(
    found: dict[tuple[str, str], set[str]], rule: str, code: str, forbidden: str, allowed: str | None
) -> None:
    """Folders of a rule are part of it: a wrong pattern would make it hold nowhere."""
    assert rule in found[forbidden, code]
    assert allowed is None or rule not in found[allowed, code]


def test_every_rule_has_a_place_and_a_test() -> None:
    """A rule that is tried nowhere is no rule."""
    rules = {path.stem for path in (ROOT / "tools/ast-grep/rules").glob("*.yml")}
    tests = {path.stem.removesuffix("-test") for path in (ROOT / "tools/ast-grep/tests").glob("*.yml")}
    assert rules == tests == {rule for rule, *_ in PLACES}


BREACHES = {
    # contract: (file, line that breaks it)
    "Imports point down": ("server/tables/row.py", "import server.queries"),
    "Only policies asks casbin": ("server/queries/__init__.py", "import casbin"),
    "Only web, resolvers and app know Strawberry and Starlette": ("server/commands/__init__.py", "import starlette"),
    "Only web, resolvers, app and queries know GraphQL documents": ("server/identity/__init__.py", "import graphql"),
    "SQL has its layers": ("server/web/__init__.py", "import psycopg"),
    "Grading is pure: it imports nothing of ours, no clock and no database": (
        "server/grading/exact.py",
        "import server.errors",
    ),
}


def _lint(tree: Path) -> str:
    done = subprocess.run([BIN / "lint-imports", "--no-cache"], cwd=tree, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[], Path]:
    def copy() -> Path:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "server", tmp_path / "server", dirs_exist_ok=True, ignore=ignore)
        shutil.copy(ROOT / "pyproject.toml", tmp_path)
        return tmp_path

    return copy


def test_each_import_contract_can_break(copied: Callable[[], Path]) -> None:
    """One forbidden import for each contract, all at once: each is named as broken."""
    tree = copied()
    for path, line in BREACHES.values():
        with (tree / path).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    answer = _lint(tree)
    assert {name for name in BREACHES if f"{name} BROKEN" not in answer} == set()
    assert f"Contracts: 0 kept, {len(BREACHES)} broken." in answer


def test_a_new_top_level_package_breaks_the_layers(copied: Callable[[], Path]) -> None:
    """The layers are exhaustive: a package that stands in none is refused."""
    tree = copied()
    (tree / "server" / "sundries").mkdir()
    (tree / "server" / "sundries" / "__init__.py").touch()
    assert "server.sundries" in _lint(tree)
