"""驾驶舱：最多九样，哪一页管哪个区域，要哪几天的数。"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from tests.book_once import book_once
from tests.grammar.test_targets import DISTRICT, book_with
from zhiheng.grammar.chapters.cockpit import Cockpit, ShownIndicator, cockpit_at, cockpit_of, days_needed, year_before
from zhiheng.grammar.chapters.district import DISTRICT as BOOK_DISTRICT
from zhiheng.grammar.yaml import BookRefused, read_text, validated


def page(**said: Any) -> Cockpit:
    return Cockpit.model_validate({"qualities": {"product": {"headline": "pass_rate"}}, **said})


def test_九样可以_第十样不行() -> None:
    cards = [{"headline": f"number_{i}"} for i in range(7)]
    panels: dict[str, Any] = {"map": ["pass_rate"], "kinds": ["district"]}
    assert page(key=cards, **panels).things == 9
    with pytest.raises(ValueError, match="at most 9"):
        page(key=[*cards, {"headline": "one_more"}], **panels)


def test_一个指标名就是一个数的简写() -> None:
    assert page(kinds=["district"]).qualities["product"].headline == ShownIndicator(indicator="pass_rate", day="asked")


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("2026-11-22", "2025-12-31"),
        ("2025-12-31", "2025-12-31"),
        ("2026-01-01", "2025-12-31"),
        ("2026-12-30", "2025-12-31"),
    ],
)
def test_一年一报的数取上一整年末_正好年末就取当天(asked: str, shown: str) -> None:
    yearly = ShownIndicator(indicator="cod", day="last_full_year")
    assert yearly.as_of(dt.date.fromisoformat(asked)) == dt.date.fromisoformat(shown)
    assert ShownIndicator(indicator="cod").as_of(dt.date.fromisoformat(asked)) == dt.date.fromisoformat(asked)


def test_闰日的上年同日是二月二十八() -> None:
    assert year_before(dt.date(2024, 2, 29)) == dt.date(2023, 2, 28)
    assert year_before(dt.date(2025, 2, 28)) == dt.date(2024, 2, 28)


def test_点名区域的页连下级一起管_没有点名的按层级() -> None:
    own, of_kind = page(areas=["990901"]), page(kinds=["district", "sub_district"])
    said = [of_kind, own]
    assert cockpit_of(said, DISTRICT, "990901") is own
    assert cockpit_of(said, DISTRICT, "990901001") is own
    assert cockpit_of(said, DISTRICT, "990902") is of_kind
    assert cockpit_of(said, DISTRICT, "990900") is None
    assert cockpit_of(said, DISTRICT, "000000") is None


def test_要备好今天上年和上一整年的数() -> None:
    one = page(kinds=["district"], key=[{"headline": {"indicator": "cod", "day": "last_full_year"}}])
    assert days_needed({"a": one}, dt.date(2026, 3, 1)) == (
        dt.date(2026, 3, 1),
        dt.date(2025, 12, 31),
        dt.date(2025, 3, 1),
        dt.date(2024, 12, 31),
    )
    assert days_needed({}, dt.date(2026, 3, 1)) == (dt.date(2026, 3, 1), dt.date(2025, 3, 1))


def test_须写明管哪里() -> None:
    with pytest.raises(BookRefused) as refused:
        validated(Cockpit, read_text("qualities: {product: {headline: x}}\n", file="cockpit/a.yaml"))
    assert "areas" in refused.value.errors[0].zh


COCKPIT = """
kinds: [district]
qualities:
  environment: {headline: samples}
map: [smples]
changed: {lists: [no_such_record]}
overdue: {expired: [sampling_check]}
"""


def test_页上的每个错处都指出来(tmp_path: Path, book_root: Path) -> None:
    indicator = "label: {zh: 抽样, en: Samples}\nsystems: [B2]\nquality: product\nkind: number\nunit: count\nmeasure: {record: sampling_check, count: facts}\n"
    (tmp_path / "indicators").mkdir()
    (tmp_path / "indicators" / "samples.yaml").write_text(indicator, "utf-8")
    found = book_with(tmp_path, "cockpit/district.yaml", COCKPIT, book_root)
    assert [file for file, _ in found] == ["cockpit/district.yaml"] * 4
    told = "".join(zh for _, zh in found)
    assert "不属于 environment" in told
    assert "是不是“samples”" in told
    assert "no_such_record" in told
    assert "不会过期" in told


def test_规则书里每个区域都有驾驶舱_且不超过九样(book_root: Path) -> None:
    book = book_once(book_root)
    for area in book[BOOK_DISTRICT].areas:
        found = cockpit_at(book, area.code)
        assert found is not None, f"no cockpit for {area.code}"
        assert found.things <= 9
