"""What the person let an app do: whether a token that reads may change, too."""

from __future__ import annotations

from typing import Final

from graphql import OperationType

from server.errors import Forbidden
from server.identity.oauth.scopes import WRITE
from server.identity.principal import Principal
from server.policies.vocabulary import Capacity

_READ_ONLY: Final = "This token reads, and changes nothing: have the person sign in with the scope `write`."


def check_scope(principal: Principal, operation: OperationType) -> None:
    """Raises Forbidden. Programs' scopes are facts of their profile, and judged by the policy."""
    narrowed = principal.scopes is not None and principal.capacity != Capacity.CLIENT
    if operation is OperationType.MUTATION and narrowed and WRITE not in (principal.scopes or ()):
        raise Forbidden(_READ_ONLY)
