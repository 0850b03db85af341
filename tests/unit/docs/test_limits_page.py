"""docs/limits.md says what the program does: each of its figures is looked up."""

import re
from pathlib import Path
from typing import Any, Final

import pytest

from server.database.roles import APP, role_settings_sql
from server.identity.oauth import allowance
from server.identity.people import attempts
from server.queries import asking, cost, ids, reading
from server.resolvers import budgets, charging, documents, turns
from server.resolvers.access import gate
from server.resolvers.live import streams
from server.settings import Settings
from server.web import bodies, endpoint, following, slow_heads, strangers, websocket
from server.web.limits import STANDARD

TEXT: Final = (Path(__file__).parents[3] / "docs" / "limits.md").read_text()
ROWS: Final = [
    tuple(cell.strip() for cell in line.strip("|").split("|")) for line in TEXT.splitlines() if line.startswith("| ")
]
KIB: Final = 1024


def seconds(name: str) -> int:
    """A setting of the application's role."""
    found = re.search(rf"{name} = '(\d+)s'", " ".join(role_settings_sql(APP)))
    assert found is not None
    return int(found.group(1))


FIGURES: dict[str, tuple[Any, ...]] = {
    "levels of depth; `__schema` and `__type` are exempt": (STANDARD.depth,),
    "fields": (STANDARD.fields,),
    "aliases": (STANDARD.aliases,),
    "directives": (STANDARD.directives,),
    "root fields": (STANDARD.root_fields,),
    "definitions": (STANDARD.definitions,),
    "fragments": (STANDARD.fragments,),
    "spreads": (STANDARD.spreads,),
    "brackets inside each other": (STANDARD.nesting,),
    "tokens": (documents.MOST_TOKENS,),
    "explanations that one operation could hold": (asking.MAXIMUM_EXPLAINED,),
    "rows that one operation could hold": (asking.MAXIMUM_ROWS,),
    "rows beside introspection or an explanation": (asking.MAXIMUM_FINISHED,),
    "conditions in filters": (asking.MAXIMUM_CONDITIONS,),
    "entries of `orderBy`": (asking.MAXIMUM_ORDERS,),
    "ids of `nodes`": (ids.MOST_NODES,),
    "any operation": (cost.OPERATION,),
    "each object": (1,),
    "each explanation, beside its object": (cost.EXPLANATION,),
    "`totalCount`, and each table of counts, for each object that has it": (cost.TALLY,),
    "a root field that is reckoned rather than read": (charging.INQUIRY,),
    "one that looks at all people, learners or rules (`explain`, `whoCanSee`, ...)": (charging.HEAVY,),
    "`__schema`, `__type`": (reading.INTROSPECTION,),
    "a mutation, beside each entry of its input and each object that its payload could hold for it": (cost.CHANGE,),
    "opening a stream, beside one event": (charging.STREAM,),
    "one operation at most": (cost.MAXIMUM_COST,),
    "one event of a stream at most": (charging.MOST_OF_AN_EVENT,),
    "the head of a request": (slow_heads.LONGEST // KIB,),
    "from connecting, or the first byte of a further request, to the end of its head": (slow_heads.DEADLINE,),
    "a body": (bodies.MAXIMUM_BYTES // KIB, bodies.LARGEST_BATCH // KIB**2),
    "from the head to the end of the body": (bodies.DEADLINE,),
    "an operation; opening a stream; a client that takes nothing of what it is sent": (endpoint.DEADLINE,),
    "a statement in the database (role `usher_app`)": (seconds("statement_timeout"),),
    "waiting for a lock": (seconds("lock_timeout"),),
    "a transaction in which nothing happens": (seconds("idle_in_transaction_session_timeout"),),
    "`connection_init` after a WebSocket is opened": (websocket.INITIALISATION,),
    "operations at once over one WebSocket": (websocket.MOST_OPERATIONS,),
    "streams of one person; of a process": (streams.MOST_OF_ONE, streams.MOST_STREAMS),
    "fields that look at all people, learners or rules, reckoned at once in a process; of one person": (
        turns.MOST_AT_ONCE,
        1,
    ),
    "requests without a valid token, of one address: at once; and a second": (
        strangers.AT_ONCE,
        strangers.PER_SECOND,
    ),
    "tokens of a program in a minute, at each school": (allowance.MOST,),
    "tables to take away (`csv`) of one person in an hour": (gate.MOST_EXPORTS,),
    "tries of a password without a wait, of one name and address; of one name": (
        attempts.FREE_OF_ONE,
        attempts.FREE_OF_ALL,
    ),
}


def test_every_limit_has_a_figure() -> None:
    """Neither the page nor this list names one that the other doesn't."""
    assert [row[0] for row in ROWS if row[0] != "what"] == list(FIGURES)


@pytest.mark.parametrize("what", FIGURES)
def test_each_figure_is_the_program_s(what: str) -> None:
    [cells] = [row for row in ROWS if row[0] == what]
    said = [int(figure.replace(",", "")) for figure in re.findall(r"\d[\d,]*", cells[1])]
    assert said == list(FIGURES[what])


def test_the_sentences_figures_are_the_program_s() -> None:
    """Those that stand in no table."""
    defaults = Settings.model_fields
    assert f"**{defaults['usher_cost_budget'].default:,}**" in TEXT
    assert f"**{defaults['usher_cost_per_second'].default:,}**" in TEXT
    assert f"it costs {budgets.NEW_DOCUMENT} and its length" in TEXT
    assert f"At most {budgets.MOST_PRINCIPALS:,} buckets" in TEXT
    assert following.DEADLINE == endpoint.DEADLINE
    assert seconds("statement_timeout") < endpoint.DEADLINE == 30
