"""usher client and usher keys: what they print, what they refuse, and that a secret is shown once."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from joserfc.jwk import ECKey, OctKey
from joserfc.util import int_to_base64

from server.cli import call

_NUMBERS = generate_private_key(65537, 1024).public_key().public_numbers()
WEAK = {"kty": "RSA", "n": int_to_base64(_NUMBERS.n), "e": int_to_base64(_NUMBERS.e)}


@pytest.fixture(autouse=True)
def own_database(monkeypatch: pytest.MonkeyPatch, app_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("USHER_DATABASE_URL", app_url)
    monkeypatch.setenv("USHER_HOME", str(tmp_path / "home"))


@pytest.fixture
def client_id() -> str:
    return f"acme-{secrets.token_hex(6)}"


def key_file(folder: Path, jwk: object) -> str:
    path = folder / "key.jwk.json"
    path.write_text(json.dumps(jwk))
    return str(path)


def test_a_secret_is_shown_once(client_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Only its digest is kept: the list doesn't have it, and a second registration is refused."""
    assert call(["client", "add", client_id, "--name", "Acme"]) == 0
    secret = capsys.readouterr().out.split("shown this once: ")[1].strip()
    assert len(secret) == 43
    assert call(["client", "list"]) == 0
    listed = capsys.readouterr().out
    assert client_id in listed.replace("\n", "")
    assert secret not in listed
    assert call(["client", "add", client_id, "--name", "Acme"]) == 1
    assert "choose another id" in capsys.readouterr().err


