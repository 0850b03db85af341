"""What the starting book gives to each demo account: rows inside, rows outside, and the reason for the rest."""

from collections.abc import Iterable

import pytest

from server.policies.profile import Profile
from server.policies.vocabulary import Capacity, relations, scope_facts
from tests.unit.policies.decisions import shipped_planner


def _staff(*roles: str, facts: Iterable[str] = ()) -> Profile:
    return Profile.of(Capacity.STAFF, roles, facts)


ACCOUNTS = {
    "teacher": _staff("class_teacher", facts=["trained:safeguarding"]),
    "teacher, SEN trained": _staff("class_teacher", facts=["trained:sen"]),
    "tutor": _staff("tutor", "class_teacher", facts=["trained:sen", "trained:welfare"]),
    "senco": _staff("senco", facts=["trained:sen"]),
    "senco-untrained": _staff("senco"),
    "head": _staff("head", "policy_approver", facts=["trained:sen", "trained:welfare"]),
    "head, with reason": _staff("head", "policy_approver", facts=["trained:sen", "trained:welfare", "reason"]),
    "data-manager": _staff("data_manager", facts=["trained:sen", "trained:welfare", "trained:equality"]),
    "exams-officer": _staff("exams_officer", facts=["trained:sen"]),
    "dpo": _staff("dpo"),
    "parent": Profile.of(Capacity.PARENT, ["parent"]),
    "learner": Profile.of(Capacity.LEARNER, ["learner"]),
    "mis": Profile.of(
        Capacity.CLIENT,
        ["mis_client"],
        [
            "grant",
            *scope_facts(("roster-core", "roster-demographics", "gradebook", "special-write")),
        ],
    ),
    "mis, grant ended": Profile.of(Capacity.CLIENT, ["mis_client"], scope_facts(["roster-core", "gradebook"])),
}

