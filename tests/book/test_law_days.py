"""The law of each day: what held when, as an official would say it, and that no day has two answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.book_once import book_once
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.glossary import GLOSSARY
from zhiheng.grammar.chapters.law import LAW as BOOK_LAW
from zhiheng.grammar.chapters.law import LawTopic, text_errors, unnamed_words
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.chapters.texts import TEXTS, LegalText, TextRegister, unused_texts
from zhiheng.grammar.yaml import read_text, validated
from zhiheng.kernel.days import Calendar, Period
from zhiheng.kernel.deadlines import ends
from zhiheng.kernel.law import Law
from zhiheng.kernel.reasons import Refused

BOOK = Path(__file__).parents[2] / "book"
LAW = Book(BOOK)[BOOK_LAW]
NAMES = [(topic, name) for topic in LAW.topics() for name in LAW.names(topic)]


def on(day: str) -> dt.date:
    return dt.date.fromisoformat(day)


def said(topic: str, name: str, day: str) -> tuple[object, str, str]:
    """Value, unit and article of a day."""
    p = LAW.at(topic, name, on(day))
    return (dict(p.value) if isinstance(p.value, Mapping) else p.value), p.unit, p.article


def code(topic: str, name: str, day: str) -> str:
    """Why there is no value on a day."""
    with pytest.raises(Refused) as caught:
        LAW.at(topic, name, on(day))
    return caught.value.refusals[0].code


@pytest.mark.parametrize(
    ("topic", "name", "day", "expected"),
    [
        # 市场监管总局令第42号 2021-07-02 公布，2021-07-15 施行。
        ("penalty_procedure", "plead", "2021-07-02", (3, "wd", "第五十一条")),
        ("penalty_procedure", "plead", "2021-07-14", (3, "wd", "第五十一条")),
        ("penalty_procedure", "plead", "2021-07-15", (5, "wd", "第五十七条第二款")),
        ("penalty_procedure", "registered_evidence", "2021-07-14", (7, "d", "第三十二条")),
        ("penalty_procedure", "registered_evidence", "2021-07-15", (7, "wd", "第三十五条")),
        ("penalty_procedure", "serve_decision", "2021-07-14", (7, "d", "第七十三条")),
        ("penalty_procedure", "serve_decision", "2021-07-15", (7, "wd", "第八十一条")),
        (
            "penalty_procedure",
            "on_the_spot_fine_max",
            "2021-07-14",
            ({"person": 50, "organisation": 1000}, "CNY", "第五十八条"),
        ),
        (
            "penalty_procedure",
            "on_the_spot_fine_max",
            "2021-07-15",
            ({"person": 200, "organisation": 3000}, "CNY", "第六十六条"),
        ),
        ("penalty_procedure", "collect_on_the_spot_max", "2021-07-14", (20, "CNY", "第六十四条")),
        ("penalty_procedure", "decide", "2020-06-01", (90, "d", "第五十七条")),
        # 令第61号 2022-09-29 公布，2022-11-01 施行。
        ("penalty_procedure", "public_notice_service", "2022-09-29", (60, "d", "第八十二条第五项")),
        ("penalty_procedure", "public_notice_service", "2022-10-31", (60, "d", "第八十二条第五项")),
        ("penalty_procedure", "public_notice_service", "2022-11-01", (30, "d", "第八十二条第五项")),
        ("hearing", "request", "2021-07-14", (3, "wd", "第七条")),
        ("hearing", "request", "2021-07-15", (5, "wd", "第七条")),
        ("hearing", "notice_before", "2021-07-14", (7, "d", "第二十条")),
        ("abnormal_list", "objection_period", "2025-04-30", (30, "d", "第十六条第一款")),
        ("abnormal_list", "objection_period", "2025-05-01", (30, "d", "第十五条第一款")),
        ("abnormal_list", "objection_period", "2025-12-25", (30, "d", "第十二条第一款")),
        ("enterprise_draw", "share_min", "2014-10-01", (3, "%", "第四条")),
        ("complaints", "consumer_mediation_limit", "2024-07-01", (60, "d", "第四十六条第三款")),
        ("drug_recall", "notice", "2022-10-31", ({"level_1": 24, "level_2": 48, "level_3": 72}, "hour", "第十六条")),
        ("drug_recall", "notice", "2022-11-01", ({"level_1": 1, "level_2": 3, "level_3": 7}, "d", "")),
        ("licences", "laboratory_review", "2021-05-31", (45, "wd", "第十条")),
        ("licences", "laboratory_review", "2021-06-01", (30, "wd", "第十一条第三项")),
    ],
)
def test_各日适用当日施行的规定(topic: str, name: str, day: str, expected: tuple[object, str, str]) -> None:
    assert said(topic, name, day) == expected


@pytest.mark.parametrize(
    ("topic", "name", "day", "order"),
    [
        ("penalty_procedure", "pay", "2022-10-31", "国家市场监督管理总局令第2号公布，令第42号修正"),
        ("penalty_procedure", "pay", "2022-11-01", "国家市场监督管理总局令第2号公布，令第42号、第61号修正"),
        ("food_sampling", "retest_request", "2025-04-30", "国家市场监督管理总局令第15号公布，令第61号修正"),
        ("food_sampling", "retest_request", "2025-05-01", "国家市场监督管理总局令第15号公布，令第61号、第101号修正"),
        ("penalty_publication", "publish", "2025-03-18", "国家市场监督管理总局令第45号"),
        ("penalty_publication", "publish", "2025-05-01", "国家市场监督管理总局令第45号公布，令第101号修正"),
        ("special_equipment", "lift_upkeep", "2009-05-01", "国务院令第373号公布，令第549号修订"),
    ],
)
def test_同一数值在各版施行期间各引当版(topic: str, name: str, day: str, order: str) -> None:
    assert LAW.at(topic, name, on(day)).text.order == order


def test_改名前的规章按当时的名称引用() -> None:
    assert LAW.at("penalty_procedure", "pay", on("2021-07-14")).text.zh == "市场监督管理行政处罚程序暂行规定"
    assert LAW.at("abnormal_list", "letters", on("2025-04-30")).text.zh == "企业经营异常名录管理暂行办法"
    assert LAW.at("abnormal_list", "letters", on("2025-05-01")).text.zh == "企业经营异常名录管理办法"


@pytest.mark.parametrize(
    ("topic", "name", "day", "why"),
    [
        ("abnormal_list", "list_no_name_change", "2025-04-30", "law.not_yet"),
        ("abnormal_list", "list_false_information", "2025-05-01", "law.repealed"),
        ("penalty_procedure", "withdraw_publication", "2021-07-14", "law.not_yet"),
        ("enterprise_draw", "letters", "2025-03-18", "law.not_yet"),
        ("enterprise_disclosure", "missed_reports", "2024-04-30", "law.not_yet"),
        ("enterprise_disclosure", "blacklist_after", "2024-05-01", "law.repealed"),
        ("complaints", "last_day_rolls", "2026-04-14", "law.not_yet"),
        ("complaints", "tell_reporter", "2026-04-15", "law.repealed"),
        ("food_recall", "start", "2015-08-31", "law.before_first"),
    ],
)
def test_当日没有规定的说明是尚未规定_已经废止还是书中未收(topic: str, name: str, day: str, why: str) -> None:
    assert code(topic, name, day) == why


def test_没有规定时的说法写明从何时起或到何时止() -> None:
    with pytest.raises(Refused) as caught:
        LAW.at("penalty_procedure", "withdraw_publication", on("2020-01-01"))
    sentence = caught.value.refusals[0].zh
    assert "还没有规定" in sentence
    assert "2021-07-15" in sentence
    assert "第六十三条第二款" in sentence


@given(st.sampled_from(NAMES), st.dates(dt.date(2000, 1, 1), dt.date(2031, 12, 31)))
def test_自首版施行之日起每一天恰有一个数值_或者说明已经终止(name: tuple[str, str], day: dt.date) -> None:
    history = LAW.history(*name)
    days = [p.since for p in history]
    assert days == sorted(set(days))
    begun = [p for p in history if p.since <= day]
    if not begun:
        assert code(*name, str(day)) in ("law.before_first", "law.not_yet")
    elif begun[-1].until is not None and begun[-1].until < day:
        assert code(*name, str(day)) == "law.repealed"
    else:
        assert LAW.at(*name, day) == begun[-1]


def test_每个数值都落在所引那一版的施行期内() -> None:
    for p in LAW:
        if p.text.in_force is not None:
            assert p.text.in_force <= p.since, f"{p.topic}.{p.name} {p.since}"


@pytest.mark.parametrize(
    ("topic", "name", "start", "due"),
    [
        # 送达处罚决定：2021-07-14 起按日，2021-07-15 起按工作日（7月17、18、24、25日是周末）。
        ("penalty_procedure", "serve_decision", "2021-07-14", "2021-07-21"),
        ("penalty_procedure", "serve_decision", "2021-07-15", "2021-07-26"),
        # 公告送达：2022-10-31 公告的经过六十日，次日公告的经过三十日。
        ("penalty_procedure", "public_notice_service", "2022-10-31", "2022-12-30"),
        ("penalty_procedure", "public_notice_service", "2022-11-01", "2022-12-01"),
        # 最后一日是2026年国庆节的，程序规定第八十条顺延到法定节假日后的第一日。
        ("penalty_procedure", "pay", "2026-09-16", "2026-10-04"),
        # 食品抽检办法没有期间计算的条文，依本区规定。
        ("food_sampling", "disposal", "2026-07-03", "2026-10-04"),
    ],
)
def test_到期日依当日的规定计算(topic: str, name: str, start: str, due: str) -> None:
    calendar = Book(BOOK)[CALENDAR]
    by = LAW.at(topic, name, on(start))
    assert ends(LAW, calendar, on(start), by.period(), by=by).day == on(due)


def test_本区没有写明顺延办法时说明到哪里写() -> None:
    bare = Law(p for p in LAW if p.topic != "district_rules")
    by = bare.at("food_sampling", "disposal", on("2026-07-03"))
    with pytest.raises(Refused) as caught:
        ends(bare, Calendar(), on("2026-07-03"), by.period(), by=by)
    assert caught.value.refusals[0].code == "law.no_rolling"
    # A period in working days never ends on a day that could move.
    assert ends(bare, Calendar(), on("2026-07-03"), Period(5, "wd"), by=by).day == on("2026-07-10")


TEXT = (
    "topic: t\nlabel: {zh: 题, en: T}\n"
    "texts:\n  a: {zh: 甲法, en: A, editions: [{from: 2020-03-01}, {from: 2022-11-01}], until: 2025-12-31}\n"
    "parameters:\n  p:\n    label: {zh: 限期, en: Limit}\n    values:\n"
)


def errors_of(*values: str) -> str:
    document = read_text(TEXT + "".join(f"      - {value}\n" for value in values), file="law/t.yaml")
    return "\n".join(map(str, text_errors(validated(LawTopic, document), document, {})))


def test_写公布之日而不是施行之日的_指出该行() -> None:
    assert errors_of("{from: 2022-11-01, value: 1, unit: d, text: a, checked: 2026-01-01}") == ""
    told = errors_of("{from: 2022-09-29, value: 1, unit: d, text: a, checked: 2026-01-01}")
    assert "不是 a 任何一版的施行之日" in told
    assert "law/t.yaml:9" in told
    assert "才施行" in errors_of("{from: 2020-01-02, value: 1, unit: d, text: a, checked: 2026-01-01}")
    assert "到 2025-12-31 为止" in errors_of(
        "{from: 2026-03-01, value: 1, unit: d, text: a, checked: 2026-01-01, note: {zh: 过渡, en: transition}}"
    )


def test_文件废止之日起其中的数值也终止() -> None:
    values = "      - {from: 2020-03-01, value: 1, unit: d, text: a, checked: 2026-01-01}\n"
    topic = validated(LawTopic, read_text(TEXT + values, file="law/t.yaml"))
    law = Law(topic.values())
    assert [p.since for p in law] == [dt.date(2020, 3, 1), dt.date(2022, 11, 1)]
    assert law.at("t", "p", dt.date(2025, 12, 31)).value == 1
    with pytest.raises(Refused):
        law.at("t", "p", dt.date(2026, 1, 1))
    assert len(list(law.rules())) == 1


def test_登记的文件都有官方网页或者官方数据库_地方做法除外() -> None:
    register = Book(BOOK)[TEXTS]
    assert isinstance(register, TextRegister)
    bare = {id for id, text in register.texts.items() if not text.page and not text.search}
    assert bare == {"cqo-zhangzhou", "cqo-hubei", "award-doumen", "award-jinwan", "award-changning"}


def test_登记了却没有任何一处引用的文件要删去() -> None:
    register = TextRegister.of({"x": LegalText(zh="没有人引用的办法", en="Unused measures")})
    (told,) = unused_texts(register, ["y"])
    assert told.field == "texts.x"
    assert "没有任何一处引用《没有人引用的办法》" in told.zh


def test_值里的每个词都有给人看的名称() -> None:
    values = "      - {from: 2020-03-01, value: [some_word], text: a, checked: 2026-01-01}\n"
    topic = validated(LawTopic, read_text(TEXT + values, file="law/t.yaml"))
    (told,) = unnamed_words({"t": topic}, Book(BOOK)[GLOSSARY])
    assert "some_word" in told.zh


def test_记录在每一天只有当日有效的依据() -> None:
    record = book_once(BOOK)[RECORDS]["emission"].record
    assert [c.text for c in record.law_on(on("2026-08-14"))] == ["环境保护法"]
    assert [c.text for c in record.law_on(on("2026-08-15"))] == ["生态环境法典"]
