"""The types that tell of what feeds the facts."""

from __future__ import annotations

from typing import Final

from server.queries.kinds import Kind, Member

_TRAINING = "training_record"
_ROLE = "role_assignment"
_GRANT = "client_grant"


def _person(element: str) -> tuple[Member, ...]:
    return (
        Member("person", "ID!", "The person.", element),
        Member("personName", "String", "Their name, where you may read it.", "staff_name"),
    )


def _dated(element: str) -> tuple[Member, ...]:
    return (
        Member("from", "Date!", "The first day.", element),
        Member("until", "Date", "The first day no longer; null: no end.", element),
    )


TRAINING_KIND: Final = Kind(
    "TrainingRecord",
    "A certificate of a member of staff.",
    (
        Member("id", "ID!", "Its id."),
        *_person(_TRAINING),
        Member("course", "String!", "The course.", _TRAINING),
        Member("completedOn", "Date!", "When it was completed.", _TRAINING),
        Member("expiresOn", "Date!", "The first day on which it counts no longer.", _TRAINING),
        Member("evidence", "String!", "Where it is written.", _TRAINING),
        Member("inDate", "Boolean!", "Whether it counts today.", _TRAINING),
    ),
)
ROLE_KIND: Final = Kind(
    "RoleAssignment",
    "A role that somebody holds, held or will hold.",
    (
        Member("id", "ID!", "Its id."),
        *_person(_ROLE),
        Member("role", "String!", "The role.", _ROLE),
        Member("source", "String!", "Where it comes from: roster or manual.", _ROLE),
        *_dated(_ROLE),
    ),
)
TEACHING_KIND: Final = Kind(
    "TeachingAssignment",
    "Who stands in front of a class.",
    (
        Member("id", "ID!", "Its id."),
        *_person(_ROLE),
        Member("class", "ID!", "The class.", _ROLE),
        Member("className", "String!", "Its name.", "school_structure"),
        Member("kind", "String!", "TEACHER, COVER or ASSISTANT.", _ROLE),
        Member("source", "String!", "Where it comes from: timetable, cover or manual.", _ROLE),
        *_dated(_ROLE),
    ),
)
SUPERVISION_KIND: Final = Kind(
    "Supervision",
    "A trainee and their supervisor.",
    (
        Member("id", "ID!", "Its id."),
        *_person(_ROLE),
        Member("supervisor", "ID!", "The supervisor.", _ROLE),
        Member("supervisorName", "String", "Their name, where you may read it.", "staff_name"),
        *_dated(_ROLE),
    ),
)
REQUEST_KIND: Final = Kind(
    "SupportRequest",
    "A person of the vendor who asks to be let in.",
    (
        Member("id", "ID!", "Its id."),
        Member("requester", "ID!", "The person.", _GRANT),
        Member("name", "String!", "Who they say they are.", _GRANT),
        Member("reason", "String!", "What they want to look at, and why.", _GRANT),
        Member("hours", "Int!", "For how long.", _GRANT),
        Member("requestedAt", "DateTime!", "When they asked.", _GRANT),
        Member("state", "String!", "PENDING, REFUSED, LIVE, ENDED (before its time) or OVER.", _GRANT),
        Member("decidedAt", "DateTime", "When the school decided.", _GRANT),
        Member("refusal", "String", "Why it was refused.", _GRANT),
        Member("startsAt", "DateTime", "When the session began.", _GRANT),
        Member("endsAt", "DateTime", "When it ends, or ended.", _GRANT),
    ),
)
SESSION_KIND: Final = Kind(
    "SupportSession",
    "A person of the vendor who is in now.",
    (
        Member("id", "ID!", "The request's id."),
        Member("name", "String!", "Who they say they are.", _GRANT),
        Member("reason", "String!", "What they look at, and why.", _GRANT),
        Member("startsAt", "DateTime!", "When it began.", _GRANT),
        Member("endsAt", "DateTime!", "When it ends.", _GRANT),
    ),
)
GLASS_KIND: Final = Kind(
    "BreakGlassSession",
    "Somebody who broke the glass.",
    (
        Member("id", "ID!", "Its id."),
        *_person("audit"),
        Member("reason", "String!", "What had happened.", "audit"),
        Member("startedAt", "DateTime!", "When.", "audit"),
        Member("endsAt", "DateTime!", "When it ends, or ended.", "audit"),
        Member("live", "Boolean!", "Whether it is so now.", "audit"),
    ),
)
RESTRICTION_KIND: Final = Kind(
    "LinkRestriction",
    "What keeps a guardian from what their links to a learner would give.",
    (
        Member("id", "ID!", "Its id."),
        Member("guardian", "ID!", "The guardian, a person.", "parent_link"),
        Member("learner", "ID!", "The learner.", "parent_link"),
        Member("kind", "String!", "COURT_ORDER or PROTECTION.", "parent_link"),
        Member("evidence", "String!", "Where the decision is written.", "parent_link"),
        Member("restrictedAt", "DateTime!", "When it began.", "parent_link"),
        Member("liftedAt", "DateTime", "When it was lifted; null: it stands.", "parent_link"),
        Member("lifting", "String", "Where that decision is written.", "parent_link"),
    ),
)
SUBJECT_KIND: Final = Kind(
    "NoticeSubject",
    "What a notice is about.",
    (
        Member("name", "String!", "Such as request, glass or person."),
        Member("id", "ID!", "Its id."),
    ),
)
NOTICE_KIND: Final = Kind(
    "Notice",
    "What the platform tells one person.",
    (
        Member("id", "ID!", "Its id."),
        Member(
            "kind", "String!", "Such as breakGlass, supportRequested, supportApproved, supportEnded, officersChanged."
        ),
        Member("postedAt", "DateTime!", "When."),
        Member("readAt", "DateTime", "When you said that you have read it."),
        Member("about", "[NoticeSubject!]!", "What it is about."),
    ),
)