CASES = """
teacher              | name           | read  | -                        | visible
teacher              | name           | count | -                        | visible
teacher              | mark           | read  | taught taught_course     | visible
teacher              | mark           | read  | taught                   | OUT_OF_SCOPE
teacher              | mark           | read  | -                        | OUT_OF_SCOPE
teacher              | mark           | read  | taught_course self_family| OUT_OF_SCOPE
teacher              | mark           | write | taught_course            | visible
teacher              | mark           | write | taught                   | closed
teacher              | target         | write | taught_course            | closed
teacher              | gender         | read  | taught                   | visible
teacher              | gender         | read  | taught_course            | OUT_OF_SCOPE
teacher              | date_of_birth  | read  | taught                   | NOT_PERMITTED
teacher              | guardian_contact | read | taught                  | NOT_PERMITTED
teacher              | sen_needs      | read  | taught                   | TRAINING_REQUIRED
teacher              | sen_needs      | read  | taught protected         | TRAINING_REQUIRED
teacher              | sen_needs      | read  | -                        | OUT_OF_SCOPE
teacher              | exam_result    | read  | taught_course            | NOT_PUBLISHED
teacher              | exam_result    | read  | taught_course released   | visible
teacher              | behaviour      | read  | taught protected         | OUT_OF_SCOPE
teacher              | grade          | export | -                       | closed
teacher, SEN trained | sen_needs      | read  | taught                   | visible
teacher, SEN trained | sen_needs      | read  | taught self_family       | OUT_OF_SCOPE
teacher, SEN trained | ethnicity      | read  | taught                   | NOT_PERMITTED
tutor                | attendance     | read  | pastoral                 | visible
tutor                | attendance     | read  | taught                   | visible
tutor                | mark           | read  | pastoral                 | visible
tutor                | guardian_contact | read | pastoral                | visible
tutor                | guardian_contact | read | pastoral protected      | OUT_OF_SCOPE
tutor                | guardian_contact | read | taught                  | OUT_OF_SCOPE
tutor                | pupil_premium  | read  | pastoral                 | visible
tutor                | looked_after   | read  | pastoral                 | NOT_PERMITTED
senco                | sen_needs      | read  | -                        | visible
senco                | sen_needs      | write | caseload                 | visible
senco                | sen_needs      | write | -                        | closed
senco                | grade          | read  | -                        | visible
senco                | grade          | read  | restricted               | OUT_OF_SCOPE
senco                | medical        | read  | restricted               | visible
senco                | ethnicity      | read  | -                        | NOT_PERMITTED
senco-untrained      | sen_needs      | read  | -                        | TRAINING_REQUIRED
senco-untrained      | sen_needs      | write | caseload                 | closed
senco-untrained      | sen_needs      | count | -                        | closed
senco-untrained      | grade          | read  | -                        | visible
head                 | grade          | read  | -                        | visible
head                 | exam_result    | read  | -                        | visible
head                 | sen_needs      | read  | -                        | REASON_REQUIRED
head                 | ethnicity      | read  | -                        | TRAINING_REQUIRED
head                 | grade          | export | -                       | visible
head                 | mark           | write | -                        | closed
head                 | policy         | export | -                       | visible
head                 | policy         | write | -                        | closed
head, with reason    | sen_needs      | read  | -                        | visible
head, with reason    | sen_needs      | read  | self_family              | OUT_OF_SCOPE
head, with reason    | ethnicity      | read  | -                        | TRAINING_REQUIRED
data-manager         | identifier     | read  | -                        | visible
data-manager         | learner_address | read | protected                | OUT_OF_SCOPE
data-manager         | date_of_birth  | write | -                        | visible
data-manager         | ethnicity      | write | -                        | visible
data-manager         | safeguarding   | read  | -                        | NOT_PERMITTED
data-manager         | mark           | write | -                        | closed
data-manager         | mark           | write | assigned                 | visible
data-manager         | exam_result    | read  | -                        | NOT_PUBLISHED
data-manager         | exam_result    | read  | released                 | visible
data-manager         | grade          | export | -                       | visible
exams-officer        | exam_result    | read  | -                        | visible
exams-officer        | access_arrangements | read | -                    | visible
exams-officer        | sen_needs      | read  | -                        | NOT_PERMITTED
exams-officer        | date_of_birth  | read  | -                        | visible
exams-officer        | behaviour      | read  | -                        | NOT_PERMITTED
exams-officer        | mark           | export | -                       | closed
exams-officer        | grade          | export | -                       | visible
dpo                  | name           | read  | -                        | visible
dpo                  | training_record | read | -                        | visible
dpo                  | audit          | read  | -                        | visible
dpo                  | policy         | write | -                        | visible
dpo                  | policy         | export | -                       | closed
dpo                  | mark           | read  | -                        | NOT_PERMITTED
dpo                  | grade          | read  | -                        | NOT_PERMITTED
parent               | name           | read  | child                    | visible
parent               | name           | read  | -                        | silent
parent               | mark           | read  | child                    | silent
parent               | mark           | read  | child published          | visible
parent               | mark           | read  | published                | silent
parent               | exam_result    | read  | child released           | silent
parent               | date_of_birth  | read  | child                    | silent
parent               | sen_needs      | read  | child                    | silent
parent               | behaviour      | read  | child                    | silent
parent               | guardian_name  | read  | own                      | visible
parent               | guardian_name  | read  | child                    | silent
parent               | guardian_contact | write | own                    | visible
parent               | guardian_contact | write | child                  | closed
parent               | staff_name     | read  | child published          | visible
parent               | staff_contact  | read  | child published          | silent
parent               | school_structure | read | own                     | visible
parent               | school_structure | read | -                       | silent
parent               | reference      | read  | -                        | visible
learner              | name           | read  | own                      | visible
learner              | name           | read  | -                        | silent
learner              | grade          | read  | own                      | silent
learner              | grade          | read  | own published            | visible
learner              | forecast       | read  | own published            | silent
learner              | learner_contact | write | own                     | visible
mis                  | name           | read  | -                        | visible
mis                  | name           | read  | opted_out                | OUT_OF_SCOPE
mis                  | date_of_birth  | write | -                        | visible
mis                  | mark           | read  | -                        | visible
mis                  | mark           | write | -                        | closed
mis                  | sen_needs      | write | -                        | visible
mis                  | sen_needs      | read  | -                        | NOT_PERMITTED
mis                  | safeguarding   | write | -                        | closed
mis                  | attendance     | write | -                        | closed
mis                  | exam_result    | read  | -                        | NOT_PUBLISHED
mis, grant ended     | name           | read  | -                        | NOT_PERMITTED
mis, grant ended     | mark           | read  | -                        | NOT_PERMITTED
"""


