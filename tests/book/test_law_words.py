"""Every number that the book gives from an article stands in the article's own words, in the edition of its days, with
its unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.book_once import book_once
from zhiheng.grammar.chapters.law import LAW
from zhiheng.kernel.law import Parameter
from zhiheng.reading.law_texts import LawTexts

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ROOT.parent / "shared" / "data" / "law"
DIGITS = "零一二三四五六七八九十"
LARGE = ((100_000_000, "亿"), (10_000_000, "千万"), (10_000, "万"), (1_000, "千"), (100, "百"))
# What the articles call the units of periods; a day may be told as 每日.
CALLED = {
    "wd": ("工作日",),
    "d": ("日", "天"),
    "month": ("月",),
    "year": ("年",),
    "hour": ("小时",),
    "minute": ("分钟",),
}
# The same span in a larger unit.
LARGER = {"month": (12, "year"), "hour": (24, "d"), "minute": (60, "hour")}


def written(number: int) -> set[str]:
    """How a number may be written: 20, 二十; 100000, 十万, 10万."""
    found = {str(number)}
    if number <= 10:
        found |= {DIGITS[number]} | ({"两"} if number == 2 else set())
    elif number < 100:
        tens, ones = divmod(number, 10)
        found.add(("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else ""))
    for size, name in LARGE:
        if number >= size and number % size == 0:
            found |= {f"{text}{name}" for text in written(number // size)}
    return found


def told_in(words: str, number: int, unit: str) -> bool:
    """Whether words tell a number of a unit, or the same in a larger one."""
    called = CALLED.get(unit, ("",))
    if any(text in words for text in written(number)) and any(name in words for name in called):
        return True
    if number == 1 and any(f"每{name}" in words for name in called if name):
        return True
    size, larger = LARGER.get(unit, (0, ""))
    return bool(size) and number % size == 0 and told_in(words, number // size, larger)


def numbers(parameter: Parameter) -> Iterator[int]:
    """The whole numbers of a value."""
    value = parameter.value
    for each in value.values() if isinstance(value, dict) else (value,):
        if isinstance(each, int) and not isinstance(each, bool):
            yield each


@pytest.mark.shared
@pytest.mark.skipif(not TEXTS.is_dir(), reason="缺少 ../shared/data/law the texts are not there")
def test_标明核对过的数_条文原文里都有_单位也一样() -> None:
    law, texts = book_once(ROOT / "book")[LAW], LawTexts(TEXTS)
    looked_at, absent = 0, []
    for each in law:
        if each.checked is None or not each.article or not texts.has(each.text):
            continue
        found = texts.passages(each.text, each.article)
        words = "".join(said for _, said in found.passages) if found is not None else ""
        for number in numbers(each):
            looked_at += 1
            if not told_in(words, number, each.unit):
                absent.append((each.topic, each.name, str(each.since), number, each.unit, each.article))
    assert looked_at > 450
    assert absent == []


def test_数的写法() -> None:
    assert {"20", "二十"} <= written(20)
    assert {"十万", "10万"} <= written(100_000)
    assert "二千万" in written(20_000_000)
    assert told_in("应当自立案之日起九十日内", 90, "d")
    assert not told_in("应当自立案之日起九十日内", 60, "d")
    assert told_in("公示期为三年", 36, "month")
    assert not told_in("在七日内", 7, "wd"), (
        "working days are said to be such, or the citation names the article that says so"
    )
