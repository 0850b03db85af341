"""Replaced grades, teachers' estimates, confirmed forecasts, moderation and a window's steps."""

from datetime import timedelta

from server import tables
from tests.worlds.qualification import BOUNDARIES_ID, SPECIFICATION_ID
from tests.worlds.world import World


def add_expectations(world: World) -> None:
    """One of each for every learner with a grade; maths-10 was opened and locked in spring."""
    for grade in list(world.rows[tables.GradeRow]):
        before = {key: value for key, value in grade.items() if key not in ("school_id", "version")}
        earlier = world.morning - timedelta(days=7)
        world.add(
            tables.GradeVersionRow, **before | {"version": 0, "computed_at": earlier, "replaced_at": world.morning}
        )
        of = {key: grade[key] for key in ("academic_year", "learner_id", "course_id")}
        world.add(
            tables.TeacherEstimateRow,
            estimate_id=world.new_id(),
            component_code="",
            version=1,
            value="7",
            recorded_by=world.name("teacher"),
            recorded_at=world.morning,
            **of,
        )
        world.add(
            tables.ForecastConfirmationRow,
            confirmation_id=world.new_id(),
            window_id=grade["window_id"],
            method="working_at",
            method_version=1,
            value=grade["value"],
            low=grade["value"],
            high="9",
            specification_id=SPECIFICATION_ID,
            boundary_set_id=BOUNDARIES_ID,
            shift=0,
            note="Agreed in the department's meeting.",
            confirmed_by=world.name("teacher"),
            confirmed_at=world.morning,
            **of,
        )
    _moderate(world)
    for step, state, handle in ((1, "OPEN", "head"), (2, "LOCKED", "maths-lead")):
        world.add(
            tables.WindowStepRow,
            window_id=world.name("spring"),
            course_id=world.name("maths-10"),
            step=step,
            state=state,
            reason=f"Step {step}.",
            taken_by=world.name(handle),
            taken_at=world.morning + timedelta(minutes=step),
        )
    _choose(world)


def _choose(world: World) -> None:
    """Targets that were replaced, a window graded otherwise and back again, and a scale of a course without rules."""
    for target in list(world.rows[tables.TargetRow]):
        before = {key: value for key, value in target.items() if key != "school_id"}
        world.add(tables.TargetVersionRow, **before | {"version": 0, "value": "5", "replaced_at": world.morning})
    of = {"course_id": world.name("maths-10"), "window_id": world.name("spring")}
    for version, shift in ((1, 5), (2, 0)):
        world.add(
            tables.WindowGradingRow,
            version=version,
            shift=shift,
            reason=f"Choice {version}.",
            set_by=world.name("maths-lead"),
            set_at=world.morning + timedelta(minutes=version),
            **of,
        )
    world.add(
        tables.CourseScaleRow,
        course_id=world.name("english-10"),
        version=1,
        grades=["Secure", "Developing", "Beginning"],
        points=["3", "2", "1"],
        reason="The department's words.",
        set_by=world.name("head"),
        set_at=world.morning,
    )


def _moderate(world: World) -> None:
    for mark in world.rows[tables.MarkVersionRow]:
        if mark["score"] is not None:
            world.add(
                tables.MarkModerationRow,
                academic_year=mark["academic_year"],
                mark_id=mark["mark_id"],
                version=mark["version"],
                learner_id=mark["learner_id"],
                course_id=mark["course_id"],
                score=mark["score"] + 1,
                reason="A second reading of question 1.",
                moderated_by=world.name("maths-lead"),
                moderated_at=world.morning,
            )
