"""The licence of each locked package, as an SPDX expression, and which of them are accepted (decision 0205)."""

from __future__ import annotations

from importlib import metadata
from typing import Any, Final

from license_expression import get_spdx_licensing  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from tools.locked import Package

ACCEPTED: Final = frozenset(
    {
        "0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "LGPL-3.0-only", "MIT",
        "MIT-0", "MPL-2.0", "PSF-2.0", "PostgreSQL", "Python-2.0", "Unlicense", "Zlib",
    }
)  # fmt: skip
"""Of what is shipped, and of what tests need. LGPL and MPL ask for nothing of who imports a library as it is."""
TOLD: Final = {
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}
READ: Final = {
    "authlib": "BSD-3-Clause",
    "boolean-py": "BSD-2-Clause",
    "cfgv": "MIT",
    "charset-normalizer": "MIT",
    "colorama": "BSD-3-Clause",
    "grimp": "BSD-2-Clause",
    "httpx": "BSD-3-Clause",
    "asgiref": "BSD-3-Clause",
    "identify": "MIT",
    "import-linter": "BSD-2-Clause",
    "jinja2": "BSD-3-Clause",
    "joserfc": "BSD-3-Clause",
    "license-expression": "Apache-2.0",
    "nodeenv": "BSD-3-Clause",
    "pre-commit": "MIT",
    "protobuf": "BSD-3-Clause",
    "psutil": "BSD-3-Clause",
    "pyasn1": "BSD-2-Clause",
    "pyasn1-modules": "BSD-2-Clause",
    "pyright": "MIT",
    "python-dotenv": "BSD-3-Clause",
    "segno": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
    "uvloop": "MIT OR Apache-2.0",
    "webcolors": "BSD-3-Clause",
}
"""Read in the package's own licence file, where its metadata have no expression and no exact classifier."""
_SPDX: Final[Any] = get_spdx_licensing()


class Unlicensed(Exception):
    """A package whose licence isn't known."""


def licence(package: Package) -> str:
    """Its SPDX expression. Raises Unlicensed."""
    said = package.licence or READ.get(package.name) or _of_metadata(package.name)
    if said is None or _SPDX.validate(said).errors:
        raise Unlicensed(f"{package.name} {package.version}: look at its licence, and write it into tools/licences.py")
    return said


def is_accepted(expression: str) -> bool:
    """Whether one may choose accepted licences alone: all of AND, one of OR."""
    return _accepted(_SPDX.parse(expression))


def _accepted(parsed: Any) -> bool:
    if not parsed.args:
        return str(parsed) in ACCEPTED
    asked = [_accepted(one) for one in parsed.args]
    return any(asked) if parsed.operator.strip() == "OR" else all(asked)


def _of_metadata(name: str) -> str | None:
    try:
        found: Any = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    told = [TOLD[one] for one in found.get_all("Classifier") or () if one in TOLD]
    return found.get("License-Expression") or (told[0] if len(told) == 1 else None)
