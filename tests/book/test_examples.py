"""The examples of the book are tests that an official can read; and a mistake in a book is told with file, line and
what to write.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from tests.book_once import book_once
from tests.places import ROOT, SMALL
from zhiheng.cli.main import main
from zhiheng.engines.examples import calendar_failures, failure_of_accepted, failure_of_refused
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS as BOOK_RECORDS
from zhiheng.grammar.loader import load
from zhiheng.grammar.yaml import BookRefused

RECORDS = sorted(
    (root.name, path.parent.name)
    for root in (ROOT / "book", SMALL)
    for path in (root / "records").glob("*/*/record.yaml")
)


@pytest.fixture(scope="module")
def books() -> dict[str, Book]:
    """The default book and the small one, each read once."""
    return {root.name: book_once(root) for root in (ROOT / "book", SMALL)}


@pytest.mark.parametrize(("book", "record"), RECORDS, ids=[f"{b}/{r}" for b, r in RECORDS])
def test_每个记录类型的样例都成立(books: dict[str, Book], book: str, record: str) -> None:
    entry = books[book][BOOK_RECORDS][record]
    assert entry.examples is not None
    assert entry.examples.accepted
    assert entry.examples.refused
    troubles = {e.name: failure_of_accepted(entry, e) for e in entry.examples.accepted}
    troubles |= {f"退回：{e.name}": failure_of_refused(entry, e) for e in entry.examples.refused}
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}
    assert len(troubles) == len(entry.examples.accepted) + len(entry.examples.refused), "two examples have one name"


def test_每个来源都至少有一个样例(books: dict[str, Book]) -> None:
    bare = [
        f"{entry.id}/{source}"
        for entry in books["book"][BOOK_RECORDS].values()
        for source in entry.sources
        if entry.examples is not None and source not in {e.source for e in entry.examples.accepted}
    ]
    assert bare == []


# -- zhiheng book check ------------------------------------------------------------------------------------------------


def check(root: Path, settings: Any, *words: str) -> Result:
    """Check the book in a folder, at the terminal."""
    settings.BOOK = root
    return CliRunner().invoke(main, ["book", "check", *words])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The small book, to be broken."""
    return Path(shutil.copytree(SMALL, tmp_path / "book"))


def test_好的规则书_状态为零(copy: Path, settings: Any) -> None:
    result = check(copy, settings)
    assert result.exit_code == 0, result.stderr
    assert "5 种记录" in result.stdout
    assert orjson.loads(check(copy, settings, "--json").stdout)["records"] == 5


RECORD = "records/market/sampling_check/record.yaml"
SOURCE = "records/market/sampling_check/sources/standard.yaml"
EXAMPLES = "records/market/sampling_check/examples.yaml"

BROKEN: dict[str, tuple[str, Callable[[str], str], str, str, str]] = {
    "字段类型写错": (
        RECORD,
        lambda t: t.replace("type: test_result", "type: test_resul"),
        "type: test_resul",
        "fields.result.type",
        "test_result",
    ),
    "不认识的键": (RECORD, lambda t: t.replace("stage: during", "stagge: during"), "stagge", "stagge", "stage"),
    "不存在的取值": (
        RECORD,
        lambda t: t.replace("quality: product", "quality: produkt"),
        "produkt",
        "quality",
        "product",
    ),
    "指向没有的字段": (RECORD, lambda t: t.replace("on: sampled_on", "on: sampled"), "on: sampled", "on", "day"),
    "规则里没有的字段": (
        RECORD,
        lambda t: t.replace("[produced_on, sampled_on]", "[made_on, sampled_on]"),
        "",
        "",
        "made_on",
    ),
    "选项写错": (
        RECORD,
        lambda t: t.replace("options: {role: seller}", "options: {rolle: seller}"),
        "rolle",
        "fields.sampled.options.rolle",
        "role",
    ),
    "角色写错": (
        RECORD,
        lambda t: t.replace("options: {role: seller}", "options: {role: sellar}"),
        "sellar",
        "fields.sampled.options.role",
        "seller",
    ),
    "来源指向没有的字段": (
        SOURCE,
        lambda t: t.replace("备注: remark", "备注: remarks"),
        "备注: remarks",
        "columns.备注",
        "remark",
    ),
    "来源指向没有的部分": (
        SOURCE,
        lambda t: t.replace("producer.address", "producer.adress"),
        "adress",
        "columns.生产企业地址",
        "address",
    ),
    "必填字段没有列": (SOURCE, lambda t: t.replace("  样品名称: product\n", ""), "", "columns", "product"),
    "同一个键写了两次": (SOURCE, lambda t: t + "ignored: [别的]\n", "ignored: [别的]", "", "ignored"),
    "样例里的日期没加引号": (
        EXAMPLES,
        lambda t: t.replace("2026年3月1日", "2026-03-01", 1),
        "2026-03-01",
        "accepted.0.row.抽样日期",
        '"2026-03-01"',
    ),
    "不是YAML": (RECORD, lambda t: t + "\n  : : [", "", "", ""),
}


