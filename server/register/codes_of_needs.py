"""Special educational needs: provision and types, with those that the reform of September 2014 ended."""

from datetime import date

from server.register.code import Code, Provenance, same

_REFORM = date(2014, 9, 1)
_BEFORE_REFORM = date(2014, 8, 31)

NEED_CODES: tuple[Code, ...] = (
    Code("sen_provision", "N", "No special educational provision"),
    Code("sen_provision", "K", "SEN support", _REFORM),
    Code("sen_provision", "E", "Education, health and care plan", _REFORM),
    # The older codes and the ends of their transitions.
    Code("sen_provision", "A", "School Action", valid_to=date(2015, 8, 31), provenance=Provenance.GENERAL_KNOWLEDGE),
    Code(
        "sen_provision", "P", "School Action Plus", valid_to=date(2015, 8, 31), provenance=Provenance.GENERAL_KNOWLEDGE
    ),
    Code("sen_provision", "S", "Statement", valid_to=date(2018, 3, 31), provenance=Provenance.GENERAL_KNOWLEDGE),
    *same(
        "sen_type",
        Provenance.PUBLISHED,
        (
            ("SPLD", "Specific learning difficulty"),
            ("MLD", "Moderate learning difficulty"),
            ("SLD", "Severe learning difficulty"),
            ("PMLD", "Profound and multiple learning difficulty"),
            ("SLCN", "Speech, language and communication needs"),
            ("HI", "Hearing impairment"),
            ("VI", "Visual impairment"),
            ("MSI", "Multi-sensory impairment"),
            ("PD", "Physical disability"),
            ("ASD", "Autistic spectrum disorder"),
            ("OTH", "Other difficulty or disability"),
        ),
    ),
    Code(
        "sen_type",
        "BESD",
        "Behaviour, emotional and social difficulties",
        valid_to=_BEFORE_REFORM,
        provenance=Provenance.GENERAL_KNOWLEDGE,
    ),
    Code("sen_type", "SEMH", "Social, emotional and mental health", _REFORM),
    Code("sen_type", "NSA", "SEN support without a specialist's assessment of type", _REFORM),
    # Announced for the census of January 2025.
    Code("sen_type", "DS", "Down syndrome", date(2025, 1, 1)),
)
