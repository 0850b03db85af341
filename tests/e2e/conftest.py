"""One server a test worker, which the tests over HTTP share: each has schools of its own."""

from collections.abc import Generator

import pytest

from tests.e2e.serving import Server, serving


@pytest.fixture(scope="session")
def server(bare_app_url: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[Server]:
    """The real application over the worker's database. What it logs stands in `server.log`."""
    with serving(bare_app_url, tmp_path_factory.mktemp("serving")) as (server,):
        yield server
