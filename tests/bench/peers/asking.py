"""Who asks what: the queries that are timed, and those that are only compared, each with what it must not show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg

from server.identity.accounts import Directory
from server.identity.keys import token_key
from server.identity.principal import Principal
from server.identity.tokens import MAXIMUM_LIFETIME, TokenIssuer, TokenVerifier
from tests.bench.accounts import Account
from tests.bench.operations import FOLDER as USHERS
from tests.bench.operations import Operation, current
from tests.bench.peers.database import PeersDatabase
from tests.signing import OneKey

TEACHER, HEAD, TRAINED = "class teacher", "head", "trained teacher"
_PREFIXES: Final = {"q1-one-learner": "lrn", "q2-class": "cls"}


@dataclass(frozen=True, slots=True)
class Asker:
    """An account, and the role by which the peers know it."""

    account: Account
    role: str

    @property
    def person(self) -> UUID:
        return self.account.principal.person_id

    @property
    def school(self) -> UUID:
        return self.account.principal.school_id


@dataclass(frozen=True, slots=True)
class Question:
    """A query of an asker's; `about` is the learner or class, None where the query names none.

    `says` is what it shows of the policy. `hidden` are paths of the answer that are null by the policy alone: the
    database has values there. `nothing` means that the whole answer is null.
    """

    query: str
    asker: Asker
    about: UUID | None
    says: str
    timed: bool = False
    hidden: tuple[tuple[str, ...], ...] = ()
    shown: tuple[tuple[str, ...], ...] = ()
    nothing: bool = False

    @property
    def operation(self) -> Operation:
        """As Usher is asked."""
        variables = {} if self.about is None else {"id": f"{_PREFIXES[self.query]}_{self.about.hex}"}
        return Operation(self.query, self.asker.account, (USHERS / f"{self.query}.graphql").read_text(), variables)


@dataclass(slots=True)
class _Asked:
    connection: psycopg.Connection[tuple[Any, ...]]
    questions: list[Question] = field(default_factory=list[Question])

    def one(self, statement: str, asker: Asker) -> UUID:
        given = {"school": asker.school, "person": asker.person}
        row = self.connection.execute(statement.encode(), given).fetchone()
        assert row is not None, "the bench's school has nobody to ask about"
        return row[0]


_TAUGHT = f"""EXISTS (SELECT FROM usher.enrolment e JOIN usher.teaching_assignment t USING (school_id, class_id)
  WHERE e.school_id = l.school_id AND e.learner_id = l.learner_id AND t.staff_id = %(person)s
    AND {current("t")} AND {current("e")})"""
_RESTRICTED = """EXISTS (SELECT FROM usher.learner_flag f WHERE f.school_id = l.school_id
  AND f.learner_id = l.learner_id AND f.kind = 'RESTRICTED' AND f.valid_to IS NULL)"""
_KNOWN = """EXISTS (SELECT FROM usher.learner_contact c JOIN usher.attendance a USING (school_id, learner_id)
  WHERE c.school_id = l.school_id AND c.learner_id = l.learner_id AND c.email IS NOT NULL)
  AND l.upn IS NOT NULL AND l.gender IS NOT NULL AND l.date_of_birth IS NOT NULL"""


def _learner(condition: str, where: str = "l.school_id = %(school)s") -> str:
    return f"SELECT l.learner_id FROM usher.learner l WHERE {where} AND {_KNOWN} AND {condition} ORDER BY 1 LIMIT 1"


_OWN_CHILD = """EXISTS (SELECT FROM usher.guardian_link g WHERE g.school_id = l.school_id
  AND g.learner_id = l.learner_id AND g.guardian_id = %(person)s AND g.valid_to IS NULL)"""
_ANY_CHILD = """EXISTS (SELECT FROM usher.guardian_link g WHERE g.school_id = l.school_id
  AND g.learner_id = l.learner_id AND g.link_id = md5('usher-bench-peers ' || l.learner_id)::uuid)"""
# %(person)s teaches it, or does not; the nearest to thirty learners who may be shown with a grade.
_CLASS = """\
SELECT c.class_id FROM usher.class c JOIN usher.enrolment e ON e.school_id = c.school_id AND e.class_id = c.class_id
WHERE c.school_id {school} %(school)s AND c.reveals IS NULL AND {enrolled} AND {taught} EXISTS (
  SELECT FROM usher.teaching_assignment t WHERE t.school_id = c.school_id AND t.class_id = c.class_id
    AND t.staff_id = %(person)s AND {assigned})
