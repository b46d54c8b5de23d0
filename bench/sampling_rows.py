"""Rows of supervisory sampling, invented, for the benchmarks: names and places that do not exist."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

HEADINGS = [
    "信息来源",
    "搜索条件",
    "物料名称",
    "产品分类",
    "生产商",
    "供应商",
    "生产日期",
    "批号",
    "项目分类",
    "检测项目",
    "单位",
    "检测结果",
    "限量值",
    "判定",
    "发布单位",
    "发布日期",
    "备注",
]
_FIRST = "凯铎瑞晟昊恒腾弘铭嘉泓沐煦睿骏翊祺钰锦耀朗昱奕辰璟皓澄沣淳浩砺磐铮锐钧镇锴鑫岩峻"
_SECOND = "达远图拓信诚正直厚朴敦笃勤敏谦和顺安宁康健泰祥瑜瑶琪琳琅珂珩玥璞瑾卓越超凡群伦杰"
_THIRD = "丰盛裕隆昌富贵宝鼎尊爵禧福禄寿喜庆乐悦欣怡畅舒适雅致韵律调谐声华彩绚烂辉煌灿亮明"
_PLACES = [f"云澜市{a}{b}区" for a in "东西南北中上下新古白" for b in "湾山河塘桥岭洲港溪坪"]
_TRADES = ("食品", "豆制品", "粮油", "调味品", "肉类", "水产", "百货", "商贸", "超市", "餐饮")
_FORMS = ("有限公司", "有限责任公司", "厂", "店", "经营部", "加工坊")
_PRODUCTS = ("鸡蛋", "豆腐", "粉条", "酱油", "食醋", "腊肉", "鲈鱼", "面粉", "大米", "月饼")
_CLASSES = ("蛋及蛋制品-->鲜蛋", "豆及豆制品-->非发酵豆制品", "水产及其制品-->水产加工品", "淀粉及淀粉制品-->淀粉制品")


def enterprises(count: int, rng: random.Random) -> list[str]:
    """Distinct names."""
    found: dict[str, None] = {}
    # Two to four characters of 130: as in real registers, few names of one place differ in a single character.
    signs = "".join(dict.fromkeys(_FIRST + _SECOND + _THIRD))
    while len(found) < count:
        name = "".join(rng.choices(signs, k=rng.choice((2, 3, 3, 4, 4))))
        found[rng.choice(_PLACES) + name + rng.choice(_TRADES) + rng.choice(_FORMS)] = None
    return list(found)


def rows(count: int, *, firms: int, seed: int = 7, place: int | None = None) -> Iterator[list[str]]:
    """Rows in the layout of a food sampling export: every row is another batch, one in thirty fails.

    ``place``: deliveries of one place, whatever their seed, speak of the same enterprises.
    """
    rng = random.Random(seed)
    names = enterprises(firms, rng if place is None else random.Random(place))
    pick, number = rng.choice, rng.randint
    for i in range(count):
        made = f"2025-{number(1, 12):02}-{number(1, 28):02}"
        told = f"2026-{number(1, 10):02}-{number(1, 28):02}"
        yield [
            "抽检系统",
            "",
            f"{pick(_PRODUCTS)}{number(1, 3000)}",
            pick(_CLASSES),
            pick(names) + " ",
            pick(names) + " ",
            made,
            f"B{seed}{i:08}",
            "",
            "恩诺沙星",
            "μg/kg",
            str(number(1, 900)),
            "≤100μg/kg",
            "不合格" if number(1, 30) == 1 else "合格",
            "国内监督抽查(云澜市市场监管局)",
            told,
            "",
        ]


def write(path: Path, count: int, *, firms: int, seed: int = 7, place: int | None = None) -> Path:
    """The rows as CSV (UTF-8)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(rows(count, firms=firms, seed=seed, place=place))
    return path
