"""Supervisory sampling of products and of food: the rows that a district has most of, and what goes wrong in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from zhiheng.demo.clerks import ToldRow
from zhiheng.demo.economy import by_turns
from zhiheng.demo.names import person, pick
from zhiheng.demo.scenes import AS_OF, Scene, day_in, impossible, later, shuffled_exactly

INDUSTRIAL = ("petroleum_machinery", "cement", "cable", "coating", "plastic", "steel")
CONSUMER = ("textile", "electronics")
FOOD_MAKERS = ("food", "noodles", "bean_products", "beverage")
FOOD_SELLERS = ("supermarket", "shop")
GROUP_OF = {**dict.fromkeys(INDUSTRIAL, "industrial"), **dict.fromkeys(CONSUMER, "consumer")}
STANDARDS = {
    "petroleum_machinery": "SY/T 5029",
    "cement": "GB/T 4623",
    "cable": "GB/T 5023.3",
    "coating": "GB/T 9756",
    "plastic": "GB/T 5737",
    "steel": "GB 17565",
    "textile": "GB 18401",
    "electronics": "GB 4943.1",
}
FAULTS = {
    "petroleum_machinery": ("热处理硬度", "螺纹尺寸"),
    "cement": ("抗压强度", "裂缝检验"),
    "cable": ("导体电阻", "绝缘老化前机械性能"),
    "coating": ("耐洗刷性", "VOC含量"),
    "plastic": ("跌落性能",),
    "steel": ("防破坏时间", "板材厚度"),
    "textile": ("纤维含量", "pH值"),
    "electronics": ("抗电强度", "标志和说明"),
}
FOOD_CLASSES = {"food": "糕点", "noodles": "粮食加工品", "bean_products": "豆制品", "beverage": "饮料"}

# Item, result, unit and limit as results are really written: several values, 未检出, 不得使用, exponents.
FOOD_FAILS: Sequence[tuple[str, str, str, str]] = (
    ("菌落总数", "8.2×10²/8.6×10²/1.1×10³/9.5×10²/7.9×10²", "CFU/g", "n=5,c=2,m=10,M=100"),
    ("大肠菌群", "50/70/<10/60/80", "CFU/g", "n=5,c=2,m=10,M=10²"),
    ("脱氢乙酸及其钠盐（以脱氢乙酸计）", "0.231", "g/kg", "不得使用"),
    ("过氧化值（以脂肪计）", "0.62", "g/100g", "≤0.25"),
    ("铝的残留量（干样品，以Al计）", "287", "mg/kg", "≤100"),
    ("恩诺沙星", "527", "μg/kg", "≤100"),
    ("糖精钠（以糖精计）", "0.0186", "g/kg", "不得使用"),
)
FOOD_PASSES: Sequence[tuple[str, str, str, str]] = (
    ("", "", "", ""),
    ("菌落总数", "<10/<10/<10/<10/<10", "CFU/g", "n=5,c=2,m=10,M=100"),
    ("铅（以Pb计）", "未检出", "mg/kg", "≤0.5"),
    ("苯甲酸及其钠盐（以苯甲酸计）", "<0.005", "g/kg", "不得使用"),
    ("黄曲霉毒素B₁", "0.3", "μg/kg", "≤5.0"),
    ("酸价（以脂肪计）(KOH)", "1.2", "mg/g", "≤5"),
)


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """How many samples of a year, and how many of them fail."""

    samples: int
    failing: int


class ProductSampling:
    """Rows of product sampling in one place."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.rng = scene.rng("product_sampling")
        self.makers = {
            "industrial": by_turns(scene.place.of(*INDUSTRIAL), self.rng),
            "consumer": by_turns(scene.place.of(*CONSUMER), self.rng),
        }
        self.sellers = by_turns(scene.place.of(*FOOD_SELLERS), self.rng)

    def supervisory(self, year: int, *, industrial: SamplingPlan, consumer: SamplingPlan) -> list[ToldRow]:
        """A year of supervisory sampling: random choice, so it speaks of the market; the verdicts come out exactly."""
        drawn: list[tuple[str, bool]] = []
        for group, plan in (("industrial", industrial), ("consumer", consumer)):
            drawn += [(group, ok) for ok in shuffled_exactly(self.rng, plan.samples, plan.failing)]
        self.rng.shuffle(drawn)
        rows = [self._row(year, number, group, ok, "supervisory") for number, (group, ok) in enumerate(drawn, 1)]
        return rows

    def targeted(self, year: int, samples: int) -> list[ToldRow]:
        """Follow-up, special and risk sampling: it looks where trouble is, so it fails more often and is no market
        rate.
        """
        rows = []
        for number in range(1, samples + 1):
            plan = pick(self.rng, ("follow_up", "special", "risk"))
            group = pick(self.rng, ("industrial", "consumer"))
            rows.append(self._row(year, 50_000 + number, group, self.rng.random() > 0.2, plan))
        return rows

    def provincial(self, year: int, samples: int) -> Iterator[ToldRow]:
        """What the province sampled here, as its system exports it: names and places only, no codes."""
        for number in range(1, samples + 1):
            told = self._row(year, 80_000 + number, pick(self.rng, ("industrial", "consumer")), True, "supervisory")
            values = dict(told.values)
            values["sampled.place"] = values["producer.place"] = f"云澜市{self.scene.place.name}"
            yield ToldRow({k: v for k, v in values.items() if k not in ("plan", "level")}, "", told.number)

    def _row(self, year: int, number: int, group: str, ok: bool, plan: str) -> ToldRow:
        rng = self.rng
        maker = next(self.makers[group])
        from_factory = group == "industrial" or rng.random() < 0.5
        sampled = maker if from_factory else next(self.sellers)
        day = day_in(rng, year)
        reported = min(later(rng, day, 12, 35), AS_OF)
        published = min(later(rng, reported, 5, 20), AS_OF)
        objects = not ok and rng.random() < 0.1
        values: dict[str, Any] = {
            "sample_number": f"{self.scene.place.code}C{year % 100}{number:06d}",
            "task_number": f"云质抽{year}-{self.scene.place.code}-{day.month:02d}",
            "plan": plan,
            "level": "district",
            **sampled.party("sampled", day),
            **maker.party("producer", day),
            "link": "production" if from_factory else "distribution",
            "product": maker.product,
            "product_class": maker.product,
            "product_group": GROUP_OF[maker.trade],
            "model": pick(rng, ("标准型", "I型", "II型", "A3", "BV 2.5", "20kg/桶", "/", "")),
            "trademark": maker.name[4:7] if rng.random() < 0.6 else "/",
            "batch": f"{day.year}{number % 97:02d}",
            "produced_on": later(rng, day, -120, -3),
            "sampled_on": day,
            "sampler": f"{person(rng)}、{person(rng)}",
            "standard": STANDARDS[maker.trade],
            "inspected_items": "、".join(FAULTS[maker.trade]) + "等",
            "verdict": "qualified" if ok else "unqualified",
            "failed_items": "" if ok else pick(rng, FAULTS[maker.trade]),
            "laboratory": f"云澜市{self.scene.place.name}质量检验检测中心",
            "report_number": f"WT{year}-{self.scene.place.code[-2:]}{number:06d}",
            "reported_on": reported,
            "objection": "none" if not objects else "rejected",
            "published_on": published,
            "division": self.scene.division_of(sampled),
        }
        if objects:
            values["retest_verdict"] = "unqualified"
        return self.scene.tell(values)


