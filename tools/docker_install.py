"""Runs the install commands of docker/Dockerfile where there is no engine: `python -m tools.docker_install`.

The build stage is followed line by line in an empty folder that stands for the image's root: WORKDIR, COPY and RUN as
written, with this interpreter as `python`. Then the finished environment must import, and find its package data, from
another folder and without the sources.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "docker" / "Dockerfile"

_PROOF = """
import importlib.metadata, pathlib, server
from server.policies.shipped import starting_book
assert pathlib.Path(server.__file__).is_relative_to(pathlib.Path(__import__("sys").prefix)), server.__file__
assert starting_book().rules
print("usher", importlib.metadata.version("usher"), "imports, with", len(starting_book().rules), "rules")
"""


@dataclass(frozen=True, slots=True)
class Instruction:
    word: str
    rest: str


@dataclass(frozen=True, slots=True)
class Stage:
    image: str
    name: str | None
    instructions: tuple[Instruction, ...]


def read_stages(text: str) -> list[Stage]:
    """The stages of a Dockerfile without heredocs, in order."""
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#")))
    stages: list[Stage] = []
    for line in filter(str.strip, joined.splitlines()):
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            image, *name = rest.split(" AS ")
            stages.append(Stage(image.strip(), name[0].strip() if name else None, ()))
        else:
            last = stages[-1]
            stages[-1] = Stage(last.image, last.name, (*last.instructions, Instruction(word, rest.strip())))
    return stages


class Folder:
    """An empty folder that stands for the root of an image."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = root
        programs = root / "programs"
        programs.mkdir()
        (programs / "python").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
        self.environment = {**os.environ, "PATH": f"{programs}:/usr/bin:/bin"}
        self.environment.pop("VIRTUAL_ENV", None)

    def follow(self, instruction: Instruction) -> None:
        match instruction.word:
            case "WORKDIR":
                self.place = self.root / instruction.rest.lstrip("/")
                self.place.mkdir(parents=True, exist_ok=True)
            case "ENV":
                self.environment |= dict(pair.split("=", 1) for pair in shlex.split(instruction.rest))
            case "COPY":
                *sources, target = shlex.split(instruction.rest)
                for source in sources:
                    _copy(ROOT / source, self.place / target)
            case "RUN":
                subprocess.run(["sh", "-euc", instruction.rest], cwd=self.place, env=self.environment, check=True)  # noqa: S603, S607
            case other:
                raise ValueError(f"{other} is an instruction that this check can't follow: teach it, or leave it out")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def main() -> int:
    build = read_stages(DOCKERFILE.read_text(encoding="utf-8"))[0]
    with tempfile.TemporaryDirectory(prefix="usher-image-") as name:
        folder = Folder(Path(name))
        for instruction in build.instructions:
            folder.follow(instruction)
        for source in ("server", "policies"):
            shutil.rmtree(folder.place / source)
        python = folder.place / ".venv" / "bin" / "python"
        subprocess.run([python, "-c", _PROOF], cwd=name, env=folder.environment, check=True)  # noqa: S603
    return 0


if __name__ == "__main__":
    sys.exit(main())
