"""Data of which the vendor is controller: a domain of its own that no pupil data can be joined to.

Names the categories and how long each is kept. Marketing and meeting data are listed because their absence is the rule.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BusinessCategory:
    """`held` False: the platform has no place for it, and a request for it is refused."""

    name: str
    retention: str
    sources: tuple[str, ...]
    held: bool = True


BUSINESS_CATEGORIES: tuple[BusinessCategory, ...] = (
    BusinessCategory("log-in information", "account", ("R41",)),
    BusinessCategory("contact information of a client's staff", "contract", ("R41",)),
    BusinessCategory("establishment and job role", "contract", ("R48",)),
    BusinessCategory("correspondence", "anything_else", ("R42",)),
    BusinessCategory("complaints", "anything_else", ("R42",)),
    BusinessCategory("invoices and payments", "tax", ("R43",)),
    BusinessCategory("visits: IP address, user id, what was added or edited", "ip_and_user_id", ("R38", "R44")),
    BusinessCategory("marketing and communication preferences", "marketing", ("R45",), held=False),
    BusinessCategory("web beacons, meeting recordings and automated meeting notes", "marketing", ("R46",), held=False),
)
