"""Find the unit in which each column of a table counts, from everything around the numbers.

A unit may stand in the cell itself, in the column's heading, in a row of units beneath it, in a line above or below the
table, in the name of the sheet or the file; where none of them says anything, the record says. The nearer one wins, but
two that speak of one and the same column and contradict each other are a question, and so is a unit that can't be
understood: a number that is wrong by ten thousand looks like any other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from zhiheng.engines import refusals
from zhiheng.engines.recognise import Layout
from zhiheng.kernel.fields.base import FieldType
from zhiheng.kernel.fields.measures import (
    IN_BRACKETS,
    UnitMeasure,
    heading_unit,
    is_decimal,
    is_multiple,
    measure,
    told_unit,
    without_currency,
)
from zhiheng.kernel.reasons import Flag, Refusal

# 填报单位, 被抽样单位 and their like name somebody: only where nothing, or a quantity, stands before it, 单位 is a
# unit; where the end of
# another word does (…监管局单位：万元, a line whose spaces were closed up), only a unit that is known is one.
_SAID = re.compile(
    r"(?:(?P<of>计量|金额|货币|数量|面积|重量|产量|资金|数值)|(?P<run>(?<=[\u4e00-\u9fff])(?=单位\s*[:：]))|(?<![\u4e00-\u9fff]))"
    r"单位(?P<by>\s*[:：为是_＿=＝]\s*|\s*)(?=(?P<units>[^:：。；;（）()]{1,40}))"
    r"|(?P<of_more>金额|货币|资金|计量|数值|数据|以上|均)(?:单位)?(?:均|都)?(?:[:：为是]|以|按)\s*(?P<more>[^:：。；;，,（）()]{1,12}?)"
    r"(?:为(?:计量)?单位|为准|计算|计|列示|表示|填列|填报|填写|列报|核算|统计|反映)?(?=$|[。；;，,\s（）()])"
)
# Unit: RMB 10,000
_SAID_IN_ENGLISH = re.compile(r"\bunits?\s*[:：]\s*(?P<units>[^:：;；()（）]{1,40})", re.IGNORECASE)
# 处罚_万元 as the name of a sheet, 万元 in a cell of its own above the table; no sum of money (共 12.5 万元).
_AT_THE_END = re.compile(
    r"(?:(?:^|[_＿\-－—])(?P<unit>[十百千万亿]{0,2}元)|(?<=[^0-9\s])\s+(?P<behind>[十百千万亿]{1,2}元))$"
)
# 排放量_kg, 排放量-吨: one letter alone is as likely a mark of something else.
_MEASURED_AT_THE_END = re.compile(r"[_＿\-－—](?P<unit>[A-Za-z]{2,4}|[\u4e00-\u9fff]{1,5})$")
# 处罚万元 may say the unit, or be what the table is about: that is asked. A sum of money (百万元, 超万元) says none.
_RUN_ON = re.compile(
    r"(?<=[^\s0-9_＿\-－—（(一二三四五六七八九十百千万亿两几数超满达余近逾过])(?P<unit>[十百千万亿]{1,2}元)$"
)
_TRADITIONAL = str.maketrans("單額幣貨計為萬億圓噸畝", "单额币货计为万亿圆吨亩")
_SEPARATORS = re.compile(r"[、,，和及\s]+")
_OF = re.compile(r"^(?:金额|数量|面积|重量|产量|资金|价格|人数)(?:单位)?[:：为是]?")
# What is measured: a unit beside the table that is not understood may be that of such a column.
_MEASURED = frozenset({"mass", "area", "length", "volume", "energy", "standard coal"})
_FOREIGN = re.compile(r"[元吨克米亩升瓦焦币]$")


@dataclass(frozen=True)
class StatedUnit:
    """A unit that a text states: as it is written, what it measures (None: not known), and the text that says so."""

    unit: str
    measure: UnitMeasure | None
    where: str


@dataclass(frozen=True)
class Units:
    """Field -> the unit in which its bare numbers count, where that is another than the record's own; and what to tell
    of it.
    """

    of: Mapping[str, str]
    remarks: tuple[Flag, ...] = ()


NO_UNITS = Units({})


def line_units(text: str) -> list[StatedUnit]:
    """The units that a line beside a table states (单位：万元、吨); a line that names a unit of the administration
    states none.
    """
    text = text[:200]
    plain = text.translate(_TRADITIONAL)
    told: list[StatedUnit] = []
    for found in _SAID.finditer(plain):
        pieces = [_OF.sub("", piece) for piece in _SEPARATORS.split(found["units"] or found["more"]) if piece]
        if len(pieces) == 1 and measure(pieces[0]) is None and "/" in pieces[0]:
            pieces = pieces[0].split("/")
        for piece in pieces:
            of = measure(piece)
            if of is not None:
                told.append(StatedUnit(piece, of, text))
            elif found["run"] is not None or (found["units"] is not None and not found["by"].strip()):
                # 单位 某某局: without a colon only a unit that is known is one (a title loses the space between: 单位万
                # 元).
                break
            elif found["more"] is not None and any(map(str.isdigit, piece)):
                # 涉案金额：12.5万元 is a sum.
                break
            elif not told and (
                (found["of"] or "") in {"计量", "金额", "货币"} or _FOREIGN.search(piece) or is_multiple(piece)
            ):
                told.append(StatedUnit(piece, None, text))
            else:
                # Behind the units the line goes on with something else (a day, the name of a department).
                break
    for found in _SAID_IN_ENGLISH.finditer(plain):
        said = found["units"].strip()
        if (of := measure(said)) is not None or re.search("[0-9]|yuan|rmb|cny", said, re.IGNORECASE):
            told.append(StatedUnit(said, of, text))
    if told:
        return told
    end = _AT_THE_END.search(plain.rstrip())
    at_the_end = [end["unit"] or end["behind"]] if end else []
    if (measured := _MEASURED_AT_THE_END.search(plain.rstrip())) is not None:
        of = measure(measured["unit"])
        at_the_end += [measured["unit"]] if of is not None and of.dimension in _MEASURED else []
    told = [
        StatedUnit(unit, of, text)
        for unit in (*IN_BRACKETS.findall(plain), *at_the_end)
        if (of := measure(unit)) is not None
    ]
    if not told and (run_on := _RUN_ON.search(plain.rstrip())) is not None:
        told.append(StatedUnit(run_on["unit"], None, text))
    return told


def says_at_its_end(name: str) -> bool:
    """Whether the name of a sheet or a file ends in a unit of what is measured (排放量_kg)."""
    found = _MEASURED_AT_THE_END.search(name.rstrip())
    return found is not None and (of := measure(found["unit"])) is not None and of.dimension in _MEASURED


def units_of(
    layout: Layout,
    types: Mapping[str, FieldType],
    headings: Sequence[str],
    *,
    row: Sequence[str] = (),
    lines: Iterable[str] = (),
) -> Units | Refusal:
    """The unit of each field of a table; a Refusal that asks, where it is not certain.

    ``row`` has what a row of units beneath the headings says of each; ``lines`` the texts beside the table, the name of
    its sheet among them.
    """
    beside = [told for text in dict.fromkeys(lines) if text for told in line_units(text)]
    counted = {types[name].counts for heading in headings for name in layout.targets(heading) if name in types}
    of: dict[str, str] = {}
    remarks: list[Flag] = []
    if (stray := _misplaced(layout, types, headings, row)) is not None:
        return stray
    for place, heading in enumerate(headings):
        for name in layout.targets(heading):
            if name not in types or not types[name].counts:
                continue
            found = _column(heading, row[place] if place < len(row) else "", types[name], beside, counted)
            if isinstance(found, Refusal):
                return found
            unit, where = found
            if where and name in layout.source.units:
                of[name] = where[0]
            elif unit:
                of[name] = unit
            if where:
                remarks.append(refusals.units_read(heading, where))
    return Units(of, tuple(remarks))


def _misplaced(
    layout: Layout, types: Mapping[str, FieldType], headings: Sequence[str], row: Sequence[str]
) -> Refusal | None:
    """Why a row of units is not certain: one stands beneath a column that counts no such thing, and a column that does
    has none.
    """
    bare: dict[str, str] = {}
    for place, heading in enumerate(headings):
        if not (heading_unit(heading) or (place < len(row) and row[place])):
            bare |= {types[n].counts: heading for n in layout.targets(heading) if n in types and types[n].counts}
    for place, unit in enumerate(row):
        of, own = measure(unit) if unit else None, layout.targets(headings[place])
        if of is None or of.dimension not in bare or not own:
            continue
        if not any(name in types and types[name].counts == of.dimension for name in own):
            return refusals.units_misplaced(unit, heading=headings[place], bare=bare[of.dimension])
    return None


def astray(
    layout: Layout, types: Mapping[str, FieldType], headings: Sequence[str], number: int, row: Sequence[str]
) -> Refusal | None:
    """The question raised by a row of units among the data (or behind it), where the rows that it applies to can't be
    determined. None where it says only what the columns count anyway.
    """
    counted = {
        name: heading
        for heading in headings
        for name in layout.targets(heading)
        if name in types and types[name].counts
    }
    for place, cell in enumerate(row):
        of, unit = measure(told_unit(cell)), told_unit(cell)
        own = layout.targets(headings[place]) if place < len(headings) else ()
        names = [name for name in own if name in counted] or list(counted)
        for name in names if of is not None else ():
            now = (
                measure(layout.source.units.get(name, "")) or measure(heading_unit(counted[name])) or _base(types[name])
            )
            if of is not None and types[name].counts == of.dimension and now != of:
                return refusals.units_astray(number, unit=unit, heading=counted[name])
    return None


def _column(
    heading: str, below: str, kind: FieldType, beside: Sequence[StatedUnit], counted: Collection[str]
) -> tuple[str, tuple[str, str, str] | None] | Refusal:
    """The unit that must be put behind the bare numbers of a column ('' where they are read rightly without), and what
    to tell: the unit, and where it was said in both languages. ``counted``: what the columns of the table count.
    """
    own = heading_unit(heading)
    if own and below and not _same(own, below):
        return refusals.units_contradict(
            heading,
            f"标题写的是“{own}”，标题下的单位行写的是“{below}”",
            f"the heading says {own}, the row of units {below}",
        )
    if said := own or below:
        if not _fits(said, kind):
            return _strange(heading, said, kind)
        if below:
            return _needed(said, kind), (below, f"标题下的单位行“{below}”", f"the row of units ({below})")
        if any(told.measure and told.measure.dimension == kind.counts and not _same(told.unit, own) for told in beside):
            return _needed(said, kind), (
                said,
                "这一列自己的标题（表旁另有单位，不用于这一列）",
                "its own heading (another unit stands beside the table)",
            )
        return _needed(said, kind), None
    near = [told for told in beside if told.measure is not None and told.measure.dimension == kind.counts]
    foreign = [told for told in beside if _unread(told, kind)]
    if foreign and measure(foreign[0].unit) is not None and foreign[0].measure is None:
        return refusals.units_doubtful(foreign[0].where, unit=foreign[0].unit, heading=heading)
    if foreign:
        return refusals.units_unknown(
            foreign[0].where, unit=foreign[0].unit, heading=heading, usual_zh=_usual(kind)[0], usual_en=_usual(kind)[1]
        )
    if not near:
        if kind.counts in _MEASURED and (other := [told for told in beside if _of_nothing_here(told, counted)]):
            # 单位：mg/L above a column of tonnes.
            return _strange(heading, other[0].unit, kind)
        return "", None
    if any(not _same(told.unit, near[0].unit) for told in near[1:]):
        units = "、".join(dict.fromkeys(f"“{told.unit}”" for told in near))
        return refusals.units_contradict(
            heading, f"表旁写了不同的单位：{units}", f"different units stand beside the table: {units}"
        )
    if not _fits(near[0].unit, kind):
        return _strange(heading, near[0].unit, kind)
    return _needed(near[0].unit, kind), (
        near[0].unit,
        f"表旁的“{near[0].where[:40]}”",
        f"'{near[0].where[:40]}' beside the table",
    )


def _unread(told: StatedUnit, kind: FieldType) -> bool:
    """Whether a text beside the table speaks of what a column counts, in a unit that is not understood."""
    if told.measure is not None:
        return kind.counts == "money" and told.measure.dimension.startswith("money:")
    if kind.counts == "money":
        return True
    of_money = re.search(r"金额|货币|资金|[元币]$|yuan|rmb|cny", told.where + told.unit, re.IGNORECASE) is not None
    return not of_money and (kind.counts in _MEASURED or (kind.counts.startswith("count:") and is_multiple(told.unit)))


def _of_nothing_here(told: StatedUnit, counted: Collection[str]) -> bool:
    """Whether a unit beside the table measures what no column of it counts. What is counted one by one and money may be
    of no column here.
    """
    of = told.measure
    return (
        of is not None
        and (of.dimension in _MEASURED or (of.dimension.startswith("own:") and "/" in of.dimension))
        and not {of.dimension, "quantity", "number"} & set(counted)
    )


def _usual(kind: FieldType) -> tuple[str, str]:
    """Units in which a column may be counted, in Chinese and in English."""
    own = str(getattr(kind, "unit", ""))
    offered = {
        "money": "元、万元或亿元（外币请先折算）",
        "mass": "克、千克或吨",
        "area": "平方米、公顷或平方公里",
        "length": "米或千米",
        "volume": "升或立方米",
        "energy": "千瓦时或万千瓦时",
        "standard coal": "吨标准煤或万吨标准煤",
    }.get(kind.counts)
    if offered is None or (own and kind.counts != "money" and own not in offered):
        offered = f"“{own}”"
    english = {"money": "元, 万元 or 亿元 (convert foreign money first)"}
    return offered, english.get(kind.counts, offered.replace("、", ", ").replace("或", " or ").strip("“”"))


def _same(one: str, other: str) -> bool:
    left, right = measure(one), measure(other)
    return one == other if left is None or right is None else left == right


def _fits(unit: str, kind: FieldType) -> bool:
    """Whether the numbers of a field can be counted in the unit, and turned exactly into the record's own."""
    of, counts = measure(unit), kind.counts
    if of is None:
        return False
    if counts == "quantity":
        return of.dimension != "money"
    if counts == "number":
        # The record says no unit: then one that is no multiple of another changes nothing.
        return of.factor == 1 or not of.dimension.startswith(("money", "count", "own"))
    if counts.startswith("count:") and of.dimension.startswith("count:"):
        # 个 or 家 beside 项: what is counted one by one is counted alike.
        return of.factor == 1 or of.dimension == counts
    if of.dimension != counts:
        return False
    base = _base(kind)
    return base is None or is_decimal(of.factor / base.factor)


def _base(kind: FieldType) -> UnitMeasure | None:
    """The measure of a bare number of a field as the record has it."""
    return measure(str(getattr(kind, "unit", "") or {"money": "元", "share": "%"}.get(kind.counts, "")))


def _needed(unit: str, kind: FieldType) -> str:
    """The unit, where a bare number would mean something else without it."""
    of, base = measure(unit), _base(kind)
    assert of is not None
    if kind.counts == "quantity":
        return unit
    if kind.counts == "number" or (base is not None and of.factor == base.factor):
        return ""
    return without_currency(unit) if kind.counts == "money" else unit


def _strange(heading: str, said: str, kind: FieldType) -> Refusal:
    own = str(getattr(kind, "unit", "")) or {"money": "元", "share": "%"}.get(kind.counts, "")
    zh = f"，这一列按“{own}”计" if own else ""
    en = f", and the column counts {own}" if own else ""
    return refusals.units_of_another_kind(heading, said=said, zh=zh, en=en)
