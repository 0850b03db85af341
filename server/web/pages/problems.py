"""What ends a request to a page early: a status, and what the person reads."""

from __future__ import annotations

from typing import Final

from server.errors import BadUserInput, Forbidden, LimitExceeded, PolicyUnavailable, Unavailable, UsherError

_LATER: Final = {"Retry-After": "5"}


class Problem(Exception):
    """`sentence` says what to do; `headers` are sent with the page."""

    def __init__(self, status: int, heading: str, sentence: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, heading)
        self.status = status
        self.heading = heading
        self.sentence = sentence
        self.headers = headers or {}


def not_found() -> Problem:
    return Problem(404, "Page not found", "Check the address, or go back to your account.")


def problem_of(error: UsherError) -> Problem:
    """An error of ours that no page made a form's error of."""
    match error:
        case Unavailable() | PolicyUnavailable():
            return Problem(503, "Try again in a moment", "The service can't answer right now. Nothing changed.", _LATER)
        case LimitExceeded():
            return Problem(429, "Too many attempts", error.message)
        case Forbidden():
            return Problem(403, "You can't do this", error.message)
        case BadUserInput():
            return Problem(400, "This can't be read", error.message)
        case _:
            return Problem(400, "This did not work", error.message)
