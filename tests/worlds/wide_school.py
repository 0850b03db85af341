"""The small school with more of its staff, programs and values: for decisions that a policy case tells of.

Accounts beside those of the small school, and why they are there:

    tutor-trained       form 10B; certificates of SEN and welfare
    year-11             head of year 11; certificate of equality
    pastoral            pastoral support; bob and eve on the caseload; certificate of welfare
    attendance          attendance officer
    assistant           teaching assistant; ann assigned; certificate of SEN
    trainee             trainee teacher of 10/Ma1
    peripatetic         ann assigned
    cover-trained       covers 10/Ma2; certificate of SEN
    next-teacher        will teach 11/Ma1; certificate of SEN
    dsl                 safeguarding lead; certificates of SEN and safeguarding, none of welfare
    dsl-tutor           safeguarding lead and tutor of 10A
    data-trained        data manager; certificates of SEN, welfare and equality
    exams-trained       examinations officer; certificate of SEN
    trust, governor
    reviewer            external reviewer for ninety days
    between-roles       their only role has ended
    leaver              their account has ended
    mis-gradebook       a program with a grant for the gradebook alone
    mis-ended           a program whose grants have ended
    support-granted     the vendor's support staff in an approved session
    kit                 ann's parent whom a court keeps from her
    trainee-supervised  trainee teacher of 10/Ma1 under the supervision of the teacher
    rosa                eve's parent (verified, current)
    sam                 gus's parent (verified, current)
"""

from collections.abc import Iterable
from datetime import date, timedelta

from server import tables
from server.register.sort_key import sort_key
from tests.worlds.access import live_session, restrict
from tests.worlds.classes import CLASSES
from tests.worlds.learners import LEARNERS, SPECIAL, special_values
from tests.worlds.people import account
from tests.worlds.small_school import small_school
from tests.worlds.world import World

STAFF: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # handle: (roles, certificates in date)
    "tutor-trained": (("tutor",), ("sen", "welfare")),
    "year-11": (("head_of_year",), ("equality",)),
    "pastoral": (("pastoral_support",), ("welfare",)),
    "attendance": (("attendance_officer",), ()),
    "assistant": (("teaching_assistant",), ("sen",)),
    "trainee": (("trainee",), ()),
    "trainee-supervised": (("trainee",), ()),
    "peripatetic": (("peripatetic",), ()),
    "cover-trained": (("cover_teacher",), ("sen",)),
    "next-teacher": (("class_teacher",), ("sen",)),
    "dsl": (("dsl",), ("sen", "safeguarding")),
    "dsl-tutor": (("dsl", "tutor"), ()),
    "data-trained": (("data_manager",), ("sen", "welfare", "equality")),
    "exams-trained": (("exams_officer",), ("sen",)),
    "trust": (("trust_staff",), ()),
    "governor": (("governor",), ()),
    "reviewer": (("external_reviewer",), ()),
    "between-roles": ((), ()),
    "leaver": (("class_teacher",), ()),
}

# So that whatever is visible has a value to show.
EVERYBODY = {
    "sen_provision": "K",
    "sen_needs": ["SPLD"],
    "medical": ["Asthma"],
    "access_arrangements": ["25 per cent extra time"],
    "pupil_premium": "D",
    "free_school_meals": "N",
    "looked_after": "N",
    "service_child": "N",
    "ethnicity": "WBRI",
}


def wide_school(seed: str, today: date, suppression_threshold: int = 1) -> World:
    world = small_school(seed, today)
    world.rows[tables.SchoolRow][0]["suppression_threshold"] = suppression_threshold
    for handle, (roles, certificates) in STAFF.items():
        _staff(world, handle, roles, certificates)
    _dates(world)
    _assignments(world)
    _programs(world)
    for handle, learner in (("rosa", "eve"), ("sam", "gus"), ("kit", "ann")):
        _parent(world, handle, learner)
    restrict(world, "kit", "ann", world.morning - timedelta(days=30))
    world.add(
        tables.SupervisionRow,
        supervision_id=world.new_id(),
        trainee_id=world.name("trainee-supervised"),
        supervisor_id=world.name("teacher"),
        source="manual",
        valid_from=world.days(-30),
        valid_to=world.days(60),
    )
    _values(world)
    return world


def _staff(world: World, handle: str, roles: tuple[str, ...], certificates: Iterable[str]) -> None:
    account(world, handle, "STAFF", roles)
    given, family = "Wide", handle.capitalize()
    world.add(
        tables.StaffRow,
        staff_id=world.name(handle),
        mis_id=f"S-{handle}",
        given_name=given,
        family_name=family,
        sort_key=sort_key(family, given),
        job_title="Staff",
        email=f"{handle}@school.example",
    )
    for course in certificates:
        certify(world, handle, course, world.days(200))


