"""One of the servers that tests share."""

import pytest

from tests.e2e.serving import Server


@pytest.fixture(scope="session")
def server(servers: list[Server]) -> Server:
    return servers[0]
