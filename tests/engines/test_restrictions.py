"""列入名单以后有哪些限制措施：没有依据的一项也没有；自列入之日起，移出以后限期解除；法定期限的到期自止。"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.book_once import book_once
from tests.examples import examples
from zhiheng.engines.restrictions import ListEntry, Restriction, longest_end, restrictions_on
from zhiheng.engines.workflow.from_facts import FactSaid, from_matrix, opener_named, proposed
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.law import LAW
from zhiheng.grammar.chapters.restrictions import RESTRICTIONS, RestrictionMatrix
from zhiheng.kernel.deadlines import Purpose, deadline
from zhiheng.kernel.law import LawKey

SERIOUS, ABNORMAL = "blacklist_entry", "abnormal_list_entry"
DAY = dt.date


@pytest.fixture(scope="module")
def whole_book(book_root: Path) -> Book:
    return book_once(book_root)


def matrix_of(book: Book) -> RestrictionMatrix:
    found = book[RESTRICTIONS]
    assert found is not None
    return found


def listing(record: str, on: dt.date, removed: dt.date | None = None, **body: Any) -> ListEntry:
    return ListEntry(1, record, 7, "990101001", on, removed, body)


def held(book: Book, one: ListEntry, day: dt.date) -> dict[str, Restriction]:
    found = restrictions_on(matrix_of(book), [one], day, book[LAW], book[CALENDAR])
    return {each.name: each for each in found}


def test_每项措施每一天都有施行的依据(whole_book: Book) -> None:
    for page in matrix_of(whole_book).lists.values():
        for measure in page.measures.values():
            for day in (measure.from_, DAY(2024, 4, 30), DAY(2024, 5, 1), DAY(2026, 12, 1)):
                if measure.holds(day):
                    assert measure.law_on(day), measure.label.zh


def test_列入严重违法失信名单_市场监管部门的四项和各部门的限制自列入之日起(whole_book: Book) -> None:
    found = held(whole_book, listing(SERIOUS, DAY(2025, 3, 3), cause_group="quality"), DAY(2025, 3, 3))
    assert {"weigh_in_licensing", "key_supervision", "no_commitment_procedure", "no_honours"} <= set(found)
    assert found["key_supervision"].law[0].article == "第十五条第二项"
    assert found["bidding"].measure.department == "construction"
    assert all(each.since == DAY(2025, 3, 3) and each.holds for each in found.values())


def test_列入前一天没有措施_食品的一项只对食品领域的列入(whole_book: Book) -> None:
    one = listing(SERIOUS, DAY(2025, 3, 3), cause_group="quality")
    assert held(whole_book, one, DAY(2025, 3, 2)) == {}
    assert "food_more_inspections" not in held(whole_book, one, DAY(2025, 3, 4))
    food = listing(SERIOUS, DAY(2025, 3, 3), cause_group="food")
    assert held(whole_book, food, DAY(2025, 3, 4))["food_more_inspections"].law[0].article == "第一百一十三条"


def test_列入在先条例施行在后的_自施行之日起(whole_book: Book) -> None:
    one = listing(SERIOUS, DAY(2023, 6, 1), cause_group="quality")
    assert "bidding" not in held(whole_book, one, DAY(2024, 4, 30))
    assert held(whole_book, one, DAY(2024, 5, 1))["bidding"].since == DAY(2024, 5, 1)


def test_移出以后三个工作日内解除_当天还在限期内_过了不再列(whole_book: Book) -> None:
    # 2025年3月7日是星期五，三个工作日到3月12日。
    one = listing(SERIOUS, DAY(2024, 5, 6), DAY(2025, 3, 7), cause_group="quality")
    assert held(whole_book, one, DAY(2025, 3, 7))["key_supervision"].holds
    after = held(whole_book, one, DAY(2025, 3, 12))["key_supervision"]
    assert not after.holds
    assert after.take_back_by == DAY(2025, 3, 12)
    assert "key_supervision" not in held(whole_book, one, DAY(2025, 3, 13))


def test_满三年名单届满_没有收到移出的也要解除(whole_book: Book) -> None:
    one = listing(SERIOUS, DAY(2022, 3, 7), cause_group="quality")
    page = matrix_of(whole_book).lists["serious_violation"]
    ends = longest_end(page, one, whole_book[LAW], whole_book[CALENDAR])
    assert ends is not None
    assert (ends.day, ends.provisional) == (DAY(2025, 3, 7), False)
    assert held(whole_book, one, DAY(2025, 3, 7))["key_supervision"].holds
    assert held(whole_book, one, DAY(2025, 3, 10))["key_supervision"].take_back_by == DAY(2025, 3, 12)
    assert held(whole_book, one, DAY(2025, 4, 10)) == {}


def test_法定代表人的三年由条例写明_移出也不提前届满(whole_book: Book) -> None:
    one = listing(SERIOUS, DAY(2024, 6, 3), DAY(2025, 7, 1), cause_group="quality")
    found = held(whole_book, one, DAY(2026, 6, 30))
    assert set(found) == {"representative_barred"}
    assert found["representative_barred"].until == DAY(2027, 6, 3)
    assert held(whole_book, one, DAY(2027, 6, 4)) == {}


def test_放假安排还没有公布的年份_届满日和解除的限期都写明暂定和缘由(whole_book: Book) -> None:
    calendar = whole_book[CALENDAR]
    beyond = max(calendar.years) + 1
    one = listing(SERIOUS, DAY(beyond - 3, 3, 7), DAY(beyond, 1, 4), cause_group="quality")
    page = matrix_of(whole_book).lists["serious_violation"]
    ends = longest_end(page, one, whole_book[LAW], calendar)
    assert ends is not None
    # 名单是公示，届满日不顺延，所以不等放假安排。
    assert (ends.day, ends.provisional) == (DAY(beyond, 3, 7), False)
    found = held(whole_book, one, DAY(beyond, 1, 5))
    back = found["key_supervision"].take_back
    assert back is not None
    assert back.provisional
    assert f"{beyond}年的放假安排不在日历中" in back.doubt[0].zh
    assert back.said.zh.startswith("3个工作日（《")
    assert back.left(DAY(beyond, 1, 5), calendar).unit == "wd"
    # 由法律写明期限的一项，届满日怎样计算也留着。
    barred = found["representative_barred"]
    assert barred.lasts is not None
    assert (barred.until, barred.lasts.provisional) == (barred.lasts.day, False)


def test_届满日是国庆节的_名单和限制都不顺延_解除的限期顺延(whole_book: Book) -> None:
    # 2021年10月1日列入的，三年到2024年10月1日；9月29日移出的，三个工作日越过国庆假期到10月9日。
    page, calendar = matrix_of(whole_book).lists["serious_violation"], whole_book[CALENDAR]
    one = listing(SERIOUS, DAY(2021, 10, 1), cause_group="quality")
    ends = longest_end(page, one, whole_book[LAW], calendar)
    assert ends is not None
    assert (ends.day, ends.provisional) == (DAY(2024, 10, 1), False)
    assert held(whole_book, one, DAY(2024, 10, 1))["key_supervision"].holds
    assert not held(whole_book, one, DAY(2024, 10, 2))["key_supervision"].holds
    barred = held(whole_book, listing(SERIOUS, DAY(2022, 10, 1), cause_group="quality"), DAY(2025, 9, 30))
    assert barred["representative_barred"].until == DAY(2025, 10, 1)
    removed = listing(SERIOUS, DAY(2022, 3, 7), DAY(2024, 9, 29), cause_group="quality")
    assert held(whole_book, removed, DAY(2024, 10, 8))["key_supervision"].take_back_by == DAY(2024, 10, 9)


def test_同一期限按须有人办事算就会顺延_名单按公示算(whole_book: Book) -> None:
    law, calendar = whole_book[LAW], whole_book[CALENDAR]
    key = LawKey.parse("blacklist.removal")
    purposes: tuple[Purpose, ...] = ("display", "act")
    display, act = (deadline(law, key, DAY(2021, 10, 1), calendar, purpose=each) for each in purposes)
    assert display.day == DAY(2024, 10, 1)
    assert act.day == DAY(2024, 10, 4)
    page = matrix_of(whole_book).lists["serious_violation"]
    ends = longest_end(page, listing(SERIOUS, DAY(2021, 10, 1)), law, calendar)
    assert ends == display


def test_经营异常名录_旧条例第十八条_新条例第十九条(whole_book: Book) -> None:
    one = listing(ABNORMAL, DAY(2023, 7, 10))
    assert held(whole_book, one, DAY(2024, 4, 30))["bidding"].law[0].article == "第十八条"
    assert held(whole_book, one, DAY(2024, 5, 1))["bidding"].law[0].article == "第十九条"
    assert "key_supervision" not in held(whole_book, one, DAY(2024, 5, 1))


def test_措施由所在地最近一级的单位执行_平台上没有的部门没有单位(whole_book: Book) -> None:
    matrix, district = matrix_of(whole_book), whole_book[DISTRICT]
    assert matrix.units("construction", "990101003", district) == ("liyuan_construction",)
    assert matrix.units("market", "990102001", district) == ("cangji_market",)
    assert matrix.units("finance", "990101003", district) == ()
    assert matrix.units("market", "", district) == ()


@given(
    on=st.dates(DAY(2022, 1, 1), DAY(2026, 6, 30)),
    lasted=st.integers(0, 1500),
    after=st.integers(0, 2000),
    record=st.sampled_from((SERIOUS, ABNORMAL)),
)
@settings(max_examples=examples(60), deadline=None)
def test_措施只在列入以后_待解除的只在移出以后_而且限期不早于当天(
    whole_book: Book, on: dt.date, lasted: int, after: int, record: str
) -> None:
    day, removed = on + dt.timedelta(days=after), on + dt.timedelta(days=lasted)
    for each in held(whole_book, listing(record, on, removed, cause_group="food"), day).values():
        assert each.since <= day
        assert each.law
        assert each.take_back_by is None or ((day > removed or record == SERIOUS) and each.take_back_by >= day)
        assert each.holds or each.measure.lasts is None


def test_列入的事实把执行单位和各部门的措施填进案件_已移出的不再提示立案(whole_book: Book) -> None:
    opener = opener_named(whole_book, "joint_restriction", "hand_out_serious")
    assert opener is not None
    body = {"code": "x", "listed_on": "2026-11-02", "cause_group": "food", "cause": "试验"}
    said = FactSaid(9, SERIOUS, "liyuan_market", "990101003", DAY(2026, 11, 2), DAY(2026, 11, 5), body)
    units, measures = from_matrix(opener, said, whole_book)
    assert units == ("liyuan_market", "liyuan_construction", "liyuan_quality_office")
    assert (
        "住房和城乡建设部门：工程招投标中依法予以限制或者禁入（《企业信息公示暂行条例》第十九条）"
        in measures.splitlines()
    )
    assert "财政部门（政府采购监督管理）：政府采购中依法予以限制或者禁入" in measures
    assert "增加监督检查频次" in measures
    time = case_book(whole_book).time
    assert proposed(opener, said, time) is not None
    removed = replace(said, body={**body, "removed_on": "2026-11-20"})
    assert proposed(opener, removed, time) is None
    off = opener_named(whole_book, "joint_restriction", "removed_serious")
    assert off is not None
    told = proposed(off, removed, time)
    assert told is not None
    assert told.day == DAY(2026, 11, 20)
    assert proposed(off, said, time) is None
