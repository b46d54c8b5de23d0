"""Signals in words: what they are about, and what was found, in one sentence with its numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from zhiheng.engines.definition import condition_in_words, field_label, value_label
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.early_warning import (
    AREA,
    AREAS,
    Cluster,
    Detector,
    EarlyWarning,
    Expiry,
    NeverFails,
    Scan,
    Silence,
    Trend,
)
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import ROLES, Label


class SignalNumbers(Protocol):
    """The numbers of a signal, found or stored."""

    first: dt.date
    last: dt.date
    observed: float
    expected: float | None
    bound: float | None
    facts: int
    score: float | None


def key_words(book: Book, record: str, key: Mapping[str, str], names: Mapping[int, str]) -> Label:
    """What a signal is about: its groups by their names, the area first. ``names``: subject -> name."""
    zh, en = [], []
    for name, value in sorted(key.items(), key=lambda one: (one[0] != AREA, one[0])):
        said = _value(book, record, name, value, names)
        zh.append(said.zh)
        en.append(said.en)
    return Label(zh=" · ".join(zh) or "全部", en=" · ".join(en) or "everything")


def _value(book: Book, record: str, name: str, value: str, names: Mapping[int, str]) -> Label:
    if name in ROLES or name == "about":
        known = names.get(int(value)) if value.isdigit() else None
        return Label(zh=known or f"主体 {value}", en=known or f"subject {value}")
    if name == AREAS:
        areas = [book[DISTRICT].names.get(code, Label(zh=code, en=code)) for code in value.split(",")]
        return Label(zh="、".join(one.zh for one in areas), en=", ".join(one.en for one in areas))
    if name == AREA:
        area = book[DISTRICT].area(value)
        return area.name if area is not None else Label(zh=value, en=value)
    if name == "record":
        entry = book[RECORDS].get(value)
        return entry.record.label if entry is not None else Label(zh=value, en=value)
    if name == "unit":
        return book[DISTRICT].names.get(value, Label(zh=value, en=value))
    return value_label(book, record, name, value)


def group_label(book: Book, record: str, name: str) -> Label:
    """The name of a group of a key."""
    return Label(zh="区域", en="area") if name == AREA else field_label(book, record, name)


def signal_words(book: Book, page: EarlyWarning | None, one: SignalNumbers, about: Label) -> Label:
    """What was found, in one sentence."""
    kind = page.watch if page is not None else None
    days = Label(zh=_days_zh(one), en=_days_en(one))
    count = _number(one.observed)
    if isinstance(kind, Silence):
        zh, en = f"{count} 天没有报送（欠 {one.facts} 期）", f"silent for {count} days ({one.facts} deliveries owed)"
        return Label(zh=f"{about.zh}：{zh}", en=f"{about.en}: {en}")
    if isinstance(kind, Expiry):
        left = int(one.observed)
        zh = f"{one.last} 到期，还有 {left} 天" if left >= 0 else f"{one.last} 已到期 {-left} 天，没有新的"
        en = f"ends on {one.last}, {left} days left" if left >= 0 else f"ended on {one.last}, {-left} days ago"
        return Label(zh=f"{about.zh}：{zh}", en=f"{about.en}: {en}")
    if isinstance(kind, NeverFails):
        usual = _number(one.expected or 0)
        zh = f"{days.zh}检验 {one.facts} 次，没有一次不合格；按其他机构的比例约有 {usual} 次"
        en = f"{one.facts} tests {days.en}, none failed; at the rate of the others about {usual} would"
        return Label(zh=f"{about.zh}：{zh}", en=f"{about.en}: {en}")
    if isinstance(kind, Scan):
        usual = _number(one.expected)
        zh = f"{days.zh}共 {count} 件，按各自以往和近期总数折算约 {usual} 件"
        en = f"{count} {days.en}; by their own past, at the total of these weeks, about {usual}"
        return Label(zh=f"{about.zh}：{zh}", en=f"{about.en}: {en}")
    zh, en = f"{days.zh}共 {count} 件", f"{count} {days.en}"
    if isinstance(kind, Trend) and one.bound is not None:
        usual_zh = f"，按以往约 {_number(one.expected)} 件" if one.expected is not None else ""
        usual_en = f", usually about {_number(one.expected)}" if one.expected is not None else ""
        zh += f"{usual_zh}，超过统计上限 {_number(one.bound)} 件"
        en += f"{usual_en}; the bound is {_number(one.bound)}"
    elif isinstance(kind, Cluster):
        counted = _counted(book, kind)
        least = _number(one.bound)
        zh = f"{days.zh}{one.facts} 件，其中 {kind.within} 天内有 {count} {counted.zh}（{least} {counted.zh[0]}起提示）"
        en = f"{one.facts} facts {days.en}, {count} {counted.en} within {kind.within} days (told from {least} on)"
    return Label(zh=f"{about.zh}：{zh}", en=f"{about.en}: {en}")


def _days_zh(one: SignalNumbers) -> str:
    return f"{one.first} " if one.first == one.last else f"{one.first} 至 {one.last} "


def _days_en(one: SignalNumbers) -> str:
    return f"on {one.first}" if one.first == one.last else f"from {one.first} to {one.last}"


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def _counted(book: Book, watch: Cluster) -> Label:
    """What a cluster counts, with its measure word."""
    if watch.count == "facts":
        return Label(zh="件", en="facts")
    said = group_label(book, watch.record, watch.count)
    measure = "家" if watch.count in ROLES else "个"
    return Label(zh=f"{measure}不同的{said.zh}", en=f"different {said.en}")


_METHODS: Mapping[str, Label] = MappingProxyType(
    {
        "farrington_flexible": Label(zh="Farrington 改进法（Noufaily 2013）", en="improved Farrington (Noufaily 2013)"),
        "farrington": Label(zh="Farrington 法（1996）", en="Farrington (1996)"),
        "ears_c1": Label(zh="EARS C1", en="EARS C1"),
        "ears_c2": Label(zh="EARS C2", en="EARS C2"),
        "ears_c3": Label(zh="EARS C3", en="EARS C3"),
        "rki": Label(zh="RKI 法", en="RKI"),
        "bayes": Label(zh="贝叶斯法", en="Bayes"),
        "kulldorff": Label(zh="Kulldorff 时空扫描（2001）", en="Kulldorff's space-time scan (2001)"),
    }
)


def method_words(said: str) -> Label:
    """A method as it is written down with a signal, by its name; its settings stay as they are."""
    name, _, settings = said.partition("(")
    known = _METHODS.get(name, Label(zh=name, en=name))
    rest = f"（{settings.rstrip(')')}）" if settings else ""
    return Label(zh=f"{known.zh}{rest}", en=f"{known.en}{f' ({settings}' if settings else ''}")


def _detector_words(detector: Detector) -> Label:
    """A method with how far it looks back."""
    known, (years, _) = _METHODS[detector.method], detector.lookback
    if detector.method.startswith("ears"):
        return Label(zh=f"{known.zh}（前 {detector.baseline} 期）", en=f"{known.en} ({detector.baseline} periods back)")
    return Label(zh=f"{known.zh}（前 {years} 年）", en=f"{known.en} ({years} years back)") if years else known


def watched_words(book: Book, page: EarlyWarning) -> Label:
    """What a warning watches, in one sentence."""
    watch = page.watch
    if watch.record is None:
        return Label(zh="各单位应报的全部记录类型", en="all records that units owe")
    entry = book[RECORDS][watch.record].record.label
    if isinstance(watch, Trend | Cluster):
        met = [condition_in_words(book, watch.record, name, each) for name, each in watch.where.items()]
        groups = [group_label(book, watch.record, name) for name in watch.per]
        where_zh, where_en = "，".join(one.zh for one in met), ", ".join(one.en for one in met)
        by_zh, by_en = "、".join(one.zh for one in groups), ", ".join(one.en for one in groups)
        if isinstance(watch, Trend):
            every_zh, every_en = ("周", "week") if watch.every == "week" else ("日", "day")
            said = [_detector_words(each) for each in watch.detectors]
            methods, ways = "、".join(one.zh for one in said), ", ".join(one.en for one in said)
            return Label(
                zh=f"{entry.zh}（{where_zh}），按{by_zh}逐{every_zh}计数；{methods}，历史够用的取前一种",
                en=f"{entry.en} ({where_en}) by {every_en}, per {by_en}; {ways}, the first with history enough",
            )
        counted, least = _counted(book, watch), _number(min(watch.levels.values()))
        of_one = f"同一{by_zh}" if by_zh else "合计"
        return Label(
            zh=f"{entry.zh}（{where_zh}）：{of_one}，{watch.within} 天内 {least} {counted.zh}起",
            en=f"{entry.en} ({where_en}): from {least} {counted.en} within {watch.within} days"
            f"{f' of one {by_en}' if by_en else ''}",
        )
    if isinstance(watch, Scan):
        met = [condition_in_words(book, watch.record, name, each) for name, each in watch.where.items()]
        level = book[DISTRICT].level(watch.of)
        several = level.several if level is not None else Label(zh=watch.of, en=watch.of)
        zh = f"（{'，'.join(one.zh for one in met)}）" if met else ""
        en = f" ({', '.join(one.en for one in met)})" if met else ""
        return Label(
            zh=f"{entry.zh}{zh}：{several.zh}里相邻几个近 {watch.longest} 周内一起增多，与各自前 {watch.baseline} 周比",
            en=f"{entry.en}{en}: neighbours among {several.en} that rise together within {watch.longest} weeks, "
            f"against their own {watch.baseline} weeks before",
        )
    if isinstance(watch, Expiry):
        most = _number(max(watch.levels.values()))
        return Label(zh=f"{entry.zh}：到期前 {most} 天起", en=f"{entry.en}: from {most} days before it ends on")
    if isinstance(watch, NeverFails):
        return Label(
            zh=f"{entry.zh}：{watch.within} 天内检验满 {watch.at_least} 次而没有一次不合格",
            en=f"{entry.en}: at least {watch.at_least} tests within {watch.within} days, none failed",
        )
    return Label(zh=f"{entry.zh}：逾期未报", en=f"{entry.en}: overdue")
