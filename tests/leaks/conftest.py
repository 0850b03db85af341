"""What the matrix, its twins and the other root fields share."""

from collections.abc import Generator

import psycopg
import pytest

from tests.leaks.hidden import Owner
from tests.wire_tap import WireTap


@pytest.fixture(scope="module")
def owner(owner_url: str) -> Generator[Owner]:
    with psycopg.connect(owner_url) as connection:
        yield connection


@pytest.fixture
def tap(bare_app_url: str) -> Generator[WireTap]:
    """Past the recorder: parsing statements this long would take longer than running them, and their like passes it."""
    with WireTap(bare_app_url) as tap:
        yield tap
