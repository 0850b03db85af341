"""Trusted documents: what GraphQL documents a program registered, whether others are answered, and which were."""

from datetime import datetime

from sqlalchemy import CheckConstraint

from server.tables.row import RECORD, Row, belongs, holds, holds_count, holds_names, reference


class ClientDocumentsRow(Row, table=True):
    """One a client that has, or had, documents or a mode of its own; each change of either raises `version`.

    `mode` is None where nobody chose one: then it is the capacity's own.
    """

    __tablename__ = "client_documents"
    __table_args__ = reference(
        belongs("client_id", to="oauth_client"),
        CheckConstraint("mode IN ('open', 'report-only', 'enforced')", name="client_documents_mode"),
        key=("client_id",),
    )
    client_id: str = holds_names("account")
    mode: str | None = holds_names("account", optional=True)
    version: int = holds_count(RECORD)


class TrustedDocumentRow(Row, table=True):
    """`digest` is the SHA-256 of `text`, in hexadecimal; `name` those of its operations."""

    __tablename__ = "trusted_document"
    __table_args__ = reference(belongs("client_id", to="oauth_client"), key=("client_id", "digest"))
    client_id: str = holds_names("account")
    digest: str = holds_names("account")
    name: str = holds("account", str)
    purpose: str = holds_names("account")
    text: str = holds("account", str)
    registered_at: datetime = holds(RECORD, datetime)
    ended_at: datetime | None = holds("account", datetime, optional=True)


class DocumentReportRow(Row, table=True):
    """A document that was answered though it is not registered, in mode `report-only`; never a text, never a variable."""

    __tablename__ = "document_report"
    __table_args__ = reference(belongs("client_id", to="oauth_client"), key=("client_id", "digest"))
    client_id: str = holds_names("account")
    digest: str = holds_names("account")
    first_at: datetime = holds(RECORD, datetime)
    last_at: datetime = holds(RECORD, datetime)
    times: int = holds_count(RECORD)
