"""Which documents a client may ask: its registered ones by their id, and others where its mode lets them.

What is remembered of a client is proved by the guard of each transaction, as rule books are: a document that ends is
not asked again by the next statement anywhere, without a look-up a request.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Final, Self, TypeVar

import structlog

from server.commands.document_reports import Sightings, add_reports
from server.database.pool import Pool
from server.errors import BadUserInput, DocumentNotRegistered
from server.identity.oauth.documents import Mode, effective
from server.identity.principal import Principal
from server.queries.trusted_documents import ClientDocuments, load_client_documents, load_text

MOST_CLIENTS: Final = 1000
MOST_TEXTS: Final = 500
MOST_SIGHTINGS: Final = 5000
EVERY: Final = 1.0
"""Seconds between two looks at what is to be reported."""
K = TypeVar("K")
V = TypeVar("V")
_ID: Final = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.ASCII)
_UNKNOWN: Final = "This document is not registered for this client: register it, or send documentId of one that is."
_OTHER: Final = "documentId is not the SHA-256 of query: send one of them."


@dataclass(frozen=True, slots=True)
class Admission:
    """A client's document, `version` of what is registered for it, and the purpose that it is registered for.

    `whole`: its text was sent, so that it may be asked unregistered where others may.
    """

    client_id: str
    digest: str
    version: int
    purpose: str | None
    whole: bool


class TrustedDocuments:
    """What one worker remembers. `async with` it: then what is to be reported is written, once a second and at the end."""

    def __init__(self, pool: Pool, clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._clock = clock
        self._held: OrderedDict[str, ClientDocuments] = OrderedDict()
        self._texts: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._seen: dict[tuple[str, str], Sightings] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._report())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._write()

    async def admitted(
        self, principal: Principal, document: str | None, document_id: str | None
    ) -> tuple[str, Admission | None]:
        """The text to run, and by what right; None for a token of no client, which may ask anything.

        Raises DocumentNotRegistered, alike for what is registered for another, or was, or for nobody; BadUserInput.
        """
        if principal.client_id is None and document is not None and document_id is None:
            return document, None
        digest = _digest(document, document_id)
        if principal.client_id is None:
            if document is None:
                raise DocumentNotRegistered(_UNKNOWN)
            return document, None
        admission = await self._admission(principal, principal.client_id, digest, document is not None)
        text = document if document is not None else await self._text(principal.client_id, digest)
        return text, admission

    async def again(self, principal: Principal, before: Admission, *, fresh: bool = False) -> Admission:
        """By what right what was admitted may be asked now. Raises DocumentNotRegistered."""
        return await self._admission(principal, before.client_id, before.digest, before.whole, fresh=fresh)

    def note(self, principal: Principal, admission: Admission) -> None:
        """Of a document that is about to be answered: remember it, where it is to be reported."""
        held = self._held.get(admission.client_id)
        if admission.purpose is not None or held is None:
            return
        if effective(held.mode, principal.capacity) is not Mode.REPORT_ONLY:
            return
        key, now = (admission.client_id, admission.digest), self._clock()
        seen = self._seen.get(key)
        if seen is not None:
            self._seen[key] = seen.again(now)
        elif len(self._seen) < MOST_SIGHTINGS:
            self._seen[key] = Sightings(now, now, 1)

    async def _admission(
        self, principal: Principal, client_id: str, digest: str, whole: bool, *, fresh: bool = False
    ) -> Admission:
        # A refusal runs no statement, so no guard has told whether what is remembered is of today.
        for anew in (True,) if fresh else (False, True):
            held = await self._documents(client_id, anew)
            purpose = held.purposes.get(digest)
            if purpose is not None or (whole and effective(held.mode, principal.capacity) is not Mode.ENFORCED):
                return Admission(client_id, digest, held.version, purpose, whole)
        raise DocumentNotRegistered(_UNKNOWN)

    async def _documents(self, client_id: str, fresh: bool) -> ClientDocuments:
        held = None if fresh else self._held.get(client_id)
        if held is None:
            held = await load_client_documents(self._pool, client_id)
            _keep(self._held, client_id, held, MOST_CLIENTS)
        return held

    async def _text(self, client_id: str, digest: str) -> str:
        key = (client_id, digest)
        text = self._texts.get(key)
        if text is None:
            text = await load_text(self._pool, client_id, digest)
            if text is None:  # it ended meanwhile
                raise DocumentNotRegistered(_UNKNOWN)
            _keep(self._texts, key, text, MOST_TEXTS)
        return text

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self._write()

    async def _write(self) -> None:
        if not self._seen:
            return
        seen, self._seen = self._seen, {}
        try:
            await add_reports(self._pool, seen)
        except Exception as error:  # the database is away: what it would say is a count, which nothing rests on
            structlog.get_logger().warning("documents were not reported", error=type(error).__name__)


def _digest(document: str | None, document_id: str | None) -> str:
    """Raises DocumentNotRegistered for what can be nobody's id, and BadUserInput where both are given and differ."""
    named = None if document_id is None else _ID.fullmatch(document_id)
    if document is None:
        if named is None:
            raise DocumentNotRegistered(_UNKNOWN)
        return named[1]
    digest = hashlib.sha256(document.encode()).hexdigest()
    if document_id is not None and (named is None or named[1] != digest):
        raise BadUserInput(_OTHER, ("documentId",))
    return digest


def _keep(known: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > most:
        known.popitem(last=False)