class FoodSampling:
    """Rows of food sampling in one place."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.rng = scene.rng("food_sampling")
        self.makers = by_turns(scene.place.of(*FOOD_MAKERS), self.rng)
        self.sellers = by_turns(scene.place.of(*FOOD_SELLERS), self.rng)
        self.caterers = by_turns(scene.place.of("restaurant"), self.rng)

    def supervisory(self, year: int, *, production: SamplingPlan, distribution: SamplingPlan) -> list[ToldRow]:
        """A year of supervisory sampling at makers and at sellers, with exactly so many failing in each."""
        drawn: list[tuple[str, bool]] = []
        for link, plan in (("production", production), ("distribution", distribution)):
            drawn += [(link, ok) for ok in shuffled_exactly(self.rng, plan.samples, plan.failing)]
        self.rng.shuffle(drawn)
        rows: list[ToldRow] = []
        for number, (link, ok) in enumerate(drawn, 1):
            if link == "distribution" and number % 4 == 0:
                link = "catering"
            values = self._values(year, number, link, ok, "supervisory")
            rows.append(self.scene.tell(values))
            # A sample that fails in two items stands in two rows; the rate counts samples, not rows.
            if not ok and number % 3 == 0:
                rows.append(self.scene.tell({**values, **_item(FOOD_FAILS[number % len(FOOD_FAILS)], values["item"])}))
        return rows

    def risk(self, year: int, samples: int) -> list[ToldRow]:
        """Risk monitoring: looks for what might be wrong, so it is kept out of every rate of the market."""
        return [
            self.scene.tell(self._values(year, 60_000 + n, "distribution", self.rng.random() > 0.15, "risk"))
            for n in range(1, samples + 1)
        ]

    def collected(self, year: int, samples: int) -> Iterator[ToldRow]:
        """Results as a trade site collects them: no codes, no numbers, the production day overwritten by
        publication.
        """
        for number in range(1, samples + 1):
            values = self._values(year, 70_000 + number, "distribution", self.rng.random() > 0.04, "supervisory")
            published = values["published_on"]
            kept = {k: values[k] for k in ("product", "product_class", "sampled", "item", "verdict") if values[k]}
            kept |= {k: values[k] for k in ("result", "result.unit", "result.limit") if values[k]}
            maker, seller = values["producer"], values["sampled"]
            if number % 11 == 0 and maker != "/":
                maker = f"受委托生产商：{maker}；委托商：{next(self.makers).name}"
            elif number % 7 == 0 and maker != "/":
                maker = f"{maker}（供货商）"
            kept |= {
                "producer": maker,
                "sampled": seller + " ",
                "produced_on": published,
                "published_on": published,
                "counted_on": published,
                "batch": f"P{number:05d}",
                "published_by": f"国内监督抽查(云澜{self.scene.place.name}市场监管局)",
            }
            yield self.scene.tell(kept)

    def _values(self, year: int, number: int, link: str, ok: bool, plan: str) -> dict[str, Any]:
        rng = self.rng
        maker = next(self.makers)
        sampled = maker if link == "production" else next(self.caterers if link == "catering" else self.sellers)
        day = day_in(rng, year)
        known = link == "production" or rng.random() < 0.7
        item = (
            FOOD_PASSES[int(rng.random() * len(FOOD_PASSES))] if ok else FOOD_FAILS[int(rng.random() * len(FOOD_FAILS))]
        )
        return {
            "sample_number": f"XBJ{year % 100}{self.scene.place.code}{number:06d}",
            "plan": plan,
            "level": "district",
            "task": f"云澜（{year}）食品安全抽检计划",
            "link": link,
            "product": maker.product,
            "product_class": FOOD_CLASSES[maker.trade],
            **(
                maker.party("producer", day)
                if known
                else {"producer": "/", "producer.code": "/", "producer.address": "/"}
            ),
            **sampled.party("sampled", day),
            "specification": pick(rng, ("500g/袋", "散装称重", "1.5kg/箱", "450mL/瓶", "/")),
            "trademark": pick(rng, ("/", "", maker.name[4:6])),
            "batch": f"{day.month:02d}{number % 89:02d}",
            "produced_on": later(rng, day, -60, -1),
            "sampled_on": day,
            "counted_on": day,
            **_item(item, ""),
            "verdict": "qualified" if ok else "unqualified",
            "laboratory": f"云澜市{self.scene.place.name}质量检验检测中心",
            "published_on": min(later(rng, day, 20, 45), AS_OF),
            "division": self.scene.division_of(sampled),
        }


def _item(found: tuple[str, str, str, str], not_again: str) -> Mapping[str, str]:
    if not_again and found[0] == not_again:
        found = FOOD_FAILS[(FOOD_FAILS.index(found) + 1) % len(FOOD_FAILS)]
    return {"item": found[0], "result": found[1], "result.unit": found[2], "result.limit": found[3]}


def with_refusals(
    rows: Sequence[ToldRow], scene: Scene, *, count: int, spoil: Mapping[str, Any] | None = None, day_field: str
) -> tuple[list[ToldRow], list[ToldRow]]:
    """Spoil some rows so that they must be refused: an impossible day, or what ``spoil`` says.

    Returns the rows as handed in first, and the mended rows for a later file: no row is lost, and no number moves.
    """
    count = min(count, len(rows) // 3)
    if not count:
        return list(rows), []
    rng: Random = scene.rng(f"refusals/{day_field}/{len(rows)}")
    chosen = set(rng.sample(range(len(rows)), count))
    first: list[ToldRow] = []
    mended: list[ToldRow] = []
    for index, told in enumerate(rows):
        if index not in chosen:
            first.append(told)
            continue
        mended.append(told)
        day: dt.date = told.values[day_field]
        broken = spoil if spoil and index % 2 else {day_field: impossible(day)}
        targets = {**told.values, **broken}
        if day_field == "sampled_on" and "counted_on" in told.values and day_field in broken:
            targets["counted_on"] = broken[day_field]
        first.append(ToldRow(targets, "refused", told.number))
    return first, mended


def in_months(rows: Sequence[ToldRow], day_field: str, first_month: int, last_month: int) -> list[ToldRow]:
    """The rows whose day falls into some months (both included)."""
    return [told for told in rows if first_month <= told.values[day_field].month <= last_month]
