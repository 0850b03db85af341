"""A plugin: after a worker's last test, no file that a process of the tests wrote as a log or an e-mail holds a sentinel.

The files are those below the worker's temporary folder and those of the run's embedded PostgreSQL. On one's own server
its log is out of reach.
"""

from collections.abc import Generator

import pytest

from tests.database import folder_of


@pytest.fixture(scope="session", autouse=True)
def no_file_tells_a_sentinel(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[None]:
    """Fails at the worker's last test; the files say which server it was."""
    yield
    from tests.leaks.watching import WATCH, told_in_files  # needs the server's packages, which some tests never load

    folders = (tmp_path_factory.getbasetemp(), folder_of(request.config) / "postgres" / "log")
    told = {str(folder): found for folder in folders if (found := told_in_files(folder))}
    assert told == {}, f"a log or an e-mail tells a sentinel: {told}"
    assert WATCH.told == [], "a test that was told a sentinel passed"
