"""One question as the bytes of a request, for each server. No reason for asking is stated."""

from __future__ import annotations

import json

from tests.bench.peers.asking import Question
from tests.bench.peers.project import FOLDER


def to_usher(question: Question) -> bytes:
    """With a token, which the server checks."""
    operation = question.operation
    headers = f"authorization: Bearer {operation.account.token}\r\naccept: application/graphql-response+json\r\n"
    return _request(headers, operation.document, operation.variables)


def to_mercurius(question: Question) -> bytes:
    """Usher's own document: its schema has the same names."""
    return _request(_identity(question), question.operation.document, question.operation.variables)


def to_postgraphile(question: Question) -> bytes:
    document = (FOLDER / "postgraphile" / "queries" / f"{question.query}.graphql").read_text()
    variables = {} if question.about is None else {"id": str(question.about)}
    return _request(_identity(question), document, variables)


def _identity(question: Question) -> str:
    asker = question.asker
    return (
        f"x-role: {asker.role}\r\nx-person: {asker.person}\r\nx-school: {asker.school}\r\naccept: application/json\r\n"
    )


def _request(headers: str, document: str, variables: dict[str, str]) -> bytes:
    body = json.dumps({"query": document, "variables": variables}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}content-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
