"""A bill of materials (CycloneDX 1.6, JSON) of what the locks pin: `python -m tools.sbom [FILE]`.

The same locks make the same file, byte by byte: it has no moment, and its serial number follows from its content.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from tools.licences import is_accepted, licence
from tools.locked import ROOT, Package, locked

DEFAULT: Final = ROOT / "dist" / "usher.cdx.json"


def bill(packages: Sequence[Package], root: Path = ROOT) -> dict[str, Any]:
    """Raises Unlicensed."""
    project: Mapping[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ours = f"pkg:pypi/{project['name']}@{project['version']}"
    content: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "bom-ref": ours,
                "type": "application",
                "name": project["name"],
                "version": project["version"],
                "description": project["description"],
                "purl": ours,
            }
        },
        "components": [_component(one) for one in packages],
        "dependencies": _dependencies(packages, project["name"], ours),
    }
    serial = uuid5(NAMESPACE_URL, json.dumps(content, sort_keys=True))
    return {**content, "serialNumber": f"urn:uuid:{serial}"}


def _component(package: Package) -> dict[str, Any]:
    """Hashes are of the files that the lock allows: one of them was installed."""
    component: dict[str, Any] = {
        "bom-ref": package.purl,
        "type": "library",
        "name": package.name,
        "version": package.version,
        "scope": "required" if package.shipped else "excluded",
        "purl": package.purl,
        "hashes": [{"alg": algorithm, "content": digest} for algorithm, digest in sorted(set(package.hashes))],
        "licenses": [{"expression": licence(package)}],
    }
    if package.marker is not None:
        component["properties"] = [{"name": "usher:marker", "value": package.marker}]
    return component


def _dependencies(packages: Sequence[Package], name: str, ours: str) -> list[dict[str, Any]]:
    """Of Python's: who needs whom, as the locks say; npm's serve tests and benchmarks alone."""
    refs = {one.name: one.purl for one in packages if one.ecosystem == "PyPI"} | {name: ours}
    needs: dict[str, set[str]] = {ref: set() for ref in refs.values()}
    for package in packages:
        for needer in package.needed_by:
            if needer in refs:
                needs[refs[needer]].add(package.purl)
    return [{"ref": ref, "dependsOn": sorted(needed)} for ref, needed in sorted(needs.items())]


def main(arguments: list[str]) -> int:
    packages = locked()
    refused = [f"{one.name} {one.version}: {licence(one)}" for one in packages if not is_accepted(licence(one))]
    if refused:
        sys.stderr.write("Licences that are not accepted (tools/licences.py):\n" + "\n".join(refused) + "\n")
        return 1
    file = Path(arguments[0]) if arguments else DEFAULT
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(bill(packages), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    sys.stdout.write(f"{file}: {len(packages)} components, {sum(one.shipped for one in packages)} of them shipped\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
