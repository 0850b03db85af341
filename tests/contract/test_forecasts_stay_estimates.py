"""A forecast never stands alone as a decision: nothing that leaves the school, or that families read, is made of one."""

import ast
from collections.abc import Iterator
from pathlib import Path

from server.commands.reports.publish import FROZEN
from server.queries.noun import Leaf
from server.queries.nouns import NOUNS
from server.resolvers.inquiries import INQUIRIES
from server.resolvers.mutations import MUTATIONS

SERVER = Path(__file__).parents[2] / "server"
RECKONED = {"server.grading.forecasts", "server.grading.outlook", "server.queries.expectations"}
# Whoever reckons or reads forecasts: the one field that shows them, labelled, and the command that confirms one.
MAY_RECKON = {
    "server/commands/expectations/checks.py",
    "server/commands/expectations/confirm.py",
    "server/grading/outlook.py",
    "server/queries/expectations.py",
    "server/resolvers/expectations/changes.py",
    "server/resolvers/expectations/forecast_values.py",
    "server/resolvers/expectations/inquiries.py",
}
MAY_NAME = {
    "teacher_estimate": {"server/commands/expectations/estimates.py", "server/queries/expectations.py"},
    "forecast_confirmation": {"server/commands/expectations/confirm.py", "server/queries/expectations.py"},
}
DECLARED = ("server/migrations/", "server/tables/", "server/compliance/")


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted(SERVER.rglob("*.py")):
        yield path.relative_to(SERVER.parent).as_posix(), path.read_text(encoding="utf-8")


def imported(text: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return found


def test_forecasts_are_reckoned_for_their_own_field_and_confirmation_alone() -> None:
    """No report, publication, import, export, statistic or measure imports what reckons them."""
    assert {path for path, text in sources() if imported(text) & RECKONED} == MAY_RECKON


def test_estimates_and_confirmations_are_read_and_written_there_alone() -> None:
    """No other statement names their tables."""
    for table, allowed in MAY_NAME.items():
        naming = {path for path, text in sources() if f"usher.{table}" in text and not path.startswith(DECLARED)}
        assert naming == allowed


def test_a_published_report_freezes_no_forecast() -> None:
    assert "forecast" not in FROZEN


def test_nothing_exports_forecasts_and_no_row_shows_one() -> None:
    """An export would ask for ("forecast", "export"): whoever builds one begins with what was confirmed."""
    coordinates = {one for several in (INQUIRIES, MUTATIONS) for each in several.values() for one in each.coordinates}
    assert {action for element, action in coordinates if element == "forecast"} == {"read", "write"}
    leaves = [leaf for noun in NOUNS.values() for leaf in noun.fields if isinstance(leaf, Leaf)]
    assert [leaf.name for leaf in leaves if leaf.element == "forecast"] == []
