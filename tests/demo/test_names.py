"""Invented names belong to nobody, differ from each other, and are spelled so that the book reads the same value."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from zhiheng.demo.clerks import Clerk, DemoForm, ToldRow, spell_day
from zhiheng.demo.economy import TRADES
from zhiheng.demo.names import PRIME, credit_code, trade_names
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.fields.code import OrganisationCode, Phone
from zhiheng.kernel.fields.day import Day


def test_任意两个字号至少有两个字不同() -> None:
    names = list(trade_names(Random(1)))
    assert len(set(names)) == len(names) == PRIME * PRIME
    for left, right in ((0, 1), (0, 2), (1, 2)):
        assert len({name[left] + name[right] for name in names}) == len(names)


def test_次序由种子决定() -> None:
    assert list(islice(trade_names(Random("a")), 50)) == list(islice(trade_names(Random("a")), 50))
    assert list(islice(trade_names(Random("a")), 50)) != list(islice(trade_names(Random("b")), 50))


@given(st.integers(0, 999_999), st.sampled_from(("990101", "990104", "990180")), st.sampled_from(("91", "92", "93")))
def test_统一社会信用代码的校验码都正确(number: int, area: str, kind: str) -> None:
    code = credit_code(area, number, kind=kind)
    assert uscc.is_valid(code)
    assert OrganisationCode().clean(code) == {"code": code, "kind": "uscc"}
    # The organisation code inside has its own check character (GB 11714).
    assert OrganisationCode().clean(code[8:17]) == {"code": code[8:17], "kind": "organisation_code"}


def test_电话号码能认出且区号不属于任何地方() -> None:
    assert Phone().clean("0400-5550123") == "0400-5550123"


@given(
    st.dates(dt.date(1996, 1, 1), dt.date(2035, 12, 31)),
    st.sampled_from(("iso", "slash", "zh", "compact", "serial", "cell")),
)
def test_日期怎样写都读成同一天(day: dt.date, style: str) -> None:
    assert Day().clean(str(spell_day(day, style))) == day.isoformat()


def test_行业代码都在国民经济行业分类里(book: Book) -> None:
    industry = book[RECORDS]["enterprise_register"].types["standard"]["industry"]
    for name, trade in TRADES.items():
        value = industry.clean(trade.industry)
        assert isinstance(value, dict), f"{name}: {value}"


def test_同一行再抄一遍除日期外写法不变(book: Book) -> None:
    entry = book[RECORDS]["product_recall"]
    form = DemoForm("product_recall", entry.record, "standard", entry.sources["standard"])
    rows = [
        ToldRow(
            {"recaller": "云澜市砺原凯达丰食品有限公司", "product": "面包", "started_on": dt.date(2026, 3, 4)}, number=n
        )
        for n in range(200)
    ]
    first = list(Clerk(form, dates="iso", slips=0.5).write(rows))
    again = list(Clerk(form, dates="zh", slips=0.5).write(told.again() for told in rows))
    at = form.headings.index("启动日期")
    assert [row[:at] + row[at + 1 :] for row in first] == [row[:at] + row[at + 1 :] for row in again]
    assert len({row[form.headings.index("召回单位")] for row in first}) > 3
    assert first[0][at] == "2026-03-04"
    assert again[0][at] == "2026年3月4日"


def test_记录里没有的字段立即报错(book: Book) -> None:
    entry = book[RECORDS]["product_recall"]
    form = DemoForm("product_recall", entry.record, "standard", entry.sources["standard"])
    with pytest.raises(KeyError, match="has no field 'colour'"):
        list(Clerk(form).write([ToldRow({"colour": "红"})]))
