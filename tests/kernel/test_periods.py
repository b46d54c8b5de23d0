"""The period that a title, a sheet or a file names; a day of writing is none, and two periods are no answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.kernel.periods import period_named


def named(*texts: str) -> list[tuple[str, str]]:
    """First and last day of each period that is named."""
    return [(one.first.isoformat(), one.last.isoformat()) for one, _ in period_named(texts)]


@pytest.mark.parametrize(
    ("texts", "first", "last"),
    [
        (("2026年10月投诉举报统计表",), "2026-10-01", "2026-10-31"),
        (("2026年10月份投诉情况",), "2026-10-01", "2026-10-31"),
        (("二〇二六年十月统计表",), "2026-10-01", "2026-10-31"),
        (("统计表（2026.02）",), "2026-02-01", "2026-02-28"),
        (("202610投诉.xlsx",), "2026-10-01", "2026-10-31"),
        (("投诉统计_2026_10.xlsx",), "2026-10-01", "2026-10-31"),
        (("投诉统计", "10月", "2026年投诉.xlsx"), "2026-10-01", "2026-10-31"),
        (("2026年10月", "Sheet1", "2026-10.xlsx"), "2026-10-01", "2026-10-31"),
        (("2026年1—10月累计",), "2026-01-01", "2026-10-31"),
        (("2026年1月至10月",), "2026-01-01", "2026-10-31"),
        (("2026年第三季度",), "2026-07-01", "2026-09-30"),
        (("三季度", "2026年度能源"), "2026-07-01", "2026-09-30"),
        (("2026年Q4",), "2026-10-01", "2026-12-31"),
        (("2026年上半年",), "2026-01-01", "2026-06-30"),
        (("2026年度",), "2026-01-01", "2026-12-31"),
        (("2026年10月统计表 填报日期：2026年11月5日",), "2026-10-01", "2026-10-31"),
        (("2026年10月统计表", "制表时间：2026-11-05"), "2026-10-01", "2026-10-31"),
    ],
)
def test_写明的统计期(texts: tuple[str, ...], first: str, last: str) -> None:
    assert named(*texts) == [(first, last)]


@pytest.mark.parametrize(
    "texts",
    [
        ("Sheet1", "12315月报.xlsx"),
        ("10月",),
        ("第3季度",),
        ("2026年11月5日",),
        ("导出20261105.xls",),
        ("填报日期：2026年11月",),
        ("制表时间 2026-11",),
        ("2026年9、10月",),
        ("1,2026", "编号202613"),
        ("",),
    ],
)
def test_没有写明的不猜(texts: tuple[str, ...]) -> None:
    assert named(*texts) == []


@pytest.mark.parametrize(
    "texts",
    [("2026年9月", "10月"), ("2026年9月和2026年10月",), ("2025年10月-2026年9月",), ("2026年9月", "2026-10.xlsx")],
)
def test_写了不止一个的都列出来(texts: tuple[str, ...]) -> None:
    assert len(named(*texts)) == 2


@given(st.integers(2000, 2099), st.integers(1, 12), st.text("统计表月报投诉（）_- ", max_size=8))
def test_任何年月都读得出_前后写什么都一样(year: int, month: int, beside: str) -> None:
    assert named(f"{beside}{year}年{month}月{beside}")[0][0] == f"{year}-{month:02d}-01"


@given(st.text(max_size=60))
def test_任何文字都不会出错(text: str) -> None:
    for one, said in period_named([text]):
        assert one.first <= one.last
        assert said == text
