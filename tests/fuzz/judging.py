"""What is wrong with an answer, and with a server after it has answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from server.web.secure_headers import DEFAULTS
from tests.fuzz.corpus import CANARY
from tests.fuzz.shot import Shot
from tests.fuzz.wire import Outcome
from tests.leaks.watching import WATCH, Reader, reader_of, words

_HEADERS: Final = tuple(name.decode() for name, _ in DEFAULTS)
_DOCUMENTED: Final = ("UNAVAILABLE", "POLICY_UNAVAILABLE", "temporarily_unavailable")
_STATED: Final = re.compile(rb"(?im)^(usher-(?:purpose|reason)): *(\S[^\r\n]*)")
_DEFECT: Final = '"event": "defect"'


def faults(shot: Shot, outcome: Outcome) -> list[str]:
    """A sentence for each."""
    return list(_faults(shot, outcome))


def _faults(shot: Shot, outcome: Outcome) -> Iterator[str]:
    if outcome.hung:
        yield "the connection hangs"
    elif outcome.status == 0 and shot.whole:
        yield "there is no answer"
    if outcome.status >= 500 and not _documented(outcome):
        yield f"the status is {outcome.status}"
    if "INTERNAL_ERROR" in outcome.text or outcome.closed == 1011:
        yield "a defect is told"
    if outcome.status not in (0, 101):
        missing = [name for name in _HEADERS if name not in outcome.headers]
        if missing:
            yield f"the answer lacks {', '.join(missing)}"
    yield from WATCH.faults(outcome.text, _reader(shot))
    yield from (f"{word} is told in a header" for word in words(json.dumps(outcome.headers)))


def _documented(outcome: Outcome) -> bool:
    """503 with Retry-After, and with its code where the answer is no page; and /readyz, which says what it waits for."""
    if outcome.status == 503 and outcome.text.startswith('{"status":"not ready"'):
        return True
    if outcome.status != 503 or "retry-after" not in outcome.headers:
        return False
    return any(code in outcome.text for code in _DOCUMENTED) or "text/html" in outcome.headers["content-type"]


def _reader(shot: Shot) -> Reader | None:
    """By the token, and what the head or the first message states."""
    if not shot.token:
        return None
    stated = {name.decode().lower(): value.decode("latin-1") for name, value in _STATED.findall(shot.parts[0])}
    return reader_of({**stated, "authorization": f"Bearer {shot.token}"})


def told(log: Path, secrets: frozenset[str]) -> list[str]:
    """What a log holds that it must not: canaries, sentinels, secrets, and defects."""
    text = log.read_text(encoding="utf-8", errors="replace")
    found = [f"the log tells {word}" for word in words(text)]
    found += [f"the log tells {CANARY}"] if CANARY.lower() in text.lower() else []
    found += ["the log tells a secret"] if any(secret in text for secret in secrets) else []
    return found + [line for line in text.splitlines() if _DEFECT in line]
