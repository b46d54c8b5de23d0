"""Rules of the house that no linter knows: names that stand once, checks that stand everywhere, one manner of naming pages."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.check import STATIC, TESTS, main

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "zhiheng"
# The reviewed list of words is called by its Chinese name, as officials ask for it.
OTHER_NAMES = {"README.md", "用语.md"}


def test_类名在全屋只用一次() -> None:
    """Whoever searches for a public class finds one; classes inside of others (states, kinds) are told by their owner."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(HOUSE.rglob("*.py")):
        if "migrations" in path.parts or "node_modules" in path.parts:
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(str(path.relative_to(HOUSE)))
    assert len(found) > 400, "too few classes were found: this test looks in the wrong place"
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_文档文件名只有一种写法() -> None:
    pages = [path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")]
    assert len(pages) > 50
    odd = [
        str(page) for page in pages if page.name not in OTHER_NAMES and not re.fullmatch(r"[a-z0-9-]+\.md", page.name)
    ]
    assert odd == [], "pages are named in lower-case English words with hyphens; their titles are Chinese"


def test_规则书的中文折行处不多出空格() -> None:
    """A folded line of YAML joins with a space: right in English, a gap in a Chinese sentence that somebody signs."""
    gap = re.compile(r"[，。；：、）”》] +[\u4e00-\u9fff“《{]")
    wrong = []

    def look(path: Path, found: Any) -> None:
        if isinstance(found, dict):
            for name, value in found.items():
                if name == "zh" and isinstance(value, str) and gap.search(value):
                    wrong.append(f"{path.relative_to(ROOT)}: {value[:40]}")
                look(path, value)
        elif isinstance(found, list):
            for value in found:
                look(path, value)

    pages = [path for path in sorted((ROOT / "book").rglob("*.yaml")) if ": >" in path.read_text("utf-8")]
    assert pages
    for path in pages:
        look(path, yaml.safe_load(path.read_text("utf-8")))
    assert wrong == []


def test_提交前的检查_与_make_check_相同() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    check = makefile.split("\ncheck:", 1)[1].split("\n\n", 1)[0]
    assert "\t$(BIN)/python -m tests.check" in check
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    entries = [shlex.split(hook["entry"].removeprefix("env ZHIHENG_QUICK=1 ")) for hook in hooks]
    # A hook is given the files that were changed; ``make check`` names the whole house.
    wanted = [[word for word in command if word != "."] for command in (*STATIC, TESTS)]
    assert len(wanted) >= 6
    assert sorted(entries) == sorted([f".venv/bin/{program}", *words] for program, *words in wanted)


def test_make_check_里哪一项没通过_都算没通过_并说出是哪一项(capfd: pytest.CaptureFixture[str]) -> None:
    good, bad = ("python", "-c", "print('好')"), ("python", "-c", "import sys; print('坏在这里'); sys.exit(3)")
    assert main([good, good], good) == 0
    assert "坏在这里" not in capfd.readouterr().out
    for static, tests in (([bad, good], good), ([good, good], bad)):
        assert main(static, tests) == 1
        said = capfd.readouterr().out
        assert "坏在这里" in said
        assert said.rstrip().splitlines()[-1].startswith("没有通过")


def test_类型检查覆盖整个屋子_例外写明理由() -> None:
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert (mypy["strict"], mypy["packages"]) == (True, ["zhiheng"])
    assert [override for override in mypy["overrides"] if set(override) != {"module", "ignore_missing_imports"}] == []
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted(HOUSE.rglob("*.py"))
        if "node_modules" not in path.parts
        for line in path.read_text("utf-8").splitlines()
        if "type: ignore" in line and not re.search(r"# type: ignore\[[a-z-]+(, [a-z-]+)*\]  # \S", line)
    ]
    assert found == [], "an exception from the types names its code, and behind it the reason"
