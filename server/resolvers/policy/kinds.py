"""The types in which the life of a rule book is told."""

from __future__ import annotations

from functools import partial
from typing import Final

from server.queries.kinds import kind
from server.resolvers.policy.people_impact import PEOPLE_KINDS

_policy = partial(kind, element="policy")

RULE: Final = _policy(
    "PolicyRule",
    "One sentence of a rule book.",
    ("id", "String!", "The rule's name in its book."),
    ("sentence", "String!", "The rule in words; read back, it gives the same rule."),
    ("role", "String!", "Who: a role, or a group of roles."),
    ("element", "String!", "What: a data element, or a group of them."),
    ("action", "String!", "What may be done."),
    ("scope", "String!", "Whose rows."),
    ("conditions", "[String!]!", "What must hold besides."),
    ("duties", "[String!]!", "What follows from a use."),
    ("effect", "String!", "allow or deny; a deny outweighs every allow."),
)
RAISE: Final = _policy(
    "PolicyRaise",
    "An element that the school treats as special category.",
    ("element", "String!", "The data element."),
    ("course", "String!", "The course whose certificate opens it."),
    ("sentence", "String!", "What that does."),
)
FINDING: Final = _policy(
    "PolicyFinding",
    "What is wrong with a book.",
    ("rule", "String!", "The rule's id, or book."),
    ("code", "String!", "A stable word."),
    ("sentence", "String!", "What is wrong and what to do."),
)
EXAMPLE: Final = _policy(
    "PolicyExample",
    "A decision that every draft is held to.",
    ("id", "ID", "Null for those of the agreement, which can't be removed."),
    ("fixed", "Boolean!", "True: of the agreement."),
    ("name", "String!", "What it is called."),
    ("sentence", "String!", "The decision in words."),
    ("capacity", "String!", "In what capacity the person acts."),
    ("roles", "[String!]!", "The person's roles."),
    ("facts", "[String!]!", "Conditions that hold."),
    ("relations", "[String!]!", "Scopes in which the row stands to the person."),
    ("element", "String!", "The data element."),
    ("action", "String!", "What is done with it."),
    ("visible", "Boolean!", "Whether it must be allowed, or must not."),
)
EXAMPLE_OUTCOME: Final = _policy(
    "PolicyExampleOutcome",
    "What a book makes of an example.",
    ("example", "PolicyExample!", "The example."),
    ("holds", "Boolean!", "False blocks."),
    ("sentence", "String!", "What the example wants and what the book does."),
)
RULE_CHANGE: Final = _policy(
    "PolicyRuleChange",
    "A rule that says something else.",
    ("before", "PolicyRule!", "As it was."),
    ("after", "PolicyRule!", "As it is."),
    ("fields", "[String!]!", "What differs."),
)
DIFF: Final = _policy(
    "PolicyDiff",
    "What sets one book apart from another.",
    ("same", "Boolean!", "True: both say the same."),
    ("added", "[PolicyRule!]!", "Rules of the later alone."),
    ("removed", "[PolicyRule!]!", "Rules of the earlier alone."),
    ("changed", "[PolicyRuleChange!]!", "Rules of both that differ."),
    ("raised", "[PolicyRaise!]!", "Elements raised in the later alone."),
    ("lowered", "[PolicyRaise!]!", "Elements raised in the earlier alone."),
)
IMPACT_CHANGE: Final = _policy(
    "PolicyImpactChange",
    "What somebody gains or loses.",
    ("sentence", "String!", "In words."),
    ("capacity", "String!", "In what capacity they act."),
    ("roles", "[String!]!", "Roles of which one is held; where several lists meet, by the same person."),
    ("element", "String!", "The data element."),
    ("action", "String!", "What may be done with it."),
    ("conditions", "[String!]!", "What must hold besides."),
    ("gained", "[String!]!", "Rows that open."),
    ("lost", "[String!]!", "Rows that close."),
    ("dutiesGained", "[String!]!", "What follows now from a use."),
    ("dutiesLost", "[String!]!", "What no longer follows."),
    ("special", "Boolean!", "True: special category, by law or by the school's own raise."),
)
IMPACT: Final = _policy(
    "PolicyImpact",
    "What a book would change for anybody, against the version it was begun upon.",
    ("sentences", "[String!]!", "Who gains and who loses what."),
    ("changes", "[PolicyImpactChange!]!", "The same, in fields."),
    ("widens", "Boolean!", "True: somebody gains something."),
    ("widensSpecial", "Boolean!", "True: somebody gains special category data, which needs a typed reason."),
    ("people", "PeopleImpact!", "Who of the school's own people, and of which learners."),
    (
        "replay",
        "PolicyReplay",
        "The last operations under it; null for those who may not read the audit, and in payloads.",
    ),
)
DRAFT: Final = _policy(
    "PolicyDraft",
    "A rule book being written.",
    ("id", "ID!", "The draft's id."),
    ("title", "String!", "What it is called."),
    ("author", "ID!", "Who writes it."),
    ("state", "String!", "DRAFT, SUBMITTED, APPROVED, SCHEDULED, LAPSED or CLOSED."),
    ("baseVersion", "Int!", "The version in force when it was begun."),
    ("revision", "Int!", "Grows with each edit: give it as expectedRevision."),
    ("createdAt", "DateTime!", "When it was begun."),
    ("updatedAt", "DateTime!", "When it was last edited."),
    ("rules", "[PolicyRule!]!", "All of its rules."),
    ("raised", "[PolicyRaise!]!", "Elements that it raises."),
    ("findings", "[PolicyFinding!]!", "What is wrong with it; none: it may be submitted."),
    ("examples", "[PolicyExampleOutcome!]!", "What it makes of every example."),
    ("diff", "PolicyDiff!", "What sets it apart from its base."),
    ("impact", "PolicyImpact!", "Who would gain and lose what."),
    ("submissions", "[PolicySubmission!]!", "What was submitted of it, the latest first."),
)
SUBMISSION: Final = _policy(
    "PolicySubmission",
    "A rule book as it was handed in.",
    ("id", "ID!", "The submission's id."),
    ("draft", "ID", "The draft that it came from; null for a roll-back."),
    ("state", "String!", "SUBMITTED, APPROVED, SCHEDULED, PUBLISHED, SUPERSEDED, REJECTED, WITHDRAWN or LAPSED."),
    ("kind", "String!", "PUBLISHED, or ROLLED_BACK to an old version's content."),
    ("restoresVersion", "Int", "The version that a roll-back brings back."),
    ("baseVersion", "Int!", "The version that it is to replace."),
    ("title", "String!", "The draft's title."),
    ("author", "ID!", "Who submitted it, and never decides it."),
    ("reason", "String!", "Why."),
    ("widensSpecial", "Boolean!", "True: it opens special category data."),
    ("specialReason", "String", "Why that, and who agreed; becomes part of the version."),
    ("summary", "[String!]!", "What the impact said when it was submitted."),
    ("digest", "String!", "sha256 of its content."),
    ("submittedAt", "DateTime!", "When."),
    ("decidedBy", "ID", "Who approved or rejected it."),
    ("decidedAt", "DateTime", "When."),
    ("decisionReason", "String", "Why."),
    ("publishAt", "DateTime", "When it is to come into force."),
    ("endedBy", "ID", "Who withdrew it."),
    ("endedAt", "DateTime", "When it was withdrawn, or lapsed."),
    ("version", "Int", "The version that it became."),
    ("rules", "[PolicyRule!]!", "All of its rules."),
    ("raised", "[PolicyRaise!]!", "Elements that it raises."),
    ("findings", "[PolicyFinding!]!", "What is wrong with it now."),
    ("examples", "[PolicyExampleOutcome!]!", "What it makes of every example now."),
    ("diff", "PolicyDiff!", "What sets it apart from its base."),
    ("impact", "PolicyImpact!", "Who would gain and lose what."),
)
VERSION: Final = _policy(
    "PolicyVersion",
    "A rule book that came into force, never changed afterwards.",
    ("version", "Int!", "1, 2, 3 ..."),
    ("kind", "String!", "FOUNDED, PUBLISHED, ROLLED_BACK, NARROWED, or ADOPTED from before approvals were kept."),
    ("state", "String!", "PUBLISHED while it is in force, SUPERSEDED after."),
    ("baseVersion", "Int", "The version that it replaced."),
    ("author", "ID", "Who wrote it; null for a school's first."),
    ("approvedBy", "ID", "Who approved it."),
    ("publishedBy", "ID", "Who put it in force."),
    ("reason", "String", "Why."),
    ("specialReason", "String", "Why special category data was opened, and who agreed."),
    ("publishedAt", "DateTime!", "Since when."),
    ("submission", "ID", "The submission that it came from."),
    ("digest", "String!", "sha256 of its content."),
    ("chain", "String!", "sha256 over the link before and all that this version says."),
    ("chainHolds", "Boolean!", "True: reckoned anew, the link and the content's hash are the same."),
    ("confirmBy", "DateTime", "Of a narrowing: by when another person has to confirm it."),
    ("confirmedBy", "ID", "Who did."),
    ("confirmedAt", "DateTime", "When."),
    ("overdue", "Boolean!", "True: a narrowing that nobody confirmed in time. It stays in force."),
    ("rules", "[PolicyRule!]!", "All of its rules."),
    ("raised", "[PolicyRaise!]!", "Elements that it raises."),
    ("diff", "PolicyDiff", "What sets it apart from the version before it."),
)

POLICY_KINDS: Final = (
    RULE, RAISE, FINDING, EXAMPLE, EXAMPLE_OUTCOME, RULE_CHANGE, DIFF, IMPACT_CHANGE, *PEOPLE_KINDS, IMPACT, DRAFT,
    SUBMISSION, VERSION,
)  # fmt: skip
