"""usher policy: the life of a school's rules from the command line, by the same API as everybody's."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from server.cli import policy_tables as told
from server.cli.databases import database
from server.cli.graphql_client import GraphQLClient, refuse
from server.cli.policy_edits import Adds, Changes, Lowers, Raises, Removes, edits_of
from server.identity.demo_tokens import demo_token
from server.identity.keys import token_key
from server.identity.tokens import TokenIssuer
from server.settings import load_settings

policy = typer.Typer(
    help="The school's rules: draft, check, approve, publish.", no_args_is_help=True, rich_markup_mode=None
)

_RULE: Final = "{ id sentence }"
_DIFF: Final = (
    f"diff {{ same added {_RULE} removed {_RULE} changed {{ before {_RULE} after {_RULE} }}"
    " raised { element sentence } lowered { element sentence } }"
)
_CHECKED: Final = "findings { rule code sentence } examples { holds sentence example { name } }"
_DRAFT: Final = "draft { id title state baseVersion revision }"
_IMPACT: Final = (
    "sentences widens widensSpecial people { gaining losing learnersGained learnersLost people { element gained lost"
    " person { person name roles } gainedLearners { learner name } lostLearners { learner name } } }"
    " replay { lookedAt differing }"
)
_SUBMISSION: Final = "submission { id title state baseVersion version publishAt }"
_VERSION: Final = "version { version kind }"

Reason = Annotated[str, typer.Option("--reason", help="Why, in your words.")]
Said = Annotated[str | None, typer.Option("--reason", help="What you want to say with it.", show_default=False)]
Special = Annotated[
    str | None,
    typer.Option("--special-reason", help="Why special category data is opened, and who agreed.", show_default=False),
]
Title = Annotated[str | None, typer.Option("--title", help="What the draft is called.", show_default=False)]
DraftId = Annotated[str, typer.Argument(help="The draft.", show_default=False)]
SubmissionId = Annotated[str, typer.Argument(help="The submission.", show_default=False)]
Number = Annotated[int, typer.Argument(help="The version.", show_default=False)]


@policy.callback()
def _connect(
    context: typer.Context,
    url: Annotated[str, typer.Option("--url", help="Where Usher answers.")] = "http://127.0.0.1:8000",
    token: Annotated[
        str | None, typer.Option("--token", envvar="USHER_TOKEN", help="A bearer token.", show_default=False)
    ] = None,
    account: Annotated[
        str | None, typer.Option("--as", help="A demo account, in a demo only.", show_default=False)
    ] = None,
) -> None:
    """The school's rules: draft, check, approve, publish."""
    context.obj = (url, token, account)


def _client(context: typer.Context) -> GraphQLClient:
    url, token, account = context.obj
    if account is not None:
        with database(existing=True) as addresses:
            token = demo_token(addresses.app, account, TokenIssuer(token_key(load_settings().keys)))
    if not token:
        refuse([("UNAUTHENTICATED", "Set USHER_TOKEN, or give --as ACCOUNT in a demo.")])
    return GraphQLClient(url, token)


@policy.command("show")
def show(
    context: typer.Context,
    version: Annotated[int | None, typer.Option("--version", help="Which; the one in force otherwise.")] = None,
) -> None:
    """Print the rules in force, or those of a version, in words."""
    document = f"query($v: Int) {{ policyVersion(version: $v) {{ version kind state publishedAt rules {_RULE} }} }}"
    found = _there(_client(context).ask(document, {"v": version})["policyVersion"], "version")
    told.rules(f"Version {found['version']} ({found['state'].lower()})", found["rules"])


@policy.command("draft")
def draft(
    context: typer.Context,
    add: Adds = None,
    change: Changes = None,
    remove: Removes = None,
    raised: Raises = None,
    lower: Lowers = None,
    title: Title = None,
    from_version: Annotated[int | None, typer.Option("--from-version", help="Begin with its content.")] = None,
) -> None:
    """Begin a draft upon the rules in force."""
    edits = edits_of(add, change, remove, raised, lower)
    given = {"edits": edits, "title": title, "fromVersion": from_version}
    _draft(_client(context).change("editPolicyDraft", given, _DRAFT)["draft"])


