"""Two tables in one sheet, and a table without headings: nothing of one is read under the headings of another. All is
fictional.
"""

from __future__ import annotations

import random

import orjson
import pytest

from tests.places import SAMPLING, Ledger, sampling_row, write_csv, write_xlsx
from zhiheng.ledger.models import Fact, RefusedRow

OTHER = [
    "样品名称",
    "抽样单号",
    "抽样日期",
    "生产企业",
    "检验结论",
    "被抽样单位",
    "生产企业代码",
    "检验结果",
    "单位",
    "标准限量值",
    "生产日期",
    "抽样地区",
    "备注",
]


def reasons() -> list[list[str]]:
    """The codes of each refused row."""
    return [[why["code"] for why in orjson.loads(row.reasons)] for row in RefusedRow.objects.order_by("row_number")]


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
@pytest.mark.parametrize("blank", [True, False])
def test_表下面又有一张列名不同的表_从那里起退回(ledger: Ledger, write, blank: bool) -> None:
    other = dict(zip(SAMPLING, sampling_row(9), strict=True))
    below = [OTHER, [other[heading] for heading in OTHER]]
    path = write(
        ledger.folder / f"t{write.__name__[5:]}",
        SAMPLING,
        [sampling_row(1), sampling_row(2), *([[""] * len(SAMPLING)] if blank else []), *below],
    )
    (result,) = ledger.receive(path)
    assert (result.facts, result.refused) == (2, 2)
    assert reasons() == [["row.second_table"]] * 2
    assert not Fact.objects.filter(row__contains="S00009").exists()


def test_重复的同一行列名仍然跳过_之后照读(ledger: Ledger) -> None:
    path = write_csv(ledger.folder / "t.csv", SAMPLING, [sampling_row(1), list(SAMPLING), sampling_row(2)])
    (result,) = ledger.receive(path)
    assert (result.facts, result.skipped) == (2, 1)
    back = write_csv(ledger.folder / "u.csv", SAMPLING, [sampling_row(3), OTHER, list(SAMPLING), sampling_row(4)])
    (result,) = ledger.receive(back)
    assert (result.facts, result.refused, result.skipped) == (2, 1, 1)


def test_长表里第二张表在哪里都找得到(ledger: Ledger) -> None:
    rows = [sampling_row(number) for number in range(1, 1501)]
    at = random.Random(8).randrange(600, 1400)
    (result,) = ledger.receive(
        write_csv(ledger.folder / "t.csv", SAMPLING, [*rows[:at], OTHER, *rows[at:]]), confirmed=True
    )
    assert (result.facts, result.refused) == (at, 1501 - at)


def test_第二张表的头一个列名谁也不认识_照样找得到(ledger: Ledger) -> None:
    below = ["自编流水", *OTHER[1:]]
    path = write_csv(ledger.folder / "t.csv", SAMPLING, [*map(sampling_row, range(40)), below, sampling_row(90)])
    (result,) = ledger.receive(path)
    assert (result.facts, result.refused) == (40, 2)
    assert reasons() == [["row.second_table"]] * 2


def test_没有列名的文件_说明了记录类型的_列出它的列名(ledger: Ledger) -> None:
    path = write_csv(ledger.folder / "t.csv", sampling_row(1), [sampling_row(2), sampling_row(3)])
    (plain,) = ledger.receive(path)
    assert plain.refusal is not None
    (told,) = ledger.receive(path, record="sampling_check")
    assert told.refusal is not None
    assert (plain.refusal.code, told.refusal.code) == ("table.unknown", "table.unknown")
    assert "抽样单号" not in plain.refusal.zh
    assert "抽样单号" in told.refusal.zh
    assert "抽样日期" in told.refusal.zh
