"""Which addresses are of the Internet, however they are written."""

from __future__ import annotations

import ipaddress

import pytest

from server.identity.public_addresses import is_public


@pytest.mark.parametrize(
    "text", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822", "::ffff:93.184.216.34"]
)
def test_the_internet_is_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "::1", "::", "fe80::1", "fc00::1",
        "fec0::1", "ff0e::1", "::ffff:10.0.0.1", "::ffff:0:10.0.0.1", "::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:7f00:1::",
    ],
)  # fmt: skip
def test_nothing_that_leads_into_a_network_is(text: str) -> None:
    """Translated and relayed addresses are as good as those that they lead to."""
    assert not is_public(ipaddress.ip_address(text))
