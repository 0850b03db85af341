"""What can be set from outside: environment variables, read once by `load_settings()`."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LogLevel = Literal["debug", "info", "warning", "error"]
_ORIGIN = r"^https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:[0-9]{1,5})?$"


def default_home() -> Path:
    """`/var/lib/usher` for root, `~/.usher` for anybody else."""
    return Path("/var/lib/usher") if os.geteuid() == 0 else Path.home() / ".usher"


def make_home(home: Path) -> None:
    """Make the data folder for its owner alone, unless it is there; those above it as anybody would."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)


def make_in_home(folder: Path) -> None:
    """Make a folder right in the data folder for its owner alone, and the data folder if need be."""
    make_home(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


class Settings(BaseSettings):
    """Each field is the environment variable of its name in capitals.

    `usher_database_url` unset means: start the embedded PostgreSQL under `usher_home`.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    usher_database_url: SecretStr | None = None
    usher_owner_database_url: SecretStr | None = None
    usher_audit_database_url: SecretStr | None = None
    usher_home: Path = Field(default_factory=default_home)
    usher_host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    usher_smtp_url: SecretStr | None = None
    usher_mail_from: str = "usher@localhost"
    usher_issuer: Annotated[
        str | None, Field(description="the address that people and programs reach the server at")
    ] = None
    usher_workers: Annotated[int, Field(ge=1, le=64)] = 1
    usher_origins: Annotated[
        tuple[Annotated[str, Field(pattern=_ORIGIN)], ...],
        NoDecode,
        Field(description="pages that may open a WebSocket, with commas between; none: those of the host they ask"),
    ] = ()
    usher_get_queries: Annotated[
        bool,
        Field(description="whether queries are answered by GET too, whose addresses proxies write into their logs"),
    ] = False
    usher_log_level: LogLevel = "info"
    usher_event_days: Annotated[int, Field(ge=1, le=3650, description="how long streams may go on from an event")] = 30
    usher_pool_min: Annotated[int, Field(ge=0)] = 4
    usher_pool_max: Annotated[int, Field(ge=1)] = 16
    usher_pool_timeout: Annotated[float, Field(gt=0, description="seconds to wait for a free connection")] = 0.75
    usher_trusted_proxies: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(description="networks whose word is taken for a client's address, with commas between; none: nobody's"),
    ] = ()
    usher_proxy_header: Annotated[
        Literal["x-forwarded-for", "forwarded"], Field(description="the header that they write it into")
    ] = "x-forwarded-for"
    usher_cost_budget: Annotated[
        int, Field(ge=1_000, description="the most cost that one principal can have saved up in each process")
    ] = 1_000_000
    usher_cost_per_second: Annotated[int, Field(ge=1, description="how much of it comes back each second")] = 10_000
    usher_prepare_statements: Annotated[bool, Field(description="false behind a PgBouncer older than 1.21")] = True

    usher_metrics_port: Annotated[
        int | None, Field(ge=0, le=65535, description="where GET /metrics is answered; none: nowhere")
    ] = None
    usher_traces_url: Annotated[
        str | None, Field(pattern=r"^https?://", description="an OTLP/HTTP collector's whole address; none: no traces")
    ] = None
    usher_traces_share: Annotated[float, Field(ge=0, le=1, description="share of the requests that are traced")] = 1.0
    usher_metrics_host: Annotated[str, Field(description="address of that port")] = "127.0.0.1"

    @field_validator("usher_origins", mode="before")
    @classmethod
    def _separated(cls, value: Any) -> Any:
        return [one.strip().lower() for one in value.split(",") if one.strip()] if isinstance(value, str) else value

    @field_validator("usher_trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: Any) -> Any:
        return (
            [str(ip_network(one.strip())) for one in value.split(",") if one.strip()]
            if isinstance(value, str)
            else value
        )

    @property
    def keys(self) -> Path:
        """The folder of the keys that sign tokens and encrypt cursors."""
        return self.usher_home / "keys"

    @property
    def database_url(self) -> str | None:
        """The application's own server, or None for the embedded one."""
        return None if self.usher_database_url is None else self.usher_database_url.get_secret_value()

    @property
    def issuer(self) -> str:
        """The address that tokens name; this machine's own where none is given."""
        return self.usher_issuer or f"http://127.0.0.1:{self.port}"

    @property
    def audit_database_url(self) -> str | None:
        """The address of usher_audit, which seals and verifies the audit."""
        return None if self.usher_audit_database_url is None else self.usher_audit_database_url.get_secret_value()

    @property
    def smtp_url(self) -> str | None:
        """The mail server, or None: letters become files under `usher_home`."""
        return None if self.usher_smtp_url is None else self.usher_smtp_url.get_secret_value()

    @property
    def owner_database_url(self) -> str | None:
        """The owner's address, which only `usher migrate` needs."""
        return None if self.usher_owner_database_url is None else self.usher_owner_database_url.get_secret_value()


def load_settings() -> Settings:
    """Read the environment now. Raises pydantic.ValidationError, which names the variable."""
    return Settings()
