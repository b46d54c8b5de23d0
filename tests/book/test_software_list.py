"""The software bill of materials says what the locks say, and is CycloneDX."""

from __future__ import annotations

import json
import re
import runpy
from typing import Any

import pytest

from tests.conftest import ROOT

SCRIPT = runpy.run_path(str(ROOT / "docs/software_list.py"))


@pytest.fixture(scope="module")
def listed() -> dict[str, Any]:
    """The list, made anew."""
    told: dict[str, Any] = SCRIPT["software_list"]()
    return told


def test_锁定的每个包都在清单里_版本摘要一致(listed: dict[str, Any]) -> None:
    lock = (ROOT / "requirements.txt").read_text("utf-8")
    pinned = set(re.findall(r"^([A-Za-z0-9_.-]+)==([^ \\\n]+)", lock, re.MULTILINE))
    python = {(one["name"], one["version"]) for one in listed["components"] if one["purl"].startswith("pkg:pypi/")}
    assert python == pinned
    assert sum(len(one["hashes"]) for one in listed["components"] if one["purl"].startswith("pkg:pypi/")) == lock.count(
        "--hash="
    )
    npm = json.loads((ROOT / "zhiheng/pages/frontend/package-lock.json").read_text("utf-8"))
    assert sum(one["purl"].startswith("pkg:npm/") for one in listed["components"]) == len(npm["packages"]) - 1


def test_谁要用谁写得清_没有指向清单以外的(listed: dict[str, Any]) -> None:
    references = {one["bom-ref"] for one in listed["components"]} | {listed["metadata"]["component"]["bom-ref"]}
    assert len(references) == len(listed["components"]) + 1
    told = {one["ref"]: one["dependsOn"] for one in listed["dependencies"]}
    assert all(set(asks) <= references for asks in told.values())
    assert told.keys() <= references
    reached, waiting = set(), [listed["metadata"]["component"]["bom-ref"]]
    while waiting:
        if (one := waiting.pop()) not in reached:
            reached.add(one)
            waiting += told.get(one, [])
    required = {one["bom-ref"] for one in listed["components"] if one["scope"] == "required"}
    assert required <= reached, "what is required is asked for by somebody"


def test_装到页面里的包都是规定要用的(listed: dict[str, Any]) -> None:
    shipped = {
        f"{one['group']}/{one['name']}" if "group" in one else one["name"]
        for one in listed["components"]
        if one["purl"].startswith("pkg:npm/") and one["scope"] == "required"
    }
    assert shipped == set(SCRIPT["SHIPPED"])


def test_同样的锁定写出同样的字节(listed: dict[str, Any]) -> None:
    assert json.dumps(SCRIPT["software_list"]()) == json.dumps(listed)


def test_格式符合_CycloneDX_的规范(listed: dict[str, Any]) -> None:
    validation = pytest.importorskip("cyclonedx.validation.json", reason="the library of the standard is not installed")
    schema = pytest.importorskip("cyclonedx.schema")
    validator = validation.JsonStrictValidator(schema.SchemaVersion.V1_6)
    assert validator.validate_str(json.dumps(listed)) is None
