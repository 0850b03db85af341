"""questionAnalysis: an assessment by question and by topic, and a map of learners by questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from server.grading.analysis.questions import Outcome, Question, Scored, by_question, by_topic
from server.grading.analysis.shares import decimal, quotient, share
from server.queries.analysis.asking import MOST_LEARNERS
from server.queries.analysis.questions import Paper, Sitting, paper
from server.queries.ids import GlobalId
from server.queries.kinds import kind
from server.queries.noun import Argument
from server.resolvers.analysis.analysing import OF_CLASS, OF_COURSE, analysing
from server.resolvers.inquiry import Inquirer, Inquiry

_SHARE: Final = "The mean share of the maximum, to four places; null of nobody."
_OUTCOME: Final = (
    ("entries", "Int!", "How many of the learners have a score."),
    ("share", "Decimal", _SHARE),
    ("exact", "String", "The same as an exact fraction."),
    ("courseShare", "Decimal", "The share of all learners of the course whose marks you may read."),
    ("gap", "Decimal", "The share less the course's."),
    ("bands", "[Int!]!", "How many learners got up to a fifth of the maximum, up to two fifths, and so on."),
)
QUESTION: Final = kind(
    "QuestionResult",
    "One question of an assessment.",
    ("question", "String!", "The question."),
    ("topic", "String!", "What it is about."),
    ("maximum", "Decimal!", "The most it gives."),
    *_OUTCOME,
    element="mark",
)
TOPIC: Final = kind(
    "TopicResult",
    "All questions about one thing.",
    ("topic", "String!", "What they are about."),
    ("questions", "[String!]!", "The questions, as on the paper."),
    *_OUTCOME,
    element="mark",
)
ROW: Final = kind(
    "QuestionMapRow",
    "One learner of the map: a cell for each of `questions`, in their order.",
    ("learner", "ID!", "The learner's id.", "name"),
    ("name", "String!", "The name the learner goes by.", "name"),
    ("score", "Decimal!", "The raw mark.", "mark"),
    ("share", "Decimal", "Its share of the assessment's maximum.", "mark"),
    ("cells", "[Decimal]!", "Shares of the questions' maxima; null without a score.", "mark"),
)
ANALYSIS: Final = kind(
    "QuestionAnalysis",
    "An assessment by question and topic, over the marks that you may read: each learner's last scored attempt.",
    ("assessment", "ID!", "The assessment.", None),
    ("name", "String!", "Its name.", "school_structure"),
    ("maximum", "Decimal!", "The highest raw mark.", "school_structure"),
    (
        "partial",
        "Boolean!",
        "True: you may read the marks of some learners only, family and restricted data aside.",
        None,
    ),
    ("entries", "Int!", "How many learners have a score.", "mark"),
    ("share", "Decimal", "Their mean share of the maximum, to four places.", "mark"),
    ("courseShare", "Decimal", "The share of all learners of the course whose marks you may read.", "mark"),
    ("gap", "Decimal", "The share less the course's.", "mark"),
    ("questions", "[QuestionResult!]!", "As on the paper.", "mark"),
    ("topics", "[TopicResult!]!", "In the order in which they come up.", "mark"),
    ("learners", "[QuestionMapRow!]!", f"Ready to draw; by name, the first {MOST_LEARNERS} of them.", "mark"),
)


async def _questions(given: dict[str, Any], inquirer: Inquirer) -> dict[str, Any] | None:
    what = analysing(given, inquirer, ("mark",), ("class", "course"))
    found = await paper(inquirer.connection, what.asking, of_class=what.of_class)
    if found is None:
        return None
    inside = [one for one in found.sittings if one.inside]
    what.log([one.learner_id for one in found.sittings], found.reveals, [one.learner_id for one in inside])
    return {"assessment": given["assessment"], "partial": what.partial, **_told(found, inside)}


def _told(found: Paper, inside: Sequence[Sitting]) -> dict[str, Any]:
    questions = _asked(found)
    own, every = [_scored(one) for one in inside], [_scored(one) for one in found.sittings]
    whole = share((one.score, found.maximum) for one in inside)
    of_all = share((one.score, found.maximum) for one in found.sittings)
    pairs = zip(questions, by_question(questions, own, every), strict=True)
    return {
        "name": found.name,
        "maximum": found.maximum,
        "entries": len(inside),
        "share": decimal(whole),
        "courseShare": decimal(of_all),
        "gap": decimal(None if whole is None or of_all is None else whole - of_all),
        "questions": [
            {"question": one.name, "topic": one.topic, "maximum": one.maximum, **_outcome(outcome)}
            for one, outcome in pairs
        ],
        "topics": [
            {"topic": name, "questions": [one.name for one in questions if one.topic == name], **_outcome(outcome)}
            for name, outcome in by_topic(questions, own, every)
        ],
        "learners": [_row(one, found, questions) for one in inside[:MOST_LEARNERS]],
    }


def _asked(found: Paper) -> list[Question]:
    """Every question that somebody's mark is made of, as on the paper."""
    parts = {(part.position, part.question): part for one in found.sittings for part in one.parts}
    known: dict[str, Question] = {}
    for _, part in sorted(parts.items()):
        known.setdefault(part.question, Question(part.question, part.topic, part.maximum))
    return list(known.values())


def _scored(one: Sitting) -> Scored:
    return {part.question: (part.score, part.maximum) for part in one.parts if part.score is not None}


def _outcome(outcome: Outcome) -> Mapping[str, Any]:
    return {
        "entries": outcome.entries,
        "share": decimal(outcome.share),
        "exact": quotient(outcome.share),
        "courseShare": decimal(outcome.of_all),
        "gap": decimal(outcome.gap),
        "bands": list(outcome.bands),
    }


def _row(one: Sitting, found: Paper, questions: Sequence[Question]) -> dict[str, Any]:
    scored = _scored(one)
    return {
        "learner": str(GlobalId("lrn", one.learner_id)),
        "name": one.name,
        "score": one.score,
        "share": decimal(share([(one.score, found.maximum)])),
        "cells": [
            decimal(share([scored[question.name]])) if question.name in scored else None for question in questions
        ],
    }


QUESTION_ANALYSIS: Final = Inquiry(
    "questionAnalysis",
    "QuestionAnalysis",
    "Of a class or a course: an assessment by question and topic. Null where there is no such assessment of it.",
    (Argument("assessment", "ID!", "The assessment.", "asm"), OF_CLASS, OF_COURSE),
    frozenset({("mark", "read"), ("school_structure", "read")}),
    _questions,
    (QUESTION, TOPIC, ROW, ANALYSIS),
)
