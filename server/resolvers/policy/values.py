"""The life of a rule book as values of its types, made from rows; what is dear is made only where it is selected."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from server.commands.policy.judging import Judged, compare, drafted_book, example_of, judge, stored_book
from server.database.pool import PoolConnection
from server.policies.chain import Link
from server.policies.difference import Differences, RaiseTold, RuleTold, differences
from server.policies.examples import Example, Outcome, starting_examples
from server.policies.raising import raised_sentence
from server.policies.rule import Rule
from server.policies.rule_book import RuleBook
from server.policies.sentence import sentence
from server.queries.ids import GlobalId
from server.queries.policy_history import head, own_examples, submissions_of, version
from server.queries.policy_rows import Draft, OwnExample, Submission, Version
from server.resolvers.inquiry import Inquirer
from server.resolvers.policy.book_impact import BookImpact
from server.resolvers.policy.impact import impact_value

Value = dict[str, Any]
Later = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells of one school in one open transaction."""

    connection: PoolConnection
    school_id: UUID
    now: datetime
    inquirer: Inquirer | None = None

    async def draft(self, row: Draft) -> Value:
        in_force = await head(self.connection, self.school_id)
        handed = await submissions_of(self.connection, self.school_id, row.draft_id)
        return {
            "id": str(GlobalId("pdr", row.draft_id)),
            "title": row.title,
            "author": _person(row.author_id),
            "state": _state(row, handed, in_force.version),
            "baseVersion": row.base_version,
            "revision": row.revision,
            "createdAt": row.created_at,
            "updatedAt": row.updated_at,
            **_written(row.content),
            **self._weighed(row.content, row.base_version),
            "submissions": _each(handed, self.submission),
        }

    async def submission(self, row: Submission) -> Value:
        return {
            "id": str(GlobalId("psb", row.submission_id)),
            "draft": None if row.draft_id is None else str(GlobalId("pdr", row.draft_id)),
            "state": row.state,
            "kind": row.kind,
            "restoresVersion": row.restores_version,
            "baseVersion": row.base_version,
            "title": row.title,
            "author": _person(row.author_id),
            "reason": row.reason,
            "widensSpecial": row.widens_special,
            "specialReason": row.special_reason,
            "summary": row.summary.get("sentences", []),
            "digest": row.digest,
            "submittedAt": row.submitted_at,
            "decidedBy": _person(row.decided_by),
            "decidedAt": row.decided_at,
            "decisionReason": row.decision_reason,
            "publishAt": row.publish_at,
            "endedBy": _person(row.ended_by),
            "endedAt": row.ended_at,
            "version": row.version,
            **_written(row.content),
            **self._weighed(row.content, row.base_version),
        }

    async def version(self, row: Version) -> Value:
        async def diff() -> Value | None:
            if row.version == 1:
                return None
            before = await self._version(row.version - 1)
            return _diff(differences(stored_book(before.content), stored_book(row.content)))

        return {
            "version": row.version,
            "kind": row.kind,
            "state": "PUBLISHED" if row.in_force else "SUPERSEDED",
            "baseVersion": row.base_version,
            "author": _person(row.author_id),
            "approvedBy": _person(row.approved_by),
            "publishedBy": _person(row.published_by),
            "reason": row.reason,
            "specialReason": row.special_reason,
            "publishedAt": row.created_at,
            "submission": None if row.submission_id is None else str(GlobalId("psb", row.submission_id)),
            "digest": row.digest,
            "chain": row.chain,
            "chainHolds": _holds(row),
            "confirmBy": row.confirm_by,
            "confirmedBy": _person(row.confirmed_by),
            "confirmedAt": row.confirmed_at,
            "overdue": row.overdue(self.now),
            **_written(row.content),
            "diff": diff,
        }

    async def diff(self, old: int, new: int) -> Value | None:
        """None where there is no such version."""
        rows = [await version(self.connection, self.school_id, number) for number in (old, new)]
        books = [stored_book(row.content) for row in rows if row is not None]
        return _diff(differences(*books)) if len(books) == 2 else None

    async def impact(self, old: RuleBook, new: RuleBook) -> Value:
        """RuleBookInvalid for a book with unknown words."""
        reckoned = BookImpact(self.connection, self.school_id, self.now, old, new, self.inquirer)
        return impact_value(await compare(old, new)) | {"people": reckoned.people, "replay": reckoned.replay}

    async def examples(self) -> list[Value]:
        """The agreement's, then the school's own."""
        own = await own_examples(self.connection, self.school_id)
        return [*(fixed_example(one) for one in starting_examples()), *(own_example(row) for row in own)]

    def _weighed(self, content: str, base: int) -> dict[str, Later]:
        """What is reckoned of a book and of what it was begun upon."""

        async def judged() -> Judged:
            return await judge(self.connection, self.school_id, drafted_book(content))

        async def findings() -> list[Value]:
            found = (await judged()).findings
            return [{"rule": one.rule_id, "code": one.code.upper(), "sentence": one.sentence} for one in found]

        async def examples() -> list[Value]:
            own = {row.name: row for row in await own_examples(self.connection, self.school_id)}
            return [_outcome(one, own) for one in (await judged()).outcomes]

        async def before() -> RuleBook:
            return stored_book((await self._version(base)).content)

        async def diff() -> Value:
            return _diff(await asyncio.to_thread(differences, await before(), drafted_book(content)))

        async def impact() -> Value:
            return await self.impact(await before(), drafted_book(content))

        return {"findings": findings, "examples": examples, "diff": diff, "impact": impact}

    async def _version(self, number: int) -> Version:
        found = await version(self.connection, self.school_id, number)
        assert found is not None, "a foreign key names the base"
        return found


