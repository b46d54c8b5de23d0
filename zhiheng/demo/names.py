"""Invented names: enterprises, people, streets, codes and telephone numbers that belong to nobody.

Distinct enterprises must stay distinct after identity resolution, so trade names come from a code with distance two:
any
two of them differ in at least two of their three characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

# Three disjoint alphabets; the third character is the sum of the first two, which gives every pair of names at least
# two different characters (a Reed-Solomon code of length three over the integers modulo a prime).
FIRST = (
    "凯铎瑞晟昊恒腾弘铭嘉泓沐煦睿骏翊祺钰锦耀朗昱奕辰璟皓澄沣淳浩砺磐铮锐钧镇锴鑫岩峻嵘崇巍岱岭旭晖晗景曜曦晴"
    "蔚苍葳芃蕴蓝菁茂荣英苏若茗荷萱云霖霄霞雯露霓飞翔翼翰羽鸿鹏鹭鹤骐骥骅驰泽润津湛溪漪潇澜"
)
SECOND = (
    "达远图拓信诚正直厚朴敦笃勤敏谦和顺安宁康健泰祥瑜瑶琪琳琅珂珩玥璞瑾卓越超凡群伦杰俊彦哲贤良善美佳妙奇异思"
    "慕怀念望希企盼期许诺守约践行履步跃登攀升起兴发展开创立建筑构架桥梁柱基础根本源流汇聚集合"
)
THIRD = (
    "丰盛裕隆昌富贵宝鼎尊爵禧福禄寿喜庆乐悦欣怡畅舒适雅致韵律调谐声乐章华彩绚烂辉煌灿亮明光芒星斗月日曙晓晨朝"
    "暮夕晚秋冬春夏时令节候风雷电雨雪冰霜林森木材桐柏松杉樟楠榆槐柳杨枫桂梅兰竹菊莲"
)
PRIME = 83
CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
SURNAMES = "闵楚晏桑冉祝霍简靳栾褚鄢蔺郗邬宓麻阙"
GIVEN_FIRST = "知予望听行若闻言如仲季伯南北思怀"
GIVEN_SECOND = "岫川砚舟笛禾筝野屿汀蓼芜朔弦渚栀"
STREETS = (
    "织云路",
    "砚台街",
    "晴耕路",
    "灯塔街",
    "渡口路",
    "青瓦巷",
    "石桥路",
    "风车街",
    "麦浪路",
    "钟楼街",
    "苇塘路",
    "杏坛巷",
)


def _alphabet(signs: str) -> str:
    """The first signs of an alphabet, each once, as many as the code needs."""
    kept = "".join(dict.fromkeys(signs))[:PRIME]
    if len(kept) < PRIME:
        raise ValueError(f"an alphabet of {PRIME} signs is needed, this one has {len(kept)}")
    return kept


_FIRST, _SECOND, _THIRD = _alphabet(FIRST), _alphabet(SECOND), _alphabet(THIRD)


def trade_names(rng: Random) -> Iterator[str]:
    """All trade names of the code in an order that the seed decides; every two differ in at least two characters."""
    order = list(range(PRIME * PRIME))
    rng.shuffle(order)
    for number in order:
        a, b = divmod(number, PRIME)
        yield _FIRST[a] + _SECOND[b] + _THIRD[(a + b) % PRIME]


def organisation_check(body: str) -> str:
    """The check character of an eight-sign organisation code (GB 11714: weights, modulo 11)."""
    total = sum(
        ORGANISATION_SIGNS.index(sign) * weight for sign, weight in zip(body, ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X"[(11 - total % 11) % 11]


def credit_code(area: str, number: int, *, kind: str = "91") -> str:
    """A unified social credit code with right check characters (GB 32100), in an area that no real place has.

    ``kind``: 91 enterprises, 92 individual businesses, 12 institutions, 93 farmers' cooperatives.
    """
    body = f"MA{number:06d}"
    text = f"{kind}{area}{body}"
    text += organisation_check(body)
    total = sum(CODE_SIGNS.index(sign) * weight for sign, weight in zip(text, CODE_WEIGHTS, strict=True))
    return text + CODE_SIGNS[(31 - total % 31) % 31]


def person(rng: Random) -> str:
    """A name that nobody has: rare surname, invented given name."""
    return pick(rng, SURNAMES) + pick(rng, GIVEN_FIRST) + pick(rng, GIVEN_SECOND)


def pick(rng: Random, values: Sequence[T]) -> T:
    """One of the values; several times quicker than ``Random.choice`` and just as reproducible."""
    return values[int(rng.random() * len(values))]
