"""`python -m server.cli.jobs_process LIFELINE`: the process of the jobs, as `usher run` starts it.

LIFELINE is the number of an inherited pipe whose end means that the supervisor died.
"""

import sys
from threading import Thread

from server.cli.jobs import run_jobs
from server.cli.worker import stop_with_supervisor
from server.errors import Unavailable
from server.settings import load_settings
from server.web.logs import configure_logs


def main(lifeline: int) -> None:
    settings = load_settings()
    configure_logs(settings.usher_log_level)
    Thread(target=stop_with_supervisor, args=(lifeline,), daemon=True).start()
    if settings.database_url is None:
        raise Unavailable("Set USHER_DATABASE_URL, or start the jobs with `usher run`, which sets it.")
    run_jobs(settings, settings.database_url, settings.audit_database_url)


if __name__ == "__main__":
    main(int(sys.argv[1]))
