"""usher client documents: what a client may ask, and what it asked beside that."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from server.cli.console import OUT, harmless
from server.cli.databases import database
from server.cli.document_files import texts_of
from server.database.pool import owner_connection
from server.errors import BadUserInput
from server.identity.oauth.clients import Connection, find_client
from server.identity.oauth.documents import (
    LONGEST,
    MOST,
    Mode,
    add_documents,
    documents_of,
    end_document,
    mode_of,
    reports_of,
    set_mode,
)

_BY_DEFAULT = "default"
_MODES = (*(mode.value for mode in Mode), _BY_DEFAULT)


def documents(
    client_id: Annotated[str, typer.Argument(metavar="CLIENT", help="The client's id.", show_default=False)],
    added: Annotated[
        Path | None,
        typer.Option("--add", help="A GraphQL document to register, or many in JSON: see docs/documents.md."),
    ] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="What it is for, as schools read it.")] = None,
    ended: Annotated[str | None, typer.Option("--end", help="The id of a document to end.")] = None,
    mode: Annotated[str | None, typer.Option("--mode", help=f"What becomes of others: {', '.join(_MODES)}.")] = None,
) -> None:
    """Register or end a client's documents, choose what becomes of others, or, without options, list them."""
    if (added is None) != (purpose is None):
        raise BadUserInput("Give --add FILE and --purpose together.", ("--purpose",))
    if mode is not None and mode not in _MODES:
        raise BadUserInput(f"--mode is one of {', '.join(_MODES)}.", ("--mode",))
    now = datetime.now(UTC)
    with database(existing=True) as addresses, owner_connection(addresses.app) as connection, connection.transaction():
        if find_client(connection, client_id) is None:
            raise BadUserInput(f"There is no client {client_id!r}, or it was ended.", ("CLIENT",))
        if added is not None and purpose is not None:
            _add(connection, client_id, added, purpose, now)
        if ended is not None:
            end_document(connection, client_id, ended.removeprefix("sha256:"), now)
            OUT.print("It is refused from the next operation on, where others are.", markup=False)
        if mode is not None:
            set_mode(connection, client_id, None if mode == _BY_DEFAULT else Mode(mode))
            OUT.print(f"What {client_id} did not register: {_said(mode_of(connection, client_id))}.", markup=False)
        if added is None and ended is None and mode is None:
            _show(connection, client_id)


def _add(connection: Connection, client_id: str, path: Path, purpose: str, now: datetime) -> None:
    from server.web.oauth.new_documents import new_document

    several = path.suffix == ".json"
    if path.stat().st_size > (MOST if several else 4) * LONGEST:
        raise BadUserInput("The file is too large.", ("--add",))
    try:
        # As it is: the id is of these very characters.
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise BadUserInput("The file is not UTF-8.", ("--add",)) from None
    new = [new_document(one, purpose) for one in (texts_of(text) if several else [text])]
    add_documents(connection, client_id, new, now)
    for one in new:
        OUT.print(harmless(f"{one.name} is registered: {one.digest}"), markup=False)


def _show(connection: Connection, client_id: str) -> None:
    from server.web.oauth.new_documents import fault

    OUT.print(f"What {client_id} did not register: {_said(mode_of(connection, client_id))}.", markup=False)
    for one in documents_of(connection, client_id):
        said = fault(one.text)
        line = f"{one.digest}  {one.name}  {one.purpose}  since {one.registered_at:%Y-%m-%d}"
        OUT.print(harmless(f"{line}  can't be asked any more: {said}" if said else line), markup=False)
    for seen in reports_of(connection, client_id):
        line = f"{seen.digest}  not registered, answered {seen.times} times"
        OUT.print(f"{line}, {seen.first_at:%Y-%m-%d %H:%M} to {seen.last_at:%Y-%m-%d %H:%M}", markup=False)


def _said(mode: Mode | None) -> str:
    return f"{mode} was chosen" if mode else "enforced for parents and learners, open for others (nobody chose)"