def _state(row: Draft, handed: Sequence[Submission], in_force: int) -> str:
    live = next((one for one in handed if one.is_live), None)
    if row.closed_at is not None:
        return "CLOSED"
    if live is not None:
        return live.state
    return "DRAFT" if row.base_version == in_force else "LAPSED"


def _each(rows: Sequence[Any], tell: Callable[[Any], Awaitable[Value]]) -> Later:
    async def told() -> list[Value]:
        return [await tell(row) for row in rows]

    return told


def _holds(row: Version) -> bool:
    link = Link(
        row.version, row.kind, row.digest, row.created_at, row.previous_chain, row.base_version, row.submission_id,
        row.author_id, row.published_by, row.reason, row.special_reason,
    )  # fmt: skip
    return link.chain() == row.chain and hashlib.sha256(row.content.encode()).hexdigest() == row.digest


def _person(person_id: UUID | None) -> str | None:
    return None if person_id is None else str(GlobalId("stf", person_id))


def _written(content: str) -> dict[str, Later]:
    """What a book says, read where it is selected. Raises PolicyUnavailable for what is no book."""

    async def rules() -> list[Value]:
        return [rule_value(rule, sentence(rule)) for rule in drafted_book(content).rules]

    async def raised() -> list[Value]:
        return [_raise(RaiseTold(*pair, raised_sentence(*pair))) for pair in drafted_book(content).raised]

    return {"rules": rules, "raised": raised}


def rule_value(rule: Rule, said: str) -> Value:
    return {
        "id": rule.id,
        "sentence": said,
        "role": rule.role,
        "element": rule.element,
        "action": rule.action,
        "scope": rule.scope,
        "conditions": list(rule.conditions),
        "duties": list(rule.duties),
        "effect": rule.effect,
    }


def _told(one: RuleTold) -> Value:
    return rule_value(one.rule, one.sentence)


def _raise(one: RaiseTold) -> Value:
    return {"element": one.element, "course": one.course, "sentence": one.sentence}


def _diff(found: Differences) -> Value:
    return {
        "same": found.none,
        "added": [_told(one) for one in found.added],
        "removed": [_told(one) for one in found.removed],
        "changed": [
            {"before": _told(one.before), "after": _told(one.after), "fields": list(one.fields)}
            for one in found.changed
        ],
        "raised": [_raise(one) for one in found.raised],
        "lowered": [_raise(one) for one in found.lowered],
    }


def own_example(row: OwnExample) -> Value:
    return {**_example(example_of(row)), "id": str(GlobalId("pex", row.example_id)), "fixed": False}


def fixed_example(one: Example) -> Value:
    return {**_example(one), "id": None, "fixed": True}


def _example(one: Example) -> Value:
    """The members are the fields, by the same names."""
    return {**asdict(one), "sentence": one.sentence}


def _outcome(one: Outcome, own: Mapping[str, OwnExample]) -> Value:
    row = own.get(one.example.name)
    example = fixed_example(one.example) if row is None else own_example(row)
    return {"example": example, "holds": one.holds, "sentence": one.sentence}
