"""An indicator's definition in labels instead of identifiers: the record, its fields and the words of its choices.

``engines/indicator.py`` explains a computed number in the identifiers of the book, for a replay; here the same
definition is taken apart for a page, so that a record can be a link and a condition stands on a separate line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhiheng.engines.indicator import MeasurePart, Side, parts_of
from zhiheng.engines.naming import COMPARED, OUTCOMES, ROLES, SEVERITIES
from zhiheng.engines.places import level_asked
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import AREA, DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS, Indicator
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Condition, Label

_COMMON: Mapping[str, tuple[str, str]] = {
    "outcome": ("结果", "outcome"),
    "severity": ("严重程度", "severity"),
    "area": ("区域", "area"),
    "unit": ("报送单位", "unit"),
    "flags": ("存疑标记", "flags"),
    "occurred_on": ("发生日期", "true on"),
    "valid_until": ("有效期至", "holds until"),
    "quality": ("质量", "quality"),
    "year": ("年", "year"),
    "quarter": ("季度", "quarter"),
    "month": ("月", "month"),
}
_WORDS: Mapping[str, Label] = {**OUTCOMES, **SEVERITIES}
_SIDES: Mapping[tuple[str, Side], tuple[str, str]] = {
    ("number", "numerator"): ("计数", "What is counted"),
    ("rate", "numerator"): ("分子", "Numerator"),
    ("rate", "denominator"): ("分母", "Denominator"),
    ("change", "numerator"): ("本期", "This period"),
    ("change", "denominator"): ("基期", "Base"),
}


@dataclass(frozen=True)
class SideInWords:
    """One side of an indicator: what is counted of which record, under which conditions, over which days.

    ``among``: it is those of the denominator that meet the further conditions given here.
    """

    side: Side
    title: Label
    record: str
    record_label: Label
    counted: Label
    conditions: tuple[Label, ...]
    standing: bool
    first: dt.date | None
    last: dt.date
    among: bool = False


def in_words(book: Book, name: str, as_of: dt.date) -> tuple[SideInWords, ...]:
    """The sides of an indicator of the book, as it is asked as of a day."""
    indicator = book[INDICATORS][name]
    return tuple(_side(book, indicator, part) for part in parts_of(name, indicator, as_of))


def method(book: Book, name: str, as_of: dt.date) -> Label:
    """How an indicator is counted, a side on a line, for readers who have nothing but the text."""
    zh, en = [], []
    for side in in_words(book, name, as_of):
        if side.among:
            zh.append(f"{side.title.zh}：分母中{'，'.join(each.zh for each in side.conditions)}的。")
            en.append(
                f"{side.title.en}: those of the denominator whose {', '.join(each.en for each in side.conditions)}."
            )
            continue
        days_zh, days_en = _days(side)
        met_zh, met_en = [f"，{each.zh}" for each in side.conditions], [f", {each.en}" for each in side.conditions]
        zh.append(f"{side.title.zh}：{side.record_label.zh}的{side.counted.zh}{''.join(met_zh)}；{days_zh}。")
        en.append(f"{side.title.en}: {side.counted.en} of {side.record_label.en}{''.join(met_en)}; {days_en}.")
    return Label(zh="\n".join(zh), en="\n".join(en))


def _days(side: SideInWords) -> tuple[str, str]:
    if side.standing:
        return f"{side.last} 仍有效的", f"what holds on {side.last}"
    if side.first is None:
        return f"截至 {side.last} 的全部", f"all up to {side.last}"
    return f"{side.first} 至 {side.last}", f"{side.first} to {side.last}"


def _side(book: Book, indicator: Indicator, part: MeasurePart) -> SideInWords:
    record = part.measure.record
    entry = book[RECORDS].get(record)
    among = part.side == "numerator" and indicator.numerator is not None
    conditions = indicator.numerator.items() if among and indicator.numerator is not None else part.where
    return SideInWords(
        part.side,
        _label(_SIDES[indicator.kind, part.side]),
        record,
        entry.record.label if entry is not None else Label(zh=record, en=record),
        _counted(book, part),
        tuple(condition_in_words(book, record, n, c) for n, c in conditions),
        part.standing,
        part.first,
        part.last,
        among,
    )


def _counted(book: Book, part: MeasurePart) -> Label:
    measure = part.measure
    if measure.count == "facts":
        return Label(zh="记录条数", en="number of records")
    if measure.count is not None and measure.count in ROLES:
        role = ROLES[measure.count]
        return Label(
            zh=f"不同{role.zh}的个数（同一主体只计一次）", en=f"number of different {role.en}s, each subject once"
        )
    if measure.count is not None:
        field = field_label(book, measure.record, measure.count)
        return Label(zh=f"不同“{field.zh}”的个数", en=f"number of different values of '{field.en}'")
    for verb, zh, en in (("sum", "合计", "sum of"), ("max", "最大值", "greatest"), ("min", "最小值", "least")):
        if (column := getattr(measure, verb)) is not None:
            field = field_label(book, measure.record, column)
            return Label(zh=f"“{field.zh}”的{zh}", en=f"{en} '{field.en}'")
    raise AssertionError(measure)


def condition_in_words(book: Book, record: str, name: str, condition: Condition) -> Label:
    """A condition with the label of its field and the words of its values."""
    field = field_label(book, record, name)
    zh, en = [], []
    for key, word in COMPARED.items():
        if (value := getattr(condition, key)) is None:
            continue
        values = value if isinstance(value, tuple) else (value,)
        labels = [value_label(book, record, name, each) for each in values]
        zh.append(f"{word.zh}{_one_of([label.zh for label in labels], '、', '或')}")
        en.append(f"{word.en} {_one_of([label.en for label in labels], ', ', ' or ')}")
    if condition.exists is not None:
        zh.append("有内容" if condition.exists else "没有内容")
        en.append("is given" if condition.exists else "is not given")
    return Label(zh=f"{field.zh}{'，'.join(zh)}", en=f"{field.en} {', '.join(en)}")


def _one_of(words: Sequence[str], between: str, last: str) -> str:
    return last.join([between.join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def field_label(book: Book, record: str, column: str) -> Label:
    """The name of a column: of the field that it belongs to, or of what every fact has."""
    if (entry := book[RECORDS].get(record)) is not None:
        fields = entry.record.fields
        # A compound value has several columns, called after the field and its part.
        for name in (column, *(column.rsplit("_", cut)[0] for cut in range(1, column.count("_") + 1))):
            if name in fields:
                return fields[name].label
    if column not in _COMMON and column in ROLES:
        return ROLES[column]
    return _label(_COMMON.get(column, (column, column)))


def value_label(book: Book, record: str, column: str, value: Any) -> Label:
    """A value in words: a choice by the first word that departments use for it, yes and no, an outcome, an area, a
    unit.
    """
    if isinstance(value, bool) or value in ("true", "false"):
        return Label(zh="是", en="yes") if value in (True, "true") else Label(zh="否", en="no")
    text = str(value)
    entry = book[RECORDS].get(record)
    field = entry.record.fields.get(column) if entry is not None else None
    kind = next(iter(entry.types.values())).get(column) if entry is not None else None
    if text in (getattr(kind, "choices", None) or {}):
        assert kind is not None
        return Label(
            zh=kind.show([text] if kind.name == "multi_choice" else text),
            en=kind.show([text] if kind.name == "multi_choice" else text, lang="en"),
        )
    if column.partition(":")[0] == AREA and (area := book[DISTRICT].area(text)) is not None:
        return area.name
    if column == "unit":
        return next((unit.name for unit in book[DISTRICT].units if unit.id == text), Label(zh=text, en=text))
    otherwise = Label(zh=text, en=text)
    return _WORDS.get(text, otherwise) if field is None else otherwise


def dimension_label(book: Book, indicator: Indicator, dimension: str) -> Label:
    """The name of a dimension that an indicator can be split by."""
    if (level := book[DISTRICT].level(level_asked(dimension))) is not None:
        return level.name
    if dimension in _COMMON:
        return _label(_COMMON[dimension])
    records: Sequence[str] = [measure.record for measure in indicator.measures()]
    return field_label(book, records[0], dimension)


def _label(pair: tuple[str, str]) -> Label:
    return Label(zh=pair[0], en=pair[1])
