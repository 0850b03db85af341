"""Signing in by one's school (OpenID Connect): choosing it, coming back from it, and linking an account with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar
from uuid import UUID

import structlog
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.database.blocking_pool import BlockingConnection
from server.errors import BadUserInput, Unauthenticated, Unavailable
from server.identity.people.accounts import Account, account_of
from server.identity.people.outcomes import FactorDue, SignedIn
from server.identity.people.premises import Premises
from server.identity.people.sessions import recent
from server.identity.people.sign_in import enter
from server.identity.people.tidings import tell
from server.identity.school_sign_in.discovery import ProviderFailed
from server.identity.school_sign_in.flow import SchoolFlow
from server.identity.school_sign_in.id_tokens import Subject, TokenRefused
from server.identity.school_sign_in.identities import (
    Linked,
    account_by,
    at_no_other_school,
    at_school,
    has_password,
    link,
    linked_to,
    unlink,
)
from server.identity.school_sign_in.on_the_way import Returned, begin, take
from server.identity.school_sign_in.providers import Provider, all_providers, find_provider
from server.web.pages.destinations import own_path
from server.web.pages.endpoint import Form, Needs, PageEndpoint, Visit
from server.web.pages.entering import Entering, next_query
from server.web.pages.moments import moment
from server.web.pages.page import to
from server.web.pages.problems import Problem
from server.web.pages.threads import PagesDesk

SIGN_IN: Final = "/sign-in/school"
ACCOUNT: Final = "/account/school"
BACK: Final = "/sign-in/school/{provider}/back"
THREADS: Final = 4
_MOST_WAITING: Final = 40
_LONGEST: Final = 4096
_CHOOSE: Final = "Choose your school."
_DONE: Final = {"linked": "Your school's account is linked.", "unlinked": "The link is removed."}

T = TypeVar("T")


def school_routes(desk: PagesDesk, entering: Entering, flow: SchoolFlow) -> list[BaseRoute]:
    asking = _Asking(flow)
    choosing, linking, returning = SchoolPage(asking), LinkPage(asking, entering.premises), BackPage(asking, entering)
    return [
        Route(SIGN_IN, PageEndpoint(desk, choosing.show, choosing.change, needs=Needs.NOTHING)),
        Route(BACK, PageEndpoint(desk, returning.show, needs=Needs.NOTHING)),
        Route(ACCOUNT, PageEndpoint(desk, linking.show, linking.change)),
    ]


class _Asking:
    """Providers are asked in threads of their own: a slow one holds up nobody but those who sign in by a school."""

    def __init__(self, flow: SchoolFlow) -> None:
        self.flow = flow
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="school sign-in")
        self._begun = 0

    async def run(self, work: Callable[[], T], provider: Provider) -> T:
        """Raises Problem where the provider fails or refuses; the log has a word of why, and nothing of whom."""
        if self._begun >= _MOST_WAITING:
            raise Unavailable("Too many people are signing in at once. Try again later.")
        self._begun += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except ProviderFailed as failed:
            _log(provider, failed.reason)
            raise Problem(
                503, "Your school's sign-in does not answer", "Try again in a moment, or sign in with your password.",
                {"Retry-After": "30"},
            ) from None  # fmt: skip
        except TokenRefused as refused:
            _log(provider, refused.reason)
            raise _refused() from None
        finally:
            self._begun -= 1

    async def away(self, visit: Visit, provider: Provider, next_path: str, account_id: UUID | None) -> Response:
        """To the provider's own page: by a page of ours that goes on, since a form's answer must stay with us."""
        await self.run(lambda: self.flow.discover(provider), provider)
        cookie, now = visit.visitor.cookie, visit.desk.now()
        proofs = await visit.desk.run(lambda c: begin(c, provider.provider_id, cookie, next_path, account_id, now))
        path = await self.run(lambda: self.flow.leads_to(provider, proofs), provider)
        return visit.page("school_onward.html", path=path, host=provider.host)


class SchoolPage:
    """Which school."""

    def __init__(self, asking: _Asking) -> None:
        self._asking = asking

    async def show(self, visit: Visit) -> Response:
        return await self._page(visit, {}, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        provider = await _chosen(visit, form.get("school", ""))
        if provider is None:
            return await self._page(visit, form, {"school": _CHOOSE}, 422)
        return await self._asking.away(visit, provider, own_path(visit.asked("next")), None)

    async def _page(self, visit: Visit, fields: Form, errors: Form, status: int = 200) -> Response:
        providers = await visit.desk.run(all_providers)
        schools = [(str(one.provider_id), one.school_name, one.host) for one in providers]
        chosen = next(
            (str(one.provider_id) for one in providers if f"sch_{one.school_id.hex}" == visit.asked("school")), None
        )
        return visit.page(
            "school.html", status, fields=fields, errors=errors, schools=schools, chosen=chosen, query=next_query(visit)
        )


class LinkPage:
    """Which of a school's accounts may sign in as this one; linked by whoever is signed in, and proved it just now."""

    def __init__(self, asking: _Asking, premises: Premises) -> None:
        self._asking = asking
        self._premises = premises

    async def show(self, visit: Visit) -> Response:
        return await self._page(visit, {})

    async def change(self, visit: Visit, form: Form) -> Response:
        session, now = visit.session, visit.desk.now()
        recent(session, now)
        if "unlink" in form:
            return await self._unlinked(visit, form["unlink"])
        provider = await _chosen(visit, form.get("school", ""))
        if provider is None or not await visit.desk.run(lambda c: at_school(c, session.identity, provider)):
            return await self._page(visit, {"school": _CHOOSE}, 422)
        return await self._asking.away(visit, provider, f"{ACCOUNT}?done=linked", session.account_id)

    async def _unlinked(self, visit: Visit, text: str) -> Response:
        session, now, key = visit.session, visit.desk.now(), _key(text)

        def work(connection: BlockingConnection) -> bool:
            """A person without a password would have no way in any more."""
            if key is None or not has_password(connection, session.account_id):
                return False
            gone = unlink(connection, session.account_id, key)
            account = account_of(connection, session.account_id)
            if gone and account is not None:
                change = "A school's account was unlinked from it."
                tell(connection, self._premises, account, "factor_changed", now, change=change)
            return gone

        if not await visit.desk.run(work):
            return await self._page(
                visit, {"": "The link was not removed. Set a password first, if you have none."}, 422
            )
        return to(f"{ACCOUNT}?done=unlinked")

    async def _page(self, visit: Visit, errors: Form, status: int = 200) -> Response:
        session = visit.session

        def work(connection: BlockingConnection) -> tuple[list[Linked], list[Provider]]:
            providers = [one for one in all_providers(connection) if at_school(connection, session.identity, one)]
            return linked_to(connection, session.account_id), providers

        links, providers = await visit.desk.run(work)
        return visit.page(
            "school_links.html",
            status,
            errors=errors,
            links=links,
            moment=moment,
            schools=[(str(one.provider_id), one.school_name, one.host) for one in providers],
            done=_DONE.get(visit.asked("done") or "", ""),
        )


