"""Years, enrolment and phases."""

from server.register.code import Code, Provenance, same

SCHOOL_CODES: tuple[Code, ...] = (
    *same(
        "year_group",
        Provenance.GENERAL_KNOWLEDGE,
        (
            ("N1", "Nursery, first year"),
            ("N2", "Nursery, second year"),
            ("R", "Reception"),
            *((str(year), f"Year {year}") for year in range(1, 15)),
            ("X", "Not following the national curriculum years"),
        ),
    ),
    *same(
        "enrolment_status",
        Provenance.GENERAL_KNOWLEDGE,
        (
            ("C", "Current, at this school only"),
            ("M", "Current, main of two schools"),
            ("S", "Current, subsidiary of two schools"),
            ("G", "Guest"),
            ("F", "Further education student"),
            ("O", "Other provider"),
        ),
    ),
    *same(
        "school_phase",
        Provenance.PUBLISHED,
        (
            ("NS", "Nursery"),
            ("PS", "Primary"),
            ("MP", "Middle, deemed primary"),
            ("MS", "Middle, deemed secondary"),
            ("SS", "Secondary"),
            ("SP", "Special"),
            ("AT", "All-through"),
            ("PR", "Pupil referral unit or alternative provision"),
        ),
    ),
)
