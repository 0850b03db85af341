"""Who asks: what a verified token says, and no more."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Principal:
    """A person (or a program) acting in one capacity at one school. Roles and facts are rows, never part of a token.

    `client_id` names the program a vendor's token was issued to; `expires_at` is in seconds since 1970. `address` is the
    network's word, for the audit alone. `scopes` narrow what the school granted a program, or what an app may do for a
    person; None: all of it. `family_id` is the token family of an app's token. `factor`: whether the person showed two
    factors (RFC 8176, `mfa`). `jkt`: the thumbprint of the key that the token is bound to (RFC 9449).
    """

    school_id: UUID
    person_id: UUID
    capacity: str
    client_id: str | None
    token_id: str
    expires_at: int
    address: str | None = None
    scopes: frozenset[str] | None = None
    family_id: str | None = None
    factor: bool = False
    jkt: str | None = None

    def __hash__(self) -> int:
        """By the token alone, whose name is unique: it is looked up with each request."""
        return hash(self.token_id)

    @property
    def endings(self) -> tuple[str | None, ...]:
        """What the token could have been ended by: its own name, its family's, its client's."""
        return self.token_id, self.family_id, None if self.client_id is None else client_ending(self.client_id)


def client_ending(client_id: str) -> str:
    """What stands among ended tokens for all of a client. The colon keeps it apart from ids of tokens and families."""
    return f"client:{client_id}"
