"""Writes the software bill of materials (CycloneDX 1.6, JSON) of what an installation runs, made from the locks alone.

    python docs/software_list.py > build/sbom.cdx.json        (``make sbom``)

Python packages come from ``requirements.txt`` with the digests of their files and who asks for them; scripts and styles
of the pages from ``package-lock.json``. Those that only build the pages, and those of other systems, are ``excluded``
or ``optional``. The same locks give the same bytes: the serial number is made of the content, and no moment is said.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

HOUSE = Path(__file__).resolve().parents[1]
PYTHON_LOCK = HOUSE / "requirements.txt"
NPM_LOCK = HOUSE / "zhiheng/pages/frontend/package-lock.json"
ROOT = "zhiheng"
# What the built pages are made of; everything else of the lock only builds or tests them.
SHIPPED = ("@tabler/core", "@tabler/icons", "echarts", "htmx.org")
_VERSION = re.compile(r'^version = "([^"]+)"', re.MULTILINE)
_ALGORITHMS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}


def python_packages(lock: str) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Each pinned package of a lock as a component, and the names of those that ask for it."""
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        pinned = Requirement(re.split(r"\\\n|\n", block, maxsplit=1)[0].strip())
        (version,) = (one.version for one in pinned.specifier)
        digests = re.findall(r"--hash=(sha\d+):([0-9a-f]+)", block)
        asked = re.findall(r"^    #(?: via|  ) +([A-Za-z0-9_.-]+)", block, re.MULTILINE)
        reference = f"pkg:pypi/{pinned.name.lower()}@{version}"
        component: dict[str, Any] = {
            "type": "library",
            "bom-ref": reference,
            "name": pinned.name,
            "version": version,
            "purl": reference,
            "scope": "optional" if pinned.marker else "required",
            "hashes": [{"alg": _ALGORITHMS[kind], "content": digest} for kind, digest in sorted(digests)],
        }
        yield component, asked


def npm_packages(lock: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each package of the pages' lock as a component."""
    for path, entry in lock["packages"].items():
        if not path:
            continue
        name = path.rpartition("node_modules/")[2]
        algorithm, _, digest = entry["integrity"].partition("-")
        reference = f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}"
        group, _, short = name.rpartition("/")
        yield {
            "type": "library",
            "bom-ref": reference,
            **({"group": group} if group else {}),
            "name": short,
            "version": entry["version"],
            "purl": reference,
            "scope": "required" if name in SHIPPED else "optional" if entry.get("optional") else "excluded",
            "hashes": [{"alg": _ALGORITHMS[algorithm], "content": base64.b64decode(digest).hex()}],
            **({"licenses": [{"expression": entry["license"]}]} if entry.get("license") else {}),
        }


def software_list() -> dict[str, Any]:
    """The bill of materials as data."""
    found = _VERSION.search((HOUSE / "pyproject.toml").read_text("utf-8"))
    assert found is not None
    root = f"pkg:pypi/{ROOT}@{found[1]}"
    python = list(python_packages(PYTHON_LOCK.read_text("utf-8")))
    npm = sorted(npm_packages(json.loads(NPM_LOCK.read_text("utf-8"))), key=lambda one: str(one["bom-ref"]))
    # A package may be pinned twice, for older and newer versions of Python.
    references: dict[str, list[str]] = {ROOT: [root]}
    for component, _ in python:
        references.setdefault(str(component["name"]).lower(), []).append(str(component["bom-ref"]))
    needs: dict[str, set[str]] = {one: set() for all_of_name in references.values() for one in all_of_name}
    for component, asked in python:
        for name in asked:
            for one in references[name.lower()]:
                needs[one].add(component["bom-ref"])
    needs[root] |= {one["bom-ref"] for one in npm if one["scope"] == "required"}
    components = [one for one, _ in python] + npm
    content = json.dumps(components, sort_keys=True)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, root + content)}",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": ROOT,
                "version": found[1],
                "purl": root,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": components,
        "dependencies": [{"ref": one, "dependsOn": sorted(asks)} for one, asks in sorted(needs.items())],
    }


if __name__ == "__main__":
    json.dump(software_list(), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
