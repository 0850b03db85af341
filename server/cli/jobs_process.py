"""`python -m server.cli.jobs_process LIFELINE [FIGURES]`: the process of the jobs, as `usher run` starts it.

LIFELINE is the number of an inherited pipe whose end means that the supervisor died, FIGURES of the memory that it
counts in.
"""

import sys
from threading import Thread

from server.cli.jobs import run_jobs
from server.cli.worker import stop_with_supervisor
from server.errors import Unavailable
from server.settings import load_settings
from server.web.logs import configure_logs
from server.web.measuring import Metrics, memory_of


def main(lifeline: int, figures: int | None = None) -> None:
    settings = load_settings()
    configure_logs(settings.usher_log_level)
    Thread(target=stop_with_supervisor, args=(lifeline,), daemon=True).start()
    if settings.database_url is None:
        raise Unavailable("Set USHER_DATABASE_URL, or start the jobs with `usher run`, which sets it.")
    metrics = Metrics(memory_of(figures), "jobs")
    run_jobs(settings, settings.database_url, settings.audit_database_url, metrics)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
