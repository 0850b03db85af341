"""Asks the advisory service about every locked package: `python -m tools.audit [--service URL]`.

Exit status: 0 nothing is known of any, 1 something is, 2 it could not be found out. The service (OSV's querybatch) answers
nothing to a name that it never heard of, so each batch also asks about a version that is known to be bad: a service that
doesn't say so has not looked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

import httpx

from tools.locked import Package, Unreadable, locked

SERVICE: Final = "https://api.osv.dev"
_BATCH: Final = 500
_SECONDS: Final = 30.0
BAD: Final = {
    "PyPI": Package("PyPI", "jinja2", "2.4.1", (), (), False),
    "npm": Package("npm", "lodash", "4.17.4", (), (), False),
}
"""Versions whose advisories are old and well known."""


class CouldNotAudit(Exception):
    """Why it is not known whether anything is wrong."""


def advisories(packages: Sequence[Package], service: str) -> dict[str, list[str]]:
    """Ids of advisories by package, of those that have any. Raises CouldNotAudit."""
    found: dict[str, list[str]] = {}
    for start in range(0, len(packages), _BATCH):
        some = [*packages[start : start + _BATCH], *BAD.values()]
        *answers, _, _ = list(_looked(some, _asked(some, service)))
        for package, ids in zip(some, answers, strict=False):
            if ids:
                found[f"{package.name} {package.version}"] = ids
    return found


def _asked(packages: Sequence[Package], service: str) -> list[Any]:
    queries = [{"package": {"name": one.name, "ecosystem": one.ecosystem}, "version": one.version} for one in packages]
    try:
        answer = httpx.post(f"{service}/v1/querybatch", json={"queries": queries}, timeout=_SECONDS)
        answer.raise_for_status()
        results: Any = answer.json()["results"]
    except httpx.HTTPStatusError as error:
        raise CouldNotAudit(f"The advisory service answered {error.response.status_code}.") from None
    except httpx.HTTPError as error:
        raise CouldNotAudit(f"The advisory service can't be reached: {type(error).__name__}.") from None
    except (ValueError, KeyError, TypeError):
        raise CouldNotAudit("The advisory service answered something else than results.") from None
    if not isinstance(results, list) or len(cast("list[Any]", results)) != len(packages):
        raise CouldNotAudit("The advisory service left packages out of its answer.")
    return cast("list[Any]", results)


def _looked(packages: Sequence[Package], results: Sequence[Any]) -> Iterator[list[str]]:
    """Raises CouldNotAudit where one wasn't looked at, or a known bad one was taken for good."""
    for package, result in zip(packages, results, strict=True):
        try:
            ids = [str(one["id"]) for one in result.get("vulns", ())]
        except (AttributeError, KeyError, TypeError):
            raise CouldNotAudit(f"The advisory service doesn't know {package.name} {package.version}.") from None
        if package in BAD.values() and not ids:
            raise CouldNotAudit(f"The advisory service has no advisories of {package.ecosystem}: it has not looked.")
        yield ids


def main(arguments: list[str]) -> int:
    service = arguments[arguments.index("--service") + 1] if "--service" in arguments else SERVICE
    try:
        packages = locked()
        found = advisories(packages, service)
    except (CouldNotAudit, Unreadable) as error:
        sys.stderr.write(f"Not audited. {error}\n")
        return 2
    if found:
        sys.stderr.write("".join(f"{name}: {', '.join(ids)}\n" for name, ids in sorted(found.items())))
        sys.stderr.write(f"{len(found)} of {len(packages)} packages have advisories: take newer ones (make lock).\n")
        return 1
    sys.stdout.write(f"No advisories of {len(packages)} packages.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
