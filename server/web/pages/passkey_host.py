"""Whether the installation's address is one that passkeys can be made for."""

from __future__ import annotations

import ipaddress

from server.identity.people.premises import Premises


def may_have_passkeys(premises: Premises) -> bool:
    """They belong to a name: an address in numbers can't have any (WebAuthn, section 5.1.2)."""
    try:
        ipaddress.ip_address(premises.rp_id)
    except ValueError:
        return True
    return False
