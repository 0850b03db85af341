"""docker/ without an engine: what its files say. `make docker-check` runs the install commands themselves."""

from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from server.database.roles import prepare_server_sql
from tools.docker_install import DOCKERFILE, Instruction, Stage, read_stages

FOLDER = DOCKERFILE.parent


@pytest.fixture(scope="module")
def stages() -> list[Stage]:
    return read_stages(DOCKERFILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))["services"])


def said(stage: Stage, word: str) -> list[str]:
    return [instruction.rest for instruction in stage.instructions if instruction.word == word]


def test_a_dockerfile_is_read_as_docker_does() -> None:
    """Comments go, continued lines join, and each FROM begins a stage."""
    text = "# a\nFROM a:1 AS build\nRUN one \\\n    && two\n\nFROM b:2\n# c\nUSER 1\n"
    assert read_stages(text) == [
        Stage("a:1", "build", (Instruction("RUN", "one      && two"),)),
        Stage("b:2", None, (Instruction("USER", "1"),)),
    ]


def test_there_are_two_stages_and_the_second_gets_the_environment_alone(stages: list[Stage]) -> None:
    """Sources and caches stay behind; the venv keeps its path, which its scripts name."""
    build, final = stages
    assert build.name == "build"
    assert said(final, "COPY") == ["--from=build /usher/.venv /usher/.venv"]
    assert said(build, "WORKDIR") == ["/usher"]


def test_the_image_serves_without_root(stages: list[Stage]) -> None:
    """By number, so that an orchestrator can check it; and nothing after changes it back."""
    assert said(stages[-1], "USER") == ["10001:10001"]


def test_the_image_installs_from_the_lock(stages: list[Stage]) -> None:
    """Hashes are required, and the project itself brings nothing along."""
    commands = " ".join(said(stages[0], "RUN"))
    assert "pip install --require-hashes --no-deps --requirement requirements.lock" in commands
    assert "pip install --no-deps --no-build-isolation ." in commands
    assert not [each for stage in stages for each in said(stage, "ADD")]


def test_only_what_is_copied_is_sent_to_the_engine(stages: list[Stage]) -> None:
    """The ignore file lets in what COPY names, and everything else stays out."""
    lines = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {source for each in said(stages[0], "COPY") for source in each.split()[:-1]}
    assert "*" in lines
    assert let_in == copied


def test_images_are_named_by_version(stages: list[Stage], services: dict[str, Any]) -> None:
    """No `latest`, and PostgreSQL 18."""
    assert [stage.image for stage in stages] == ["python:3.11-slim-bookworm"] * 2
    assert services["database"]["image"] == "postgres:18"


def test_the_jobs_seal_and_face_no_network(services: dict[str, Any]) -> None:
    """They get the sealer's role besides the application's, never the owner's, and open no port."""
    jobs = services["jobs"]
    assert jobs["command"] == ["jobs"]
    mail = {"USHER_SMTP_URL", "USHER_MAIL_FROM"}
    assert jobs["environment"].keys() == {"USHER_DATABASE_URL", "USHER_AUDIT_DATABASE_URL"} | mail
    assert "usher_audit:" in jobs["environment"]["USHER_AUDIT_DATABASE_URL"]
    assert "ports" not in jobs
    assert jobs["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_the_server_gets_the_application_role_alone(services: dict[str, Any]) -> None:
    """The owner's address goes to `usher migrate` alone, which ends before the server starts."""
    assert services["server"]["environment"].keys() == {"USHER_DATABASE_URL"}
    assert "usher_app:" in services["server"]["environment"]["USHER_DATABASE_URL"]
    assert services["migrate"]["command"] == ["migrate"]
    assert "usher_owner:" in services["migrate"]["environment"]["USHER_OWNER_DATABASE_URL"]
    assert services["server"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["server"]["read_only"]
    assert services["server"]["cap_drop"] == ["ALL"]


def test_nothing_listens_beyond_this_machine(services: dict[str, Any]) -> None:
    """The server on the loopback, the database on no port at all."""
    assert services["server"]["ports"] == ["127.0.0.1:${PORT:-8000}:8000"]
    assert "ports" not in services["database"]


def test_the_database_is_prepared_as_the_program_says() -> None:
    """Roles, settings and grants are those of server.database.roles; passwords come from the environment."""
    script = (FOLDER / "postgres" / "10-usher.sh").read_text(encoding="utf-8")
    statements = script.partition("<<'SQL'\n")[2].removesuffix("SQL\n").splitlines()
    expected = [line for line in prepare_server_sql().splitlines() if not line.startswith("\\password")]
    assert statements[:-3] == expected
    assert statements[-3:] == [
        f"ALTER ROLE usher_{role} PASSWORD :'{role}_password';" for role in ("owner", "app", "audit")
    ]


def test_no_password_is_committed() -> None:
    """The example names the variables of compose.yaml, all of them empty."""
    text = (FOLDER / "passwords.env.example").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    compose = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    assert all(line.endswith("=") and f"${{{line[:-1]}:?" in compose for line in lines)
    assert len(lines) == 4
    assert "docker/passwords.env" in (Path(__file__).parents[2] / ".gitignore").read_text(encoding="utf-8").splitlines()