GROUP BY 1 ORDER BY abs(count(*) - 30), 1 LIMIT 1"""


def _class(taught: str, school: str = "=") -> str:
    return _CLASS.format(school=school, taught=taught, enrolled=current("e"), assigned=current("t"))


_IDENTIFIERS = (("learner", "dateOfBirth"), ("learner", "upn"))
_CONTACT = ("learner", "contact", "email")
_GENDER, _YEAR, _ATTENDANCE = (
    ("learner", "gender"),
    ("learner", "yearGroup", "name"),
    ("learner", "attendance", "percentage"),
)


def questions(database: PeersDatabase) -> list[Question]:
    """Those that are timed, first."""
    teacher, head, trained = _askers(database)
    with psycopg.connect(database.data.owner_url) as connection:
        asked = _Asked(connection)
        taught = asked.one(_learner(f"{_TAUGHT} AND NOT {_RESTRICTED} AND NOT {_ANY_CHILD}"), teacher)
        one, many, some = "q1-one-learner", "q3-many-learners", "q2-class"
        denied = (*_IDENTIFIERS, _CONTACT)
        elsewhere = asked.one(_learner("true", "l.school_id <> %(school)s"), teacher)
        there = asked.one(_class("NOT", "<>"), teacher)
        asked.questions += [
            Question(one, teacher, taught, "a learner whom they teach", True, denied, (_GENDER, _YEAR, _ATTENDANCE)),
            Question(one, head, taught, "the same learner", True, _IDENTIFIERS, (_GENDER, _CONTACT, _ATTENDANCE)),
            Question(some, teacher, database.class_id, "a class that they teach", True),
            Question(some, head, database.class_id, "the same class", True),
            Question(many, teacher, None, "the school's first 500", True),
            Question(many, head, None, "the school's first 500", True),
            Question(
                one, teacher, asked.one(_learner(f"NOT {_TAUGHT}"), teacher), "a learner whom they don't teach",
                hidden=(*denied, _GENDER, _YEAR, _ATTENDANCE),
            ),
            Question(
                one, teacher, asked.one(_learner(f"{_TAUGHT} AND {_RESTRICTED}"), teacher), "a restricted learner",
                hidden=(*denied, _YEAR, _ATTENDANCE), shown=(_GENDER,),
            ),
            Question(
                one, head, asked.one(_learner(_RESTRICTED), teacher), "a restricted learner",
                hidden=(*_IDENTIFIERS, _YEAR, _ATTENDANCE), shown=(_GENDER, _CONTACT),
            ),
            *(
                Question(one, asker, child, "their own child", hidden=(*_IDENTIFIERS, _CONTACT, _YEAR, _ATTENDANCE))
                for asker, child in zip((teacher, head), database.children, strict=True)
            ),
            Question(
                one, trained, asked.one(_learner(_OWN_CHILD), trained), "their own child",
                hidden=(*denied, _YEAR, _ATTENDANCE),
            ),
            Question(one, trained, asked.one(_learner(f"{_TAUGHT} AND NOT {_OWN_CHILD}"), trained), "SEN training"),
            Question(some, teacher, asked.one(_class("NOT"), teacher), "a class that they don't teach"),
            Question(some, trained, asked.one(_class(""), trained), "a class that they teach, and few others"),
            Question(many, trained, None, "SEN training"),
            *(
                Question(query, asker, about, "another school's", nothing=True)
                for query, about in ((one, elsewhere), (some, there))
                for asker in (teacher, head)
            ),
        ]  # fmt: skip
    return asked.questions


def _askers(database: PeersDatabase) -> tuple[Asker, Asker, Asker]:
    data = database.data
    key = token_key(data.home / "keys")
    issuer, verifier, directory = TokenIssuer(key), TokenVerifier(OneKey(key)), Directory(data.app_url)

    def asker(name: str, person: UUID, role: str) -> Asker:
        token = issuer.issue(data.school.school_id, person, "STAFF", MAXIMUM_LIFETIME, factor=True)
        principal: Principal = verifier.verify(token)
        return Asker(Account(name, principal, token), role)

    def known(account: str) -> UUID:
        return directory.find(account + data.school.suffix).person_id

    return (
        asker(TEACHER, database.teacher, "class_teacher"),
        asker(HEAD, database.head, "head"),
        asker(TRAINED, known("teacher"), "class_teacher"),
    )
