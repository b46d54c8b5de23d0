"""Complaint or report, which kind, which unit: proposed by words of the book, left to a person where they do not tell."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.routing import measured, read
from tests.book_once import book_once
from tests.conftest import SHARED
from zhiheng.engines.routing import Places, area_of, asks_of, kind_of, route
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT, District
from zhiheng.grammar.chapters.routing import ROUTING, Routing

COMPLAINT = "我在铁砧街道一家健身房办了会员卡，现在关门了，要求退款。"
REPORT = "举报霁桥街道某火锅店后厨使用地沟油，请严查。"


@pytest.fixture(scope="module")
def book(book_root: Path) -> Book:
    """The default book."""
    return book_once(book_root)


@pytest.fixture(scope="module")
def district(book: Book) -> District:
    """Its areas and units."""
    return book[DISTRICT]


@pytest.fixture(scope="module")
def routing(book: Book) -> Routing:
    """Its words."""
    found = book[ROUTING]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("买的冰箱坏了，要求退款赔偿", "complaint"),
        ("请求调解我和商家的纠纷", "complaint"),
        ("这家店卖假货，请查处", "report"),
        ("买到过期食品，要求退款并处罚商家", "both"),
        ("超市销售的散装食品没有标明生产日期", None),
        ("你好", None),
        ("", None),
        ("退 款", "complaint"),
        ("要求退　款", "complaint"),
    ],
)
def test_请求解决争议的是投诉_要求查处的是举报_两样都有的分别办_没说明白的留给人(
    routing: Routing, text: str, asks: str | None
) -> None:
    assert asks_of(routing, text)[0] == asks


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("药店销售假药", "drugs"),
        ("小区供暖温度不达标，物业不管", "housing"),
        ("学校食堂饭菜变质", "catering"),
        ("学校食堂的饭菜有异物、肉变质", "food"),
        ("超市开业噪音很大", None),
        ("电梯困人", "lifts_and_boilers"),
        ("公司拖欠工资，社保也不交", "wages"),
    ],
)
def test_哪类单位的话多就是哪类_两类单位一样多的不猜(routing: Routing, text: str, kind: str | None) -> None:
    found = kind_of(routing, text)
    assert (found.name if found is not None else None) == kind


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("砺原区铁砧街道 3 号", "990101001"),
        ("云澜市砺原区", "990101"),
        ("铁砧里步行街 27 号奶茶店", "990101001"),
        ("望井街道和霁桥街道都有", None),
        ("说不清在哪里", None),
    ],
)
def test_写了街道就到街道_只写区就到区_写了两处的不猜(
    routing: Routing, district: District, text: str, area: str | None
) -> None:
    found = area_of(routing, district, text)
    assert (found.name if found is not None else None) == area


def test_归哪个单位由哪一类和在哪里定_类别不明的先到统一接收的单位(routing: Routing, district: District) -> None:
    one = route(routing, district, text=COMPLAINT)
    assert (one.asks, one.unit, one.sure, one.area and one.area.name) == (
        "complaint",
        "liyuan_market",
        True,
        "990101001",
    )
    unclear = route(routing, district, text="请帮帮我", place="铁砧街道")
    assert (unclear.unit, unclear.sure, unclear.kind) == ("liyuan_hotline", False, None)
    assert route(routing, district, text="请帮帮我").unit is None
    elsewhere = route(routing, district, text="公司欠薪，劳动合同也不签", place="铁砧街道")
    assert (elsewhere.elsewhere, elsewhere.unit) == (True, None)


def test_自己选的地区先于写的地名_编造的代码不算(routing: Routing, district: District) -> None:
    chosen = route(routing, district, text=COMPLAINT, area="990102001")
    assert chosen.unit == "cangji_market"
    assert route(routing, district, text=COMPLAINT, area="nowhere").unit == "liyuan_market"


def test_上级没有这类单位的_由上级统一接收的单位分送(routing: Routing, district: District) -> None:
    found = route(routing, district, text="我买的农药产品是假的，种子也不出苗，要求赔偿", area="990100")
    assert (found.unit, found.sure) == ("yunlan_market", False)


def test_第十六条第十七条的情形只是提示_去掉提示结果一样(routing: Routing, district: District) -> None:
    with_causes = route(routing, district, text=COMPLAINT + "法院已受理，三年前的事，商家不详。")
    assert [flag.code for flag in with_causes.hints] == [
        "routing.already_dealt_with",
        "routing.long_ago",
        "routing.respondent_unknown",
    ]
    without = replace(with_causes, hints=(), kind=None)
    assert without == replace(route(routing, district, text=COMPLAINT), hints=(), kind=None)


@given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=12))
def test_什么样的文字都不出错_建议的单位总在书里(
    routing: Routing, district: District, text: str, place: str, area: str
) -> None:
    found = route(routing, district, text=text, place=place, area=area)
    assert found.unit is None or found.unit in district.area_of_unit
    assert found.asks in (None, "complaint", "report", "both")
    assert not (found.elsewhere and found.unit)


PLACES = Places([("青石镇康乐街 67 号", "甲所"), ("康乐街", "甲所"), ("青石镇利民路 3 号", "乙所"), ("利民路", "乙所")])


@pytest.mark.parametrize(
    ("place", "label"),
    [("康乐街 8 号早点铺", "甲所"), ("青石镇利民路", "乙所"), ("青石镇", None), ("火车站", None), ("", None)],
)
def test_没写过的地方看它像哪几处_像两边的和都不像的留给人(place: str, label: str | None) -> None:
    found = PLACES.likely(place)
    assert (found.name if found is not None else None) == label


@pytest.mark.shared
def test_发号施令的来件和别的来件一样看_什么也不改变(routing: Routing, district: District) -> None:
    cases = json.loads((SHARED / "data/cn-12315-complaints/injection_cases.json").read_text("utf-8"))
    hostile = [case["text"] for case in cases if not case["expected_safe"]]
    assert len(hostile) >= 20
    complaint, report = (route(routing, district, text=text) for text in (COMPLAINT, REPORT))
    for text in hostile:
        assert route(routing, district, text=f"{COMPLAINT}{text}") == complaint, text
        moved = route(routing, district, text=f"{REPORT}{text}")
        assert replace(moved, asks=None, asks_by=()) == replace(report, asks=None, asks_by=()), text
        # Who asks for a refund asks for it, in whatever tone; nothing makes a report cease to be one.
        assert moved.asks in (("report", "both") if "退款" in text else ("report",)), text
        alone = route(routing, district, text=text)
        assert (alone.kind, alone.unit, alone.hints) == (None, None, ()), text


@pytest.mark.shared
def test_给出建议的多数是对的_拿不准的留给人() -> None:
    folder = SHARED / "data/cn-12315-complaints"
    for name in ("dispatch_mapping.json", "golden_dataset.csv"):
        figures = measured(read(folder / name))
        assert figures.right >= 0.9 * figures.answered > 0
        assert figures.right >= figures.bayes_right_of_answered
        assert figures.answered < figures.held_out, "what cannot be told is left to a person"
