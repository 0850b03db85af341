"""Accounts of staff, programs, learners and guardians, with roles, certificates, grants and links."""

from collections.abc import Iterable
from datetime import timedelta

from server import tables
from server.register.sort_key import sort_key
from tests.worlds.world import World

STAFF: dict[str, tuple[str, tuple[str, ...], tuple[tuple[str, int], ...]]] = {
    # handle: (name, roles, certificates as (course, days until it expires))
    "teacher": ("Thea Chalk", ("class_teacher",), ()),
    "english": ("Ewan Ink", ("class_teacher",), (("sen", 200),)),
    "cover": ("Cole Short", ("cover_teacher",), ()),
    "tutor": ("Tess Form", ("tutor",), ()),
    "year-head": ("Yara Tenn", ("head_of_year",), (("welfare", 100),)),
    "maths-lead": ("Max Count", ("head_of_department", "class_teacher"), ()),
    "senco": ("Sena Care", ("senco",), (("sen", 300),)),
    "senco-untrained": ("Una Late", ("senco",), (("sen", -1),)),
    "head": ("Hedda Master", ("head", "policy_approver"), (("sen", 300), ("welfare", 300), ("equality", 300))),
    "data-manager": ("Dara Sheet", ("data_manager",), (("equality", 90),)),
    "exams-officer": ("Exa Hall", ("exams_officer",), ()),
    "dpo": ("Dee Post", ("dpo",), ()),
}

MIS_SCOPES = (
    "roster-core.readonly", "roster-core.createput", "roster-demographics.readonly", "roster-demographics.createput",
    "special-write",
)  # fmt: skip
LINKS = (
    # guardian, learner, verified, begins and ends in days from today
    ("pat", "ann", True, -400, None),
    ("pat", "bob", True, -400, -10),
    ("pat", "cat", False, -400, None),
    ("quinn", "cat", True, -400, None),
    ("quinn", "dan", True, 10, None),
    ("teacher", "bob", True, -400, None),
)


def add_people(world: World) -> None:
    for handle, (name, roles, certificates) in STAFF.items():
        given, family = name.split()
        account(world, handle, "STAFF", roles)
        world.add(
            tables.StaffRow,
            staff_id=world.name(handle),
            mis_id=f"S-{handle}",
            title="Dr",
            given_name=given,
            family_name=family,
            sort_key=sort_key(family, given),
            job_title=roles[0].replace("_", " "),
            email=f"{handle}@school.example",
            phone="01632 960000",
        )
        for course, days in certificates:
            world.add(
                tables.TrainingCertificateRow,
                certificate_id=world.new_id(),
                person_id=world.name(handle),
                course=course,
                completed_on=world.days(-200),
                expires_on=world.days(days),
                evidence=f"Certificate of {course}",
            )
    account(world, "mis", "CLIENT", ("mis_client",))
    for scope in MIS_SCOPES:
        _grant(world, "mis", scope)
    world.add(
        tables.EndedTokenRow,
        token_id=f"ended-{world.name('mis')}",
        person_id=world.name("mis"),
        capacity="CLIENT",
        ended_at=world.morning,
        expires_at=world.morning + timedelta(minutes=10),
    )
    world.add(tables.TokenAllowanceRow, client_id="mis", began_at=world.morning, given=1, last_at=world.morning)
    account(world, "support", "OPERATOR", ("vendor_support",))


def account(world: World, handle: str, capacity: str, roles: Iterable[str]) -> None:
    """A person, the right to act in a capacity, and the roles that belong to it."""
    person_id = world.name(handle)
    if not any(row["person_id"] == person_id for row in world.rows.get(tables.PersonRow, [])):
        world.add(tables.PersonRow, person_id=person_id, created_at=world.morning)
    world.add(
        tables.AccessProfileRow,
        person_id=person_id,
        capacity=capacity,
        profile_version=1,
        valid_from=world.days(-400),
    )
    for role in roles:
        world.add(
            tables.RoleAssignmentRow,
            role_assignment_id=world.new_id(),
            person_id=person_id,
            role=role,
            source="manual",
            valid_from=world.days(-400),
        )


def _grant(world: World, handle: str, scope: str) -> None:
    world.add(
        tables.ClientGrantRow,
        grant_id=world.new_id(),
        person_id=world.name(handle),
        scope=scope,
        purpose="Keep the school's records in step",
        declared_by=world.name("head"),
        valid_from=world.days(-30),
        valid_to=world.days(30),
    )


def add_guardians(world: World) -> None:
    for handle, name in {"pat": "Pat Ash", "quinn": "Quinn Cedar", "teacher": "Thea Chalk"}.items():
        given, family = name.split()
        account(world, handle, "PARENT", ("parent",))
        world.add(
            tables.GuardianRow,
            guardian_id=world.name(handle),
            given_name=given,
            family_name=family,
            sort_key=sort_key(family, given),
            email=f"{handle}@home.example",
        )
    for guardian, learner, verified, begins, ends in LINKS:
        world.add(
            tables.GuardianLinkRow,
            link_id=world.new_id(),
            guardian_id=world.name(guardian),
            learner_id=world.name(learner),
            relationship="PAM",
            verified_at=world.morning - timedelta(days=300) if verified else None,
            valid_from=world.days(begins),
            valid_to=None if ends is None else world.days(ends),
            source="roster",
        )
