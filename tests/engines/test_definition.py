"""指标的定义用人看的名称说出来：记录、字段、选项都不露代码。"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from tests.book_once import book_once
from zhiheng.engines.definition import dimension_label, field_label, in_words, method, value_label
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.records import RECORDS

DAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="module")
def book() -> Book:
    return book_once(Path(__file__).resolve().parents[2] / "book")


def test_比率分成分子分母_分子只说比分母多的条件(book: Book) -> None:
    over, under = in_words(book, "product_pass_rate", DAY)
    assert (over.title.zh, over.among, [c.zh for c in over.conditions]) == ("分子", True, ["检验结论为合格"])
    assert (under.title.zh, under.among, under.counted.zh) == ("分母", False, "记录条数")
    assert [c.zh for c in under.conditions] == ["抽查类型为监督抽查", "检验结论为合格或不合格"]
    assert (under.record, under.record_label.zh) == ("product_sampling", "产品质量监督抽查")
    assert (under.first, under.last, under.standing) == (dt.date(2026, 1, 1), DAY, False)


def test_按主体计的说明同一主体只计一次(book: Book) -> None:
    (counted,) = in_words(book, "quality_files", DAY)
    assert "只计一次" in counted.counted.zh
    assert counted.standing
    assert counted.first is None
    assert [c.en for c in counted.conditions] == ["Status is in operation", "Quality file opened is yes"]


def test_变化说本期和基期(book: Book) -> None:
    now, base = in_words(book, "industrial_cod_change", DAY)
    assert (now.title.zh, base.title.zh) == ("本期", "基期")
    assert base.last.year == 2020 or base.last < now.last
    assert "化学需氧量" in now.conditions[0].zh


def test_全书每个指标的中文定义都不露标识符(book: Book) -> None:
    code = re.compile(r"[a-z]+_[a-z]+")
    for name in book[INDICATORS]:
        for side in in_words(book, name, DAY):
            said = [side.counted.zh, side.record_label.zh, *(c.zh for c in side.conditions)]
            assert not [text for text in said if code.search(text)], (name, said)


def test_公布的算法一句话里也不露标识符(book: Book) -> None:
    code = re.compile(r"[a-z]+_[a-z]+|True|False|None")
    for name in book[INDICATORS]:
        said = method(book, name, DAY)
        assert not code.search(said.zh), said.zh
        assert not re.search(r"[\u4e00-\u9fff]", said.en), said.en
    assert method(book, "product_pass_rate", DAY).zh.splitlines() == [
        "分子：分母中检验结论为合格的。",
        "分母：产品质量监督抽查的记录条数，抽查类型为监督抽查，检验结论为合格或不合格；2026-01-01 至 2026-11-22。",
    ]


def test_英文页的选项用词汇表的说法_缩写照写_地区有英文名(book: Book) -> None:
    def shown(record: str, field: str, value: str) -> str:
        return next(iter(book[RECORDS][record].types.values()))[field].show(value, lang="en")

    assert shown("product_sampling", "plan", "supervisory") == "supervisory sampling"
    assert shown("emission", "pollutant", "nox") == "NOx"
    assert shown("self_inspection", "result", "clean") == "clean"
    area = next(area for area in book[DISTRICT].areas if area.kind == "sub_district")
    assert shown("product_sampling", "division", area.code) == area.name.en
    assert shown("administrative_penalty", "fine", "27000") == "CNY 27,000"
    assert shown("completion_acceptance", "floor_area", "25092") == "25092 m²"
    assert shown("household_acceptance", "items", "36") == "36"


def test_复合值的列用字段的名称(book: Book) -> None:
    assert (
        field_label(book, "enterprise_register", "industry_code").zh
        == book[RECORDS]["enterprise_register"].record.fields["industry"].label.zh
    )
    assert field_label(book, "product_sampling", "outcome").zh == "结果"
    assert field_label(book, "product_sampling", "no_such_column").zh == "no_such_column"
    assert field_label(book, "no_such_record", "plan").zh == "plan"


def test_值用单位区域选项的名称(book: Book) -> None:
    assert value_label(book, "product_sampling", "unit", "liyuan_market").zh.endswith("市场监督管理局")
    assert value_label(book, "product_sampling", "area", "990101").zh == "砺原区"
    assert value_label(book, "product_sampling", "area:sub_district", "990101001").zh == "铁砧街道"
    assert value_label(book, "product_sampling", "plan", "supervisory").zh == "监督抽查"
    assert value_label(book, "enterprise_register", "quality_file", "true").zh == "是"
    assert value_label(book, "product_sampling", "outcome", "fail").zh == "不合格"
    assert value_label(book, "product_sampling", "product_class", "阀门").zh == "阀门"


def test_分组用字段的名称(book: Book) -> None:
    indicator = book[INDICATORS]["product_pass_rate"]
    assert dimension_label(book, indicator, "product_group").zh == "产品大类"
    assert dimension_label(book, indicator, "quarter").zh == "季度"
