"""What an indicator may say (``book/indicators/<name>.yaml``): one definition is one columnar expression over the lake,
and the same filter lists the facts behind the number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Literal

import orjson
from pydantic import Field, model_validator

from zhiheng.grammar.book import Book, BookHit, Chapter, IndexGroup, PageKind, Reading
from zhiheng.grammar.chapters.filter_checks import filter_errors
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry, column_names
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import ROLES, Citation, Entry, Filter, Identifier, Label, Quality, SystemId
from zhiheng.grammar.yaml import BookError, Document, Wrong

Period = Literal["standing", "year", "ever"] | int


class Measure(Entry):
    """A number over the facts of one record.

    ``count``: ``facts`` counts facts; the name of a role counts distinct parties in that role (after merges); the name
    of a field counts its distinct values. ``sum``, ``max`` and ``min`` take a field with a number. ``period``:
    ``standing``: what holds on the day asked (valid, not yet replaced); ``year``: the calendar year up to the day
    asked; a number n: the last n calendar years up to the day asked; ``ever``: all up to that day.
    """

    record: Identifier
    count: Identifier | None = None
    sum: Identifier | None = None
    max: Identifier | None = None
    min: Identifier | None = None
    where: Filter = Field(default_factory=dict)
    period: Period = "year"

    @model_validator(mode="after")
    def _one_number(self) -> Measure:
        if sum(value is not None for value in (self.count, self.sum, self.max, self.min)) != 1:
            raise Wrong(
                "measure 须写明 count、sum、max、min 中的一个，例如 count: facts。",
                "a measure says exactly one of count, sum, max, min; for example: count: facts.",
            )
        if isinstance(self.period, int) and not 1 <= self.period <= 50:
            raise Wrong(
                "period 写 1 到 50 的年数，或者 standing、year、ever。",
                "period: a number of years from 1 to 50, or standing, year, ever.",
            )
        return self


class Base(Entry):
    """The year that a change is measured against, taken from the facts' own years."""

    year: int = Field(ge=1990, le=2100)


