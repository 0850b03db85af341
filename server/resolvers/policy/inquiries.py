"""The queries of a rule book's life: drafts, submissions, versions, differences, impact and examples."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from server.commands.policy.judging import drafted_book, stored_book
from server.errors import BadUserInput
from server.queries.ids import decode
from server.queries.noun import Argument
from server.queries.policy_history import draft, drafts, head, submission, submissions, version, versions
from server.resolvers.inquiry import Inquirer, Inquiry
from server.resolvers.policy.kinds import POLICY_KINDS
from server.resolvers.policy.values import Teller

_READ: Final = frozenset({("policy", "read")})
Given = dict[str, Any]


def _teller(inquirer: Inquirer) -> Teller:
    return Teller(inquirer.connection, inquirer.school_id, inquirer.now, inquirer)


async def _draft(given: Given, inquirer: Inquirer) -> Any:
    row = await draft(inquirer.connection, inquirer.school_id, decode(given["id"], ("id",), "pdr", yearly=False).key)
    return None if row is None else await _teller(inquirer).draft(row)


async def _drafts(_: Given, inquirer: Inquirer) -> Any:
    teller = _teller(inquirer)
    return [await teller.draft(row) for row in await drafts(inquirer.connection, inquirer.school_id)]


async def _submission(given: Given, inquirer: Inquirer) -> Any:
    key = decode(given["id"], ("id",), "psb", yearly=False).key
    row = await submission(inquirer.connection, inquirer.school_id, key)
    return None if row is None else await _teller(inquirer).submission(row)


async def _submissions(_: Given, inquirer: Inquirer) -> Any:
    teller = _teller(inquirer)
    return [await teller.submission(row) for row in await submissions(inquirer.connection, inquirer.school_id)]


async def _version(given: Given, inquirer: Inquirer) -> Any:
    number = given.get("version")
    if number is None:
        row = await head(inquirer.connection, inquirer.school_id)
    else:
        row = await version(inquirer.connection, inquirer.school_id, number)
    return None if row is None else await _teller(inquirer).version(row)


async def _versions(_: Given, inquirer: Inquirer) -> Any:
    teller = _teller(inquirer)
    rows = await versions(inquirer.connection, inquirer.school_id)
    return [await teller.version(row) for row in reversed(rows)]


async def _diff(given: Given, inquirer: Inquirer) -> Any:
    return await _teller(inquirer).diff(given["from"], given["to"])


async def _impact(given: Given, inquirer: Inquirer) -> Any:
    """Of exactly one of the three, against what is in force, or what the draft or submission was begun upon."""
    connection, school_id = inquirer.connection, inquirer.school_id
    named = [name for name in ("draft", "submission", "version") if given.get(name) is not None]
    if len(named) != 1:
        raise BadUserInput("Give one of draft, submission and version.", ("draft",))
    if named == ["version"]:
        chosen = await version(connection, school_id, given["version"])
        in_force = await head(connection, school_id)
        books = None if chosen is None else (stored_book(in_force.content), stored_book(chosen.content))
    else:
        prefix, find = _ORIGINS[named[0]]
        row = await find(connection, school_id, decode(given[named[0]], (named[0],), prefix, yearly=False).key)
        base = None if row is None else await version(connection, school_id, row.base_version)
        books = None if base is None or row is None else (stored_book(base.content), drafted_book(row.content))
    return None if books is None else await _teller(inquirer).impact(*books)


async def _examples(_: Given, inquirer: Inquirer) -> Any:
    return await _teller(inquirer).examples()


_ORIGINS: Final[dict[str, tuple[str, Callable[..., Awaitable[Any]]]]] = {
    "draft": ("pdr", draft),
    "submission": ("psb", submission),
}


def _inquiry(
    name: str,
    kind: str,
    description: str,
    ask: Callable[[Given, Inquirer], Awaitable[Any]],
    *arguments: Argument,
    heavy: bool = False,
) -> Inquiry:
    return Inquiry(name, kind, description, arguments, _READ, ask, POLICY_KINDS, heavy=heavy)


POLICY_INQUIRIES: Final = (
    _inquiry("policyDraft", "PolicyDraft", "A draft by its id.", _draft, Argument("id", "ID!", "The draft.")),
    _inquiry("policyDrafts", "[PolicyDraft!]!", "Open drafts, the latest edited first.", _drafts),
    _inquiry(
        "policySubmission",
        "PolicySubmission",
        "A submission by its id.",
        _submission,
        Argument("id", "ID!", "The submission."),
    ),
    _inquiry(
        "policySubmissions", "[PolicySubmission!]!", "All that was ever submitted, the latest first.", _submissions
    ),
    _inquiry(
        "policyVersion",
        "PolicyVersion",
        "A version of the rules.",
        _version,
        Argument("version", "Int", "Its number; the one in force where left out."),
    ),
    _inquiry("policyVersions", "[PolicyVersion!]!", "Every version, the newest first, with its chain.", _versions),
    _inquiry(
        "policyDiff",
        "PolicyDiff",
        "What sets two versions apart; null where there is no such version.",
        _diff,
        Argument("from", "Int!", "The earlier version."),
        Argument("to", "Int!", "The later version."),
    ),
    _inquiry(
        "policyImpact",
        "PolicyImpact",
        "Who would gain and who would lose what, if one of these came into force.",
        _impact,
        Argument("draft", "ID", "A draft, against its base."),
        Argument("submission", "ID", "A submission, against its base."),
        Argument("version", "Int", "An old version, against the one in force."),
        heavy=True,
    ),
    _inquiry("policyExamples", "[PolicyExample!]!", "Decisions that every submission is held to.", _examples),
)
