"""The types that tell of what feeds the facts."""

from __future__ import annotations

from typing import Final

from server.queries.kinds import kind

_PERSON: Final = (
    ("person", "ID!", "The person."),
    ("personName", "String", "Their name, where you may read it.", "staff_name"),
)
_DATED: Final = (
    ("from", "Date!", "The first day."),
    ("until", "Date", "The first day no longer; null: no end."),
)

TRAINING_KIND: Final = kind(
    "TrainingRecord",
    "A certificate of a member of staff.",
    ("id", "ID!", "Its id.", None),
    *_PERSON,
    ("course", "String!", "The course."),
    ("completedOn", "Date!", "When it was completed."),
    ("expiresOn", "Date!", "The first day on which it counts no longer."),
    ("evidence", "String!", "Where it is written."),
    ("inDate", "Boolean!", "Whether it counts today."),
    element="training_record",
)
ROLE_KIND: Final = kind(
    "RoleAssignment",
    "A role that somebody holds, held or will hold.",
    ("id", "ID!", "Its id.", None),
    *_PERSON,
    ("role", "String!", "The role."),
    ("source", "String!", "Where it comes from: roster or manual."),
    *_DATED,
    element="role_assignment",
)
TEACHING_KIND: Final = kind(
    "TeachingAssignment",
    "Who stands in front of a class.",
    ("id", "ID!", "Its id.", None),
    *_PERSON,
    ("class", "ID!", "The class."),
    ("className", "String!", "Its name.", "school_structure"),
    ("kind", "String!", "TEACHER, COVER or ASSISTANT."),
    ("source", "String!", "Where it comes from: timetable, cover or manual."),
    *_DATED,
    element="role_assignment",
)
SUPERVISION_KIND: Final = kind(
    "Supervision",
    "A trainee and their supervisor.",
    ("id", "ID!", "Its id.", None),
    *_PERSON,
    ("supervisor", "ID!", "The supervisor."),
    ("supervisorName", "String", "Their name, where you may read it.", "staff_name"),
    *_DATED,
    element="role_assignment",
)
REQUEST_KIND: Final = kind(
    "SupportRequest",
    "A person of the vendor who asks to be let in.",
    ("id", "ID!", "Its id.", None),
    ("requester", "ID!", "The person."),
    ("name", "String!", "Who they say they are."),
    ("reason", "String!", "What they want to look at, and why."),
    ("hours", "Int!", "For how long."),
    ("requestedAt", "DateTime!", "When they asked."),
    ("state", "String!", "PENDING, REFUSED, LIVE, ENDED (before its time) or OVER."),
    ("decidedAt", "DateTime", "When the school decided."),
    ("refusal", "String", "Why it was refused."),
    ("startsAt", "DateTime", "When the session began."),
    ("endsAt", "DateTime", "When it ends, or ended."),
    element="client_grant",
)
SESSION_KIND: Final = kind(
    "SupportSession",
    "A person of the vendor who is in now.",
    ("id", "ID!", "The request's id.", None),
    ("name", "String!", "Who they say they are."),
    ("reason", "String!", "What they look at, and why."),
    ("startsAt", "DateTime!", "When it began."),
    ("endsAt", "DateTime!", "When it ends."),
    element="client_grant",
)
GLASS_KIND: Final = kind(
    "BreakGlassSession",
    "Somebody who broke the glass.",
    ("id", "ID!", "Its id.", None),
    *_PERSON,
    ("reason", "String!", "What had happened."),
    ("startedAt", "DateTime!", "When."),
    ("endsAt", "DateTime!", "When it ends, or ended."),
    ("live", "Boolean!", "Whether it is so now."),
    element="audit",
)
RESTRICTION_KIND: Final = kind(
    "LinkRestriction",
    "What keeps a guardian from what their links to a learner would give.",
    ("id", "ID!", "Its id.", None),
    ("guardian", "ID!", "The guardian, a person."),
    ("learner", "ID!", "The learner."),
    ("kind", "String!", "COURT_ORDER, PROTECTION or LEARNER_CHOICE."),
    ("evidence", "String!", "Where the decision is written."),
    ("restrictedAt", "DateTime!", "When it began."),
    ("liftedAt", "DateTime", "When it was lifted; null: it stands."),
    ("lifting", "String", "Where that decision is written."),
    element="parent_link",
)
SUBJECT_KIND: Final = kind(
    "NoticeSubject",
    "What a notice is about.",
    ("name", "String!", "Such as request, glass or person."),
    ("id", "ID!", "Its id."),
)
NOTICE_KIND: Final = kind(
    "Notice",
    "What the platform tells one person.",
    ("id", "ID!", "Its id."),
    (
        "kind",
        "String!",
        "Such as breakGlass, supportRequested, supportApproved, supportEnded, officersChanged, invitationLocked.",
    ),
    ("postedAt", "DateTime!", "When."),
    ("readAt", "DateTime", "When you said that you have read it."),
    ("about", "[NoticeSubject!]!", "What it is about."),
)