def _cases() -> list[tuple[str, str, str, str, str]]:
    rows = [[cell.strip() for cell in line.split("|")] for line in CASES.strip().splitlines()]
    return [(row[0], row[1], row[2], row[3].strip("-"), row[4]) for row in rows]


@pytest.mark.parametrize(("account", "element", "action", "rels", "wanted"), _cases())
def test_the_account_s_answer(account: str, element: str, action: str, rels: str, wanted: str) -> None:
    """Plan and Casbin agree, and a withheld read names its reason (parents and learners: none)."""
    planner, who, row = shipped_planner(), ACCOUNTS[account], relations(rels.split())
    visible = planner.plan(who, element, action).visible(row)
    assert planner.enforce(who, element, action, row) == visible
    if visible or action != "read":
        assert wanted == ("visible" if visible else "closed")
        return
    reasons = [reason for reason, plan in planner.withheld(who, element) if plan is None or plan.visible(row)]
    assert wanted == (reasons[0] if reasons else "silent")


@pytest.mark.parametrize(
    ("account", "element", "action", "duties"),
    [
        ("teacher, SEN trained", "sen_needs", "read", {"log"}),
        ("teacher", "mark", "write", {"log"}),
        ("teacher", "mark", "read", set[str]()),
        ("teacher", "grade", "count", {"suppress"}),
        ("head", "grade", "export", {"log", "suppress"}),
        ("mis", "sen_needs", "write", {"log"}),
        ("teacher", "safeguarding", "write", {"log"}),
        ("teacher", "ethnicity", "read", set[str]()),
    ],
)
def test_duties_follow_the_use(account: str, element: str, action: str, duties: set[str]) -> None:
    """Special category, writes and exports are logged, figures suppressed; what is closed has no duty."""
    assert shipped_planner().plan(ACCOUNTS[account], element, action).duties == duties


def test_one_role_s_denial_beats_another_s_permission() -> None:
    """A safeguarding lead reads a protected address; one who is a tutor too does not."""
    planner, row = shipped_planner(), relations({"pastoral", "protected"})
    assert planner.plan(_staff("dsl"), "learner_address", "read").visible(row)
    assert not planner.plan(_staff("dsl", "tutor"), "learner_address", "read").visible(row)


def test_breaking_the_glass_needs_certificate_and_reason() -> None:
    """And it tells the officers; safeguarding concerns stay closed."""
    planner, row = shipped_planner(), relations()
    glass = ["break_glass", "reason", "trained:sen", "trained:safeguarding"]
    plan = planner.plan(_staff("class_teacher", facts=glass), "medical", "read")
    assert plan.visible(row)
    assert plan.duties == {"log", "notify"}
    assert planner.plan(_staff("class_teacher", facts=glass), "safeguarding", "read").nothing
    for missing in ("break_glass", "reason", "trained:sen"):
        facts = [fact for fact in glass if fact != missing]
        assert not planner.plan(_staff("class_teacher", facts=facts), "medical", "read").visible(row)


def test_figures_only_for_governors() -> None:
    """They count, suppressed, and read no one."""
    planner, governor = shipped_planner(), _staff("governor")
    assert planner.plan(governor, "grade", "count").duties == {"suppress"}
    assert planner.plan(governor, "name", "read").nothing
    assert planner.plan(governor, "grade", "read").nothing
