"""usher doctor: looks at a deployment and says what to do.

Exit status: 0 nothing failed, 1 something did, 2 a wrong call.
"""

import asyncio
import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from server.cli.checkup.contents import content_findings, table_findings
from server.cli.checkup.environment import environment_findings
from server.cli.checkup.finding import Finding, State, fail, ok
from server.cli.checkup.machine import machine_findings
from server.cli.checkup.server import server_findings
from server.cli.console import OUT, harmless
from server.cli.databases import Addresses, database
from server.database.examined import connected
from server.database.pool import Pool
from server.errors import UsherError
from server.settings import Settings, load_settings

_STYLES = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Check this deployment, a line a check, and say what to do. It changes nothing; give it the environment of `usher run`."""
    found = findings(load_settings())
    failed = sum(one.state is State.FAIL for one in found)
    if as_json:
        OUT.print_json(json.dumps({"ok": not failed, "findings": [_described(one) for one in found]}))
    else:
        for one in found:
            _show(one)
        warned = sum(one.state is State.WARN for one in found)
        OUT.print(f"{len(found)} checks: {failed} failed, {warned} warnings.", markup=False)
    if failed:
        raise typer.Exit(1)


def findings(settings: Settings) -> list[Finding]:
    """Of everything; where the database can't be reached, of what is beside it."""
    found = [*machine_findings(settings), *environment_findings(settings)]
    try:
        with database(existing=True) as addresses:
            return [*found, *asyncio.run(_of_database(settings, addresses))]
    except UsherError as error:
        return [*found, fail("database", error.message, "Nothing in it was looked at: mend this first.")]


async def _of_database(settings: Settings, addresses: Addresses) -> list[Finding]:
    """Raises Unavailable where it doesn't answer."""
    async with await connected(addresses.app) as connection:
        found = [ok("database", "It answers."), *await server_findings(settings, addresses, connection)]
        now = datetime.now(UTC)
        tables = await table_findings(connection, now)
    found += tables
    if any(one.check == "migrations" and one.state is State.FAIL for one in tables):
        return found
    async with Pool(addresses.app, min_size=0, max_size=2, prepare=False) as pool:
        return [*found, *await content_findings(pool, addresses, settings.usher_home, now)]


def _described(finding: Finding) -> dict[str, str | None]:
    return {"check": finding.check, "state": finding.state.value, "says": finding.says, "remedy": finding.remedy}


def _show(finding: Finding) -> None:
    OUT.print(f"{finding.state.value:<5}", style=_STYLES[finding.state], end="")
    OUT.print(
        harmless(f"{finding.check}: {finding.says}" + (f" {finding.remedy}" if finding.remedy else "")), markup=False
    )
