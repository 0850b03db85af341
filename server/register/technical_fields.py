"""What could be known of a visitor's device, and what is collected: less than the agreement allows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TechnicalField:
    """`collected` is the default; `flagged` fields belong in the impact assessment before anyone turns them on."""

    name: str
    collected: bool
    flagged: bool = False


TECHNICAL_FIELDS: tuple[TechnicalField, ...] = (
    TechnicalField("ip_address", collected=True),
    TechnicalField("browser_family", collected=True),
    TechnicalField("browser_version", collected=False),
    TechnicalField("browser_plug_ins", collected=False),
    TechnicalField("time_zone", collected=False),
    TechnicalField("device", collected=False),
    TechnicalField("operating_system_and_version", collected=False),
    TechnicalField("approximate_location", collected=False),
    TechnicalField("applications_installed", collected=False, flagged=True),
    TechnicalField("websites_accessed", collected=False, flagged=True),
)