def certify(world: World, handle: str, course: str, until: date) -> None:
    world.add(
        tables.TrainingCertificateRow,
        certificate_id=world.new_id(),
        person_id=world.name(handle),
        course=course,
        completed_on=world.days(-200),
        expires_on=until,
        evidence=f"Certificate of {course}",
    )


def _dates(world: World) -> None:
    """What was, and is no more."""
    world.add(
        tables.RoleAssignmentRow,
        role_assignment_id=world.new_id(),
        person_id=world.name("between-roles"),
        role="head",
        source="manual",
        valid_from=world.days(-400),
        valid_to=world.days(-1),
    )
    for row in world.rows[tables.RoleAssignmentRow]:
        if row["person_id"] == world.ids["reviewer"]:
            row |= {"valid_from": world.days(-30), "valid_to": world.days(60)}
    for row in world.rows[tables.AccessProfileRow]:
        if row["person_id"] == world.ids["leaver"]:
            row["valid_to"] = world.today


def _assignments(world: World) -> None:
    for staff, name, kind, begins, ends in (
        ("trainee", "10/Ma1", "TEACHER", -30, 60),
        ("trainee-supervised", "10/Ma1", "TEACHER", -30, 60),
        ("cover-trained", "10/Ma2", "COVER", -1, 2),
        ("next-teacher", "11/Ma1", "TEACHER", 30, None),
    ):
        world.add(
            tables.TeachingAssignmentRow,
            teaching_assignment_id=world.new_id(),
            staff_id=world.name(staff),
            class_id=world.name(name),
            course_id=world.name(CLASSES[name]),
            kind=kind,
            source="cover" if kind == "COVER" else "timetable",
            valid_from=world.days(begins),
            valid_to=None if ends is None else world.days(ends),
        )
    for staff, form, year_group in (
        ("tutor-trained", "10B", None),
        ("dsl-tutor", "10A", None),
        ("year-11", None, "11"),
    ):
        world.add(
            tables.PastoralAssignmentRow,
            pastoral_assignment_id=world.new_id(),
            staff_id=world.name(staff),
            tutor_group_id=world.name(form) if form else None,
            year_group=year_group,
            source="manual",
            valid_from=world.days(-90),
            valid_to=world.days(200),
        )
    for staff, learner, kind in (
        ("pastoral", "bob", "CASELOAD"),
        ("pastoral", "eve", "CASELOAD"),
        ("assistant", "ann", "ASSIGNED"),
        ("peripatetic", "ann", "ASSIGNED"),
    ):
        world.add(
            tables.LearnerAssignmentRow,
            learner_assignment_id=world.new_id(),
            staff_id=world.name(staff),
            learner_id=world.name(learner),
            kind=kind,
            source="manual",
            valid_from=world.days(-90),
            valid_to=world.days(200),
        )


def _programs(world: World) -> None:
    account(world, "mis-gradebook", "CLIENT", ("mis_client",))
    account(world, "mis-ended", "CLIENT", ("mis_client",))
    account(world, "support-granted", "OPERATOR", ("vendor_support",))
    live_session(world, "support-granted")
    for handle, scope, ends in (
        ("mis-gradebook", "gradebook.readonly", 30),
        ("mis-ended", "roster-core.readonly", 0),
        ("mis-ended", "gradebook.readonly", 0),
    ):
        world.add(
            tables.ClientGrantRow,
            grant_id=world.new_id(),
            person_id=world.name(handle),
            scope=scope,
            purpose="Keep the school's records in step",
            declared_by=world.name("head"),
            valid_from=world.days(-30),
            valid_to=world.days(ends),
        )


def _parent(world: World, handle: str, learner: str) -> None:
    account(world, handle, "PARENT", ("parent",))
    family = LEARNERS[learner][1]
    world.add(
        tables.GuardianRow,
        guardian_id=world.name(handle),
        given_name=handle.capitalize(),
        family_name=family,
        sort_key=sort_key(family, handle.capitalize()),
        email=f"{handle}@home.example",
    )
    world.add(
        tables.GuardianLinkRow,
        link_id=world.new_id(),
        guardian_id=world.name(handle),
        learner_id=world.name(learner),
        relationship="PAM",
        verified_at=world.morning - timedelta(days=300),
        valid_from=world.days(-400),
        valid_to=None,
        source="roster",
    )


def _values(world: World) -> None:
    known = {(learner, element) for learner, element, _ in SPECIAL}
    praised = {row["learner_id"] for row in world.rows[tables.BehaviourEventRow]}
    for handle in LEARNERS:
        for element, value in EVERYBODY.items():
            if (handle, element) not in known:
                world.add(tables.LearnerSpecialRow, **special_values(world, handle, element, value))
        if world.ids[handle] not in praised:
            world.add(
                tables.BehaviourEventRow,
                academic_year=world.year,
                behaviour_event_id=world.new_id(),
                learner_id=world.name(handle),
                happened_on=world.days(-5),
                kind="PRAISE",
                points=1,
                note="Helped to tidy up.",
            )
