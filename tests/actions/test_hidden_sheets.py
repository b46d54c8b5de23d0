"""A hidden sheet is asked about, as a hidden row is; a hidden list that is no table does no harm. Everything is
fictional.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from tests.places import SAMPLING, Ledger, sampling_row
from zhiheng.ledger.models import Delivery, Fact


def workbook(path: Path, sheets: dict[str, list[list[str]]], *, hidden: str, very: bool = False) -> Path:
    """A workbook of these sheets, one of them hidden."""
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name == hidden:
                sheet.very_hidden() if very else sheet.hide()
    return path


@pytest.mark.slow
def test_隐藏的工作表和隐藏的行一样退回来问(ledger: Ledger) -> None:
    for very in (False, True):
        path = workbook(
            ledger.folder / f"{very}.xlsx",
            {"一月": [list(SAMPLING), sampling_row(1)], "旧表": [list(SAMPLING), sampling_row(2)]},
            hidden="旧表",
            very=very,
        )
        shown, hidden = ledger.receive(path)
        assert (shown.state, hidden.state) == ("accepted", "refused")
        assert hidden.refusal is not None
        assert hidden.refusal.code == "sheet.hidden"
        assert "取消隐藏" in hidden.refusal.zh
        assert Delivery.objects.get(id=hidden.deliveries[0]).state == "refused"
    assert Fact.objects.count() == 1


@pytest.mark.slow
def test_隐藏的下拉清单不碍事_但只有它的文件是退回的报送(ledger: Ledger) -> None:
    choices = [["结论选项", "类别选项"], ["合格", "食品"], ["不合格", "产品"], ["不判定", "设备"]]
    path = workbook(
        ledger.folder / "a.xlsx", {"数据": [list(SAMPLING), sampling_row(1)], "选项": choices}, hidden="选项"
    )
    first, second = ledger.receive(path)
    assert (first.state, second.state) == ("accepted", "skipped")
    assert Delivery.objects.count() == 1
    # Whether the sender has said what it is or not.
    assert [result.state for result in ledger.receive(path, record="sampling_check")] == ["accepted", "skipped"]
    alone = workbook(ledger.folder / "b.xlsx", {"封面": [["说明"]], "选项": choices}, hidden="选项")
    results = ledger.receive(alone)
    assert "refused" in [result.state for result in results]


@pytest.mark.slow
def test_隐藏的数据表有一个表头认不出_不当成下拉清单(ledger: Ledger) -> None:
    odd = [*SAMPLING[:-3], "结论是什么", *SAMPLING[-2:]]
    for at, sheet in enumerate(([odd, sampling_row(2), sampling_row(3)], [["甲", "乙"], ["x", "2026-03-01"]])):
        path = workbook(
            ledger.folder / f"{at}.xlsx", {"一月": [list(SAMPLING), sampling_row(1)], "二月": sheet}, hidden="二月"
        )
        shown, hidden = ledger.receive(path)
        assert (shown.state, hidden.state) == ("accepted", "refused")
        assert hidden.refusal is not None
        assert hidden.refusal.code == "sheet.hidden"
    assert Fact.objects.count() == 1


@pytest.mark.slow
def test_下拉清单的列名就是表头也不碍事(ledger: Ledger) -> None:
    choices = [["检验结论", "抽样地区"], ["合格", "甲街道"], ["不合格", "乙街道"]]
    longer = [*choices, ["", "丙街道"]]
    for sheet, rows in (("选项", choices), ("Sheet2", longer)):
        path = workbook(
            ledger.folder / f"{sheet}.xlsx", {"数据": [list(SAMPLING), sampling_row(1)], sheet: rows}, hidden=sheet
        )
        assert [result.state for result in ledger.receive(path)] == ["accepted", "skipped"]
