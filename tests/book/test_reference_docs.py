"""The documents: links lead somewhere, generated pages are fresh, and the reference leaves nothing out."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import get_args
from urllib.parse import unquote

import pytest
from pydantic import BaseModel

from tests import code_once
from tests.book_once import book_once
from zhiheng.engines.examples import failures
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.record_pages import Record, Source
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.workflow_pages import (
    CaseAct,
    CaseField,
    CaseParty,
    CaseState,
    Hand,
    LegalPeriod,
    StoryExpects,
    Tally,
    WorkflowPage,
)
from zhiheng.grammar.loader import load
from zhiheng.grammar.types import Role
from zhiheng.kernel.fields.by_name import BY_NAME

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def script(name: str) -> ModuleType:
    """A script of the folder docs, which is no package."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def anchor(heading: str) -> str:
    """The anchor that a heading gets where Markdown is shown."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def broken_links(page: Path) -> list[str]:
    """The relative links of a page that lead to no file, or to no heading of one."""
    broken = []
    for target in LINK.findall(FENCED.sub("", page.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = unquote(target).partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (fragment and fragment not in anchors(file)):
            broken.append(target)
    return broken


def anchors(page: Path) -> set[str]:
    """The anchors that a page offers."""
    return {anchor(heading) for heading in HEADING.findall(FENCED.sub("", page.read_text("utf-8")))}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_相对链接都指向存在的文件和标题(page: Path) -> None:
    assert broken_links(page) == []


def test_断开的链接会被发现(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# 标题 A\n", "utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](there.md#标题-a) [b](there.md#c) [d](gone.md) [e](https://example.org/x)\n```\n[f](gone2.md)\n```\n",
        "utf-8",
    )
    assert broken_links(page) == ["there.md#c", "gone.md"]


def test_每一页文档都能从目录或首页找到() -> None:
    linked = set()
    for page in (ROOT / "README.md", DOCS / "README.md"):
        for target in LINK.findall(page.read_text("utf-8")):
            linked.add((page.parent / unquote(target).partition("#")[0]).resolve())
    missing = [page.relative_to(ROOT).as_posix() for page in PAGES if page not in linked and page.name != "README.md"]
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "NOTICE"])
def test_首页列出的文件都在(name: str) -> None:
    assert (ROOT / name).is_file()


def test_记录类型一览与规则书一致(book_root: Path) -> None:
    made = script("records_table").page(book_once(book_root))
    stale = "stale; run: python docs/records_table.py > docs/reference/records.md"
    assert (DOCS / "reference" / "records.md").read_text("utf-8") == made, stale


def test_法律改变的日子与规则书一致(book_root: Path) -> None:
    made = script("transition_days").page(book_once(book_root))
    stale = "stale; run: python docs/transition_days.py > docs/reference/transition-days.md"
    assert (DOCS / "reference" / "transition-days.md").read_text("utf-8") == made, stale


def test_命令一览与命令一致() -> None:
    made = script("commands_list").page()
    stale = "stale; run: python docs/commands_list.py > docs/reference/commands.md"
    assert (DOCS / "reference" / "commands.md").read_text("utf-8") == made, stale


def test_查得出和查不出的改动一览与测试的清单一致() -> None:
    made = script("manipulations_table").page()
    stale = "stale; run: python docs/manipulations_table.py > docs/reference/manipulations.md"
    assert (DOCS / "reference" / "manipulations.md").read_text("utf-8") == made, stale


@pytest.mark.slow
def test_房间地图与导入约定一致() -> None:
    house_map = script("house_map")
    house_map.nodes_of = code_once.nodes
    made = house_map.page()
    stale = "stale; run: python docs/house_map.py > docs/reference/house.md"
    assert (DOCS / "reference" / "house.md").read_text("utf-8") == made, stale


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("0*.md")), ids=lambda page: page.stem)
def test_每项决定写明状态_都在目录里(page: Path) -> None:
    lines = page.read_text("utf-8").splitlines()
    assert re.fullmatch(r"Accepted \d{4}-\d\d-\d\d|Superseded by \[\d{4}\]\(\S+\)", lines[2]), lines[2]
    status = lines[2][0].lower() + lines[2][1:].replace("](", "](decisions/")
    entry = f"- [{lines[0].removeprefix('# ')}](decisions/{page.name}): {status}"
    assert entry in (DOCS / "README.md").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    "model",
    [WorkflowPage, Hand, CaseParty, CaseField, CaseState, CaseAct, LegalPeriod, Tally, StoryExpects],
    ids=lambda m: m.__name__,
)
def test_工作流语法页写明每个键(model: type[BaseModel]) -> None:
    text = (DOCS / "reference" / "workflow-grammar.md").read_text("utf-8")
    keys = [field.alias or name for name, field in model.model_fields.items()]
    assert [key for key in keys if not re.search(rf"[`{{,\s]{key}[`:,}}\s]", text)] == []


def test_每种字段类型都有一节写明选项和部分() -> None:
    text = (DOCS / "reference" / "field-types.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    given_by_the_book = {"above", "divisions", "editions", "english", "terms"}
    every_type_has = {
        "longest"
    }  # Told once, above the sections; tests/kernel/test_fields_length.py compares its table.
    for name, kind in BY_NAME.items():
        assert name in sections, f"field-types.md has no section {name}"
        options = {field.name for field in dataclasses.fields(kind)} - given_by_the_book - every_type_has
        if name in ("long_text", "integer"):
            options = set()  # They say "as text" and "as decimal".
        for word in (*options, *kind.parts):
            assert f"`{word}`" in sections[name], f"field-types.md#{name} does not tell of {word}"


def test_每个退回代码都写在字段类型一页() -> None:
    text = (DOCS / "reference" / "field-types.md").read_text("utf-8")
    fields = ROOT / "zhiheng" / "kernel" / "fields"
    codes = {
        code
        for path in fields.glob("*.py")
        for code in re.findall(r'Refusal\(\s*"([a-z_]+\.[a-z_]+)"', path.read_text("utf-8"))
    }
    assert codes, "no refusal was found in the field types: this test looks in the wrong place"
    assert sorted(code for code in codes if f"`{code}`" not in text) == []


def test_每种角色都写在字段类型一页() -> None:
    text = (DOCS / "reference" / "field-types.md").read_text("utf-8")
    assert [role for role in get_args(Role) if f"`{role}`" not in text] == []


@pytest.mark.parametrize(("page", "model"), [("record-grammar.md", Record), ("source-grammar.md", Source)])
def test_语法页写明每个键(page: str, model: type[Record] | type[Source]) -> None:
    text = (DOCS / "reference" / page).read_text("utf-8")
    assert [key for key in model.model_fields if f"| `{key}` |" not in text] == []


def test_文档中的例子就是能用的规则(tmp_path: Path) -> None:
    """The folder that 增加一种记录 walks through, the source and the indicator that follow it, make a book without a
    mistake.
    """
    how_to = DOCS / "how-to"
    blocks = {
        page: re.findall(r"^```yaml\n(.*?)^```", (how_to / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
        for page in ("add-a-record.md", "add-a-source.md", "add-an-indicator.md", "another-book.md")
    }
    record, standard, examples = blocks["add-a-record.md"]
    district, glossary = blocks["another-book.md"]
    files = {
        "district.yaml": district.replace("food_sampling", "noise_monitoring"),
        "glossary.yaml": glossary,
        "records/environment/noise_monitoring/record.yaml": record,
        "records/environment/noise_monitoring/examples.yaml": examples,
        "records/environment/noise_monitoring/sources/standard.yaml": standard,
        "records/environment/noise_monitoring/sources/city_monitor.yaml": blocks["add-a-source.md"][0],
        "indicators/noise_met_rate.yaml": blocks["add-an-indicator.md"][0],
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    book = load(tmp_path)
    assert set(book[RECORDS]) == {"noise_monitoring"}
    assert set(book[RECORDS]["noise_monitoring"].sources) == {"standard", "city_monitor"}
    assert set(book[INDICATORS]) == {"noise_met_rate"}
    assert list(failures(book)) == []
