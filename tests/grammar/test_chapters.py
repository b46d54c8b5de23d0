"""Chapters register themselves: a new one touches no other file of the machine, and the book names none."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from tests.book_once import book_once
from tests.code_once import nodes
from tests.places import SMALL
from zhiheng.grammar import book_checks
from zhiheng.grammar.book import Book, Chapter, Reading
from zhiheng.grammar.book_index import index_groups, library
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.glossary import GLOSSARY
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.loader import load
from zhiheng.grammar.registry import in_order_of_needs, register, registered, withdraw
from zhiheng.grammar.types import Label
from zhiheng.grammar.yaml import BookRefused, Document, read

ROOT = Path(__file__).resolve().parents[2]
GRAMMAR = ROOT / "zhiheng" / "grammar"
# Keeps a test that failed from waiting for ever.
HANGS = 600
HOW_TO = (ROOT / "docs" / "how-to" / "add-a-chapter.md").read_text("utf-8")
CODE, PAGE = (re.search(rf"^```{kind}\n(.*?)^```", HOW_TO, re.MULTILINE | re.DOTALL) for kind in ("python", "yaml"))


@pytest.fixture
def hotlines(tmp_path: Path) -> Iterator[ModuleType]:
    """The chapter of the how-to, from a module beside the tests: it registers itself when it is imported."""
    assert CODE is not None
    path = tmp_path / "hotlines.py"
    path.write_text(CODE[1], "utf-8")
    spec = importlib.util.spec_from_file_location("tests_hotlines", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["tests_hotlines"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    withdraw(module.HOTLINES)
    del sys.modules["tests_hotlines"]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A copy of the small book with the page of the how-to."""
    assert PAGE is not None
    folder = Path(shutil.copytree(SMALL, tmp_path / "book", ignore=shutil.ignore_patterns("__pycache__")))
    (folder / "hotlines").mkdir()
    (folder / "hotlines" / "market.yaml").write_text(PAGE[1].replace("12315", '"12315"'), "utf-8")
    return folder


def mistakes(folder: Path) -> list[tuple[str, int, str]]:
    """File, line and field of every mistake for which a book is refused."""
    with pytest.raises(BookRefused) as refused:
        book_checks.check(load(folder))
    return [(error.file, error.line, error.field) for error in refused.value.errors]


def test_新的一章照着做就成_读得出也数得清(hotlines: ModuleType, scratch: Path) -> None:
    book = load(scratch)
    assert book[hotlines.HOTLINES]["market"].number == "12315"
    assert book_checks.check(book)["hotlines"] == 1
    assert book_checks.models()["hotline"] is hotlines.HotlinePage


def test_新的一章写错了指出第几行(hotlines: ModuleType, scratch: Path) -> None:
    page = scratch / "hotlines" / "market.yaml"
    assert PAGE is not None
    page.write_text(PAGE[1], "utf-8")
    assert mistakes(scratch) == [("hotlines/market.yaml", 2, "number")]
    page.write_text('label: {zh: 甲, en: a}\nnumber: "12315"\narea: "110000"\n', "utf-8")
    assert mistakes(scratch) == [("hotlines/market.yaml", 3, "area")]
    page.write_text('label: {zh: 甲, en: a}\nnumber: "12315"\narea: "990901"\nnote: 乙\n', "utf-8")
    assert mistakes(scratch) == [("hotlines/market.yaml", 4, "note")]


def test_新的一章的检查随全书检查(hotlines: ModuleType, scratch: Path) -> None:
    shutil.copy(scratch / "hotlines" / "market.yaml", scratch / "hotlines" / "again.yaml")
    assert mistakes(scratch) == [("hotlines/again.yaml", 0, "number"), ("hotlines/market.yaml", 0, "number")]


def test_新的一章进得了目录_查得到(hotlines: ModuleType, scratch: Path) -> None:
    assert index_groups()["hotline"].zh == "热线"
    (hit,) = library(load(scratch)).search("12315")
    assert (hit.chapter, hit.name, hit.label.zh) == ("hotline", "market", "市场监管投诉举报热线")


def test_没有登记的一章_规则书里的文件没有人读(scratch: Path) -> None:
    assert "hotline" not in index_groups()
    assert "hotlines" not in book_checks.check(load(scratch))


def test_装载和规则书不点任何一章的名() -> None:
    for name in ("book.py", "loader.py", "registry.py", "citations.py"):
        text = (GRAMMAR / name).read_text("utf-8")
        imported = [
            module
            for node in ast.walk(ast.parse(text))
            for module in imports_of(node)
            if module.startswith("zhiheng.grammar.chapters.")
        ]
        assert imported == [], name


