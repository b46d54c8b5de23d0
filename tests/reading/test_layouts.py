"""Where headings stand is found from what a heading can be: a cell as long as a book is looked at in its beginning
only.
"""

from __future__ import annotations

import pytest

from zhiheng.reading.layouts import find_layout
from zhiheng.reading.rows import LOOKED_AT, no_data, squash, suspect


@pytest.mark.parametrize("unit", ["标题", " ", "1", "1,", "\n", "标 \n", "（"])
def test_再长的表头也只看开头一段(unit: str) -> None:
    seen = squash("企业名称" + unit * 200_000 + "x")
    assert seen.startswith("企业名称")
    assert len(seen) <= LOOKED_AT


def test_太长的表头照样列出来_让人看得出是哪一列() -> None:
    layout = find_layout(
        [["企业名称", "说明" * 50_000, "数量"], ["虚构食品厂", "无", "1"], ["虚构面粉厂", "无", "2"]],
        known=lambda headings: sum(h in ("企业名称", "数量") for h in headings) / len(headings),
    )
    assert layout is not None
    assert layout.headings[0] == "企业名称"
    assert layout.headings[1].endswith("…")
    assert layout.headings[2] == "数量"


@pytest.mark.parametrize(
    ("cell", "number"), [("1,234.50", True), ("-12.5 %", True), (".5", True), ("1,", False), ("1.", False), ("", False)]
)
def test_数字一格的写法不变(cell: str, number: bool) -> None:
    rows = [["企业名称", cell or "空"], ["虚构食品厂", "1"]]
    layout = find_layout(rows)
    # A line with numbers in half of its cells is no line of headings.
    assert (layout is None or layout.header_rows != (1,)) is number


@pytest.mark.parametrize("unit", ["合", " ", "\n", "\n ", "1,", "（", "一、", "注：", "T ", "*", "街道", "9"])
def test_再长的格也很快看出是不是数据(unit: str) -> None:
    long = unit * (900_000 // len(unit))
    for cell in (long, "合计" + long, long + "合计", "示例" + long, long + "x"):
        suspect([[cell, "甲"], [cell]])
        no_data([cell, "甲", "", "", ""])
