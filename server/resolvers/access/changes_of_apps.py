"""Activating the apps of parents and learners: from GraphQL to their commands and back."""

from __future__ import annotations

from functools import partial
from typing import Final

from server.commands.access.apps import APPS, WRITE, ActivateApp, activate_app, end_app
from server.commands.access.outcome import AccessOutcome
from server.queries.noun import Argument
from server.resolvers.access.payloads import access_mutation
from server.resolvers.given import Given
from server.resolvers.mutation import Command

ACTIVATION: Final = "act"
_APP: Final = Argument("app", "String!", f"Whom it lets in: {' or '.join(APPS)}.")


def _activate(given: Given) -> Command[AccessOutcome]:
    return partial(activate_app, ActivateApp(given["app"], given["assessment"], given["declaration"]))


APP_CHANGES: Final = (
    access_mutation(
        "activateApp",
        "The school lets its parents, or its learners, have accounts. Until it does nobody is invited, and nobody acts.",
        (
            _APP,
            Argument("assessment", "String!", "Where the school's impact assessment is written: 1 to 500 characters."),
            Argument("declaration", "String!", "What you declare, in your words: 10 to 500 characters."),
        ),
        frozenset({WRITE}),
        ACTIVATION,
        _activate,
    ),
    access_mutation(
        "endApp",
        "From now on none of its parents, or learners, has any standing; their open streams close.",
        (_APP, Argument("reason", "String!", "Why: 10 to 500 characters.")),
        frozenset({WRITE}),
        ACTIVATION,
        lambda given: partial(end_app, given["app"], given["reason"]),
    ),
)
