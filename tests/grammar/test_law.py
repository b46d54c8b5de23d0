"""The pages of law: their grammar, the boundaries where one law gives way to the next, and the texts themselves."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.law import LAW, LAW_TOPICS, LawTopic
from zhiheng.grammar.yaml import BookRefused, read_text, validated
from zhiheng.kernel.articles import places
from zhiheng.kernel.days import Calendar, Period, due
from zhiheng.kernel.law import Law, Parameter, stale
from zhiheng.kernel.reasons import Refused
from zhiheng.reading.law_texts import LawTexts

ROOT = Path(__file__).parents[2]
BOOK = ROOT / "book"


@pytest.fixture(scope="module")
def law() -> Law:
    return Book(BOOK)[LAW]


def page(values: str, texts: str = "  a: {zh: 甲法, en: Law A}") -> str:
    return (
        "topic: t\nlabel: {zh: 题, en: T}\ntexts:\n" + texts + "\nparameters:\n  p:\n"
        "    label: {zh: 限期, en: Limit}\n    values:\n" + values
    )


def refused(text: str) -> BookRefused:
    with pytest.raises(BookRefused) as caught:
        validated(LawTopic, read_text(text, file="law/t.yaml"))
    return caught.value


@pytest.mark.parametrize(
    ("day", "period"),
    [
        ("2020-01-01", Period(45, "wd")),
        ("2026-04-14", Period(45, "wd")),
        ("2026-04-15", Period(60, "d")),
        ("2030-01-01", Period(60, "d")),
    ],
)
def test_调解期限在2026年4月15日由45个工作日改为60日(law: Law, day: str, period: Period) -> None:
    assert law.at("complaints", "mediation_limit", dt.date.fromisoformat(day)).period() == period


@pytest.mark.parametrize(
    ("day", "hours", "finish"),
    [("2026-11-30", (24, 48, 72), Period(20, "wd")), ("2026-12-01", (24, 36, 48), Period(20, "d"))],
)
def test_食品召回时限在2026年12月1日更替(law: Law, day: str, hours: tuple[int, int, int], finish: Period) -> None:
    on = dt.date.fromisoformat(day)
    start = law.at("food_recall", "start", on)
    assert tuple(start.period(f"level_{n}").amount for n in (1, 2, 3)) == hours
    assert start.unit == "hour"
    assert law.at("food_recall", "finish", on).period("level_2") == finish


@pytest.mark.parametrize(
    ("day", "months", "decide"),
    [("2025-12-24", 36, Period(15, "wd")), ("2025-12-25", 12, Period(7, "wd"))],
)
def test_一般处罚公示期与信用修复期限在2025年12月25日更替(law: Law, day: str, months: int, decide: Period) -> None:
    on = dt.date.fromisoformat(day)
    assert law.at("penalty_publication", "display_max", on).period("general") == Period(months, "month")
    assert law.at("credit_repair", "decide", on).period() == decide


def test_告知实名举报人的规定到2026年4月14日为止_此后拒绝而不是沿用(law: Law) -> None:
    assert law.at("complaints", "tell_reporter", dt.date(2026, 4, 14)).period() == Period(5, "wd")
    with pytest.raises(Refused) as caught:
        law.at("complaints", "tell_reporter", dt.date(2026, 4, 15))
    assert caught.value.refusals[0].code == "law.repealed"


def test_同一投诉在新旧办法下到期日不同(law: Law) -> None:
    def mediated_by(accepted: dt.date) -> dt.date:
        return due(accepted, law.at("complaints", "mediation_limit", accepted).period(), Calendar(), rolls="none").day

    assert mediated_by(dt.date(2026, 4, 14)) == dt.date(2026, 6, 16)
    assert mediated_by(dt.date(2026, 4, 15)) == dt.date(2026, 6, 14)


def test_每个期限都能作为期限取出(law: Law) -> None:
    periods = [p for p in law if p.kind == "period" and not isinstance(p.value, tuple)]
    assert len(periods) > 200
    for p in periods:
        rows = list(p.value) if isinstance(p.value, Mapping) else [""]
        assert all(p.period(row).amount > 0 for row in rows), p


def test_没有核对过的参数都写明来处_并全部出现在报告中(law: Law) -> None:
    never = [p for p in law if p.checked is None]
    assert never
    assert all(p.lead for p in never)
    reported = {
        (s.parameter.topic, s.parameter.name, s.parameter.begins) for s in stale(law, dt.date(2026, 11, 30), 12)
    }
    assert reported == {(p.topic, p.name, p.begins) for p in never}


def test_核对过的参数都写明条文(law: Law) -> None:
    # A paper that is not divided into articles says so in its lead.
    without = [p for p in law if p.checked is not None and not p.article]
    assert [f"{p.topic}.{p.name}" for p in without if "不分条" not in p.lead] == []


def test_专题名与文件名不一致时拒绝(tmp_path: Path) -> None:
    path = tmp_path / "law" / "other.yaml"
    path.parent.mkdir()
    path.write_text(page("      - {from: 2020-01-01, value: 15, unit: d, text: a, checked: 2026-01-01}\n"), "utf-8")
    with pytest.raises(BookRefused) as caught:
        _ = Book(tmp_path)[LAW_TOPICS]
    assert caught.value.errors[0].field == "topic"
    assert "t.yaml" in caught.value.errors[0].en


def test_各页的错误一并报告(tmp_path: Path) -> None:
    good = page("      - {from: 2020-01-01, value: 15, unit: d, text: a, checked: 2026-01-01}\n")
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "a.yaml").write_text(good.replace("unit: d", "unit: Tag"), "utf-8")
    (tmp_path / "law" / "b.yaml").write_text(good.replace("15", "half"), "utf-8")
    with pytest.raises(BookRefused) as caught:
        _ = Book(tmp_path)[LAW]
    assert {error.file for error in caught.value.errors} == {"law/a.yaml", "law/b.yaml"}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ("      - {from: 2020-01-01, value: 15, text: a, checked: 2026-01-01}\n", "需|单位"),
        ("      - {from: 2020-01-01, value: -1, unit: d, text: a, checked: 2026-01-01}\n", "非负整数"),
        ("      - {from: 2020-01-01, value: 1.5, unit: wd, text: a, checked: 2026-01-01}\n", "非负整数"),
        ("      - {from: 2020-01-01, value: many, unit: '%', text: a, checked: 2026-01-01}\n", "数字"),
        ("      - {from: 2020-01-01, value: 15, unit: d, text: a, checked: never}\n", "lead"),
        ("      - {from: 2020-01-02, value: 1, unit: d, text: a, checked: 2026-01-01, until: 2020-01-01}\n", "until"),
        ("      - {from: 2020-01-01, value: 15, unit: d, text: a, article: 36, checked: 2026-01-01}\n", "引号"),
        ("      - {from: 2020-01-01, value: 15, unit: d, text: a, article: 三十六条, checked: 2026-01-01}\n", "格式"),
        (
            "      - {from: 2021-01-01, value: 15, unit: d, text: a, checked: 2026-01-01}\n"
            "      - {from: 2020-01-01, value: 15, unit: d, text: a, checked: 2026-01-01}\n",
            "排列",
        ),
        (
            "      - {from: 2020-01-01, value: 15, unit: d, text: a, checked: 2026-01-01, until: 2022-01-01}\n"
            "      - {from: 2021-01-01, value: 15, unit: d, text: a, checked: 2026-01-01}\n",
            "重叠",
        ),
    ],
)
def test_写错的参数说得出错在哪里(values: str, says: str) -> None:
    assert re.search(says, str(refused(page(values))))


def test_引用没有登记的文件时拒绝(tmp_path: Path) -> None:
    values = "      - {from: 2020-01-01, value: 15, unit: d, text: b, checked: 2026-01-01}\n"
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "t.yaml").write_text(page(values).replace("texts:\n  a: {zh: 甲法, en: Law A}\n", ""), "utf-8")
    with pytest.raises(BookRefused, match="没有登记的文件：b"):
        _ = Book(tmp_path)[LAW]


def test_没有人引用的文件要删去() -> None:
    texts = "  a: {zh: 甲法, en: Law A}\n  b: {zh: 乙法, en: Law B}"
    error = refused(page("      - {from: 2020-01-01, value: 15, unit: d, text: a, checked: 2026-01-01}\n", texts))
    assert "b" in error.errors[0].zh
    assert "删去" in error.errors[0].zh


_DIGITS = "零一二三四五六七八九"


def in_words(n: int) -> str:
    """1 to 9999 as a law writes it."""
    if n < 10:
        return _DIGITS[n]
    for size, word in ((1000, "千"), (100, "百"), (10, "十")):
        if n >= size:
            head, rest = divmod(n, size)
            gap = "零" if 0 < rest < size // 10 else ""
            lead = "" if size == 10 and head == 1 else _DIGITS[head]
            return lead + word + (gap + in_words(rest) if rest else "")
    raise AssertionError(n)


def spellings(n: int, unit: str) -> set[str]:
    """The ways in which a text may write a number of a unit."""
    found = {str(n)}
    if n < 10_000:
        found.add(in_words(n))
    if n == 2:
        found.add("两")
    if n % 10_000 == 0 and 10_000 <= n < 100_000_000:
        found |= {in_words(n // 10_000) + "万", f"{n // 10_000}万"}
    if n % 100_000_000 == 0 and n:
        found.add(in_words(n // 100_000_000) + "亿")
    if unit == "month" and n % 12 == 0:
        found |= {in_words(n // 12) + "年", f"{n // 12}年"}
    if n == 1:
        found |= {"每日", "每月", "每周"}
    return found


UNIT_WORDS = {"wd": "个?工作日", "hour": "(个?小时|时)", "month": "(个?月|年)", "year": "年", "d": "[日天]"}


def numbers_of(p: Parameter) -> list[int]:
    values = list(p.value.values()) if isinstance(p.value, Mapping) else p.value
    return [v for v in (values if isinstance(values, list | tuple) else [values]) if isinstance(v, int)]


@pytest.mark.shared
def test_核对过的数字确实写在所引条文里(law: Law, shared: Path) -> None:
    """Every value that is marked as checked stands in its article, in every edition that it lived under."""
    texts = LawTexts(shared / "data" / "law")
    missing = []
    compared = 0
    for p in law:
        if p.checked is None or not p.article:
            continue
        if not texts.has(p.text):
            # Where an old edition is not in the collection, the amending orders prove the value, and the lead says how.
            assert any(way in p.lead for way in ("令第", "修正后的文本", "全文（公开转载")), (
                f"{p.topic}.{p.name} {p.since}: no text, no proof"
            )
            continue
        words = [texts.words(p.text, place) for place in places(p.article)]
        assert all(words), f"{p.topic}.{p.name}: {p.article} is not in {p.text.file}"
        body = re.sub(r"\s", "", "".join(map(str, words)))
        unit = UNIT_WORDS.get(p.unit, "")
        if p.unit == "wd" and re.search("以工作日计算|规定是指工作日", body):
            unit = "日"
        for n in numbers_of(p):
            compared += 1
            spelt = spellings(n, p.unit) | ({"一小时"} if (n, p.unit) == (60, "minute") else set())
            beside = n != 1 and not (p.unit == "month" and n % 12 == 0)
            if not re.search(rf"({'|'.join(sorted(spelt, key=len, reverse=True))})({unit if beside else ''})", body):
                missing.append(f"{p.topic}.{p.name} {n} {p.unit}: not in {p.article} of {p.text.file}")
    assert compared > 450
    assert missing == []
