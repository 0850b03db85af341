"""clientDocuments: what a client registered that it will ask, element by element, and what the rules would let it see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final

from server.policies.permit import Coordinate
from server.policies.planner import Planner
from server.policies.profile import Profile
from server.policies.vocabulary import CONDITIONS, ROLES, Capacity, relations
from server.queries.access.documents import PAGE, Document, KnownClient, documents, granted_scopes, known_client
from server.queries.catalogue import sensitivity
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.queries.reach.plans import Plans
from server.register.elements import ELEMENTS
from server.resolvers.documents import read_document
from server.resolvers.inquiry import Inquirer, Inquiry
from server.resolvers.invalid import DocumentInvalid

_READ: Final = ("client_grant", "read")
_EVERYBODY: Final = tuple((Profile(capacity, frozenset({role})), role) for role, capacity in ROLES.items())

ELEMENT_KIND: Final = kind(
    "ClientDocumentElement",
    "An element that a document asks for, in whatever way its variables turn out.",
    ("element", "DataElement!", "The element."),
    ("action", "DataAction!", "What is asked of it."),
    ("sensitivity", "String!", "How sensitive it is held to be."),
    ("special", "Boolean!", "True: special category."),
    (
        "program",
        "Boolean",
        "Whether the program itself would see any of it, by what it is granted today; null for an app.",
    ),
    ("openTo", "[String!]!", "Roles of people who would see any of it, if every condition but another purpose is met."),
)
DOCUMENT_KIND: Final = kind(
    "ClientDocument",
    "A document that a client registered.",
    ("documentId", "String!", "The SHA-256 of its text."),
    ("name", "String!", "Its operations."),
    ("purpose", "String!", "What it is for: the purpose that its operations state."),
    ("text", "String!", "The document."),
    ("registeredAt", "DateTime!", "Since when."),
    ("fault", "String", "Why it can't be asked any more; null: it can."),
    ("elements", "[ClientDocumentElement!]!", "What it asks for; nothing where it can't be asked."),
)
DOCUMENTS_KIND: Final = kind(
    "ClientDocuments",
    "What a client registered.",
    ("client", "String!", "Its id."),
    ("clientName", "String!", "What its vendor calls it."),
    ("app", "Boolean!", "True: an app that people sign in to; false: a program of its own."),
    ("mode", "String!", "What becomes of other documents, of its own and of staff: open, report-only or enforced."),
    ("modeForFamilies", "String!", "The same, where parents and learners ask."),
    ("documents", "[ClientDocument!]!", f"In order of their ids, at most {PAGE}: go on with `after`."),
    element="client_grant",
)


async def _client_documents(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any] | None:
    client = await known_client(inquirer.connection, inquirer.school_id, given["client"])
    if client is None or not _may(inquirer, client):
        return None
    facts: tuple[str, ...] = ()
    if client.program is not None:
        today = inquirer.now.date()
        scopes = await granted_scopes(inquirer.connection, inquirer.school_id, client.program, today)
        facts = ("grant", *(f"scope:{scope}" for scope in scopes)) if scopes else ()
    of = _Reckoning(inquirer.asked.planner, client, facts)
    return {
        "client": client.client_id,
        "clientName": client.name,
        "app": client.app,
        "mode": client.shown(Capacity.STAFF),
        "modeForFamilies": client.shown(Capacity.PARENT),
        "documents": [
            of.document(one) for one in await documents(inquirer.connection, client.client_id, given.get("after"))
        ],
    }


def _may(inquirer: Inquirer, client: KnownClient) -> bool:
    own = ("own",) if client.program == inquirer.person_id else ()
    return inquirer.permit.plan(*_READ).visible(relations(own))


class _Reckoning:
    """`facts` hold for the program itself today."""

    def __init__(self, planner: Planner, client: KnownClient, facts: Iterable[str]) -> None:
        self._planner = planner
        self._plans = Plans(planner)
        self._program = Profile.of(Capacity.CLIENT, ("mis_client",), facts) if client.program is not None else None

    def document(self, one: Document) -> dict[str, Any]:
        return {
            "documentId": one.digest,
            "name": one.name,
            "purpose": one.purpose,
            "text": one.text,
            "registeredAt": one.registered_at,
            "fault": _later(lambda: _asked(one.text)[1]),
            "elements": _later(lambda: self._elements(one)),
        }

    def _elements(self, one: Document) -> list[dict[str, Any]]:
        return [self._element(coordinate, one.purpose) for coordinate in sorted(_asked(one.text)[0])]

    def _element(self, coordinate: Coordinate, purpose: str) -> dict[str, Any]:
        element, action = coordinate
        return {
            "element": element.upper(),
            "action": action.upper(),
            "sensitivity": sensitivity(ELEMENTS[element], self._planner).name,
            "special": ELEMENTS[element].guarded,
            "program": None if self._program is None else self._opens(self._program, coordinate, (), purpose),
            "openTo": [
                role
                for profile, role in _EVERYBODY
                if profile.capacity is not Capacity.CLIENT and self._opens(profile, coordinate, _met(purpose), purpose)
            ],
        }

    def _opens(self, profile: Profile, coordinate: Coordinate, facts: Iterable[str], purpose: str) -> bool:
        stated = profile.with_facts((*facts, f"purpose:{purpose}"))
        return not self._plans.of(stated, *coordinate).nothing


def _later(work: Callable[[], Any]) -> Callable[[], Any]:
    """Only where it is selected, and beside the loop: a document takes some milliseconds."""

    async def found() -> Any:
        return await asyncio.to_thread(work)

    return found


@lru_cache(maxsize=64)
def _met(purpose: str) -> tuple[str, ...]:
    """Every condition but other purposes."""
    return tuple(fact for fact in CONDITIONS if not fact.startswith("purpose:") or fact == f"purpose:{purpose}")


@lru_cache(maxsize=2000)
def _asked(text: str) -> tuple[frozenset[Coordinate], str | None]:
    """What a document asks for, and why it can't be asked."""
    # They look at every inquiry of the schema, and this is one.
    from server.resolvers.elements_asked import elements_asked
    from server.resolvers.schema import graphql_schema

    try:
        return elements_asked(read_document(graphql_schema(), lambda _: None, text)), None
    except DocumentInvalid as invalid:
        return frozenset(), invalid.errors[0].message


CLIENT_DOCUMENTS: Final = Inquiry(
    "clientDocuments",
    "ClientDocuments",
    "What a client registered that it will ask; null for one that has nothing to do with the school.",
    (
        Argument("client", "String!", "The id that the client is registered by."),
        Argument("after", "String", "The documentId that the page comes after."),
    ),
    frozenset({_READ}),
    _client_documents,
    (ELEMENT_KIND, DOCUMENT_KIND, DOCUMENTS_KIND),
    heavy=True,
)
