"""All jobs: a new one is one more line."""

from datetime import time, timedelta
from typing import Final

from server.commands.jobs.audit import forget_people, mail_heads, seal_audit
from server.commands.jobs.events import forget_events
from server.commands.jobs.glass import mail_broken_glass
from server.commands.jobs.job import DAY, MINUTE, Job
from server.commands.jobs.letters import forget_letters, recover_letters
from server.commands.jobs.policy import announce_unconfirmed, publish_scheduled
from server.commands.jobs.programs import tell_programs, watch_purges
from server.commands.jobs.regrade import regrade
from server.commands.jobs.sign_ins import forget_sign_ins
from server.commands.jobs.snapshots import take_snapshots
from server.commands.jobs.summaries import refresh_summaries

JOBS: Final = (
    Job("seal_audit", MINUTE, seal_audit, lease=timedelta(minutes=2), as_auditor=True),
    Job("forget_events", DAY, forget_events, at=time(3), lease=timedelta(hours=1), retry=timedelta(minutes=15)),
    Job("forget_sign_ins", DAY, forget_sign_ins, at=time(3, 30), lease=timedelta(hours=1), retry=timedelta(minutes=15)),
    Job("forget_people", DAY, forget_people, at=time(4), retry=timedelta(minutes=15), as_auditor=True),
    Job("mail_heads", DAY, mail_heads, at=time(5), retry=timedelta(minutes=15), as_auditor=True),
    Job("mail_broken_glass", MINUTE, mail_broken_glass, retry=timedelta(minutes=1)),
    Job("recover_letters", MINUTE, recover_letters),
    Job("forget_letters", DAY, forget_letters, at=time(6), retry=timedelta(minutes=15)),
    Job("publish_scheduled", MINUTE, publish_scheduled),
    Job("announce_unconfirmed", MINUTE, announce_unconfirmed),
    Job("tell_programs", MINUTE, tell_programs, lease=timedelta(hours=1)),
    Job("watch_purges", DAY, watch_purges, at=time(0, 10), retry=timedelta(minutes=15)),
    Job("regrade", MINUTE, regrade, lease=timedelta(hours=2), retry=timedelta(minutes=1)),
    Job("take_snapshots", DAY, take_snapshots, at=time(1), lease=timedelta(hours=2), retry=timedelta(minutes=15)),
    Job("refresh_summaries", DAY, refresh_summaries, at=time(2), lease=timedelta(hours=1), retry=timedelta(minutes=15)),
)
