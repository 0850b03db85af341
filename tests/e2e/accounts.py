"""Accounts of people in worlds, to sign in with."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import psycopg
from pyotp.totp import TOTP

from server.identity.people.accounts import make_account
from server.identity.people.passwords import set_password
from tests.e2e.pages import Form, Person, Shown
from tests.e2e.serving import capacity_of
from tests.worlds import World

PASSWORD: Final = "a lantern under the old bridge"
_HAT: Final = "INSERT INTO usher.login_identity (identity, school_id, person_id, capacity, school_name) VALUES (%s, %s, %s, %s, %s)"


@dataclass(frozen=True)
class Holder:
    """Somebody with an account: the name and the password."""

    account_id: UUID
    name: str
    password: str = PASSWORD

    def sign_in(self, person: Person, path: str = "/sign-in") -> Shown:
        """The page after the password."""
        return person.send(_form(person.open(path)), name=self.name, password=self.password)


def _form(page: Shown) -> Form:
    assert page.heading == "Sign in", page.text
    return page.form(having="Sign in")


def holder(app_url: str, *hats: tuple[World, str], email: str | None = None, capacities: Sequence[str] = ()) -> Holder:
    """An account with a hat for each (world, handle), in the capacity that the person usually acts in."""
    now, name = datetime.now(UTC), f"person-{secrets.token_hex(6)}"
    with psycopg.connect(app_url) as connection:
        account = make_account(connection, name, email, now)
        set_password(connection, account.account_id, PASSWORD, now)
        for place, (world, handle) in enumerate(hats):
            capacity = capacities[place] if capacities else capacity_of(world, handle)
            row = (name, world.school_id, world.ids[handle], capacity, f"School {place + 1}")
            connection.execute(_HAT, row)
    return Holder(account.account_id, name)


def key(page: Shown) -> str:
    """What the page for setting up an authenticator app shows to be typed."""
    return next(one.text for one in page.root.all("span") if one.get("id") == "key").replace(" ", "")


@dataclass(frozen=True)
class Codes:
    """Two codes of a secret that are both good now and in half a minute, each once: that of now and the next."""

    first: str
    second: str

    @classmethod
    def of(cls, page: Shown) -> Codes:
        totp, now = TOTP(key(page)), int(time.time())
        return cls(totp.at(now), totp.at(now + 30))
