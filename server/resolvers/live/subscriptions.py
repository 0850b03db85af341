"""Subscriptions as declared, and their part of the schema."""

from __future__ import annotations

from typing import Any, Final

from server.queries.noun import Argument
from server.resolvers.governed import answered, object_type
from server.resolvers.live.facts import NOTICE_POSTED, POLICY_PUBLISHED
from server.resolvers.live.narrowing import CLASS, COURSE, LEARNER
from server.resolvers.live.subscription import AFTER, RowTold, Subscription

ROW_MEMBERS: Final = (
    ("id", "ID!", "The event's id: give it as `after`, or as Last-Event-ID, to go on behind it."),
    ("occurredAt", "DateTime!", "When it happened."),
)
RESYNC: Final = (
    "resyncRequired",
    "Boolean!",
    "True: a file was imported, so that rows of this kind that you may read have changed: ask for them again.",
)

GRADE_UPDATED: Final = Subscription(
    name="gradeUpdated",
    description="Grades that you may read, each time one changes.",
    arguments=(LEARNER, CLASS, COURSE),
    row=RowTold(
        "grade", "Grade", "grade_id", "grade", "The grade as it is now; null where resyncRequired.", yearly=True
    ),
    coordinates=frozenset({("grade", "read"), ("name", "read")}),
    imported=True,
)
MARK_RECORDED: Final = Subscription(
    name="markRecorded",
    description="Marks that you may read, each time one is recorded or changed.",
    arguments=(LEARNER, CLASS, COURSE),
    row=RowTold("mark", "Mark", "mark_id", "mark", "The mark as it is now; null where resyncRequired.", yearly=True),
    coordinates=frozenset({("mark", "read"), ("name", "read")}),
    imported=True,
)
REPORT_PUBLISHED: Final = Subscription(
    name="reportPublished",
    description="Reports that you may read, each time one is published.",
    arguments=(LEARNER,),
    row=RowTold("report", "Report", "report_id", "report", "The report."),
    coordinates=frozenset({("name", "read")}),
)
SUBSCRIPTIONS: Final[dict[str, Subscription]] = {
    one.name: one for one in (GRADE_UPDATED, MARK_RECORDED, REPORT_PUBLISHED, POLICY_PUBLISHED, NOTICE_POSTED)
}


def build_subscription() -> Any:
    """The Subscription type, with its payloads."""
    return object_type("Subscription", "What can be followed.", [_field(one) for one in SUBSCRIPTIONS.values()])


def _field(one: Subscription) -> Any:
    members = [*ROW_MEMBERS, *([RESYNC] if one.imported else []), *one.members]
    fields = [answered(*member) for member in members]
    if one.row is not None:
        fields.append(answered(one.row.field, one.row.noun, one.row.description))
    object_type(one.payload, f"An event of {one.name}.", fields)
    arguments: tuple[Argument, ...] = (*one.arguments, AFTER)
    return answered(one.name, f"{one.payload}!", one.description, arguments)
