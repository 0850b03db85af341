"""Changing the password, by whoever is signed in and knows the one until now."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from server.database.blocking_pool import BlockingConnection
from server.errors import BadUserInput
from server.identity.people.passwords import check_password, set_password
from server.identity.people.sessions import Session, end_all_sessions
from server.web.pages.endpoint import Form, Visit
from server.web.pages.page import to
from server.web.pages.tidings import Tidings

_WRONG = "This isn't your password until now."


class PasswordPage:
    def __init__(self, tidings: Tidings) -> None:
        self._tidings = tidings

    async def show(self, visit: Visit) -> Response:
        return visit.page("password.html")

    async def change(self, visit: Visit, form: Form) -> Response:
        session, now = visit.session, visit.desk.now()
        old, new = form.get("old", ""), form.get("password", "")
        errors = {} if old else {"old": "Enter your password until now."}
        errors |= {} if new else {"password": "Enter a new password."}
        errors = errors or await visit.desk.run(lambda c: self._changed(c, session, old, new, now))
        return visit.page("password.html", 422, errors=errors) if errors else to("/account?done=password")

    def _changed(
        self, connection: BlockingConnection, session: Session, old: str, new: str, now: datetime
    ) -> dict[str, str]:
        """What is wrong, by field; nothing where the password has changed."""
        account = check_password(connection, session.identity, old)
        if account is None:
            return {"old": _WRONG}
        try:
            set_password(connection, account.account_id, new, now)
        except BadUserInput as error:
            return {"password": error.message}
        end_all_sessions(connection, account.account_id, now, but=session.session_id)
        self._tidings.password_changed(connection, account, now)
        return {}