def test_keys_are_added_and_ended(client_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new key beside the old one, then the old one's end; no kid is used twice."""
    first, second = (ECKey.generate_key("P-256", {"kid": kid}) for kid in ("first", "second"))
    file = key_file(tmp_path, first.as_dict(private=False))
    assert call(["client", "add", client_id, "--name", "Acme", "--key", file]) == 0
    assert "Its key is first." in capsys.readouterr().out
    assert call(["client", "key", client_id, "--add", key_file(tmp_path, second.as_dict(private=False))]) == 0
    assert call(["client", "key", client_id, "--end", "first"]) == 0
    assert call(["client", "key", client_id, "--end", "first"]) == 1
    assert call(["client", "key", client_id, "--add", key_file(tmp_path, first.as_dict(private=False))]) == 1
    assert call(["client", "end", client_id, "--yes"]) == 0
    assert call(["client", "key", client_id, "--add", file]) == 1
    assert call(["client", "end", client_id, "--yes"]) == 1


@pytest.mark.parametrize(
    ("jwk", "sentence"),
    [
        (ECKey.generate_key("P-256").as_dict(private=True), "private key"),
        (ECKey.generate_key("P-384").as_dict(private=False), "P-256"),
        (WEAK, "2048 to 4096 bits"),
        (OctKey.generate_key(256).as_dict(private=True), "private key"),
        ({"kty": "EC"}, "no JSON Web Key"),
        ({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, "no JSON Web Key"),
        ([1], "one JSON object"),
        ("x" * 20_000, "too large"),
        ({}, "no JSON Web Key"),
        (ECKey.generate_key("P-256").as_dict(private=False) | {"kid": "a\nb"}, "printable"),
        (ECKey.generate_key("P-256").as_dict(private=False) | {"kid": 7}, "JSON Web Key|printable"),
    ],
)  # fmt: skip
def test_what_is_no_public_key_is_refused(
    jwk: object, sentence: str, client_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And then nothing of the client is there."""
    assert call(["client", "add", client_id, "--name", "Acme", "--key", key_file(tmp_path, jwk)]) == 1
    told = capsys.readouterr().err
    assert any(part in told for part in sentence.split("|")), told
    call(["client", "list"])
    assert client_id not in capsys.readouterr().out.replace("\n", "")


@pytest.mark.parametrize(
    "arguments",
    [["add", "Acme", "--name", "a"], ["add", "a b", "--name", "a"], ["add", "acme-x", "--name", " "], ["key", "nobody"],
     ["key", "nobody", "--end", "x"], ["end", "nobody", "--yes"]],
)  # fmt: skip
def test_a_wrong_client_is_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["client", *arguments]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_keys_are_rotated_by_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Twice within the hour only at once, which asks first."""
    assert call(["keys", "rotate"]) == 0
    assert "is believed for one more hour" in capsys.readouterr().out
    assert call(["keys", "rotate"]) == 1
    assert "--at-once" in capsys.readouterr().err
    assert call(["keys", "rotate", "--at-once", "--yes"]) == 0
    assert "is believed no more" in capsys.readouterr().out


def test_an_app_is_registered_with_its_addresses(client_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A public one has no secret; the list shows where its codes are sent, and that it is the installation's own."""
    addresses = ["https://app.example/callback", "http://127.0.0.1/callback", "com.example.app:/callback"]
    redirects = [word for address in addresses for word in ("--redirect", address)]
    assert call(["client", "add", client_id, "--name", "App", "--public", "--first-party", *redirects]) == 0
    told = capsys.readouterr().out
    assert "people can sign in with it" in told
    assert "it is public" in told
    assert "secret" not in told
    assert call(["client", "list"]) == 0
    listed = "".join(capsys.readouterr().out.split())
    assert client_id in listed
    assert "firstparty" in "".join(letter for letter in listed if letter.isalpha())
    assert call(["client", "add", f"{client_id}-web", "--name", "App", "--redirect", addresses[0]]) == 0
    assert "shown this once: " in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["--public"],
        ["--first-party"],
        ["--public", "--redirect", "http://app.example/callback"],
        ["--public", "--redirect", "http://localhost/callback"],
        ["--public", "--redirect", "https://app.example/callback#a"],
        ["--public", "--redirect", "https://user@app.example/callback"],
        ["--public", "--redirect", "https://app.example/callback?state=1"],
        ["--public", "--redirect", "https://*.app.example/callback"],
        ["--public", "--redirect", "https:///callback"],
        ["--public", "--redirect", "https://app.example:99999/callback"],
        ["--public", "--redirect", "javascript:alert(1)"],
        ["--public", "--redirect", "app:/callback"],
        ["--public", "--redirect", "com.example.app:callback"],
        ["--public", "--redirect", ""],
        [word for n in range(11) for word in ("--redirect", f"https://app.example/{n}")],
    ],
)
def test_an_address_that_others_could_answer_at_is_refused(
    client_id: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is registered."""
    assert call(["client", "add", client_id, "--name", "App", *words]) == 1
    assert call(["client", "list"]) == 0
    assert client_id not in capsys.readouterr().out.replace("\n", "")


def test_a_webhook_leads_to_public_addresses_alone(client_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By https; to this machine in a demo database, which this one isn't. It is printed, and ended once."""
    assert call(["client", "webhook", client_id, "--url", "https://93.184.216.34/usher"]) == 1
    assert call(["client", "add", client_id, "--name", "Acme"]) == 0
    for url in ("http://93.184.216.34/", "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.7/", "ftp://x/", "x"):
        assert call(["client", "webhook", client_id, "--url", url]) == 1
    assert call(["client", "webhook", client_id, "--url", "http://127.0.0.1:9/", "--loopback"]) == 1
    assert "demo" in capsys.readouterr().err
    assert call(["client", "webhook", client_id]) == 0
    assert "has no webhook" in capsys.readouterr().out
    assert call(["client", "webhook", client_id, "--url", "https://93.184.216.34/usher"]) == 0
    assert capsys.readouterr().out.strip() == "OK https://93.184.216.34/usher"
    assert call(["client", "webhook", client_id, "--end"]) == 0
    assert capsys.readouterr().out.strip() == "DISABLED https://93.184.216.34/usher"
    assert call(["client", "webhook", client_id, "--end"]) == 1
