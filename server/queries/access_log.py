"""The access log: audit rows as the officer asks for them, by whom, of whom, what and when.

A learner is found by the sealer's index, and in the rows that are younger than the last seal: `elements` is JSON, whose
operators PostgreSQL doesn't run ahead of row-level security, so that no index on it would be used.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    DateTime,
    Interval,
    Text,
    Uuid,
    cast,
    column,
    exists,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONPATH, aggregate_order_by

from server.compliance.sealing import LATE
from server.queries.binds import SCHOOL
from server.queries.constants import inline, number
from server.queries.ids import encoded
from server.queries.noun import Argument, Filter, Leaf, Many, Noun, One, Order, Row, alias, table
from server.tables import AuditOperationRow, AuditSealRow, AuditSubjectRow

LEARNER: Final = Argument("learner", "ID", "Entries that name this learner.", "lrn")
PERSON: Final = Argument(
    "person", "ID", "Entries of what this person did: `person` of an entry, or the id of a member of staff or learner."
)
ELEMENT: Final = Argument("element", "DataElement", "Entries that name this element; with `learner`, of that learner.")
# What is no id would end the statement where it is cast to one.
_ANY_ID: Final = '$.*[*] ? (@ like_regex "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")'
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _ids(elements: ColumnElement[Any]) -> Any:
    """A FROM element of the ids within, as JSON."""
    found = func.jsonb_path_query(elements, cast(inline(_ANY_ID), JSONPATH()))
    return found.table_valued(column("id"), name="named").render_derived()


def _named(elements: ColumnElement[Any]) -> Any:
    """The ids within, as a select of keys."""
    ids = _ids(elements)
    return select(cast(ids.c.id.op("#>>")(inline("{}")), Uuid())).select_from(ids)


def _of_learner(rows: Any, learner: ColumnElement[Any]) -> ColumnElement[bool]:
    indexed, young, seal = alias(AuditSubjectRow), alias(AuditOperationRow), alias(AuditSealRow)
    sealed = select(indexed.c.audit_id).where(indexed.c.school_id == SCHOOL, indexed.c.subject_id == learner)
    last = select(
        func.coalesce(func.max(seal.c.sealed_at), cast(inline(_LONG_AGO.isoformat()), DateTime(timezone=True)))
    )
    since = last.where(seal.c.school_id == SCHOOL).scalar_subquery() - cast(inline(f"{LATE.seconds} s"), Interval())
    ids = _ids(young.c.elements)
    names = exists(select(number(1)).select_from(ids).where(cast(ids.c.id.op("#>>")(inline("{}")), Uuid()) == learner))
    fresh = select(young.c.audit_id).where(young.c.school_id == SCHOOL, young.c.occurred_at >= since, names)
    return rows.c.audit_id.in_(union_all(sealed, fresh))


def _looked(_: Any, rows: Any, asked: Any) -> Sequence[Any]:
    learner, person, element = asked.value("learner"), asked.value("person"), asked.word("element")
    found: list[Any] = [] if learner is None else [_of_learner(rows, learner)]
    if person is not None:
        found.append(rows.c.person_id == person)
    if element is not None and learner is None:
        found.append(rows.c.elements.op("?")(element))
    elif element is not None:
        ids = func.jsonb_build_array(cast(learner, Text))
        found.append(rows.c.elements.op("@>")(func.jsonb_build_object(element, ids)))
    return found


def _elements(row: Row) -> ColumnElement[Any]:
    keys = func.jsonb_object_keys(row.c.elements).table_valued(column("key"), name="kept").render_derived()
    listed = select(func.array_agg(aggregate_order_by(func.upper(keys.c.key), keys.c.key))).select_from(keys)
    return func.coalesce(listed.scalar_subquery(), cast(literal("{}", literal_execute=True), ARRAY(Text())))


def _leaf(name: str, type_: str, said: str, key: str = "") -> Leaf:
    return Leaf(name, type_, "audit", lambda r: r.c[key or name], said)


AUDIT_ENTRY: Final = Noun(
    name="AuditEntry",
    prefix="aud",
    table=table(AuditOperationRow),
    key="audit_id",
    relations="school",
    node=False,
    description="One operation that was logged: who read or changed what of whom.",
    fields=(
        Leaf("reference", "String", "audit", lambda r: cast(r.c.audit_id, Text), "Names the entry, in exports too."),
        _leaf("occurredAt", "DateTime", "When it happened.", "occurred_at"),
        _leaf("kind", "String", "read, write, export or import."),
        _leaf("capacity", "Capacity", "In what capacity the person acted."),
        _leaf("roles", "[String!]", "The person's roles at that time."),
        Leaf(
            "person",
            "ID",
            "audit",
            lambda r: encoded("per", r.c.person_id),
            "Names the person or program for `accessLog(person:)`; null once forgotten, after 365 days.",
        ),
        One("staff", "Staff", lambda r, of, _: [of.c.staff_id == r.c.person_id], "The person, if on the staff."),
        _leaf("client", "String", "The program that a token was issued to.", "client_id"),
        _leaf("address", "String", "Network address; null once forgotten, after 365 days.", "ip_address"),
        Leaf("elements", "[DataElement!]", "audit", _elements, "The logged elements that were shown or changed."),
        Many(
            "learners",
            "Learner",
            lambda r, of, _: [of.c.learner_id.in_(_named(r.c.elements))],
            "Those whose values were shown or changed, as far as you may know of them.",
            "NAME",
            usual=30,
            maximum=500,
        ),
        _leaf("purpose", "String", "The purpose that was stated."),
        _leaf("reason", "String", "The reason that was given."),
        _leaf("operation", "String", "The name that the operation gave itself.", "operation_name"),
        _leaf("document", "String", "Hash of the operation's text; of an import's file.", "document_digest"),
        _leaf("policyVersion", "Int", "The version of the rule book that decided.", "policy_version"),
        _leaf("profileVersion", "Int", "The version of the person's profile.", "profile_version"),
    ),
    filters=(
        Filter("occurredAt", "DateTimeFilter", "audit", lambda r: r.c.occurred_at, "When it happened."),
        Filter("kind", "CodeFilter", "audit", lambda r: r.c.kind, "read, write, export or import."),
        Filter("purpose", "CodeFilter", "audit", lambda r: r.c.purpose, "The purpose that was stated."),
    ),
    orders=(Order("OCCURRED_AT", "audit", lambda r: r.c.occurred_at, "By time."),),
)
ACCESS_LOG: Final = Many(
    "accessLog",
    "AuditEntry",
    _looked,
    "What was logged, newest first; reading this is logged too.",
    "OCCURRED_AT",
    newest_first=True,
    arguments=(LEARNER, PERSON, ELEMENT),
    usual=50,
    maximum=500,
    paged=True,
)
