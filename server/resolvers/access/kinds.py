"""Types that tell who can see what, and why."""

from __future__ import annotations

from typing import Final

from server.queries.kinds import kind
from server.resolvers.naming import REACHED_LEARNER, REACHED_PERSON

FIRST: Final = 100
"""How many of a long list an answer shows; the CSV holds all."""
FEW: Final = 25
"""How many learners stand beside each of many people."""


RULE: Final = kind(
    "CitedRule",
    "A rule that has a say in a decision.",
    ("rule", "String!", "Its id; `raise` for an element that the school itself guards."),
    ("sentence", "String!", "What it says."),
)
REMEDY: Final = kind(
    "AccessRemedy",
    "With all of this, and nothing less of it, it would be allowed.",
    ("sentence", "String!", "In words."),
    ("facts", "[String!]!", "Conditions that would have to hold."),
    ("relations", "[String!]!", "Relations to the row that would have to hold."),
    ("roles", "[String!]!", "Roles of which one would have to be held."),
    ("without", "[String!]!", "Relations of which none may hold."),
)
HINDRANCE: Final = kind(
    "AccessHindrance",
    "Another element that would have to be readable for the row to be there at all.",
    ("element", "DataElement!", "The other element."),
    ("sentence", "String!", "Why it is refused."),
)
EXPLANATION: Final = kind(
    "AccessExplanation",
    "Why a person may or may not do something with an element.",
    ("person", "ReachedPerson!", "Who would do it."),
    ("learner", "ReachedLearner", "Whose row; null for rows of no learner."),
    ("element", "DataElement!", "The data element."),
    ("action", "DataAction!", "The action with it."),
    ("course", "ID", "The course of the row, where rows belong to courses."),
    ("visible", "Boolean!", "What the API does: true, it would show or take the value."),
    ("exists", "Boolean!", "False: there is no such row, and what is told is of a supposed one."),
    ("decision", "Boolean!", "What the rules about the element say by themselves."),
    ("sentence", "String!", "The answer in one line."),
    ("relations", "[String!]!", "The relations of the person to the row."),
    ("granting", "[CitedRule!]!", "Rules of the school that allow it."),
    ("blocking", "[CitedRule!]!", "Rules of the school that deny it."),
    ("guardrailsGranting", "[CitedRule!]!", "Guardrails that allow it."),
    ("guardrailsBlocking", "[CitedRule!]!", "Guardrails that deny it."),
    ("against", "[String!]!", "Which of the two books says no: guardrails, school."),
    ("hindering", "[AccessHindrance!]!", "What else is refused, and hides the row."),
    ("missing", "[AccessRemedy!]!", "Conditions that would allow it."),
    (
        "changes",
        "[AccessRemedy!]!",
        "Other things that would allow it: a relation, a role, or a relation that may not hold.",
    ),
)
ONLOOKER: Final = kind(
    "Onlooker",
    "Somebody who can see an element of a learner.",
    ("person", "ReachedPerson!", "The person."),
    ("through", "[String!]!", "The scopes that let them."),
    ("phrases", "[String!]!", "The same, as sentences say it."),
    ("courses", "[ID!]!", "The courses in which, where rows belong to courses."),
    ("logged", "Boolean!", "True: each use is logged."),
)
WHO: Final = kind(
    "WhoCanSee",
    "Everybody who can see an element of one learner now.",
    ("learner", "ReachedLearner!", "The learner."),
    ("element", "DataElement!", "The data element."),
    ("action", "DataAction!", "The action with it."),
    ("policyVersion", "Int!", "Under which version of the rule book."),
    ("total", "Int!", "How many accounts."),
    ("people", "[Onlooker!]!", f"The accounts: staff first; at most {FIRST}."),
    ("csv", "String!", "All of them as a table, for those who may export the audit."),
)
SHOWN: Final = kind(
    "ShownElement",
    "What a person can see of one element now.",
    ("element", "DataElement!", "The element."),
    ("special", "Boolean!", "True: special category."),
    ("learners", "Int!", "Of how many learners."),
    ("staff", "Int!", "Of how many members of staff."),
    ("school", "Boolean!", "True: rows of the school that are nobody's."),
    ("logged", "Boolean!", "True: each use is logged."),
    ("shown", "[ReachedLearner!]!", f"The learners, at most {FIRST}."),
)
WHAT: Final = kind(
    "WhatCanSee",
    "All that a person can see now.",
    ("person", "ReachedPerson!", "The person."),
    ("facts", "[String!]!", "Conditions that hold for them."),
    ("action", "DataAction!", "What they would do."),
    ("policyVersion", "Int!", "Under which version of the rule book."),
    ("elements", "[ShownElement!]!", "The elements of which they see something."),
    ("csv", "String!", "A row for each learner and a column for each element, for those who may export the audit."),
)

OF_EXPLAIN: Final = (REACHED_PERSON, REACHED_LEARNER, RULE, REMEDY, HINDRANCE, EXPLANATION)
OF_WHO: Final = (REACHED_PERSON, REACHED_LEARNER, ONLOOKER, WHO)
OF_WHAT: Final = (REACHED_PERSON, REACHED_LEARNER, SHOWN, WHAT)
