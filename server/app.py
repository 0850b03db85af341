"""build_app: the one place that chooses implementations."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from server.commands.outbox import CHANNEL as EVENTS
from server.compliance.sealing import LATE
from server.database.application_role import verify_application_role
from server.database.examined import skew
from server.database.listener import Listener
from server.database.pool import Pool
from server.database.start_up import open_pool
from server.errors import PolicyUnavailable, Unavailable, UsherError
from server.exchange.loading import BEGUN, WHOLE
from server.identity import installation
from server.identity.issuer import Issuer
from server.identity.keys import cursor_key
from server.identity.oauth.endpoints import OAuthEndpoints
from server.identity.people.premises import Premises
from server.identity.school_sign_in.flow import SchoolFlow
from server.identity.signing_keys import SigningKeys
from server.identity.tokens import TokenVerifier
from server.policies.rule_book import RuleBookInvalid
from server.policies.shipped import shipped_ceiling
from server.resolvers.budgets import Budgets
from server.resolvers.execution import Execution
from server.resolvers.live.streams import Streams
from server.resolvers.prefetching import CHANNEL
from server.settings import Settings
from server.web.bearers import Proofs
from server.web.client_addresses import TrustedProxies
from server.web.counting import Counted
from server.web.defects import Defects
from server.web.endpoint import GraphQLEndpoint
from server.web.front import Front
from server.web.graphiql_page import graphiql_routes
from server.web.health import Check, Readiness, livez
from server.web.leaving import Leaving
from server.web.limits import check_limits
from server.web.measuring import Look, Looking, Metrics
from server.web.oauth.documents import document_routes
from server.web.oauth.routes import oauth_routes
from server.web.pages.approve import approve_routes
from server.web.pages.apps import app_routes
from server.web.pages.demands import Demands
from server.web.pages.demo_letters import demo_letter_routes
from server.web.pages.entering import Entering
from server.web.pages.join import join_routes
from server.web.pages.routes import page_routes
from server.web.pages.school import school_routes
from server.web.pages.threads import PagesDesk
from server.web.secure_headers import SecureHeaders, own_headers
from server.web.strangers import Strangers
from server.web.websocket import WebSocketEndpoint

_APART = LATE / 2
"""Rows of the audit that are dated an hour behind would never be sealed."""


def build_app(settings: Settings, leaving: Leaving, metrics: Metrics | None = None) -> Front:
    """The application for `settings.usher_database_url`; its streams end with `leaving`, and `metrics` counts what it does.

    Raises Unavailable if the address or a key is missing.

    Its lifespan opens the pool, which refuses an immodest role, and adds the routes; it closes the pool at the end.
    """
    url = settings.database_url
    if url is None:
        raise Unavailable("Set USHER_DATABASE_URL, or start the server with `usher run`, which sets it.")
    keys, issuer, cursors = SigningKeys(settings.keys), Issuer(settings.issuer), cursor_key(settings.keys)
    verifier, oauth = TokenVerifier(keys, issuer=issuer), OAuthEndpoints(url, issuer, keys)
    desk, premises = PagesDesk(url), Premises.of(issuer, settings.keys)
    school_flow = SchoolFlow(premises)
    metrics = metrics or Metrics()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        try:
            pool = await open_pool(settings, url)
        except UsherError as error:
            structlog.get_logger().error("start refused", sentence=error.message)
            raise
        pool.watch = metrics
        traced, end_traces = _traces(settings, metrics)
        oauth.open()
        desk.open()
        budgets = Budgets(settings.usher_cost_budget, settings.usher_cost_per_second)
        execution = Execution(pool, cursors, check=check_limits, home=issuer.url, budgets=budgets, watch=metrics)
        streams = Streams(execution)
        proofs = Proofs(pool, issuer)
        strangers = Strangers()
        endpoint = GraphQLEndpoint(
            execution,
            verifier,
            streams=streams,
            leaving=leaving,
            proofs=proofs,
            get=settings.usher_get_queries,
            metrics=metrics,
            own_headers=headers,
            strangers=strangers,
        )
        front.graphql = traced(_behind(proxies, endpoint))
        sockets = WebSocketEndpoint(
            streams, verifier, origins=settings.usher_origins, leaving=leaving, proofs=proofs, strangers=strangers
        )
        demands = Demands(execution.standings)
        entering = Entering(premises, demands, metrics.sign_in_refused)
        app.router.routes[:] = [
            *_routes(traced(sockets), Readiness(readiness_checks(pool))),
            *oauth_routes(oauth),
            *app_routes(desk, execution.standings, issuer),
            *document_routes(oauth),
            *join_routes(desk),
            *school_routes(desk, entering, school_flow),
            *page_routes(desk, demands, entering),
            *approve_routes(desk, execution, demands),
            *demo_letter_routes(desk, settings.usher_home / "mail", issuer),
        ]
        try:
            # What stands at the start stays: the collector needn't look at it each time, which held the loop for 0.3 s.
            gc.collect()
            gc.freeze()
            async with (
                Listener(url, CHANNEL, execution.prefetching.heard),
                Listener(url, EVENTS, streams.heard),
                execution.trusted,
                streams,
                Looking(metrics, *_looks(pool, execution, verifier)),
            ):
                yield
        finally:
            oauth.close()
            desk.close()
            school_flow.close()
            await pool.close()
            await asyncio.to_thread(end_traces)

    headers, proxies = own_headers(settings.issuer), _proxies(settings)
    front = Front(
        middleware=[*proxies, Middleware(Counted, metrics=metrics), Middleware(SecureHeaders, headers)],
        exception_handlers={Exception: Defects(headers)},
        lifespan=lifespan,
    )
    # It would be to the host that the request names.
    front.router.redirect_slashes = False
    return front


def _looks(pool: Pool, execution: Execution, verifier: TokenVerifier) -> list[Look]:
    """What is asked once a second, since asking costs more than counting."""

    def caches(metrics: Metrics) -> None:
        for name, entries, missed in (*execution.remembered(), ("tokens", *verifier.remembered())):
            metrics.cache(name, entries, missed)

    return [lambda metrics: metrics.pool(pool.get_stats(), pool.refused, pool.generation), caches]


def _proxies(settings: Settings) -> list[Middleware]:
    networks = settings.usher_trusted_proxies
    return [Middleware(TrustedProxies, networks, settings.usher_proxy_header)] if networks else []


def _behind(proxies: list[Middleware], app: ASGIApp) -> ASGIApp:
    for proxy in reversed(proxies):
        app = proxy.cls(app, *proxy.args, **proxy.kwargs)
    return app


def _traces(settings: Settings, metrics: Metrics) -> tuple[Callable[[ASGIApp], ASGIApp], Callable[[], None]]:
    """What an application is wrapped in to be traced, and what ends it."""
    url = settings.usher_traces_url
    if url is None:
        return lambda app: app, lambda: None
    # Its libraries cost each process 0.15 s at the start: only who traces pays.
    from server.web.tracing import Traced, exported_to

    tracing = exported_to(url, settings.usher_traces_share, metrics)
    return lambda app: Traced(app, tracing, settings.usher_trusted_proxies), tracing.close


def _routes(sockets: ASGIApp, readiness: Readiness) -> list[BaseRoute]:
    return [
        WebSocketRoute("/graphql", sockets),
        Route("/livez", livez),
        Route("/readyz", readiness.endpoint),
        *graphiql_routes(),
    ]


def readiness_checks(pool: Pool) -> Mapping[str, Check]:
    """What must be so before a query can be served, by the name that /readyz gives it."""

    async def database() -> None:
        async with _taken(pool) as connection:
            await verify_application_role(connection)

    async def migrations() -> None:
        async with _taken(pool) as connection:
            await installation.verify_tables(connection)

    async def partitions() -> None:
        async with _taken(pool) as connection:
            if await installation.missing_partitions(connection, datetime.now(UTC).date()):
                raise Unavailable("Partitions of coming years are missing: run `usher migrate`.")

    async def policies() -> None:
        shipped_ceiling()
        async with _taken(pool) as connection:
            try:
                await installation.a_rule_book(connection)
            except (ValueError, RuleBookInvalid):
                raise PolicyUnavailable("A school's rule book can't be loaded.") from None

    async def demo() -> None:
        async with _taken(pool) as connection:
            begun = await installation.fact(connection, BEGUN)
            if begun is not None and await installation.fact(connection, WHOLE) is None:
                raise Unavailable("The demo schools are not imported yet.")

    return {
        "database": database,
        "migrations": migrations,
        "partitions": partitions,
        "clock": partial(_clocks_agree, pool),
        "policies": policies,
        "demo": demo,
    }


async def _clocks_agree(pool: Pool) -> None:
    async with _taken(pool) as connection:
        if abs(await skew(connection)) > _APART.total_seconds():
            raise Unavailable("The clocks of this machine and the database are too far apart: set both by NTP.")


@asynccontextmanager
async def _taken(pool: Pool) -> AsyncGenerator[installation.Connection]:
    """A connection of the pool; a dead one is replaced for the next asker."""
    connection = await pool.take()
    try:
        yield connection
    except BaseException:
        if connection.closed:
            await pool.renew(connection.generation)
        raise
    finally:
        await pool.putconn(connection)
