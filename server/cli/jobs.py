"""usher jobs: what no person starts, in one process beside the servers."""

import asyncio
import contextlib
import signal
from datetime import UTC, datetime, timedelta

import structlog

from server.cli.databases import database
from server.cli.figures import served
from server.commands.jobs.backlog import backlog
from server.commands.jobs.job import Desk
from server.commands.jobs.listed import JOBS
from server.commands.jobs.loop import keep_running
from server.commands.jobs.sending import keep_sending
from server.compliance.mail import Mailer
from server.database.pool import Pool
from server.errors import Unavailable, UsherError
from server.settings import Settings, load_settings
from server.web.logs import configure_logs, log_defect
from server.web.measuring import Look, Looking, Metrics

_CONNECTIONS = 6
_WATCHED = 15.0


def jobs() -> None:
    """Send letters, seal the audit each minute, publish what is scheduled, and do the nightly work. Ctrl-C stops it.

    `usher run` starts this by itself; start it once beside servers that something else supervises. A second one waits
    its turn, and takes over when the first is gone. USHER_AUDIT_DATABASE_URL, USHER_SMTP_URL and USHER_HOME change
    what it seals with, how it writes letters, and where the heads of the seals are kept; USHER_EVENT_DAYS, how long
    events are kept that streams may go on from.
    """
    settings = load_settings()
    configure_logs(settings.usher_log_level)
    with database(existing=True) as addresses:
        metrics = Metrics(process="jobs")
        with served(settings, [metrics.memory], metrics):
            run_jobs(settings, addresses.app, addresses.audit, metrics)


def run_jobs(settings: Settings, app_url: str, audit_url: str | None, metrics: Metrics | None = None) -> None:
    """Until SIGINT or SIGTERM; what has begun is finished first."""
    asyncio.run(_run(settings, app_url, audit_url, metrics or Metrics(process="jobs")))


async def _run(settings: Settings, app_url: str, audit_url: str | None, metrics: Metrics) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    mailer = Mailer(settings.smtp_url, settings.usher_mail_from, settings.usher_home / "mail")
    wanted = [job for job in JOBS if audit_url is not None or not job.as_auditor]
    if len(wanted) < len(JOBS):
        sentence = "The audit isn't sealed by this process: set USHER_AUDIT_DATABASE_URL."
        structlog.get_logger().warning("jobs left out", sentence=sentence, count=len(JOBS) - len(wanted))
    pool = Pool(app_url, min_size=0, max_size=_CONNECTIONS, prepare=settings.usher_prepare_statements)
    async with pool:
        kept = timedelta(days=settings.usher_event_days)
        desk = Desk(pool, audit_url, settings.usher_home, mailer, kept)
        reports = _Logged(metrics)
        watching = asyncio.create_task(_watch(pool, metrics))
        try:
            async with Looking(metrics, _pool_look(pool)), asyncio.TaskGroup() as group:
                group.create_task(keep_running(desk, wanted, reports, stopped))
                group.create_task(keep_sending(desk, reports, stopped))
        finally:
            watching.cancel()


def _pool_look(pool: Pool) -> Look:
    return lambda metrics: metrics.pool(pool.get_stats(), pool.refused, pool.generation)


async def _watch(pool: Pool, metrics: Metrics) -> None:
    """Note what waits, again and again, until it is cancelled."""
    while True:
        with contextlib.suppress(Unavailable):
            metrics.backlog(await backlog(pool), datetime.now(UTC))
        await asyncio.sleep(_WATCHED)


class _Logged:
    """Names, counts and times in log and figures; of what went wrong the type and the place."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def done(self, job: str, count: int, milliseconds: float) -> None:
        self._metrics.job(job, "done", milliseconds / 1000)
        log = structlog.get_logger()
        said = log.info if count else log.debug
        said("job done", job=job, count=count, duration_ms=round(milliseconds, 1))

    def failed(self, job: str, error: Exception) -> None:
        self._metrics.job(job, "failed")
        if isinstance(error, UsherError):
            structlog.get_logger().warning("job failed", job=job, code=error.code, sentence=error.message)
        else:
            log_defect(error, job)