@pytest.mark.parametrize("name", list(BROKEN))
def test_写坏的规则书_说出文件_行_字段和怎么改(copy: Path, settings: Any, name: str) -> None:
    file, change, line_has, field, advice = BROKEN[name]
    page = copy / file
    before = page.read_text("utf-8")
    page.write_text(change(before), "utf-8")
    assert page.read_text("utf-8") != before
    result = check(copy, settings)
    assert result.exit_code == 1
    assert not result.stdout.strip()
    assert file in result.stderr
    told = orjson.loads(check(copy, settings, "--json").stdout)
    here = [e for e in told if e["file"] == file]
    assert here, told
    error = next((e for e in here if e["field"] == field), here[0])
    assert error["field"] == field or not field, told
    assert advice in error["zh"] + error["en"], error
    lines = page.read_text("utf-8").splitlines()
    assert 1 <= error["line"] <= len(lines) + 1
    if line_has:
        assert line_has in lines[error["line"] - 1], (error, lines[error["line"] - 1])
    assert error["zh"].rstrip().endswith(("。", "；", "）"))
    assert len(error["en"].split()) > 3


def test_几处错误一次说完(copy: Path, settings: Any) -> None:
    for name in ("字段类型写错", "来源指向没有的字段"):
        file, change, *_ = BROKEN[name]
        (copy / file).write_text(change((copy / file).read_text("utf-8")), "utf-8")
    fines = copy / "records/environment/discharge_fine/record.yaml"
    fines.write_text(fines.read_text("utf-8").replace("stage: after", "stage: later"), "utf-8")
    (copy / "records/market/lift_register/examples.yaml").unlink()
    with pytest.raises(BookRefused) as refused:
        load(copy)
    files = {e.file for e in refused.value.errors}
    assert files >= {
        RECORD,
        SOURCE,
        "records/environment/discharge_fine/record.yaml",
        "records/market/lift_register/record.yaml",
    }
    assert "处错误" in check(copy, settings).stderr


def test_样例不成立_点名并以一结束(copy: Path, settings: Any) -> None:
    page = copy / EXAMPLES
    page.write_text(
        page.read_text("utf-8").replace("outcome: fail", "outcome: pass").replace("field: product", "field: producer"),
        "utf-8",
    )
    result = check(copy, settings)
    assert result.exit_code == 1
    assert "一行完整的记录" in result.stderr
    assert "没有写样品名称" in result.stderr
    assert len(orjson.loads(check(copy, settings, "--json").stdout)["failures"]) == 2


def test_清洗程序写坏也说清楚(copy: Path, settings: Any) -> None:
    (copy / "records/environment/weighing/clean.py").write_text("def other(): pass\n", "utf-8")
    result = check(copy, settings)
    assert result.exit_code == 1
    assert "clean_row" in result.stderr


def test_样例不成立_说出哪个文件第几行_不再说全部正确(copy: Path, settings: Any) -> None:
    page = copy / EXAMPLES
    page.write_text(page.read_text("utf-8").replace("outcome: fail", "outcome: pass"), "utf-8")
    result = check(copy, settings)
    assert result.exit_code == 1
    assert "全部正确" not in result.stdout + result.stderr
    (failure,) = orjson.loads(check(copy, settings, "--json").stdout)["failures"]
    place = re.match(rf"{EXAMPLES}:(\d+) accepted\.(\d+): ", failure)
    assert place is not None, failure
    # The line is that of the example which fails.
    named = re.search("「(.+)」", failure)
    assert named is not None
    assert named[1] in page.read_text("utf-8").splitlines()[int(place[1]) - 1]


def test_没有角色能办的行为只提示_照样通过(copy: Path, settings: Any) -> None:
    assert orjson.loads(check(copy, settings, "--json").stdout)["hints"] == []
    (copy / "roles" / "watcher.yaml").unlink()
    # A rung that tells holders of a role that is gone is a mistake of its own.
    shutil.rmtree(copy / "messages")
    result = check(copy, settings)
    assert result.exit_code == 0
    assert "全部正确" in result.stdout
    assert "提示 hint: roles may: 没有任何角色可以“查看审计记录”（audit.read）" in result.stderr
    hints = orjson.loads(check(copy, settings, "--json").stdout)["hints"]
    assert [hint["file"] for hint in hints] == ["roles"] * 3


@pytest.mark.slow
def test_算期限的范例不成立_也不通过(tmp_path: Path) -> None:
    root = Path(shutil.copytree(ROOT / "book", tmp_path / "book"))
    page = root / "calendars" / "examples.yaml"
    page.write_text(page.read_text("utf-8").replace("due: 2026-02-28", "due: 2026-02-27", 1), "utf-8")
    (failure,) = calendar_failures(load(root))
    assert failure.startswith("calendars/examples.yaml:4 examples.0: 「七个工作日内受理，跨春节」")
    assert "2026-02-28" in failure
