"""What somebody proves themselves with stands in no log, no error and nothing that a log might show."""

from __future__ import annotations

import contextlib
import json
import logging
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from server.database.blocking_pool import BlockingConnection as Connection
from server.errors import UsherError
from server.identity.people.accounts import Account
from server.identity.people.changing import ask_reset, change_password, reset_password
from server.identity.people.one_time_codes import begin_authenticator, confirm_authenticator
from server.identity.people.outcomes import Caller, FactorDue
from server.identity.people.passkeys import add_passkey, authentication_options, registration_options
from server.identity.people.passwords import set_password
from server.identity.people.premises import Premises
from server.identity.people.recovery_codes import new_recovery_codes
from server.identity.people.sessions import find_unfinished
from server.identity.people.sign_in import show_code, show_recovery_code, sign_in, sign_in_with_passkey
from tests.authenticator import Authenticator
from tests.unit.identity.people.conftest import HOME, ISSUER, MINUTE, NOW, entered, letters, session_of
from tests.unit.identity.people.test_changing import links
from tests.unit.identity.people.test_one_time_codes import code

CANARY = "canary plum velvet otter"
WEAK = "canary"


class Hearing:
    """Every text that was said, or that a log could make of what was returned or raised."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.secrets: list[str] = [CANARY]

    def keep(self, result: Any) -> Any:
        self.said.append(repr(result))
        return result

    @contextlib.contextmanager
    def refusal(self) -> Any:
        with pytest.raises(UsherError) as caught:
            yield
        self.said += [
            str(caught.value),
            repr(caught.value),
            repr(caught.value.__context__),
            repr(caught.value.__cause__),
        ]


def test_no_secret_is_said(
    connection: Connection, premises: Premises, ann: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """A person's whole way, right and wrong, with every library's log at its loudest."""
    heard = Hearing()
    with caplog.at_level(logging.DEBUG), capture_logs() as logs:
        structlog.get_logger().info("begun")
        set_password(connection, ann.account_id, CANARY, NOW)
        heard.keep(sign_in(connection, premises, ann.identity, CANARY + "x", HOME, NOW))
        step = heard.keep(entered(sign_in(connection, premises, ann.identity, CANARY, HOME, NOW)))
        session = heard.keep(session_of(connection, step.cookie))
        with heard.refusal():
            change_password(connection, premises, session, CANARY, WEAK, NOW)
        new = heard.keep(begin_authenticator(connection, premises, session, NOW))
        cookie = confirm_authenticator(connection, premises, session, code(new.secret), NOW)
        assert cookie is not None
        session = heard.keep(session_of(connection, cookie))
        codes = new_recovery_codes(connection, premises, session, NOW)
        _passkey(connection, premises, heard, cookie)
        later = NOW + MINUTE
        step = heard.keep(sign_in(connection, premises, ann.identity, CANARY, HOME, later))
        assert isinstance(step, FactorDue)
        unfinished = find_unfinished(connection, step.cookie, later)
        assert unfinished is not None
        heard.keep(show_code(connection, premises, unfinished, "123456", HOME, later))
        own = Caller(HOME.address, HOME.agent, step.cookie)
        heard.keep(own)
        heard.keep(show_recovery_code(connection, premises, unfinished, codes[0] + "x", HOME, later))
        last = heard.keep(entered(show_recovery_code(connection, premises, unfinished, codes[0], HOME, later)))
        ask_reset(connection, premises, ann.identity, HOME, later)
        [link] = links(connection, ann)
        with heard.refusal():
            reset_password(connection, premises, link, WEAK, HOME, later)
    heard.keep(letters(connection, ann))
    heard.secrets += [step.cookie, cookie, new.secret, last.cookie, last.browser, link, *codes]
    assert any(entry["event"] == "begun" for entry in logs)
    said = "\n".join([*heard.said, *map(repr, logs), caplog.text])
    assert not [secret for secret in heard.secrets if secret in said]


def _passkey(connection: Connection, premises: Premises, heard: Hearing, cookie: str) -> None:
    """Made wrongly and rightly, and shown; its challenges are no secret once used, its answers are long."""
    session, phone = session_of(connection, cookie), Authenticator(ISSUER.url)
    answer = phone.make(registration_options(connection, premises, session, NOW), origin="https://other.example")
    with heard.refusal():
        add_passkey(connection, premises, session, answer, "Phone", NOW)
    shown = phone.show(authentication_options(connection, premises, None, NOW))
    heard.keep(sign_in_with_passkey(connection, premises, shown, HOME, NOW))
    heard.secrets += [json.loads(shown)["response"]["signature"], answer]
