"""The reviewed words of the pages: what docs/reference/用语.md rules out stands in nothing that a user reads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.code_once import files, nodes
from tests.pages.wrapped import as_said
from zhiheng.pages.templatetags.zhiheng import file_called

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LIST = ROOT / "docs" / "reference" / "用语.md"
_QUOTED = re.compile(r"""["']([^"']*)["']""")


def ruled_out() -> list[str]:
    rows = [line.split("|")[1:-1] for line in LIST.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [word.strip() for row in rows[1:] for word in row[1].split("；") if word.strip()]


def texts_of_templates() -> Iterator[tuple[Path, str]]:
    """What stands between quotes of a template tag, or by itself."""
    for path in (ROOT / "zhiheng").rglob("templates/**/*"):
        if path.suffix in (".html", ".txt"):
            whole = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
            yield path, whole
            for said in _QUOTED.findall(whole):
                yield path, as_said(said)


def texts_of_programs() -> Iterator[tuple[Path, str]]:
    """Every text constant but docstrings."""
    for path in files():
        if path.name == "models.py":
            continue
        told = {
            id(node.body[0].value)
            for node in nodes(path)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in nodes(path):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
                yield path, node.value


def texts_of_the_book() -> Iterator[tuple[Path, str]]:
    """The pages of the book whose texts are shown as they stand, without their comments; headings that are recognised
    are not said.
    """
    for name in ("portal.yaml", "corner.yaml", "documents", "cockpit", "credit", "demo", "cards", "roles"):
        place = ROOT / "book" / name
        for path in [place] if place.is_file() else place.rglob("*.yaml"):
            for line in path.read_text(encoding="utf-8").splitlines():
                yield path, re.sub(r"(^|\s)#.*", "", line)


def test_不采用的说法不出现在任何给人看的文字里() -> None:
    words = ruled_out()
    assert len(words) > 60
    whole = {word[1:-1] for word in words if word.startswith("「")}
    within = [word for word in words if not word.startswith("「")]
    found = []
    for path, text in (*texts_of_templates(), *texts_of_programs(), *texts_of_the_book()):
        if text.strip() in whole:
            found.append(f"{path.relative_to(ROOT)}: 「{text.strip()}」")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in within if word in text]
    assert sorted(set(found)) == []


def test_更正和撤回没有文件_清单上用中文说是更正或撤回哪一条() -> None:
    assert file_called("correction of fact 17") == "更正事实 17"
    assert file_called("withdrawal of fact 17") == "撤回事实 17"
    assert file_called("withdrawal of delivery 17") == "撤回报送 17"
    assert file_called("抽检.csv") == "抽检.csv"
