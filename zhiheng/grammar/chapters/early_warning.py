"""What an early warning may say (``book/warnings/<name>.yaml``): what is watched, and from when on it is a signal; and
which workflow answers signals (``book/warnings.yaml``).

A warning is one of six kinds, by the block that it has:

* ``trend``: counts of facts by week or day, per area, product class, maker ..., against what their own past lets expect
* ``cluster``: so many facts of one thing within so many days
* ``scan``: neighbouring areas that together have more than their own past lets expect
* ``expiry``: something of an enterprise ends within so many days
* ``silence``: a unit that owes a record has not delivered it
* ``never_fails``: a tester that finds nothing among so many tests, although its peers do

What is found is a signal (预警线索), a hint to an officer: never a warning that was issued, never a finding against
anybody. The workflow that answers it confirms it or does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, Literal

import orjson
from pydantic import Field, model_validator

from zhiheng.grammar.book import Book, BookHit, Chapter, IndexGroup, PageKind, Reading
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.filter_checks import filter_errors, secret_error
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry, column_names, field_columns, roles_of
from zhiheng.grammar.chapters.workflows import WORKFLOWS, WorkflowEntry
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Entry, Filter, Identifier, Label, Quality, SystemId
from zhiheng.grammar.yaml import BookError, Document, Wrong


class WarningLevel(StrEnum):
    """The four colours of a warning, the mildest first."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """0 for blue to 3 for red."""
        return list(WarningLevel).index(self)


# Level -> from which number on it is that level.
Levels = dict[WarningLevel, Annotated[float, Field(allow_inf_nan=False)]]
Method = Literal["farrington_flexible", "farrington", "ears_c1", "ears_c2", "ears_c3", "rki", "bayes"]

_IN_A_YEAR = {"week": 52, "day": 365}
_FARRINGTON = ("farrington_flexible", "farrington")
# Beginning of a method -> the settings that it reads; the first that fits.
_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "farrington_flexible": ("alpha", "years", "window", "periods", "past_left_out", "threshold"),
    "farrington": ("alpha", "years", "window"),
    "ears": ("alpha", "baseline"),
    "rki": ("years", "window"),
    "bayes": ("alpha", "years", "window"),
}


def _surprising(levels: Mapping[WarningLevel, float]) -> None:
    """Raise Wrong where a level takes no surprise at all: then everything would be a signal."""
    if min(levels.values()) <= 0:
        raise Wrong(
            "levels：按意外程度（-log10 概率）分级的，各级都应大于 0；写 0 就样样都成线索了。",
            "levels: of a surprise (-log10 of a probability) each is above 0; with 0 everything would be a signal.",
        )


def _rising(levels: Mapping[WarningLevel, float], *, falling: bool = False) -> None:
    """Raise Wrong where a higher level does not need more (or, ``falling``, fewer) than a lower one."""
    ordered = [levels[level] for level in WarningLevel if level in levels]
    wanted = sorted(set(ordered), reverse=falling)
    if ordered != wanted:
        raise Wrong(
            f"levels：蓝、黄、橙、红依次，级别越高{'天数应越少' if falling else '数值应越大'}；现在是 {ordered}。",
            f"levels: from blue to red each takes {'fewer' if falling else 'more'} than the one before; now {ordered}.",
        )


class Detector(Entry):
    """One statistical method with its settings; those that are not named have the value of the published method.

    ``years`` (b) and ``window`` (w) say how much of the past is looked at: the same week of so many years back, with so
    many weeks before and after it.
    """

    method: Method
    alpha: float = Field(default=0.01, gt=0, lt=0.5, description="one-sided probability of an alarm where nothing is")
    years: int | None = Field(default=None, ge=0, le=10, description="years back (b): 5; of rki and bayes 0, this year")
    window: int | None = Field(default=None, ge=0, le=26, description="periods around (w): 3; of rki and bayes 6")
    periods: int = Field(default=1, ge=1, le=26, description="farrington_flexible: seasonal groups (noPeriods)")
    past_left_out: int | None = Field(
        default=None, ge=0, le=52, description="farrington_flexible: the last weeks that do not enter the baseline"
    )
    threshold: Literal["delta", "nbPlugin", "muan"] = Field(
        default="delta", description="farrington_flexible: how the bound is made"
    )
    baseline: int = Field(default=7, ge=3, le=52, description="ears_*: periods of the baseline")

    @model_validator(mode="after")
    def _used(self) -> Detector:
        """A setting that the method does not read would seem to do something."""
        own = {"method", *_SETTINGS[next(name for name in _SETTINGS if self.method.startswith(name))]}
        if unused := sorted(self.model_fields_set - own):
            has = sorted(own - {"method"})
            raise Wrong(
                f"{'、'.join(unused)}：{self.method} 不用这个设置，写了也不起作用；可用：{'、'.join(has)}。",
                f"{', '.join(unused)}: {self.method} does not use it, so it does nothing; it has {', '.join(has)}.",
            )
        return self

    @model_validator(mode="after")
    def _looks_back(self) -> Detector:
        if self.method in _FARRINGTON and self.years == 0:
            raise Wrong(
                "years：Farrington 法至少要看前一年。",
                "years: the Farrington methods look back one year at least.",
            )
        if self.method in ("rki", "bayes") and self.lookback[0] == 0 and self.lookback[1] == 0:
            raise Wrong(
                "window：只看当年的（years 为 0），window 至少是 1，否则没有可比的时期。",
                "window: of this year alone (years 0) it is 1 at least; else there is nothing to compare with.",
            )
        return self

    @property
    def lookback(self) -> tuple[int, int]:
        """Years and window, those of the published method where they are not said."""
        years, window = (5, 3) if self.method in _FARRINGTON else (0, 6)
        return years if self.years is None else self.years, window if self.window is None else self.window

    def history(self, frequency: int) -> int:
        """How many periods before the one that is judged it needs; ``frequency``: periods of a year."""
        years, window = self.lookback
        if self.method.startswith("ears"):
            return self.baseline + {"ears_c1": 0, "ears_c2": 2, "ears_c3": 4}[self.method]
        return years * frequency + window


class CountedByPeriod(Entry):
    """Facts counted by week or day, one series per value of ``per``.

    ``count`` as in a measure of an indicator. ``per``: ``area`` (each area with all beneath it), fields, roles.
    """

    record: Identifier
    count: Identifier = "facts"
    where: Filter = Field(default_factory=dict)
    per: tuple[Identifier, ...] = ("area",)
    every: Literal["week", "day"] = "week"

    @model_validator(mode="after")
    def _each_once(self) -> CountedByPeriod:
        if twice := sorted({name for name in self.per if self.per.count(name) > 1}):
            raise Wrong(
                f"per：{'、'.join(twice)} 写了两次；请删去一个。",
                f"per: {', '.join(twice)} stands twice; delete one.",
            )
        return self


class Trend(CountedByPeriod):
    """Counts by week or day against what their past lets expect.

    ``detectors``: the first for which there is history enough is used. ``levels``: from which score on; the score is
    (observed - expected) / (bound - expected), so 1 is the bound itself. ``at_least``: fewer are no hint, whatever
    the score. ``complete_from``: a period of which so small a share was usually reported by now is not called quiet.
    """

    detectors: tuple[Detector, ...] = Field(min_length=1)
    levels: Levels = Field(min_length=1)
    at_least: int = Field(default=3, ge=1)
    false_discovery: float | None = Field(
        default=None, gt=0, lt=1, description="share of false alarms among those shown, over all series of a period"
    )
    complete_from: float = Field(default=0.9, gt=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> Trend:
        _rising(self.levels)
        if min(self.levels.values()) < 1:
            raise Wrong(
                "levels：得分 1 是统计上限，级别的得分不能小于 1。",
                "levels: a score of 1 is the statistical bound; no level may take less than 1.",
            )
        for one in self.detectors:
            between = _IN_A_YEAR[self.every] - 2 * one.lookback[1]
            if one.method == "farrington_flexible" and one.periods > max(1, between):
                raise Wrong(
                    f"periods：窗口 {one.lookback[1]} 期，一年里窗口之间的各期最多再分成 {max(1, between)} 组，写了 "
                    f"{one.periods}；请减少 periods 或缩小 window。",
                    f"periods: with a window of {one.lookback[1]} the periods of a year between windows make at most "
                    f"{max(1, between)} groups, not {one.periods}; take fewer periods or a smaller window.",
                )
        return self


class Cluster(Entry):
    """So many facts of one thing within so many days. ``count``: what is counted; ``levels``: from how many on."""

    record: Identifier
    count: Identifier = "facts"
    where: Filter = Field(default_factory=dict)
    per: tuple[Identifier, ...] = ()
    within: int = Field(ge=1, le=1830, description="days")
    levels: Levels = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> Cluster:
        _rising(self.levels)
        if any(value != int(value) or value < 1 for value in self.levels.values()):
            raise Wrong(
                "levels：件数应是正整数。",
                "levels: how many facts, a whole number from 1 on.",
            )
        return self


class Scan(Entry):
    """Neighbouring areas that together have more than their own past lets expect (Kulldorff's scan, space and time).

    ``of``: the level of the areas that are scanned, of those that the book draws. ``longest``: weeks that a cluster may
    last, up to the last whole one; ``baseline``: weeks before them that say what is expected. ``largest_share``: of
    what is expected everywhere, at most so much in one cluster. ``levels``: from which surprise on, -log10 of the
    probability by chance: 2 is one in a hundred; ``replicates`` bounds it (999: 3).
    """

    record: Identifier
    where: Filter = Field(default_factory=dict)
    of: Identifier
    longest: int = Field(default=4, ge=1, le=12, description="weeks")
    baseline: int = Field(default=52, ge=8, le=260, description="weeks")
    largest_share: float = Field(default=0.5, gt=0, le=0.5)
    least_areas: int = Field(default=5, ge=3, description="fewer areas make no map")
    at_least: int = Field(default=5, ge=2, description="fewer facts are no cluster")
    replicates: int = Field(default=999, ge=99, le=9999)
    levels: Levels = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> Scan:
        _rising(self.levels)
        return self

    @model_validator(mode="after")
    def _reached(self) -> Scan:
        _surprising(self.levels)
        most = math.log10(self.replicates + 1)
        if (highest := max(self.levels.values())) > most:
            raise Wrong(
                f"levels：模拟 {self.replicates} 次，意外程度最多到 {most:.2f}，{highest:g} 永远达不到；"
                "请增加 replicates 或降低级别。",
                f"levels: {self.replicates} replicates tell a surprise up to {most:.2f}, so {highest:g} is never "
                "reached; take more replicates or lower the level.",
            )
        return self

    @property
    def counted(self) -> CountedByPeriod:
        """The same facts, counted by week and area."""
        return CountedByPeriod(record=self.record, where=self.where, per=(AREA,))


class Expiry(Entry):
    """Something that holds of an enterprise and ends soon (the record's ``until``). ``levels``: days that are left;
    0: it has ended.
    """

    record: Identifier
    role: Identifier = "holder"
    where: Filter = Field(default_factory=dict)
    levels: Levels = Field(min_length=1)
    forget_after: int = Field(default=90, ge=0, le=3660, description="days after the end when it is no news any more")

    @model_validator(mode="after")
    def _ordered(self) -> Expiry:
        _rising(self.levels, falling=True)
        if (last := min(self.levels.values())) < -self.forget_after:
            raise Wrong(
                f"levels：到期后 {self.forget_after} 天就不再提（forget_after），{last:g} 永远到不了；"
                "请改大 forget_after 或者改级别。",
                f"levels: {self.forget_after} days after the end it is no news any more (forget_after), so {last:g} is "
                "never reached; raise forget_after, or change the level.",
            )
        return self


class Silence(Entry):
    """A unit that owes a record and has not delivered it. ``levels``: days since the delivery was due.

    ``record``: only of this one; without it of every record that units owe.
    """

    record: Identifier | None = None
    levels: Levels = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> Silence:
        _rising(self.levels)
        if (least := min(self.levels.values())) < 0:
            raise Wrong(
                f"levels：应报日以后的天数，不能小于 0（现在是 {least:g}）：没有到期的不算没有报。",
                f"levels: days since it was due, 0 at least (now {least:g}): what is not due yet is not owed.",
            )
        return self


class NeverFails(Entry):
    """A tester whose tests never fail, although those of its peers do.

    ``role``: the party that tests. ``fails``: what a failed test is. ``within``: days looked back. ``at_least``:
    tests. ``levels``: from which surprise on, -log10 of the probability of finding nothing at the peers' rate: 2 is
    one in a hundred.
    """

    record: Identifier
    role: Identifier
    where: Filter = Field(default_factory=dict)
    fails: Filter = Field(min_length=1)
    within: int = Field(default=365, ge=30, le=3660)
    at_least: int = Field(default=50, ge=10)
    levels: Levels = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> NeverFails:
        _rising(self.levels)
        _surprising(self.levels)
        return self


# The group of a fact by where it is counted.
AREA = "area"
# The group of a cluster of areas: their codes, with commas between them.
AREAS = "areas"
KINDS = ("trend", "cluster", "scan", "expiry", "silence", "never_fails")
Watch = Trend | Cluster | Scan | Expiry | Silence | NeverFails


class EarlyWarning(Entry):
    """What is watched, by which law, as one of the six kinds."""

    label: Label
    systems: tuple[SystemId, ...] = Field(min_length=1)
    quality: Quality
    law: tuple[Citation, ...] = Field(min_length=1)
    note: Label | None = None
    trend: Trend | None = None
    cluster: Cluster | None = None
    scan: Scan | None = None
    expiry: Expiry | None = None
    silence: Silence | None = None
    never_fails: NeverFails | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> EarlyWarning:
        said = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(said) != 1:
            raise Wrong(
                f"预警写且只写一种：{'、'.join(KINDS)}；现在写了 {len(said)} 种。",
                f"A warning says exactly one of {', '.join(KINDS)}; this one says {len(said)}.",
            )
        return self

    @property
    def kind(self) -> str:
        """Which of the six kinds it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def watch(self) -> Watch:
        """The block of its kind."""
        found: Watch = getattr(self, self.kind)
        return found

    @cached_property
    def edition(self) -> str:
        """SHA-256 of the definition."""
        dump = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return sha256(orjson.dumps(dump, option=orjson.OPT_SORT_KEYS)).hexdigest()


class Response(Entry):
    """Which workflow answers signals, and what of a signal goes where in the act that opens a case.

    ``false`` and ``unknown`` are states of that workflow: a case that stands in one of ``false`` says that the signal
    was no warning, one in ``unknown`` says nothing yet; any other says that it was one.
    """

    workflow: Identifier
    act: Identifier
    signal: Identifier = Field(description="the field that takes the signal in words")
    level: Identifier = Field(description="the field that takes the colour")
    party: Identifier = Field(description="the party that takes the enterprise, where a signal is about one")
    false: tuple[Identifier, ...] = Field(min_length=1)
    unknown: tuple[Identifier, ...] = Field(min_length=1)


class Answering(Entry):
    """What is common to all warnings (``book/warnings.yaml``).

    ``looks_back``: of series, so many periods up to now are judged at each run, since facts come late.
    """

    response: Response
    looks_back: dict[Literal["week", "day"], int]

    @model_validator(mode="after")
    def _both(self) -> Answering:
        wrong = [every for every in ("week", "day") if not 1 <= self.looks_back.get(every, 0) <= 60]
        if wrong:
            raise Wrong(
                f"looks_back：{'、'.join(wrong)} 写 1 到 60 的整数。",
                f"looks_back: {', '.join(wrong)}: a whole number from 1 to 60.",
            )
        return self


@dataclass(frozen=True)
class Warnings:
    """The warnings by the name of their file, and what answers them."""

    answering: Answering
    kinds: Mapping[str, EarlyWarning]


def _response_errors(page: Response, document: Document, workflows: Mapping[str, WorkflowEntry]) -> Iterator[BookError]:
    at = ("response",)
    if page.workflow not in workflows:
        yield from document.unknown_names((*at, "workflow"), [page.workflow], workflows, "工作流", "workflow")
        return
    workflow = workflows[page.workflow].page
    yield from document.unknown_names((*at, "act"), [page.act], workflow.acts, "行为", "act")
    yield from document.unknown_names((*at, "signal"), [page.signal], workflow.fields, "字段", "field")
    yield from document.unknown_names((*at, "level"), [page.level], workflow.fields, "字段", "field")
    yield from document.unknown_names((*at, "party"), [page.party], workflow.parties, "当事人", "party")
    yield from document.unknown_names((*at, "false"), page.false, workflow.states, "状态", "state")
    yield from document.unknown_names((*at, "unknown"), page.unknown, workflow.states, "状态", "state")


def _errors(
    page: EarlyWarning, document: Document, records: Mapping[str, RecordEntry], levels: Sequence[str]
) -> Iterator[BookError]:
    kind, watch = page.kind, page.watch
    if isinstance(watch, Scan) and levels:
        yield from document.unknown_names((kind, "of"), [watch.of], levels, "区划层级", "level of areas")
    if watch.record is None:
        return
    entry = records.get(watch.record)
    if entry is None:
        if records:
            yield document.error(
                (kind, "record"),
                f"没有名为“{watch.record}”的记录类型；请改成 records 目录下的名称。",
                f"There is no record {watch.record!r}; use a name of a folder under records.",
            )
        return
    columns = column_names(entry)
    parties = roles_of(entry)
    for key in ("where", "fails"):
        yield from filter_errors(getattr(watch, key, {}), entry, document, (kind, key), open_only=True)
    grouped = [("per", name) for name in getattr(watch, "per", ()) if name != AREA]
    grouped += [("count", watch.count)] if isinstance(watch, Trend | Cluster) and watch.count != "facts" else []
    for key, name in grouped:
        if name not in columns and name not in parties:
            yield document.error(
                (kind, key),
                f"记录“{watch.record}”没有列或角色“{name}”；可用：{'、'.join((*columns, *parties))}。",
                f"Record {watch.record!r} has no column or role {name!r}; use one of "
                f"{', '.join((*columns, *parties))}.",
            )
    yield from _group_errors(watch, entry, document, kind)
    if isinstance(watch, Expiry | NeverFails) and watch.role not in parties:
        yield document.error(
            (kind, "role"),
            f"记录“{watch.record}”没有角色“{watch.role}”的当事人；可用：{'、'.join(parties)}。",
            f"Record {watch.record!r} names no party in the role {watch.role!r}; use one of {', '.join(parties)}.",
        )
    if isinstance(watch, Expiry) and entry.record.until is None:
        yield document.error(
            (kind, "record"),
            f"记录“{watch.record}”没有写明到哪天为止（until），不能预警到期。",
            f"Record {watch.record!r} does not say until when it holds, so nothing of it expires.",
        )


def _group_errors(watch: Watch, entry: RecordEntry, document: Document, kind: str) -> Iterator[BookError]:
    """A signal is called by the values that it is counted per: no secret one, and none that is a text of its own in
    every fact.
    """
    columns, fields = field_columns(entry), entry.record.fields
    for name in getattr(watch, "per", ()):
        field_ = fields.get(columns[name][0]) if name in columns else None
        if field_ is not None and field_.secret:
            yield secret_error(name, entry, document, (kind, "per"))
        elif field_ is not None and field_.type == "long_text":
            yield document.error(
                (kind, "per"),
                f"“{name}”是长文字，每件都不一样，分不成组；请换一个字段或角色。",
                f"{name} is a long text, another one in every fact, and makes no groups; take another field or role.",
            )


def _read(reading: Reading) -> Warnings | None:
    """None where the book has no page ``warnings.yaml``: then nothing is watched."""
    records, workflows = reading.usable(RECORDS) or {}, reading.usable(WORKFLOWS) or {}
    district = reading.usable(DISTRICT)
    levels = [level.id for level in district.levels] if district is not None else []
    answering = None
    for _, common, document in reading.each(Answering):
        answering = common
        if workflows:
            reading.errors += _response_errors(common.response, document, workflows)
    found: dict[str, EarlyWarning] = {}
    for path, page, document in reading.each(EarlyWarning):
        reading.errors += _errors(page, document, records, levels)
        if answering is None:
            reading.errors.append(
                document.error(
                    (),
                    "规则书没有 warnings.yaml，不知道预警线索由哪个工作流办理；请照 book/warnings.yaml 写一页。",
                    "The book has no warnings.yaml, so nothing answers what is found; write one as book/warnings.yaml.",
                )
            )
        found[path.stem] = page
    return Warnings(answering, MappingProxyType(found)) if answering is not None else None


def _pages(book: Book) -> Mapping[str, EarlyWarning]:
    warnings = book[WARNINGS]
    return warnings.kinds if warnings is not None else {}


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for name, page in _pages(book).items():
        for citation in cited_in(page):
            yield f"warnings/{name}.yaml", page.label.zh, citation


def _entries(book: Book) -> Iterator[tuple[BookHit, str]]:
    for name, page in _pages(book).items():
        laws = [f"{c.text} {c.article}" for c in page.law]
        hit = BookHit("warning", name, page.label, note=Label(zh="预警", en="early warning"))
        yield hit, " ".join([name, page.kind, *laws, *page.systems])


# What is watched; None where the book watches nothing.
WARNINGS: Chapter[Warnings | None] = register(
    Chapter(
        name="warnings",
        label=Label(zh="预警", en="Early warnings"),
        pages=(
            PageKind("answering", "warnings.yaml", Answering),
            PageKind("warning", "warnings/*.yaml", EarlyWarning),
        ),
        needs=(DISTRICT, RECORDS, WORKFLOWS),
        read=_read,
        counts={"warnings": lambda warnings: len(warnings.kinds) if warnings is not None else 0},
        cites=_cites,
        index=IndexGroup("warning", Label(zh="预警", en="Early warnings"), _entries),
        order=4,
        reference="reference/early-warning-grammar.md",
    )
)
