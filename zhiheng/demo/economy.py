"""The enterprises of a demo place: how many of each trade, and one invented firm after another.

What a place is known for (107 makers of petroleum machinery, 80 makers of drugs) is decided here, as a number of firms;
no indicator's value is written anywhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from zhiheng.demo.names import STREETS, credit_code, person, pick
from zhiheng.grammar.chapters.district import District

CITY = "云澜市"


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of firm: its industry (GB/T 4754-2017), what its names end in, what it makes or does."""

    industry: str
    sector: str
    key_industry: str
    suffixes: tuple[str, ...]
    products: tuple[str, ...]
    access: str = "none"


TRADES: Mapping[str, Trade] = {
    "petroleum_machinery": Trade(
        "3512",
        "manufacturing",
        "petroleum_machinery",
        ("石油机械有限公司", "石油装备制造有限公司"),
        ("抽油机", "钻井泵", "井口装置", "石油钻杆接头", "防喷器", "采油树", "泥浆泵缸套"),
    ),
    "food": Trade(
        "1411",
        "manufacturing",
        "food",
        ("食品有限公司", "食品厂"),
        ("面包", "桃酥", "月饼", "蛋糕", "绿豆糕"),
        "food_licence",
    ),
    "noodles": Trade(
        "1431",
        "manufacturing",
        "food",
        ("粮油食品有限公司", "面业有限公司"),
        ("挂面", "小麦粉", "大米", "米粉"),
        "food_licence",
    ),
    "bean_products": Trade(
        "1392", "manufacturing", "food", ("豆制品有限公司", "豆制品厂"), ("豆腐干", "腐竹", "油豆皮"), "food_licence"
    ),
    "beverage": Trade(
        "1523", "manufacturing", "food", ("饮品有限公司",), ("苹果汁饮料", "沙棘汁", "山楂饮料"), "food_licence"
    ),
    "cement": Trade(
        "3021",
        "manufacturing",
        "building_material",
        ("建材有限公司", "水泥制品有限公司"),
        ("预制构件", "水泥电杆", "混凝土砌块"),
        "production_licence",
    ),
    "cable": Trade(
        "3831",
        "manufacturing",
        "electronics",
        ("电缆有限公司", "线缆有限公司"),
        ("电线", "电力电缆", "控制电缆"),
        "compulsory_certification",
    ),
    "electronics": Trade(
        "3912",
        "manufacturing",
        "electronics",
        ("电子科技有限公司", "智能设备有限公司"),
        ("电源适配器", "显示器", "充电器"),
        "compulsory_certification",
    ),
    "coating": Trade(
        "2641",
        "manufacturing",
        "chemical",
        ("涂料有限公司", "化工有限责任公司"),
        ("内墙涂料", "防锈漆", "地坪漆"),
        "production_licence",
    ),
    "textile": Trade("1711", "manufacturing", "textile", ("纺织有限公司", "棉纺织厂"), ("棉纱", "坯布", "床上用品")),
    "plastic": Trade(
        "2929", "manufacturing", "none", ("塑料制品有限公司", "塑业有限责任公司"), ("塑料管材", "周转箱", "农用薄膜")
    ),
    "steel": Trade("3311", "manufacturing", "none", ("钢结构有限公司", "金属制品有限公司"), ("钢梁", "货架", "防盗门")),
    "supermarket": Trade("5212", "trade", "none", ("超市", "百货超市有限公司", "便利店"), ("食品零售",)),
    "shop": Trade("5211", "trade", "none", ("商贸有限公司", "百货商行", "副食店"), ("日用百货",)),
    "restaurant": Trade("6210", "trade", "none", ("餐饮店", "酒楼", "小吃店"), ("餐饮服务",)),
    "service": Trade(
        "8010", "service", "none", ("家政服务有限公司", "养老服务有限公司", "快递服务有限公司"), ("家庭服务",)
    ),
    "property": Trade("7020", "service", "none", ("物业服务有限公司", "物业管理有限责任公司"), ("物业管理",)),
    "lift_service": Trade("4320", "service", "none", ("电梯工程有限公司",), ("电梯维护保养",)),
    "institute": Trade(
        "7320", "service", "none", ("标准化研究院有限公司", "检测技术研究院有限公司"), ("技术标准研究",)
    ),
    "builder": Trade("4710", "construction", "none", ("建筑工程有限公司", "建设集团有限公司"), ("房屋建筑",)),
    "developer": Trade("7010", "construction", "none", ("房地产开发有限公司", "置业有限公司"), ("房地产开发",)),
    "farm": Trade(
        "0141", "agriculture", "none", ("蔬菜种植专业合作社", "农业发展有限公司"), ("黄瓜", "番茄", "苹果", "小米")
    ),
    "medical_oxygen": Trade("2619", "manufacturing", "medicine", ("医用氧有限公司", "气体有限公司"), ("医用氧",)),
    "herbal_slices": Trade(
        "2730", "manufacturing", "medicine", ("中药饮片有限公司",), ("黄芪", "甘草片", "当归", "党参片")
    ),
    "excipient": Trade("2780", "manufacturing", "medicine", ("药用辅料有限公司",), ("药用淀粉", "羧甲淀粉钠")),
    "preparation": Trade(
        "2720",
        "manufacturing",
        "medicine",
        ("制药有限公司", "药业有限责任公司"),
        ("复方甘草片", "板蓝根颗粒", "维生素C片", "葡萄糖注射液"),
    ),
}


