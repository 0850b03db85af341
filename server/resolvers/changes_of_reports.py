"""publishReports and acknowledgeReport, from GraphQL to their commands and back."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from server.commands.actor import Actor
from server.commands.reports.publish import PublishReports, publish_reports
from server.commands.reports.receipt import AcknowledgeReport, acknowledge_report
from server.database.unit_of_work import UnitOfWork
from server.policies.permit import Permit
from server.queries.ids import GlobalId, decode
from server.queries.noun import Argument
from server.resolvers.given import Given
from server.resolvers.mutation import Changed, Mutation


async def _publish(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = PublishReports(
        window=decode(given["window"], ("input", "window"), "win", yearly=False),
        year_group=given["yearGroup"],
        name=given["name"],
        idempotency_key=given["idempotencyKey"],
        dry_run=bool(given.get("dryRun")),
    )
    outcome = await publish_reports(command, unit, permit, actor, now)
    published = [] if outcome.publication is None else [GlobalId("pub", outcome.publication)]
    return Changed(
        keys={"reports": published},
        constants={"count": outcome.reports, "version": outcome.version, "replayed": outcome.replayed},
        errors=outcome.errors,
        written=not command.dry_run,
    )


async def _acknowledge(given: Given, unit: UnitOfWork, permit: Permit, actor: Actor, now: datetime) -> Changed:
    command = AcknowledgeReport(decode(given["report"], ("input", "report"), "rep", yearly=False))
    outcome = await acknowledge_report(command, unit, permit, actor, now)
    received = [] if outcome.report is None else [GlobalId("rep", outcome.report)]
    return Changed(keys={"reports": received}, errors=outcome.errors)


PUBLISH_REPORTS: Final = Mutation(
    name="publishReports",
    description="Freeze and publish a window's reports for one year group; live ones of before are superseded.",
    takes="Which reports to publish.",
    arguments=(
        Argument("window", "ID!", "The assessment window."),
        Argument("yearGroup", "String!", "The year group, such as 10."),
        Argument("name", "String!", "What parents read, such as Autumn reports."),
        Argument("dryRun", "Boolean", "True: count and write nothing."),
        Argument(
            "idempotencyKey", "String!", "Yours for this publication: a repeat within 7 days publishes nothing again."
        ),
    ),
    rows={"reports": ("Report", "publication_id", "The reports, as far as you may read them, at most 1,000.")},
    constants=(
        ("count", "Int!", "How many learners have a report."),
        ("version", "Int", "1 for the first publication of the window and year group."),
        ("replayed", "Boolean!", "True: this key was used before, and nothing was published now."),
    ),
    coordinates=frozenset({("grade", "export")}),
    change=_publish,
)
ACKNOWLEDGE_REPORT: Final = Mutation(
    name="acknowledgeReport",
    description="Say that you have read a report.",
    takes="Which report you have read.",
    arguments=(Argument("report", "ID!", "The report."),),
    rows={"reports": ("Report", "report_id", "The report.")},
    coordinates=frozenset({("grade", "read")}),
    change=_acknowledge,
)
