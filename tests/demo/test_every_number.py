"""演示中每一个角色、公众和银行：每种页面上的数，点开的清单恰好是它数的那些；每个指标的各街道之和加上未分到街道的等于全
区。

The demo is thinned out and made once, in an installation of its own; whatever is asked of it is asked by a program in a
process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.demo.every_number import PUBLIC
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.demo_accounts import DEMO_ACCOUNTS
from zhiheng.grammar.chapters.demo_cases import DEMO_CASES
from zhiheng.grammar.chapters.demo_places import DEMO_PLACES

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow
SCALE = "0.005"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """An installation with a thinned-out demo: figures, accounts, portal."""
    if os.environ.get("DATABASE_URL"):
        pytest.skip("the demo is walked in an installation of its own, on SQLite")
    folder = tmp_path_factory.mktemp("whole-demo")
    environment = {**os.environ, "ZHIHENG_DATA": str(folder / "var"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from zhiheng.cli.main import main; main()", "demo"]
    _run([*command, "--folder", str(folder / "files"), "--scale", SCALE, "--json"], environment)
    return environment


def _run(command: list[str], environment: Mapping[str, str]) -> bytes:
    done = subprocess.run(command, env=dict(environment), cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-4000:]
    return done.stdout


def _told(module: str, environment: Mapping[str, str]) -> Any:
    return orjson.loads(_run([sys.executable, "-m", module], environment))


def test_每个角色走遍各种页面_每个数点开的清单恰好是它数的那些(installation: Mapping[str, str]) -> None:
    found = _told("tests.demo.every_number", installation)
    accounts = Book(ROOT / "book")[DEMO_ACCOUNTS]
    roles = {page.stem for page in (ROOT / "book" / "roles").glob("*.yaml")}
    # A program has no pages; every other role of the book walks.
    assert {account.role for account in accounts} == roles - {"program", "bank_program"}
    elsewhere = {one.login for place in Book(ROOT / "book")[DEMO_PLACES].values() for one in place.people.values()}
    assert set(found) == {PUBLIC, *(account.login for account in accounts)} - elsewhere
    assert {who: one["wrong"] for who, one in found.items() if one["wrong"]} == {}
    assert all(one["pages"] for one in found.values())
    for who in ("demo-office", "demo-city", "demo-leader", "demo-street", "demo-market"):
        assert found[who]["opened"] > 40, who
    assert found[PUBLIC]["opened"] > 5


def test_案件由演示的事实长出_有在办的_逾期的_撤销的和限制的_该办事的账号各有待办(
    installation: Mapping[str, str],
) -> None:
    found = _told("tests.demo.cases_grown", installation)
    courses = Book(ROOT / "book")[DEMO_CASES]
    ways = [way for course in courses.values() for act in course.acts for way in (act.running, act.late) if way]
    assert found["running"] == len(ways), "in a thinned-out demo one of each"
    assert found["late"] == len([act for course in courses.values() for act in course.acts if act.late])
    assert found["cases"] > found["running"] + len(courses) / 2
    assert (found["struck"], found["restricted"], found["irregular"]) == (1, 1, 0)
    assert (found["handed_in"], found["without_enterprise"]) == (0, 0)
    assert found["in_order"]
    assert found["wrong"] == []
    for login in ("demo-market", "demo-second", "demo-head", "demo-legal", "demo-office", "demo-street"):
        to_do = found["to_do"][login]
        assert to_do["late"] + to_do["soon"] + to_do["later"] + to_do["sign"], login
    places = Book(ROOT / "book")[DEMO_PLACES]
    assert len(places) == 4
    for place in places.values():
        for officer in place.people.values():
            to_do = found["to_do"][officer.login]
            assert to_do["late"] + to_do["soon"] + to_do["later"] + to_do["waiting"], officer.login


def test_每个指标_各下级地区与未分到的之和等于全区_网页接口命令导出和存下的数都一样(
    installation: Mapping[str, str],
) -> None:
    found = _told("tests.demo.sums_of_areas", installation)
    assert found["wrong"] == []
    assert found["indicators"] == len(list((ROOT / "book" / "indicators").rglob("*.yaml")))
    assert found["compared"] > found["indicators"]
