"""Texts, days and what leaves a cell empty."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import compute

from zhiheng.kernel.fields.base import FieldType
from zhiheng.kernel.fields.day import Day
from zhiheng.kernel.fields.number import Integer
from zhiheng.kernel.fields.party import PartyField
from zhiheng.kernel.fields.text import LongText, Text
from zhiheng.kernel.reasons import Refusal

DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
HAN_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")


def han(number: int) -> str:
    tens, unit = divmod(number, 10)
    return ("", "十", "二十", "三十")[tens] + ("", *"一二三四五六七八九")[unit]


@pytest.mark.parametrize(
    ("delivered", "kept"),
    [
        ("  虚构食品有限公\n司 ", "虚构食品有限公司"),
        ("虚构食品有限公\r\n  司", "虚构食品有限公司"),
        ("酱香，五香（真空装）", "酱香，五香（真空装）"),
        ("A  B\nC", "A B C"),
        ("型号\nW1601", "型号 W1601"),
        ("隐\u200b藏\x00字", "隐藏字"),
        ("１\n２", "１ ２"),
    ],
)
def test_只改排版不改内容(delivered: str, kept: str) -> None:
    assert Text().clean(delivered) == kept


@pytest.mark.parametrize(
    "said", ["", " ", "/", "／", "-", "—", "——", "无", "不详", "N/A", "null", "NULL", "--", "\n", "#N/A"]
)
def test_这些写法等于没有写(said: str) -> None:
    assert Text().clean(said) is None


def test_一栏可以自己规定什么算没有写() -> None:
    field = Text(nothing=["保密"])
    assert field.clean("保密") is None
    assert field.clean("无") == "无"
    assert field.clean("  ") is None


def test_太长的文字要说明最多几个字() -> None:
    refusal = Text(max_length=4).clean("一二三四五")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "text.too_long"
    assert "最多写4个字" in refusal.zh
    assert "At most 4" in refusal.en


def test_长文本保留换行() -> None:
    assert LongText().clean(" 第一段 \r\n\r\n\r\n第二  段\u200b ") == "第一段\n\n第二 段"


@pytest.mark.parametrize(
    "said",
    [
        "2026年3月31日",
        "2026年03月31日",
        "２０２６年３月３１日",
        "2026/3/31",
        "2026-3-31",
        "2026-03-31",
        "2026.3.31",
        "20260331",
        "20260331.0",
        "2026-03-31 00:00:00",
        "2026-03-31 00:00:00.000000",
        "2026-03-31T08:30:00",
        "2026-03-31T08:30:00+08:00",
        "2026/3/31 8:30",
        "2026年3月31日 星期二",
        "2026年3月31日10时30分",
        "46112",
        "46112.0",
        "46112.5",
        "二〇二六年三月三十一日",
        "民国115年3月31日",
        "民國115.3.31",
        "中华民国115年03月31日",
        "二零二六年三月卅一日",
        " 2026 年 3 月 31 日 ",
        "20260331153000",
        "31 Mar 2026",
        "March 31, 2026",
        "31/3/2026",
        "3/31/2026",
    ],
)
def test_同一天的各种写法(said: str) -> None:
    assert Day().clean(said) == "2026-03-31"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("2026年2月30日", "day.impossible"),
        ("2026-02-30", "day.impossible"),
        ("20261301", "day.impossible"),
        ("26.3.31", "day.short_year"),
        ("26年3月31日", "day.short_year"),
        ("3/4/2026", "day.order"),
        ("2026年3月", "day.only_month"),
        ("2026-03", "day.only_month"),
        ("202603", "day.only_month"),
        ("长期", "day.forever"),
        ("2026-03-30T16:00:00Z", "day.zone"),
        ("2026-03-01至2026-03-31", "day.several"),
        ("2926-03-31", "day.year"),
        ("明天", "day.unread"),
        ("2026-3/31", "day.unread"),
        ("12345", "day.unread"),
        ("生产日期：2026-03-31", "day.unread"),
    ],
)
def test_看不准的日期不猜(said: str, code: str) -> None:
    refusal = Day().clean(said)
    assert isinstance(refusal, Refusal), refusal
    assert refusal.code == code
    assert refusal.text == said
    assert "2026" in refusal.zh or "核对" in refusal.zh


def test_选项放宽日期() -> None:
    assert Day(precision="month").clean("2026年3月") == "2026-03-01"
    assert Day(forever=True).clean("长期有效") == "9999-12-31"
    assert Day(order="dmy").clean("3/4/2026") == "2026-04-03"
    assert Day(order="mdy").clean("3/4/2026") == "2026-03-04"
    assert Day(labels=["购进日期"]).clean("购进日期：2026-03-31") == "2026-03-31"


@given(DAYS)
def test_任何一天怎么写都读回同一天(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    year = str(day.year).translate(HAN_DIGITS)
    for said in (
        day.isoformat(),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        serial,
        f"{day.year}.{day.month}.{day.day}",
        serial + ".0",
        f"{year}年{han(day.month)}月{han(day.day)}日",
        f"{day.isoformat()} 23:59:59",
    ):
        assert Day().clean(said) == day.isoformat(), said


@given(DAYS, st.booleans())
def test_显示的日期再读还是它(day: date, chinese: bool) -> None:
    field = Day(forever=True)
    for value in (day.isoformat(), "9999-12-31"):
        assert field.clean(field.show(value, lang="zh" if chinese else "en")) == value


@given(st.text(alphabet="0123456789-/.年月日 T:", max_size=20))
def test_读出的日期一定真有(text: str) -> None:
    read = Day().clean(text)
    if isinstance(read, str):
        assert date(1900, 1, 1) <= date.fromisoformat(read) <= date(2100, 12, 31)


@given(st.integers(1, 40000))
def test_五位数以外的序号不当日期(days: int) -> None:
    said = str(days)
    expected = date(1899, 12, 30) + timedelta(days=days)
    read = Day().clean(said)
    assert read == expected.isoformat() if days >= 18264 else isinstance(read, Refusal)


@pytest.mark.parametrize("said", ["#REF!", "#VALUE!", " #DIV/0! ", "#NAME?", "#NUM!", "########", "#value!"])
@pytest.mark.parametrize("field", [Text(), LongText(), Day(), PartyField(), Integer()])
def test_公式算不出或显示不下的格_不成为内容(said: str, field: FieldType) -> None:
    refusal = field.clean(said)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "cell.failed"
    assert said.strip() in refusal.zh
    assert said.strip() in refusal.en


def test_旁边的代码栏里的错误值也问() -> None:
    refusal = PartyField().clean("虚构食品有限公司", {"code": "#REF!"})
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.field) == ("cell.failed", "code")


@pytest.mark.parametrize("said", ["#1号楼", "1#生产线", "#", "C#"])
def test_带井号的内容照样是内容(said: str) -> None:
    assert Text().clean(said) == said


@pytest.mark.parametrize("said", ["1.23E+17", "9.1990101E+17", "1.23E+05", "1.2026001e+17", "2E+15"])
def test_缩写成科学计数的编号_数字已经丢失_退回(said: str) -> None:
    refusal = Text().clean(said)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "text.shortened"
    unplain = Text().plain
    assert unplain is not None
    # Thousands are looked at at once; each of these must be cleaned by itself.
    assert compute.match_substring_regex(pyarrow.array([said]), unplain[0])[0].as_py()


@pytest.mark.parametrize("said", ["123E3", "E+05", "1.5E+3型", "5E-3", "2026E"])
def test_像科学计数的型号照样收下(said: str) -> None:
    assert Text().clean(said) == said
