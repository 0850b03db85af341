"""Settings: those that contradict one another, or the way in which the server is reached."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from server.cli.checkup.finding import Finding, fail, ok, warn
from server.errors import Unavailable
from server.identity.issuer import Issuer
from server.settings import Settings

Knock = Callable[[str], None]


def environment_findings(settings: Settings, knock: Knock | None = None) -> list[Finding]:
    """`knock` says OSError where a mail server doesn't answer at that address."""
    contradictions = list(_contradictions(settings))
    return [
        _issuer(settings),
        *(contradictions or [ok("settings", "No setting contradicts another.")]),
        _mail(settings, knock or greet),
    ]


def _issuer(settings: Settings) -> Finding:
    try:
        issuer = Issuer(settings.issuer)
    except Unavailable as error:
        return fail("issuer", "USHER_ISSUER is no address that tokens and cookies can rest on.", error.message)
    if issuer.is_local and not _is_loopback(settings.usher_host):
        return fail(
            "issuer",
            f"The server listens on {settings.usher_host}, but tokens and links name {issuer.url}.",
            "Set USHER_ISSUER to the https address that people reach it at.",
        )
    if issuer.is_local:
        return warn("issuer", f"{issuer.url} is this machine's own: nobody else reaches it.", "Fine for a trial only.")
    return ok("issuer", f"{issuer.url}; cookies are __Host- cookies, for https alone.")


def _contradictions(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is None and (settings.owner_database_url or settings.audit_database_url):
        yield fail(
            "settings",
            "An address of the owner or auditor is set, and USHER_DATABASE_URL isn't.",
            "Set USHER_DATABASE_URL too, or neither.",
        )
    if settings.usher_pool_min > settings.usher_pool_max:
        yield fail("settings", "USHER_POOL_MIN is above USHER_POOL_MAX.", "Set it to at most as many.")
    plain = [one for one in settings.usher_origins if urlsplit(one).scheme == "http"]
    if plain and settings.issuer.startswith("https://"):
        yield warn("settings", "USHER_ORIGINS names http pages of an https server.", "Name them by https.")
    if settings.usher_metrics_port is not None and not _is_loopback(settings.usher_metrics_host):
        yield warn(
            "settings",
            f"Figures are shown on {settings.usher_metrics_host}, to whoever reaches it.",
            "Keep that port behind a firewall, or unset USHER_METRICS_HOST.",
        )
    if settings.usher_metrics_port is not None and settings.usher_metrics_port == settings.port != 0:
        yield fail("settings", "PORT and USHER_METRICS_PORT are the same.", "Give the figures a port of their own.")


def _mail(settings: Settings, knock: Knock) -> Finding:
    if settings.smtp_url is None:
        return warn("mail", f"Letters are files in {settings.usher_home / 'mail'}.", "Set USHER_SMTP_URL to send them.")
    try:
        knock(settings.smtp_url)
    except (OSError, smtplib.SMTPException) as error:
        says = f"The mail server of USHER_SMTP_URL doesn't answer: {type(error).__name__}."
        return fail("mail", says, "Check its host, its port and the way there.")
    if settings.usher_mail_from.endswith("@localhost"):
        return warn("mail", "Letters come from usher@localhost, which many servers refuse.", "Set USHER_MAIL_FROM.")
    return ok("mail", "The mail server answers.")


def greet(address: str) -> None:
    """Says hello to a mail server, and goodbye. Raises OSError and SMTPException."""
    parts = urlsplit(address)
    if parts.scheme == "smtps":
        with smtplib.SMTP_SSL(
            parts.hostname or "", parts.port or 465, timeout=10, context=ssl.create_default_context()
        ) as s:
            s.noop()
        return
    with smtplib.SMTP(parts.hostname or "", parts.port or 587, timeout=10) as server:
        server.noop()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
