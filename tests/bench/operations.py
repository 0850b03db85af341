"""The named queries, and the variables that each account gives them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from graphql import FieldNode, ObjectValueNode, OperationDefinitionNode, VariableNode, parse

from tests.bench.accounts import Account
from tests.bench.dataset import Dataset

FOLDER = Path(__file__).parent / "queries"


@dataclass(frozen=True, slots=True)
class Operation:
    """One named query as one account asks it."""

    name: str
    account: Account
    document: str
    variables: dict[str, Any]


def current(table: str) -> str:
    """In force today."""
    return f"{table}.valid_from <= current_date AND ({table}.valid_to IS NULL OR {table}.valid_to > current_date)"


# Of what an account reaches, the first by id; else of what there is. Each gets school and person.
_IDS: dict[str, tuple[str, str]] = {
    "learner": (
        "lrn",
        "SELECT learner_id FROM (SELECT g.learner_id, 1 AS place FROM usher.guardian_link g WHERE g.school_id ="
        f" %(school)s AND g.guardian_id = %(person)s AND g.verified_at IS NOT NULL AND {current('g')}"
        " UNION ALL SELECT e.learner_id, 2"
        " FROM usher.enrolment e JOIN usher.teaching_assignment t USING (school_id, class_id)"
        f" WHERE e.school_id = %(school)s AND t.staff_id = %(person)s AND {current('e')} AND {current('t')}"
        " UNION ALL SELECT learner_id, 3 FROM usher.learner WHERE school_id = %(school)s) f ORDER BY place, 1 LIMIT 1",
    ),
    "class": (
        "cls",
        "SELECT e.class_id FROM usher.enrolment e LEFT JOIN usher.teaching_assignment t ON t.school_id = e.school_id"
        f" AND t.class_id = e.class_id AND t.staff_id = %(person)s AND {current('t')} WHERE e.school_id = %(school)s"
        f" AND {current('e')} GROUP BY 1 ORDER BY count(t.staff_id) = 0, abs(count(*) - 30), 1 LIMIT 1",
    ),
    "assessment": (
        "asm",
        "SELECT assessment_id FROM usher.assessment WHERE school_id = %(school)s ORDER BY held_on DESC, 1 LIMIT 1",
    ),
    "report": (
        "rep",
        "SELECT r.report_id FROM usher.report r LEFT JOIN usher.guardian_link g ON g.school_id = r.school_id"
        " AND g.learner_id = r.learner_id AND g.guardian_id = %(person)s AND g.verified_at IS NOT NULL"
        f" AND {current('g')} WHERE r.school_id = %(school)s"
        " ORDER BY g.guardian_id IS NULL, 1 LIMIT 1",
    ),
}


def operations(data: Dataset, accounts: list[Account]) -> list[Operation]:
    """Every named query for every account."""
    documents = {path.stem: path.read_text() for path in sorted(FOLDER.glob("*.graphql"))}
    with psycopg.connect(data.owner_url) as connection:
        return [
            Operation(name, account, document, _variables(connection, document, account))
            for name, document in documents.items()
            for account in accounts
        ]


def _variables(connection: psycopg.Connection[Any], document: str, account: Account) -> dict[str, Any]:
    """An id for each variable that an argument of a root field takes its value from."""
    [operation] = [one for one in parse(document).definitions if isinstance(one, OperationDefinitionNode)]
    found: dict[str, Any] = {}
    for field in operation.selection_set.selections:
        if isinstance(field, FieldNode) and field.name.value in _IDS:
            for name in _used(field):
                found[name] = _id(connection, field.name.value, account)
    return found


def _used(field: FieldNode) -> list[str]:
    values = [argument.value for argument in field.arguments or ()]
    values += [inner.value for value in values if isinstance(value, ObjectValueNode) for inner in value.fields]
    return [value.name.value for value in values if isinstance(value, VariableNode)]


def _id(connection: psycopg.Connection[Any], field: str, account: Account) -> str:
    prefix, statement = _IDS[field]
    asker = {"school": account.principal.school_id, "person": account.principal.person_id}
    row = connection.execute(statement.encode(), asker).fetchone()
    assert row is not None, f"the bench's school has no {field}"
    key: UUID = row[0]
    return f"{prefix}_{key.hex}"