class BackPage:
    """The provider's answer, by way of the browser."""

    def __init__(self, asking: _Asking, entering: Entering) -> None:
        self._asking = asking
        self._entering = entering

    async def show(self, visit: Visit) -> Response:
        key, state, now = _key(str(visit.request.path_params["provider"])), visit.asked("state"), visit.desk.now()
        code, cookie = visit.asked("code"), visit.visitor.cookie
        if key is None or visit.visitor.fresh or not state or not _plain(state):
            raise _stale()

        def work(connection: BlockingConnection) -> tuple[Provider, Returned] | None:
            provider = find_provider(connection, key)
            found = None if provider is None else take(connection, key, cookie, state, now)
            return None if provider is None or found is None else (provider, found)

        found = await visit.desk.run(work)
        if found is None:
            raise _stale()
        provider, returned = found
        if not code or not _plain(code):  # a refusal of the provider's, or of the person's there
            _log(provider, "error")
            raise _refused()
        flow, named = self._asking.flow, visit.asked("iss")
        subject = await self._asking.run(lambda: flow.came_back(provider, returned.proofs, code, named, now), provider)
        if returned.account_id is not None:
            return await self._linked(visit, provider, subject, returned, returned.account_id)
        return await self._signed_in(visit, provider, subject, returned)

    async def _signed_in(self, visit: Visit, provider: Provider, subject: Subject, returned: Returned) -> Response:
        premises, caller, now = self._entering.premises, visit.caller, visit.desk.now()

        factor = False

        def work(connection: BlockingConnection) -> SignedIn | FactorDue | None:
            nonlocal factor
            account = account_by(connection, provider, subject.subject, now)
            if account is None:
                return None
            # A school's word that two were shown opens nothing of another school's.
            factor = subject.factor and at_no_other_school(connection, account.identity, provider)
            return enter(connection, premises, account, caller, now, factor=factor)

        step = await self._entering.take(visit, work)
        if not isinstance(step, SignedIn | FactorDue):
            _log(provider, "unknown")
            raise Problem(
                403,
                "Your school's account is not linked yet",
                "Sign in with your user name and password, and link it on your account's page.",
            )
        return await self._entering.follow(visit, step, factor=factor, path=returned.next)

    async def _linked(
        self, visit: Visit, provider: Provider, subject: Subject, returned: Returned, account_id: UUID
    ) -> Response:
        session, now = visit.session, visit.desk.now()
        if session.account_id != account_id:
            raise Unauthenticated("Sign in first.")

        def work(connection: BlockingConnection) -> Account | None:
            account = account_of(connection, account_id)
            if account is None or not at_school(connection, account.identity, provider):
                return None
            link(connection, provider, subject.subject, account, now)
            change = "A school's account was linked with it, and can be signed in with."
            tell(connection, self._entering.premises, account, "factor_changed", now, change=change)
            return account

        try:
            done = await visit.desk.run(work)
        except BadUserInput as error:
            raise Problem(409, "Not linked", error.message) from None
        if done is None:
            raise _refused()
        return to(returned.next)


async def _chosen(visit: Visit, text: str) -> Provider | None:
    key = _key(text)
    return None if key is None else await visit.desk.run(lambda c: find_provider(c, key))


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _plain(text: str) -> bool:
    return len(text) <= _LONGEST and text.isascii() and text.isprintable()


def _log(provider: Provider, reason: str) -> None:
    structlog.get_logger().warning("school sign-in refused", check=str(provider.provider_id), code=reason)


def _stale() -> Problem:
    return Problem(400, "This sign-in is over", "It was used, took too long, or began in another browser. Begin again.")


def _refused() -> Problem:
    return Problem(
        403, "Your school's sign-in was not accepted", "Try again, or sign in with your user name and password."
    )
