"""Every finding on a pack says what to do about it."""

from __future__ import annotations

import re
from pathlib import Path

from server.grading.remedies import REMEDIES

ENGINE = Path(__file__).parents[3] / "server" / "grading"
_RAISED = re.compile(r'(?:(?:error|warning)\((?:row, |_row, )?|yield |return (?:code, )?)"([A-Z][A-Z_0-9]+)"')


def test_every_code_of_a_finding_has_a_remedy() -> None:
    """A sentence, and none for a code that nothing raises."""
    files = [*ENGINE.glob("pack*.py"), *ENGINE.glob("*rule.py"), *(ENGINE / "files").glob("*.py")]
    files += [ENGINE / "findings.py", ENGINE / "unit_points.py", *(ENGINE / "measures").glob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    raised = set(_RAISED.findall(text))
    assert len(raised) > 30
    assert raised - set(REMEDIES) == set()
    assert {code for code in REMEDIES if f'"{code}"' not in text} <= {
        "BAD_BOUNDARIES", "BAD_SPECIFICATION", "WRONG_SPECIFICATION", "UNKNOWN_OPTION",
    }  # fmt: skip
    assert all(sentence.endswith(".") for sentence in REMEDIES.values())
