"""Service children, pupil premium, care and free school meals."""

from server.register.code import Code, Provenance, same

WELFARE_CODES: tuple[Code, ...] = (
    *same(
        "service_child",
        Provenance.GENERAL_KNOWLEDGE,
        (("Y", "Yes"), ("N", "No"), ("U", "Unknown"), ("R", "Refused")),
    ),
    # The grant's published reasons under names of our own; its rates are a school year's configuration, never code.
    *same(
        "pupil_premium",
        Provenance.OWN,
        (
            ("EVER_6_FSM", "Eligible for free school meals in the last six years"),
            ("LOOKED_AFTER", "Looked after by a local authority"),
            ("PREVIOUSLY_LOOKED_AFTER", "Previously looked after"),
            ("EVER_6_SERVICE", "Service child in the last six years"),
        ),
    ),
    *same("looked_after", Provenance.OWN, (("L", "Looked after now"),)),
    *same(
        "looked_after",
        Provenance.GENERAL_KNOWLEDGE,
        (
            ("N", "Not declared"),
            ("A", "Ceased through adoption"),
            ("G", "Ceased through a special guardianship order"),
            ("C", "Ceased through a child arrangements order"),
        ),
    ),
    *same(
        "looked_after",
        Provenance.PUBLISHED,
        (
            ("R", "Ceased through a residence order"),
            ("O", "Adopted from state care outside England and Wales"),
        ),
    ),
    *same(
        "free_school_meals_country",
        Provenance.GENERAL_KNOWLEDGE,
        (("ENG", "England"), ("NIR", "Northern Ireland"), ("SCT", "Scotland"), ("WLS", "Wales")),
    ),
)
