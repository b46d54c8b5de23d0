"""Pages of sampling standards and plans: what the check of a book refuses, and where it says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.acceptance import ACCEPTANCE, SAMPLING_PLANS, AcceptanceStandard
from zhiheng.grammar.yaml import BookRefused, read_text, validated

BOOK = Path(__file__).parents[2] / "book"
PAGE = BOOK / "standards" / "gbt2828_1-2012.yaml"


def refused(old: str, new: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(BookRefused) as told:
        validated(AcceptanceStandard, read_text(text.replace(old, new, 1)))
    return told.value.errors[0].zh


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('A: " v  v', 'A: " v', "应有 26 格"),
        ('A: " v  v', 'A: " x  v', "不是约定的记号"),
        ('R: " ^  ^', 'R: " v  ^', "箭头没有指到方案"),
        ("{to: 15,", "{to: 7,", "逐行增大"),
        ("letters: A A A A A A B}", "letters: A A A A A A}", "每个检验水平"),
        ("usual_level: II", "usual_level: IV", "usual_level"),
        ('"0.010", "0.015"', '"0.015", "0.010"', "从小到大"),
        ("L: 200, M: 315", "M: 315", "没有样本量"),
    ],
)
def test_写错的抽样表不予采用并指出是哪一格(old: str, new: str, told: str) -> None:
    assert told in refused(old, new)


def test_方案引用没有的标准_水平_AQL_时逐处指出(tmp_path: Path) -> None:
    (tmp_path / "standards").mkdir()
    (tmp_path / "sampling_plans").mkdir()
    (tmp_path / "standards" / PAGE.name).write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    plan = (BOOK / "sampling_plans" / "incoming_goods.yaml").read_text(encoding="utf-8")
    (tmp_path / "sampling_plans" / "a.yaml").write_text(
        plan.replace("level: II", "level: IX").replace('aql: "1.0"', 'aql: "1.2"'), encoding="utf-8"
    )
    (tmp_path / "sampling_plans" / "b.yaml").write_text(
        plan.replace("gbt2828_1-2012", "gbt2828_1-1987"), encoding="utf-8"
    )
    with pytest.raises(BookRefused) as told:
        Book(tmp_path)[SAMPLING_PLANS]
    assert sorted((error.file, error.field) for error in told.value.errors) == [
        ("sampling_plans/a.yaml", "classes.major.aql"),
        ("sampling_plans/a.yaml", "level"),
        ("sampling_plans/b.yaml", "standard"),
    ]
    assert all(error.line for error in told.value.errors)


def test_印刷标准没有核对过的格_在规则书里如实标明() -> None:
    page = Book(BOOK)[ACCEPTANCE]["gbt2828_1-2012"]
    unread = {table.table: sum(signs.count("?") for signs in table.cells.values()) for table in page.tables}
    assert unread["2-A"] == 0
    assert (unread["2-B"], unread["2-C"]) == (1, 14)
    assert page.checked == "never"