class Indicator(Entry):
    """One number of a place: a count, a sum, a rate (numerator over denominator) or a change against a base year."""

    label: Label
    systems: tuple[SystemId, ...] = Field(min_length=1)
    quality: Quality
    kind: Literal["number", "rate", "change"]
    unit: Literal["%", "count", "yuan", "ten_thousand_yuan", "tonne", "points", "megawatt_hour"]
    decimals: int = Field(default=0, ge=0, le=4)
    direction: Literal["up", "down", "none"] = "up"
    law: tuple[Citation, ...] = ()
    plan: Label | None = Field(
        default=None, description="rates: which plan the samples come from; targeted is not market"
    )
    measure: Measure | None = Field(default=None, description="number: the measure")
    numerator: Filter | None = Field(default=None, description="rate: further conditions that the numerator meets")
    numerator_measure: Measure | None = Field(default=None, description="rate: where it is of another record")
    denominator: Measure | None = Field(default=None, description="rate: the measure that is divided by")
    change: Measure | None = Field(default=None, description="change: the measure, of the year asked and of the base")
    base: Base | None = None
    nothing: Literal["untold", "zero"] = Field(
        default="untold", description="a quantity (sum, max, min) of which nothing was reported: not told, or none"
    )
    per: tuple[Identifier, ...] = Field(default=(), description="fields it can be split by, besides area, unit, period")
    note: Label | None = None

    @model_validator(mode="after")
    def _complete(self) -> Indicator:
        if self.kind == "number" and self.measure is None:
            raise Wrong(
                "数量指标（kind: number）须写明 measure：数的是什么。",
                "measure: an indicator of kind number says what it counts.",
            )
        if self.kind == "rate":
            if self.denominator is None:
                raise Wrong("比率须写明 denominator：除以什么。", "denominator: a rate states what it divides by.")
            if (self.numerator is None) == (self.numerator_measure is None):
                raise Wrong(
                    "比率须写明 numerator（筛选条件）、numerator_measure 中的一个。",
                    "a rate says exactly one of numerator (a filter) and numerator_measure.",
                )
            if self.unit != "%":
                raise Wrong("比率的 unit 须是 %。", "unit: a rate is written in %.")
            if self.plan is None:
                raise Wrong(
                    "比率须写明 plan：样本来自哪种抽样（靶向抽样不代表市场平均）。",
                    "plan: a rate says which plan its samples come from (targeted is not market average).",
                )
        if self.kind == "change" and (self.change is None or self.base is None):
            raise Wrong(
                "变化指标须写明 change 和 base：什么变了，与哪一年比。",
                "change and base: a change says what changed, and against which year.",
            )
        return self

    def measures(self) -> tuple[Measure, ...]:
        """Every measure that the indicator reads."""
        return tuple(m for m in (self.measure, self.numerator_measure, self.denominator, self.change) if m is not None)

    @cached_property
    def edition(self) -> str:
        """SHA-256 of the definition."""
        dump = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return sha256(orjson.dumps(dump, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _errors(indicator: Indicator, document: Document, records: Mapping[str, RecordEntry]) -> Iterator[BookError]:
    def measure_errors(where: str, measure: Measure) -> Iterator[BookError]:
        entry = records.get(measure.record)
        if entry is None:
            if records:
                yield document.error(
                    (where, "record"),
                    f"没有名为“{measure.record}”的记录类型；请改成 records 目录下的名称。",
                    f"There is no record {measure.record!r}; use a name of a folder under records.",
                )
            return
        columns = column_names(entry)
        yield from filter_errors(measure.where, entry, document, (where, "where"))
        if where == "denominator" and indicator.numerator:
            yield from filter_errors(indicator.numerator, entry, document, ("numerator",))
        named = [
            (verb, name) for verb, name in (("sum", measure.sum), ("max", measure.max), ("min", measure.min)) if name
        ]
        if measure.count and measure.count != "facts" and measure.count not in ROLES:
            named.append(("count", measure.count))
        for place, name in named:
            if name not in columns:
                yield document.error(
                    (where, place),
                    f"记录“{measure.record}”没有列“{name}”；可用：{'、'.join(columns)}。",
                    f"Record {measure.record!r} has no column {name!r}; use one of {', '.join(columns)}.",
                )

    for where in ("measure", "numerator_measure", "denominator", "change"):
        measure = getattr(indicator, where)
        if measure is not None:
            yield from measure_errors(where, measure)


def _read(reading: Reading) -> Mapping[str, Indicator]:
    """Every indicator by the name of its file, each read beside the records."""
    records = reading.usable(RECORDS) or {}
    found: dict[str, Indicator] = {}
    for path, indicator, document in reading.each(Indicator):
        if path.stem in found:
            reading.errors.append(
                BookError(
                    "book.twice",
                    f"“{path.stem}”已在别处定义过；请改名。",
                    f"{path.stem!r} is defined elsewhere already; rename it.",
                    file=reading.file(path),
                )
            )
        reading.errors += _errors(indicator, document, records)
        found[path.stem] = indicator
    return MappingProxyType(found)


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for name, indicator in book[INDICATORS].items():
        for citation in cited_in(indicator):
            yield f"indicators/{name}.yaml", indicator.label.zh, citation


def _entries(book: Book) -> Iterator[tuple[BookHit, str]]:
    for name, indicator in book[INDICATORS].items():
        said = [f"{label.zh} {label.en}" for label in (indicator.plan, indicator.note) if label is not None]
        laws = [f"{c.text} {c.article}" for c in indicator.law]
        hit = BookHit("indicator", name, indicator.label, note=Label(zh="指标", en="indicator"))
        yield hit, " ".join([name, *said, *laws, *indicator.systems])


# Every indicator by the name of its file.
INDICATORS: Chapter[Mapping[str, Indicator]] = register(
    Chapter(
        name="indicators",
        label=Label(zh="指标", en="Indicators"),
        pages=(PageKind("indicator", "indicators/**/*.yaml", Indicator),),
        needs=(RECORDS,),
        read=_read,
        at_once=True,
        counts={"indicators": len},
        cites=_cites,
        index=IndexGroup("indicator", Label(zh="指标", en="Indicators"), _entries),
        order=3,
        reference="reference/indicator-grammar.md",
    )
)