@policy.command("edit")
def edit(
    context: typer.Context,
    draft_id: DraftId,
    add: Adds = None,
    change: Changes = None,
    remove: Removes = None,
    raised: Raises = None,
    lower: Lowers = None,
    title: Title = None,
) -> None:
    """Change a draft of yours."""
    edits, client = edits_of(add, change, remove, raised, lower), _client(context)
    revision = _of_draft(client, draft_id, "revision")["revision"]
    given = {"draft": draft_id, "expectedRevision": revision, "edits": edits, "title": title}
    _draft(client.change("editPolicyDraft", given, _DRAFT)["draft"])


@policy.command("drafts")
def drafts(context: typer.Context) -> None:
    """List open drafts, and what was submitted."""
    found = _client(context).ask(
        "{ policyDrafts { id title state baseVersion revision } policySubmissions { id title state baseVersion } }"
    )
    columns = ("id", "title", "state", "base")
    for name in ("policyDrafts", "policySubmissions"):
        rows = [(one["id"], one["title"], one["state"], one["baseVersion"]) for one in found[name]]
        told.table(name.removeprefix("policy"), columns, rows)


@policy.command("check")
def check(context: typer.Context, draft_id: DraftId) -> None:
    """Validate a draft and run every example on it. Exit status 1 where it can't be submitted."""
    found = _of_draft(_client(context), draft_id, _CHECKED)
    told.findings(found["findings"])
    told.outcomes(found["examples"])
    if found["findings"] or not all(one["holds"] for one in found["examples"]):
        raise typer.Exit(1)
    told.say(f"No finding; all {len(found['examples'])} examples hold.")


@policy.command("impact")
def impact(
    context: typer.Context,
    draft_id: Annotated[str | None, typer.Option("--draft", help="Of a draft.")] = None,
    submission: Annotated[str | None, typer.Option("--submission", help="Of a submission.")] = None,
    version: Annotated[int | None, typer.Option("--version", help="Of going to a version.")] = None,
) -> None:
    """Say who would gain and who would lose what."""
    document = (
        f"query($d: ID, $s: ID, $v: Int) {{ policyImpact(draft: $d, submission: $s, version: $v) {{ {_IMPACT} }} }}"
    )
    variables = {"d": draft_id, "s": submission, "v": version}
    told.impact(_there(_client(context).ask(document, variables)["policyImpact"], "draft, submission or version"))


@policy.command("submit")
def submit(context: typer.Context, draft_id: DraftId, reason: Reason, special_reason: Special = None) -> None:
    """Hand a draft in for another person's approval."""
    client = _client(context)
    revision = _of_draft(client, draft_id, "revision")["revision"]
    given = {"draft": draft_id, "expectedRevision": revision, "reason": reason, "specialReason": special_reason}
    _submission(client.change("submitPolicy", given, _SUBMISSION)["submission"])


@policy.command("approve")
def approve(context: typer.Context, submission: SubmissionId, reason: Said = None) -> None:
    """Agree to what another person submitted."""
    given = {"submission": submission, "reason": reason}
    _submission(_client(context).change("approvePolicy", given, _SUBMISSION)["submission"])


@policy.command("reject")
def reject(context: typer.Context, submission: SubmissionId, reason: Reason) -> None:
    """Refuse what another person submitted."""
    given = {"submission": submission, "reason": reason}
    _submission(_client(context).change("rejectPolicy", given, _SUBMISSION)["submission"])


@policy.command("withdraw")
def withdraw(
    context: typer.Context,
    named: Annotated[str, typer.Argument(help="A draft or a submission.", show_default=False)],
    reason: Said = None,
) -> None:
    """Stop a draft, or a submission that is not yet in force."""
    kind = "submission" if named.startswith("psb_") else "draft"
    payload = _client(context).change("withdrawPolicy", {kind: named, "reason": reason}, f"{_DRAFT} {_SUBMISSION}")
    told.say(f"{payload[kind]['title']}: {payload[kind]['state'].lower()}.")