def imports_of(node: ast.AST) -> list[str]:
    """The modules that a statement imports, also where only the type checker reads it."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def test_规则书的模块之间没有循环导入() -> None:
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in GRAMMAR.rglob("*.py")
        if path.name != "__init__.py"
    }
    needs = {
        name: {module for node in nodes(path) for module in imports_of(node)} & names.keys()
        for name, path in names.items()
    }
    assert sum(map(len, needs.values())) > 100
    while free := [name for name, others in needs.items() if not others]:
        needs = {name: others - {*free} for name, others in needs.items() if name not in free}
    assert needs == {}, "these import each other in a circle"


@pytest.mark.slow
def test_每个文件只读一次_查全书翻目录也一样(monkeypatch: pytest.MonkeyPatch, book_root: Path) -> None:
    times: Counter[str] = Counter()

    def counted(path: Path, *, root: Path | None = None) -> Document:
        times[path.as_posix()] += 1
        return read(path, root=root)

    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("zhiheng.grammar") and getattr(module, "read", None) is read:
            monkeypatch.setattr(module, "read", counted)
    book = load(book_root)
    book_checks.check(book)
    library(book).search("抽检")
    assert len(times) > 300
    assert [path for path, count in times.items() if count > 1] == []


def test_默认规则书的每个文件都属于某一章(book_root: Path) -> None:
    read_ = {path for chapter in registered() for kind in chapter.pages for path in book_root.glob(kind.files)}
    files = {path for path in book_root.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert files - read_ == set()
    assert len(files) > 300


def test_每一章都写明写法在哪一页() -> None:
    for chapter in registered():
        page = ROOT / "docs" / chapter.reference
        assert page.is_file(), chapter.name
        for kind in chapter.pages:
            folder_or_file = kind.files.partition("/")[0] if "/" in kind.files else kind.files
            assert folder_or_file in page.read_text("utf-8"), f"{page.name} does not speak of {kind.files}"


def test_各章一览与登记的一致() -> None:
    path = ROOT / "docs" / "chapters_table.py"
    spec = importlib.util.spec_from_file_location("chapters_table", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    stale = "stale; run: python docs/chapters_table.py > docs/reference/chapters.md"
    assert (ROOT / "docs" / "reference" / "chapters.md").read_text("utf-8") == module.page(), stale


def made(name: str, read_: object, *needs: Chapter[object]) -> Chapter[object]:
    """A chapter without pages."""
    return Chapter(name=name, label=Label(zh="试", en="trial"), read=read_, needs=needs)


def test_两章不能同名_所需的章须先登记() -> None:
    with pytest.raises(ValueError, match="there is a chapter 'records' already"):
        register(made("records", None))
    with pytest.raises(ValueError, match="needs 'nowhere'"):
        register(made("trial", None, made("nowhere", None)))
    assert "trial" not in {chapter.name for chapter in registered()}


def test_读一章时只能看它写明所需的章(book_root: Path) -> None:
    def peeks(reading: Reading) -> object:
        return reading[DISTRICT]

    with pytest.raises(LookupError, match="does not say that it needs 'district'"):
        _ = book_once(book_root)[made("trial", peeks)]
    assert book_once(book_root)[made("trial", peeks, DISTRICT)] is book_once(book_root)[DISTRICT]


def test_一章只读一次_读出的总是同一个() -> None:
    book = Book(SMALL)
    assert book[LAW] is book[LAW]
    assert book[RECORDS] is book[RECORDS]


def test_几个线程同时要同一章_只读一次() -> None:
    times: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def slow(reading: Reading) -> object:
        times.append(1)
        begun.set()
        assert go_on.wait(HANGS)
        return object()

    chapter, book = made("trial", slow), Book(SMALL)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(book.__getitem__, chapter)
        assert begun.wait(HANGS)
        others = [pool.submit(book.__getitem__, chapter) for _ in range(3)]
        go_on.set()
        assert {id(each.result(HANGS)) for each in (first, *others)} == {id(first.result())}
    assert times == [1]


def test_所需的章排在前面() -> None:
    ordered = in_order_of_needs(registered())
    assert set(ordered) == set(registered())
    for at, chapter in enumerate(ordered):
        assert set(chapter.needs) <= set(ordered[:at]), chapter.name


def test_所需的一章有错_不妨碍开书_查书时指出(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "book"))
    (folder / "glossary.yaml").write_text("terms: []\n", "utf-8")
    book = load(folder)
    assert book[RECORDS].keys() == load(SMALL)[RECORDS].keys()
    with pytest.raises(BookRefused):
        _ = book[GLOSSARY]
    assert {file for file, _, _ in mistakes(folder)} == {"glossary.yaml"}


def test_各章的错误一次报全(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "book"))
    (folder / "glossary.yaml").write_text("terms: []\n", "utf-8")
    (folder / "texts.yaml").write_text("texts: 无\n", "utf-8")
    assert {file for file, _, _ in mistakes(folder)} == {"glossary.yaml", "texts.yaml"}


def test_不是规则书的文件夹_打开时只说这一句(tmp_path: Path) -> None:
    with pytest.raises(BookRefused) as refused:
        load(tmp_path)
    assert [error.code for error in refused.value.errors] == ["book.absent"]
