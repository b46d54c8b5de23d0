"""所在地说不清、说了两个、在别的区、搬了家：各街道与未分到的合起来仍恰是全区，规则书的每个指标、留存的数都是这样。"""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo.sums_of_areas import _Compared
from tests.published.places import Place, default_book, place
from zhiheng.actions.identity.link_subjects import merge
from zhiheng.actions.projections.refresh_projections import refresh
from zhiheng.analytics.lake import Lake, project
from zhiheng.analytics.query import facts_behind, figures
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Alias

__all__ = ["default_book", "place"]
# The whole book over a lake of its own: minutes, not seconds.
pytestmark = pytest.mark.slow

REGISTER = ("enterprise_register", "在营企业按登记信息收下，注册资本按万元读")
SAMPLE = ("food_sampling", "结果、单位、限量各占一栏，合成一个值")
LIFT = ("special_equipment", "住宅小区在用电梯有使用单位、维保单位和下次检验日期")
LIYUAN, CANGJI = "990101", "990102"
TIEZHEN, WANGJING, HEWAN, JIQIAO = "990101001", "990101002", "990101005", "990102001"
STREETS = (TIEZHEN, WANGJING, HEWAN, JIQIAO)
CODES = {"甲": "91990101DM93J4CY3U", "乙": "91990101QF8NMTAQ52", "丙": "91990102068997783X"}


class Compared(_Compared):
    """The comparison of the demo, over the place of one test."""

    def __init__(self, place: Place, lake: Lake) -> None:
        self.book, self.lake, self.known = place.book, lake, place.now.date()
        self.many, self.wrong, self.asked = 0, [], {}


def firm(who: str) -> dict[str, str]:
    return {"name": f"云澜市{who}檐雨食品有限公司", "code": CODES.get(who, "")}


def registered(place: Place, who: str, street: str, day: str = "2026-01-05", unit: str = "liyuan_market") -> None:
    names = {"企业名称": firm(who)["name"], "统一社会信用代码": firm(who)["code"]}
    place.fact(*REGISTER, unit=unit, **names, 所属街道=street, 核准日期=day)


def lift(place: Place, number: int, who: str) -> int:
    user = {"使用单位": firm(who)["name"], "使用单位统一社会信用代码": firm(who)["code"]}
    # Another sub-district stands in the place of use: that is text, and no place of the record.
    return place.fact(*LIFT, 设备代码=f"3110990101201905{number:04}", 登记日期="2026-02-01", **user).id


def sample(place: Place, number: int, seller: str, producer: str, area: str = "") -> int:
    cells = {
        "被抽样单位": firm(seller)["name"],
        "被抽样单位统一社会信用代码": firm(seller)["code"],
        "标称生产企业": firm(producer)["name"],
        "标称生产企业统一社会信用代码": firm(producer)["code"],
    }
    return place.fact(*SAMPLE, 抽样编号=f"XBJ26990101500{number:03}", 抽样地区=area, **cells).id


@pytest.fixture
def odd(place: Place) -> tuple[Place, Lake, dict[str, int]]:
    """A firm that moved, one of another district, one of which nobody says where it is, and facts about each of
    them.
    """
    registered(place, "甲", "铁砧街道")
    registered(place, "丙", "霁桥街道", unit="cangji_market")
    registered(place, "乙", "望井街道")
    facts = {
        "lift of one that moved later": lift(place, 1, "甲"),
        "lift of one in another district": lift(place, 2, "丙"),
        "lift of one that nobody placed": lift(place, 3, "丁"),
        "seller and producer in two sub-districts": sample(place, 1, "乙", "甲"),
        "seller elsewhere, producer here": sample(place, 2, "丙", "甲"),
        "its own area": sample(place, 3, "甲", "乙", "河弯镇"),
        "nobody placed": sample(place, 4, "丁", "丁"),
    }
    registered(place, "甲", "望井街道", "2026-05-06")
    lake = Lake(place.folder / "lake", place.book)
    project(lake)
    return place, lake, facts


def street_of(lake: Lake, place: Place, indicator: str, fact: int) -> list[str]:
    asked: dict[str, Any] = {"as_of": place.now.date(), "known_on": place.now.date()}
    return [street for street in STREETS if fact in facts_behind(lake, place.book, indicator, area=street, **asked)]


def test_搬了家的跟着搬_在别的区的不出本区_自己写了的不改_分不到的不猜(
    odd: tuple[Place, Lake, dict[str, int]],
) -> None:
    place, lake, facts = odd
    lifts, samples = "special_equipment_in_use", "food_pass_rate"
    assert street_of(lake, place, lifts, facts["lift of one that moved later"]) == [WANGJING]
    assert street_of(lake, place, lifts, facts["lift of one in another district"]) == []
    assert street_of(lake, place, lifts, facts["lift of one that nobody placed"]) == []
    assert street_of(lake, place, samples, facts["seller and producer in two sub-districts"]) == [WANGJING]
    assert street_of(lake, place, samples, facts["seller elsewhere, producer here"]) == [WANGJING]
    assert street_of(lake, place, samples, facts["its own area"]) == [HEWAN]
    assert street_of(lake, place, samples, facts["nobody placed"]) == []
    asked: dict[str, Any] = {"as_of": place.now.date(), "known_on": place.now.date(), "names": [lifts]}
    (of_cangji,) = figures(lake, place.book, area=CANGJI, **asked)
    assert of_cangji.facts == 0, "a place never takes a fact out of the district that reported it"


def test_每个指标各街道与未分到的合起来恰是全区_两个区的两家合并以后也是(
    odd: tuple[Place, Lake, dict[str, int]],
) -> None:
    place, lake, _ = odd
    # Two firms with places in two districts are one: whichever place counts, each fact is counted once.
    one, other = (Alias.objects.filter(code=CODES[who]).values_list("subject_id", flat=True)[0] for who in "甲丙")
    merge(min(one, other), [max(one, other)], reason="同一家", call=Call(SYSTEM, place.book, place.now))
    project(lake)
    refresh(Call(SYSTEM, place.book, place.now), lake=lake)
    compared = Compared(place, lake)
    compared.numbers(LIYUAN)
    compared.stored()
    assert compared.many > 500
    assert compared.wrong == []
