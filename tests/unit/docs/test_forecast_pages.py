"""The pages say of forecasts what the code says: methods with their versions, codes, bounds."""

import re

from server.commands.expectations.confirm import CHANGED, NOTHING
from server.commands.expectations.faults import Fault
from server.commands.marks.entries import LARGEST_BATCH
from server.grading.forecasts import VERSIONS
from tests.unit.docs.test_pages import codes, page, section


def test_every_refusal_is_explained() -> None:
    """Of an estimate, a target and a confirmation."""
    listed = codes("queries.md", "Forecasts", "code in `userErrors` of an estimate, a target or a confirmation")
    assert listed == {*Fault, NOTHING.code, CHANGED.code}


def test_the_methods_are_the_methods() -> None:
    """Each with the version that it has."""
    rows = re.findall(r"^\| (`[A-Z_`, ]+) \| (\d+) \|", page("grading/forecasts.md"), re.MULTILINE)
    listed = {name: int(version) for names, version in rows for name in re.findall(r"`(\w+)`", names)}
    assert listed == {method.name: version for method, version in VERSIONS.items()}


def test_the_bound_is_the_bound() -> None:
    assert f"At most {LARGEST_BATCH} estimates or targets" in section("queries.md", "Forecasts")