@dataclass(frozen=True, slots=True)
class Firm:
    """One invented enterprise."""

    name: str
    code: str
    trade: str
    area: str
    area_name: str
    address: str
    founded: dt.date
    capital: int
    employees: int
    person: str
    phone: str
    product: str
    former: str = ""
    quality_file: bool = True
    access: str = "none"
    access_pending: bool = False

    @property
    def kind(self) -> Trade:
        """What it does."""
        return TRADES[self.trade]

    def name_on(self, day: dt.date) -> str:
        """The name that files of a day give it: firms that were renamed in 2025 are still found under the former
        one.
        """
        return self.former if self.former and day < RENAMED else self.name

    def party(self, role: str, day: dt.date | None = None) -> dict[str, str]:
        """The cells of a party column and of the columns that go with it."""
        name = self.name if day is None else self.name_on(day)
        return {role: name, f"{role}.code": self.code, f"{role}.address": self.address}


RENAMED = dt.date(2025, 7, 1)


@dataclass(slots=True)
class DemoPlace:
    """A demo place: its part of the tree, its firms by trade."""

    code: str
    name: str
    prefix: str
    streets: tuple[tuple[str, str], ...]
    firms: list[Firm] = field(default_factory=list)

    def of(self, *trades: str) -> list[Firm]:
        """The firms of some trades, in the order of the register."""
        return [firm for firm in self.firms if firm.trade in trades]


def found_place(
    district: District,
    code: str,
    prefix: str,
    *,
    trades: Mapping[str, int],
    without_file: Mapping[str, int],
    licensed: int | None,
    pending: int = 0,
    names: Iterator[str],
    first_number: int,
    rng: Random,
) -> DemoPlace:
    """Found a place's firms.

    ``trades``: how many firms of each trade have a quality file; ``without_file``: further firms that have none;
    ``licensed``: how many firms hold a production licence or a compulsory certificate (None: all whose trade needs
    one);
    ``pending``: how many food makers still wait for their licence;
    ``first_number``: where the running numbers of its codes begin.
    """
    area = next(a for a in district.areas if a.code == code)
    streets = tuple((a.code, a.name.zh) for a in district.areas if a.parent == code)
    place = DemoPlace(code, area.name.zh, prefix, streets)
    number = first_number
    left = licensed
    for has_file, counts in ((True, trades), (False, without_file)):
        for trade, count in counts.items():
            for _ in range(count):
                access = TRADES[trade].access
                if access in ("production_licence", "compulsory_certification") and left is not None:
                    access = access if left > 0 else "none"
                    left -= access != "none"
                waits = access == "food_licence" and has_file and pending > 0
                pending -= waits
                firm = _firm(place, trade, next(names), number, rng, has_file, access)
                place.firms.append(replace(firm, access_pending=True) if waits else firm)
                number += 1
    if left:
        raise ValueError(
            f"{place.name}: {left} more firms should hold a licence than there are firms whose trade needs one"
        )
    return place


def _firm(place: DemoPlace, trade: str, word: str, number: int, rng: Random, has_file: bool, access: str) -> Firm:
    kind = TRADES[trade]
    suffix = pick(rng, kind.suffixes)
    street_code, street = pick(rng, place.streets)
    short = place.name[:-2] if place.name.endswith("地区") else place.name[:-1]
    # One firm in six carries its place in brackets behind the trade name, the way bracket variants come into files.
    front = f"{word}（{CITY}）" if number % 6 == 0 else f"{CITY}{short}{word}"
    small = suffix.endswith(("店", "商行", "厂", "酒楼", "超市"))
    former = ""
    if has_file and number % 23 == 0 and not small:
        former = f"{CITY}{short}{word}实业有限公司"
    founded = dt.date(1996, 1, 1) + dt.timedelta(days=int(rng.random() * 9800))
    return Firm(
        name=front + suffix,
        code=credit_code(place.code, number, kind="92" if small else "93" if "合作社" in suffix else "91"),
        trade=trade,
        area=street_code,
        area_name=street,
        address=f"{CITY}{place.name}{street}{pick(rng, STREETS)}{1 + int(rng.random() * 480)}号",
        founded=founded,
        capital=(5 if small else 50) * (1 + int(rng.random() * 60)),
        employees=1 + int(rng.random() * (9 if small else 320)),
        person=person(rng),
        phone=f"0400-555{number % 10000:04d}",
        product=pick(rng, kind.products),
        former=former,
        quality_file=has_file,
        access=access,
    )


def by_turns(firms: Sequence[Firm], rng: Random) -> Iterator[Firm]:
    """The firms in a shuffled order, again and again: every one gets its share of samples and inspections."""
    order = list(firms)
    if not order:
        raise ValueError("there is no firm to take by turns")
    while True:
        rng.shuffle(order)
        yield from order
