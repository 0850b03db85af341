"""clientGrants: which programs the school let in, in whose words, for what and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from server.queries.access.grants import client_grants
from server.queries.ids import decode
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.resolvers.access.changes_of_grants import PROGRAM
from server.resolvers.access.fact_values import StaffNames, id_of, whose
from server.resolvers.inquiry import Inquirer, Inquiry

GRANT: Final = "cgr"
_READ: Final = ("client_grant", "read")

GRANT_KIND: Final = kind(
    "ClientGrant",
    "One scope that the school granted to a program.",
    ("id", "ID!", "Its id.", None),
    ("program", "ID!", "The program, a person of the school."),
    ("client", "String", "The id that the program is registered by; null: an import brought it."),
    ("clientName", "String", "What its vendor calls it."),
    ("scope", "String!", "The scope."),
    ("purpose", "String!", "What the vendor does with it for the school."),
    ("declaration", "String", "What was declared."),
    ("reason", "String", "Why special category data are written."),
    ("declaredBy", "ID!", "Who declared it."),
    ("declaredByName", "String", "Their name, where you may read it.", "staff_name"),
    ("from", "Date!", "The first day."),
    ("until", "Date", "The first day no longer; null: no end."),
    ("inForce", "Boolean!", "Whether it counts today."),
    ("endedAt", "DateTime", "When somebody ended it before its time."),
    ("endedBy", "ID", "Who did."),
    ("ending", "String", "Why."),
    ("lastTokenAt", "DateTime", "When the program last had a token for the school, by whatever grant."),
    ("purgeDueOn", "Date", "Of a scope that ended: the day by which its vendor deletes what the program read by it."),
    ("purgedAt", "DateTime", "When the program said that it had."),
    element="client_grant",
)


async def _client_grants(given: dict[str, Any], inquirer: Inquirer) -> Iterable[dict[str, Any]]:
    names, text = StaffNames(inquirer), given.get("program")
    asked = whose({}, inquirer, "client_grant")
    if text is not None:
        asked = replace(asked, person=decode(text, ("program",), PROGRAM, yearly=False).key)
    return [
        {
            "id": id_of(GRANT, row.key),
            "program": id_of(PROGRAM, row.program),
            "client": row.client,
            "clientName": row.client_name,
            "scope": row.scope,
            "purpose": row.purpose,
            "declaration": row.declaration,
            "reason": row.reason,
            "declaredBy": id_of("per", row.declared_by),
            "declaredByName": names.of(row.declared_by, row.declarer),
            "from": row.valid_from,
            "until": row.valid_to,
            "inForce": row.in_force(inquirer.now.date()),
            "endedAt": row.ended_at,
            "endedBy": None if row.ended_by is None else id_of("per", row.ended_by),
            "ending": row.ending,
            "lastTokenAt": row.last_token_at,
            "purgeDueOn": row.purge_due_on,
            "purgedAt": row.purged_at,
        }
        for row in await client_grants(inquirer.connection, asked)
    ]


CLIENT_GRANTS: Final = Inquiry(
    "clientGrants", "[ClientGrant!]!", "What the school granted to programs; at most 1,000, newest first.",
    (Argument("program", "ID", "Of this program alone."),), frozenset({_READ}), _client_grants, (GRANT_KIND,),
)  # fmt: skip
