"""usher policy: the life of a school's rules from the command line, by the same API as everybody's."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from server.cli import policy_tables as told
from server.cli.policy_asking import (
    CHECKED,
    DIFF,
    DRAFT,
    IMPACT,
    RULE,
    SUBMISSION,
    VERSION,
    client,
    connect,
    names_of,
    of_draft,
    there,
)
from server.cli.policy_edits import Adds, Changes, Lowers, Raises, Removes, edits_of

policy = typer.Typer(
    help="The school's rules: draft, check, approve, publish.", no_args_is_help=True, rich_markup_mode=None
)
policy.callback()(connect)

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


@policy.command("show")
def show(
    context: typer.Context,
    version: Annotated[int | None, typer.Option("--version", help="Which; the one in force otherwise.")] = None,
) -> None:
    """Print the rules in force, or those of a version, in words."""
    document = f"query($v: Int) {{ policyVersion(version: $v) {{ version kind state publishedAt rules {RULE} }} }}"
    found = there(client(context).ask(document, {"v": version})["policyVersion"], "version")
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
    _draft(client(context).change("editPolicyDraft", given, DRAFT)["draft"])


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
    edits, asked = edits_of(add, change, remove, raised, lower), client(context)
    revision = of_draft(asked, draft_id, "revision")["revision"]
    given = {"draft": draft_id, "expectedRevision": revision, "edits": edits, "title": title}
    _draft(asked.change("editPolicyDraft", given, DRAFT)["draft"])


@policy.command("drafts")
def drafts(context: typer.Context) -> None:
    """List open drafts, and what was submitted."""
    found = client(context).ask(
        "{ policyDrafts { id title state baseVersion revision } policySubmissions { id title state baseVersion } }"
    )
    columns = ("id", "title", "state", "base")
    if not any(found.values()):
        told.say("There are no open drafts, and nothing was submitted.")
    for name in ("policyDrafts", "policySubmissions"):
        rows = [(one["id"], one["title"], one["state"], one["baseVersion"]) for one in found[name]]
        told.table(name.removeprefix("policy"), columns, rows)


@policy.command("check")
def check(context: typer.Context, draft_id: DraftId) -> None:
    """Validate a draft and run every example on it. Exit status 1 where it can't be submitted."""
    found = of_draft(client(context), draft_id, CHECKED)
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
        f"query($d: ID, $s: ID, $v: Int) {{ policyImpact(draft: $d, submission: $s, version: $v) {{ {IMPACT} }} }}"
    )
    variables = {"d": draft_id, "s": submission, "v": version}
    told.impact(there(client(context).ask(document, variables)["policyImpact"], "draft, submission or version"))


@policy.command("submit")
def submit(context: typer.Context, draft_id: DraftId, reason: Reason, special_reason: Special = None) -> None:
    """Hand a draft in for another person's approval."""
    asked = client(context)
    revision = of_draft(asked, draft_id, "revision")["revision"]
    given = {"draft": draft_id, "expectedRevision": revision, "reason": reason, "specialReason": special_reason}
    _submission(asked.change("submitPolicy", given, SUBMISSION)["submission"])


@policy.command("approve")
def approve(context: typer.Context, submission: SubmissionId, reason: Said = None) -> None:
    """Agree to what another person submitted."""
    given = {"submission": submission, "reason": reason}
    _submission(client(context).change("approvePolicy", given, SUBMISSION)["submission"])


@policy.command("reject")
def reject(context: typer.Context, submission: SubmissionId, reason: Reason) -> None:
    """Refuse what another person submitted."""
    given = {"submission": submission, "reason": reason}
    _submission(client(context).change("rejectPolicy", given, SUBMISSION)["submission"])


@policy.command("withdraw")
def withdraw(
    context: typer.Context,
    named: Annotated[str, typer.Argument(help="A draft or a submission.", show_default=False)],
    reason: Said = None,
) -> None:
    """Stop a draft, or a submission that is not yet in force."""
    kind = "submission" if named.startswith("psb_") else "draft"
    payload = client(context).change("withdrawPolicy", {kind: named, "reason": reason}, f"{DRAFT} {SUBMISSION}")
    told.say(f"{payload[kind]['title']}: {payload[kind]['state'].lower()}.")


@policy.command("publish")
def publish(
    context: typer.Context,
    submission: SubmissionId,
    at: Annotated[str | None, typer.Option("--at", help="When, such as 2027-01-04T08:00:00Z; now otherwise.")] = None,
) -> None:
    """Put an approved submission in force."""
    given = {"submission": submission, "at": at}
    payload = client(context).change("publishPolicy", given, f"{SUBMISSION} {VERSION}")
    if payload["version"] is None:
        submitted = payload["submission"]
        told.say(f"{submitted['title']}: to be published at {told.moment(submitted['publishAt'])}.")
    else:
        _in_force(payload["version"])


@policy.command("history")
def history(context: typer.Context) -> None:
    """List every version, with its chain proved. Exit status 1 where a link doesn't hold."""
    asked = client(context)
    found = asked.ask(
        "{ policyVersions { version kind state publishedAt author approvedBy reason chain chainHolds overdue } }"
    )["policyVersions"]
    names = names_of(asked, (one[who] for one in found for who in ("author", "approvedBy")))
    for one in found:
        told.version(one, names)
    if not all(one["chainHolds"] for one in found):
        raise typer.Exit(1)


@policy.command("diff")
def diff(context: typer.Context, earlier: Number, later: Number) -> None:
    """Say what sets two versions apart."""
    document = f"query($f: Int!, $t: Int!) {{ {DIFF.replace('diff', 'policyDiff(from: $f, to: $t)', 1)} }}"
    told.diff(there(client(context).ask(document, {"f": earlier, "t": later})["policyDiff"], "version"))


@policy.command("roll-back")
def roll_back(context: typer.Context, version: Number, reason: Reason, special_reason: Special = None) -> None:
    """Hand in an old version's content, to be approved and published as any other."""
    given = {"version": version, "reason": reason, "specialReason": special_reason}
    _submission(client(context).change("rollBackPolicy", given, SUBMISSION)["submission"])


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
    _in_force(client(context).change("narrowPolicy", given, VERSION)["version"])
    told.say("Another person has to confirm it within 24 hours: usher policy confirm.")


@policy.command("confirm")
def confirm(context: typer.Context, version: Number) -> None:
    """Stand by another person's narrowing."""
    found = client(context).change("confirmPolicy", {"version": version}, VERSION)["version"]
    told.say(f"Version {found['version']} is confirmed.")


@policy.command("examples")
def examples(context: typer.Context) -> None:
    """List the decisions that every draft is held to."""
    found = client(context).ask("{ policyExamples { id fixed name sentence } }")["policyExamples"]
    rows = [(one["id"] or "the agreement's", one["name"], one["sentence"]) for one in found]
    told.table("Examples", ("id", "name", "sentence"), rows)


def _draft(found: dict[str, Any]) -> None:
    told.say(f"{found['id']}: {found['title']}, revision {found['revision']} upon version {found['baseVersion']}.")


def _submission(found: dict[str, Any]) -> None:
    told.say(f"{found['id']}: {found['title']}, {found['state'].lower()} upon version {found['baseVersion']}.")


def _in_force(found: dict[str, Any]) -> None:
    told.say(f"Version {found['version']} is in force.")