@policy.command("publish")
def publish(
    context: typer.Context,
    submission: SubmissionId,
    at: Annotated[str | None, typer.Option("--at", help="When, such as 2027-01-04T08:00:00Z; now otherwise.")] = None,
) -> None:
    """Put an approved submission in force."""
    given = {"submission": submission, "at": at}
    payload = _client(context).change("publishPolicy", given, f"{_SUBMISSION} {_VERSION}")
    if payload["version"] is None:
        told.say(f"{payload['submission']['title']}: to be published at {payload['submission']['publishAt']}.")
    else:
        _in_force(payload["version"])


@policy.command("history")
def history(context: typer.Context) -> None:
    """List every version, with its chain proved. Exit status 1 where a link doesn't hold."""
    found = _client(context).ask(
        "{ policyVersions { version kind state publishedAt author approvedBy reason chain chainHolds overdue } }"
    )["policyVersions"]
    for one in found:
        told.version(one)
    if not all(one["chainHolds"] for one in found):
        raise typer.Exit(1)


@policy.command("diff")
def diff(context: typer.Context, earlier: Number, later: Number) -> None:
    """Say what sets two versions apart."""
    document = f"query($f: Int!, $t: Int!) {{ {_DIFF.replace('diff', 'policyDiff(from: $f, to: $t)', 1)} }}"
    told.diff(_there(_client(context).ask(document, {"f": earlier, "t": later})["policyDiff"], "version"))


@policy.command("roll-back")
def roll_back(context: typer.Context, version: Number, reason: Reason, special_reason: Special = None) -> None:
    """Hand in an old version's content, to be approved and published as any other."""
    given = {"version": version, "reason": reason, "specialReason": special_reason}
    _submission(_client(context).change("rollBackPolicy", given, _SUBMISSION)["submission"])


@policy.command("narrow")
def narrow(
    context: typer.Context,
    reason: Reason,
    add: Adds = None,
    change: Changes = None,
    remove: Removes = None,
    raised: Raises = None,
    lower: Lowers = None,
    to_version: Annotated[int | None, typer.Option("--to-version", help="An older version's content.")] = None,
) -> None:
    """In an emergency, take access away at once; refused where anybody would gain anything."""
    edits = edits_of(add, change, remove, raised, lower)
    given = {"edits": edits or None, "toVersion": to_version, "reason": reason}
    _in_force(_client(context).change("narrowPolicy", given, _VERSION)["version"])
    told.say("Another person has to confirm it within 24 hours: usher policy confirm.")


@policy.command("confirm")
def confirm(context: typer.Context, version: Number) -> None:
    """Stand by another person's narrowing."""
    found = _client(context).change("confirmPolicy", {"version": version}, _VERSION)["version"]
    told.say(f"Version {found['version']} is confirmed.")


@policy.command("examples")
def examples(context: typer.Context) -> None:
    """List the decisions that every draft is held to."""
    found = _client(context).ask("{ policyExamples { id fixed name sentence } }")["policyExamples"]
    rows = [(one["id"] or "the agreement's", one["name"], one["sentence"]) for one in found]
    told.table("Examples", ("id", "name", "sentence"), rows)


def _of_draft(client: GraphQLClient, draft_id: str, selected: str) -> dict[str, Any]:
    document = f"query($d: ID!) {{ policyDraft(id: $d) {{ {selected} }} }}"
    return _there(client.ask(document, {"d": draft_id})["policyDraft"], "draft")


def _there(found: dict[str, Any] | None, what: str) -> dict[str, Any]:
    if found is None:
        refuse([("NOT_FOUND", f"There is no such {what} at your school.")])
    return found


def _draft(found: dict[str, Any]) -> None:
    told.say(f"{found['id']}: {found['title']}, revision {found['revision']} upon version {found['baseVersion']}.")


def _submission(found: dict[str, Any]) -> None:
    told.say(f"{found['id']}: {found['title']}, {found['state'].lower()} upon version {found['baseVersion']}.")


def _in_force(found: dict[str, Any]) -> None:
    told.say(f"Version {found['version']} is in force.")
