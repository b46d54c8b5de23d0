"""Days, numbers and amounts of money as official papers write them in Chinese characters.

The day of a paper is written digit by digit (二〇二六年十二月一日), an amount in characters of account that nobody can
change with a stroke (壹万贰仟元整), as the Accounting Basic Work Rules ask (会计基础工作规范).
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Final

from zhiheng.kernel import refusals
from zhiheng.kernel.reasons import Refused

_DIGITS: Final = "〇一二三四五六七八九"
_ACCOUNT: Final = "零壹贰叁肆伍陆柒捌玖"
_PLACES: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿")
_TOO_MUCH: Final = Decimal(10) ** 16


def chinese_day(day: dt.date) -> str:
    """二〇二六年十二月一日."""
    year = "".join(_DIGITS[int(digit)] for digit in f"{day.year:04}")
    return f"{year}年{_below_hundred(day.month)}月{_below_hundred(day.day)}日"


def plain_day(day: dt.date) -> str:
    """2026年12月1日, as days stand in the text of a paper."""
    return f"{day.year}年{day.month}月{day.day}日"


def plain_moment(moment: dt.datetime) -> str:
    """2026年12月1日9时30分."""
    return f"{plain_day(moment.date())}{moment.hour}时{moment.minute:02}分"


def counted(number: int) -> str:
    """十五, as periods are counted in the text of a law; from a hundred on in digits."""
    return _below_hundred(number) if 0 < number < 100 else str(number)


def _below_hundred(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def plain_yuan(amount: Decimal) -> str:
    """20000元, 0.50元: without cents where there are none."""
    rounded = _in_cents(amount)
    return f"{rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded}元"


def capital_yuan(amount: Decimal) -> str:
    """人民币贰万元整: an amount of yuan in characters of account, rounded to cents.

    Raises Refused for what is below zero or has more than sixteen digits.
    """
    cents = int(_in_cents(amount) * 100)
    if cents < 0 or amount >= _TOO_MUCH:
        raise Refused(refusals.amount_in_capitals(amount))
    yuan, rest = divmod(cents, 100)
    jiao, fen = divmod(rest, 10)
    whole = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"人民币{whole or '零元'}整"
    # A zero stands where a place is left out between what is named: 壹佰元零伍分, 壹拾元零伍角.
    gap = "零" if yuan and (not jiao or not yuan % 10) else ""
    parts = f"{_ACCOUNT[jiao]}角" if jiao else ""
    return f"人民币{whole}{gap}{parts}{f'{_ACCOUNT[fen]}分' if fen else '整'}"


def _in_cents(amount: Decimal) -> Decimal:
    return Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _whole(number: int) -> str:
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    told = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            # The hundred millions of a number of ten thousands of them (万亿) still want their 亿.
            told += "亿" if place == 2 and len(groups) == 4 else ""
            continue
        above = told and (group < 1000 or not groups[place + 1])
        name = "万" if place == 3 else _GROUPS[place]
        told += ("零" if above else "") + _group(group) + name
    return told


def _group(number: int) -> str:
    digits = [number // 10**place % 10 for place in (3, 2, 1, 0)]
    first = next(place for place, digit in enumerate(digits) if digit)
    told = f"{_ACCOUNT[digits[first]]}{_PLACES[3 - first]}"
    for (place, digit), (_, before) in ((pair[1], pair[0]) for pair in pairwise(enumerate(digits))):
        if place > first and digit:
            told += ("零" if not before else "") + f"{_ACCOUNT[digit]}{_PLACES[3 - place]}"
    return told
