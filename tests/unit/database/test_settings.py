"""Settings come from the environment, when asked for and not before."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from server.settings import default_home, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's own settings must not decide these tests."""
    for name in [*os.environ]:
        if name.startswith("USHER_") or name == "PORT":
            monkeypatch.delenv(name)


def test_the_defaults_serve_on_the_loopback() -> None:
    """Nothing set: the embedded server, one worker, 127.0.0.1:8000."""
    settings = load_settings()
    assert (settings.usher_host, settings.port, settings.usher_workers) == ("127.0.0.1", 8000, 1)
    assert settings.database_url is None
    assert settings.keys == default_home() / "keys"


def test_the_home_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root keeps its data where services do, since nobody else may enter /root."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_home() == Path("/var/lib/usher")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert default_home() == Path("/home/somebody/.usher")


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each field is read from its name in capitals; an empty variable counts as unset."""
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("USHER_HOME", "/srv/usher")
    monkeypatch.setenv("USHER_WORKERS", "")
    monkeypatch.setenv("USHER_ORIGINS", "https://a.example, HTTP://Localhost:3000,")
    monkeypatch.setenv("USHER_DATABASE_URL", "postgresql://usher_app:secret@db/usher")
    settings = load_settings()
    assert (settings.port, settings.usher_home, settings.usher_workers) == (9000, Path("/srv/usher"), 1)
    assert settings.database_url == "postgresql://usher_app:secret@db/usher"
    assert "secret" not in repr(settings)
    assert settings.usher_origins == ("https://a.example", "http://localhost:3000")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "70000"),
        ("USHER_WORKERS", "0"),
        ("USHER_LOG_LEVEL", "loud"),
        ("USHER_ORIGINS", "*"),
        ("USHER_ORIGINS", "https://a.example/app"),
        ("USHER_ORIGINS", "a.example"),
    ],
)
def test_a_bad_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """The message says which variable to change."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        load_settings()
