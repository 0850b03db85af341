"""A plugin: after a worker's last test, no file that a process of the tests wrote as a log or an e-mail holds a sentinel,
and no log a token, a password or a key.

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
    # It needs the server's packages, which some tests never load.
    from tests.leaks.watching import WATCH, proofs_in_logs, told_in_files

    folders = (tmp_path_factory.getbasetemp(), folder_of(request.config) / "postgres" / "log")
    told = {str(folder): found for folder in folders if (found := told_in_files(folder))}
    assert told == {}, f"a log or an e-mail tells a sentinel: {told}"
    proofs = [path for folder in folders for path in proofs_in_logs(folder)]
    assert proofs == [], f"a log holds what somebody proves themselves with: {proofs}"
    assert WATCH.told == [], "a test that was told a sentinel passed"
