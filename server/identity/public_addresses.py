"""Which IP addresses are of the public Internet: where a request may go to whose address somebody else wrote."""

from __future__ import annotations

import ipaddress
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_GLOBAL: Final = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given out for the Internet (RFC 4291, section 2.4)."""
_RELAYED: Final = ipaddress.IPv6Network("2002::/16")
"""6to4: a relay would unpack the packet and send it to an IPv4 address (RFC 3056)."""
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""A translator sends it to the IPv4 address in the last 32 bits (RFC 6052)."""


def is_public(address: Address) -> bool:
    """Also looks at the IPv4 address that an IPv6 one leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _TRANSLATED:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and address in _GLOBAL and address not in _RELAYED
