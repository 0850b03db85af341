"""No folder, however spoilt, makes the loader raise."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.demo.packs import pack_folder
from server.grading.verification import verify_pack
from tests.properties.grading.worlds import checked

PUBLISHED = pack_folder()
FILES = ("linear_qualifications.json", "cases.jsonl", "linear_subject_boundaries.csv", "ums_units.json")
ROW = json.loads((PUBLISHED / FILES[0]).read_text(encoding="utf-8"))[2]
CASES = [json.loads(line) for line in (PUBLISHED / FILES[1]).read_text(encoding="utf-8").splitlines()]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1/0", "1e999", "-1", "x", "X", 10**40, ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
fuzzed = settings(checked, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@fuzzed
@given(contents=st.dictionaries(st.sampled_from(FILES), st.binary(max_size=200)))
def test_arbitrary_bytes_are_findings(tmp_path: Path, contents: dict[str, bytes]) -> None:
    """A folder of rubbish verifies as nothing passed, and says why."""
    for name in FILES:
        (tmp_path / name).unlink(missing_ok=True)
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    outcome = verify_pack(tmp_path)
    assert outcome.passed == 0
    assert all(finding.code.isupper() and finding.message for finding in outcome.findings)


def spoil(value: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """The same tree with one node replaced by anything."""
    inner = cast("dict[str, Any] | list[Any]", value)
    keys: list[Any] = sorted(inner) if isinstance(inner, dict) else list(range(len(inner)))
    key = draw(st.sampled_from(keys))
    copy: Any = dict(inner) if isinstance(inner, dict) else list(inner)
    deeper = isinstance(copy[key], dict | list) and copy[key] and draw(st.booleans())
    copy[key] = spoil(copy[key], draw) if deeper else draw(JSON)
    return copy


@fuzzed
@given(st.data())
def test_one_spoilt_value_in_a_row_or_case_is_answered(tmp_path: Path, data: st.DataObject) -> None:
    """The loader, the checks, the engine and the comparison all survive any one value."""
    row, case = spoil(ROW, data.draw), spoil(data.draw(st.sampled_from(CASES)), data.draw)
    case["spec"] = ROW["id"]
    (tmp_path / FILES[0]).write_text(json.dumps([row]), encoding="utf-8")
    (tmp_path / FILES[1]).write_text(json.dumps(case) + "\n", encoding="utf-8")
    outcome = verify_pack(tmp_path)
    assert outcome.passed + outcome.failed <= 1
    assert outcome.ok or outcome.failed or outcome.errors


@pytest.mark.parametrize("name", FILES)
def test_deep_nesting_and_endless_numbers_are_findings(tmp_path: Path, name: str) -> None:
    """Neither the parser's depth nor its number limits escape as another error."""
    for content in ("[" * 100_000, '[{"id":' + "9" * 10_000 + "}]", "[1e99999999999999999999]", "[NaN]"):
        (tmp_path / name).write_text(content, encoding="utf-8")
        outcome = verify_pack(tmp_path)
        assert outcome.passed == 0
        assert name.endswith(".csv") or not outcome.ok
