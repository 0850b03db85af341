"""Inquiries as declared: root fields that Python answers."""

from __future__ import annotations

from collections.abc import Iterator

from strawberry.types.field import StrawberryField

from server.resolvers.access.inquiries import EXPLAIN, WHAT_CAN_SEE, WHO_CAN_SEE
from server.resolvers.access.inquiries_of_apps import APP_ACTIVATIONS
from server.resolvers.access.inquiries_of_changes import ACCESS_CHANGES
from server.resolvers.access.inquiries_of_documents import CLIENT_DOCUMENTS
from server.resolvers.access.inquiries_of_facts import FACT_INQUIRIES
from server.resolvers.access.inquiries_of_grants import CLIENT_GRANTS
from server.resolvers.access.inquiries_of_invitations import INVITATION_INQUIRIES
from server.resolvers.access.inquiries_of_opt_outs import CLIENT_OPT_OUTS
from server.resolvers.access.inquiries_of_roles import ROLE_INQUIRIES
from server.resolvers.analysis.inquiries import ANALYSES
from server.resolvers.expectations.inquiries import FORECASTS
from server.resolvers.feed.inquiries import CHANGES
from server.resolvers.governed import answered, input_type
from server.resolvers.grades.inquiries_of_what_if import BOTH_TIERS, WHAT_IF
from server.resolvers.inquiries_of_statistics import PUBLISHED_STATISTICS, STATISTICS
from server.resolvers.inquiry import Inquiry
from server.resolvers.policy.inquiries import POLICY_INQUIRIES
from server.resolvers.policy.inquiries_of_words import POLICY_WORDS
from server.resolvers.rosters.inquiries import ROSTER_INQUIRIES

_ALL: tuple[Inquiry, ...] = (
    POLICY_WORDS,
    *POLICY_INQUIRIES,
    PUBLISHED_STATISTICS,
    STATISTICS,
    *ANALYSES,
    *ROLE_INQUIRIES,
    *FACT_INQUIRIES,
    CLIENT_GRANTS,
    *ROSTER_INQUIRIES,
    CLIENT_DOCUMENTS,
    CHANGES,
    APP_ACTIVATIONS,
    *INVITATION_INQUIRIES,
    CLIENT_OPT_OUTS,
    EXPLAIN,
    WHO_CAN_SEE,
    WHAT_CAN_SEE,
    ACCESS_CHANGES,
    FORECASTS,
    WHAT_IF,
    BOTH_TIERS,
)
INQUIRIES: dict[str, Inquiry] = {one.name: one for one in _ALL}


def inquiry_fields() -> Iterator[StrawberryField]:
    """The fields of Query."""
    for one in INQUIRIES.values():
        for taken in one.inputs:
            input_type(taken.name, taken.description, taken.members, one_of=taken.one_of)
        yield answered(one.name, one.type, one.description, one.arguments)
