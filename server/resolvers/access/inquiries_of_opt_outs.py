"""clientOptOuts: who is left out of which program's data, on whose word and since when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from server.errors import Forbidden
from server.policies.vocabulary import relations
from server.queries.access.opt_outs import client_opt_outs
from server.queries.ids import decode
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.resolvers.access.changes_of_grants import PROGRAM
from server.resolvers.access.changes_of_opt_outs import OPT_OUT
from server.resolvers.access.fact_values import id_of
from server.resolvers.inquiry import Inquirer, Inquiry

_READ: Final = ("client_grant", "read")

OPT_OUT_KIND: Final = kind(
    "ClientOptOut",
    "A learner who is, or was, left out of a program's data.",
    ("id", "ID!", "Its id.", None),
    ("program", "ID!", "The program, a person of the school."),
    ("learner", "ID!", "The learner."),
    ("askedBy", "String!", "Who asked for it: GUARDIAN, LEARNER or SCHOOL."),
    ("reason", "String!", "Why."),
    ("recordedBy", "ID!", "Who recorded it."),
    ("recordedAt", "DateTime!", "Since when it counts."),
    ("endedAt", "DateTime", "When it ended; null: it counts."),
    ("endedBy", "ID", "Who ended it."),
    ("ending", "String", "Why it ended."),
    element="client_grant",
)


async def _client_opt_outs(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    if not inquirer.permit.plan(*_READ).visible(relations()):
        raise Forbidden("clientOptOuts is for those who may read all grants to programs.", ("clientOptOuts",))
    named = _named(given, "program", PROGRAM), _named(given, "learner", "lrn")
    return [
        {
            "id": id_of(OPT_OUT, row.key),
            "program": id_of(PROGRAM, row.program),
            "learner": id_of("lrn", row.learner),
            "askedBy": row.asked_by,
            "reason": row.reason,
            "recordedBy": id_of("per", row.recorded_by),
            "recordedAt": row.recorded_at,
            "endedAt": row.ended_at,
            "endedBy": None if row.ended_by is None else id_of("per", row.ended_by),
            "ending": row.ending,
        }
        for row in await client_opt_outs(inquirer.connection, inquirer.school_id, *named)
    ]


def _named(given: dict[str, Any], name: str, prefix: str) -> UUID | None:
    text = given.get(name)
    return None if text is None else decode(text, (name,), prefix, yearly=False).key


CLIENT_OPT_OUTS: Final = Inquiry(
    "clientOptOuts", "[ClientOptOut!]!", "Who is, or was, left out of programs' data; at most 1,000, newest first.",
    (Argument("program", "ID", "Of this program alone."), Argument("learner", "ID", "Of this learner alone.")),
    frozenset({_READ}), _client_opt_outs, (OPT_OUT_KIND,),
)  # fmt: skip
