"""appActivations: who decided that the school's parents and learners are let in, and who ended it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from server.policies.vocabulary import relations
from server.queries.access.apps import app_activations
from server.queries.kinds import kind
from server.resolvers.access.changes_of_apps import ACTIVATION
from server.resolvers.access.fact_values import StaffNames, id_of
from server.resolvers.inquiry import Inquirer, Inquiry

_READ: Final = ("client_grant", "read")

ACTIVATION_KIND: Final = kind(
    "AppActivation",
    "A decision of the school to let its parents, or its learners, have accounts.",
    ("id", "ID!", "Its id.", None),
    ("app", "String!", "Whom it lets in: PARENT or LEARNER."),
    ("assessment", "String!", "Where the school's impact assessment is written."),
    ("declaration", "String!", "What was declared."),
    ("decidedBy", "ID", "Who decided it; null: it stood before decisions were recorded."),
    ("decidedByName", "String", "Their name, where you may read it.", "staff_name"),
    ("decidedAt", "DateTime!", "When."),
    ("active", "Boolean!", "Whether it counts now."),
    ("endedBy", "ID", "Who ended it."),
    ("endedAt", "DateTime", "When it ended."),
    ("ending", "String", "Why."),
    element="client_grant",
)


async def _app_activations(_: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names = StaffNames(inquirer)
    # They are rows of the school, and nobody's own.
    if not inquirer.permit.plan(*_READ).visible(relations()):
        return ()
    return [
        {
            "id": id_of(ACTIVATION, row.key),
            "app": row.app,
            "assessment": row.assessment,
            "declaration": row.declaration,
            "decidedBy": None if row.decided_by is None else id_of("per", row.decided_by),
            "decidedByName": None if row.decided_by is None else names.of(row.decided_by, row.decider),
            "decidedAt": row.decided_at,
            "active": row.ended_at is None,
            "endedBy": None if row.ended_by is None else id_of("per", row.ended_by),
            "endedAt": row.ended_at,
            "ending": row.ending,
        }
        for row in await app_activations(inquirer.connection, inquirer.school_id)
    ]


APP_ACTIVATIONS: Final = Inquiry(
    "appActivations", "[AppActivation!]!", "Which apps the school activated; at most 1,000, newest first.",
    (), frozenset({_READ}), _app_activations, (ACTIVATION_KIND,),
)  # fmt: skip
