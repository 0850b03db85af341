"""Whoever shows a certificate of nobody's is told nothing: neither a provider of sign-in, nor a mail server."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from server.compliance.mail import Mailer
from server.errors import Unavailable
from server.identity.school_sign_in.outbound import outbound_client


def certificate(folder: Path) -> Path:
    """For localhost, signed by itself; with its key in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    builder = builder.not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    path = folder / "certificate"
    path.write_bytes(
        builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return path


@pytest.fixture
def port(tmp_path: Path) -> Generator[int]:
    """Of a server that speaks TLS, and notes in `heard` what reaches it through it: nothing may."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    plain, _ = listener.accept()
                    with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                        heard.append(connection.recv(1000))

        threading.Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    assert [one for one in heard if one] == []


def test_a_provider_without_a_good_certificate_is_not_asked(port: int) -> None:
    """On this machine, where its address may be asked: its certificate is looked at all the same."""
    with outbound_client(local=True) as http, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        http.get(f"https://localhost:{port}/")


async def test_a_mail_server_without_a_good_certificate_gets_no_letter(port: int, tmp_path: Path) -> None:
    """Nor the password for it."""
    mailer = Mailer(f"smtps://usher:a-password@localhost:{port}", "usher@usher.example", tmp_path)
    with pytest.raises(Unavailable, match="SSLCertVerificationError"):
        await mailer.send(["officer@school.example"], "Subject", "Text", datetime.now(UTC))
