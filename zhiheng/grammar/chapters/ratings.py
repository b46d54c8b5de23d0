"""What a rating of enterprises may say (``book/ratings/<name>.yaml``): dated editions of parts, items, evidence, vetoes
and bands.

An edition grades by its score, or, as a risk list does, by a matrix of two parts: how likely harm is, and how much it
would be. In a matrix points are of risk, so a failure adds to them, and the riskiest class is the last band.

Points are written in whole or broken points with at most three digits after the point and are counted in whole numbers:
a thousandth of a point of a part, times the part's weight in per cent, is one *unit*, so a hundred points are
``FULL`` units and every sum is exact. The caps of a part are such that its marks stay between 0 and 100 by themselves
(``docs/reference/rating-grammar.md``): nothing is ever cut off a score, and the points shown add up to it.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from types import MappingProxyType
from typing import Annotated, Literal

import orjson
from pydantic import BeforeValidator, Field, model_validator

from zhiheng.grammar.book import Book, BookHit, Chapter, IndexGroup, PageKind, Reading
from zhiheng.grammar.chapters.cards import CARDS, CardPage, FromField
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.filter_checks import Values, field_values, filter_errors, value_mistakes
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry, column_names, roles_of
from zhiheng.grammar.citations import cited_in
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Citation, Condition, Entry, Filter, Identifier, Label, Quality, SystemId
from zhiheng.grammar.yaml import BookError, Document, Wrong
from zhiheng.kernel.days import months_later

# Thousandths of a point; a part's hundred points; and the units of a whole rating: thousandths times per cent.
MILLI, FULL_MARKS = 1_000, 100_000
UNITS_PER_POINT = 100_000
FULL = 100 * UNITS_PER_POINT
# The longest window of points that fade by half-lives: their table has a row per day.
LONGEST_HALVING = 3_700

CardColumn = Literal["area", "industry", "kind", "status", "established_on"]


def _points(value: object) -> object:
    """Points as written: never a binary fraction."""
    return str(value) if isinstance(value, float) else value


Points = Annotated[Decimal, BeforeValidator(_points), Field(max_digits=7, decimal_places=3)]


class RatingSpan(Entry):
    """A stretch of time back from the day asked: so many days, months or years; exactly one."""

    days: int | None = Field(default=None, ge=1, le=20_000)
    months: int | None = Field(default=None, ge=1, le=600)
    years: int | None = Field(default=None, ge=1, le=50)

    @model_validator(mode="after")
    def _one(self) -> RatingSpan:
        if sum(value is not None for value in (self.days, self.months, self.years)) != 1:
            raise Wrong(
                "时长须写明 days、months、years 中的一个，例如 {months: 24}。",
                "a span says exactly one of days, months, years; for example: {months: 24}.",
            )
        return self

    def before(self, day: dt.date) -> dt.date:
        """The last day that is no longer inside: what happened after it is."""
        if self.days is not None:
            return day - dt.timedelta(days=self.days)
        return months_later(day, -(self.months or 12 * (self.years or 0)))

    @property
    def longest(self) -> int:
        """At most so many days lie inside."""
        return self.days or 31 * (self.months or 12 * (self.years or 0))


class DecayStep(Entry):
    """What is left of the points from an age on, in per cent."""

    after: RatingSpan
    share: int = Field(ge=0, le=100)


class Decay(Entry):
    """How points fade with the age of their fact: halved every so many days, or by steps; exactly one."""

    half_life: int | None = Field(default=None, ge=7, le=3650, description="days")
    steps: tuple[DecayStep, ...] = ()

    @model_validator(mode="after")
    def _one(self) -> Decay:
        if (self.half_life is None) == (not self.steps):
            raise Wrong(
                "decay 须写明 half_life（天数）、steps 之一，不能都写，也不能都不写。",
                "decay: exactly one of half_life (in days) and steps.",
            )
        shares = [step.share for step in self.steps]
        if any(later >= earlier for earlier, later in zip([100, *shares], shares, strict=False)):
            raise Wrong(
                "decay 的每一级剩下的应比前一级少，分数不会越久越多；请改 share。",
                "decay: each step leaves less than the one before it; points never grow with age.",
            )
        ages = [step.after.before(dt.date(2024, 1, 1)) for step in self.steps]
        if any(later >= earlier for earlier, later in itertools.pairwise(ages)):
            raise Wrong(
                "decay 的各级按时间从近到远排列；请调整次序。",
                "decay: the steps stand in the order of age, the youngest first.",
            )
        return self


class SilentSince(Entry):
    """Nothing since: the latest of the facts is older than a span; it is that fact that counts."""

    silent: RatingSpan


Window = RatingSpan | SilentSince | Literal["standing", "lapsed"]


class Counted(Entry):
    """Which facts: those of a record in which the enterprise has the role, that meet the filter, inside the window.

    ``standing`` asks what holds on the day: valid, and not replaced by a later statement on the same thing. Of items
    alone, ``lapsed`` asks what ran out before the day and was not replaced, and ``silent`` the latest fact where it is
    older than a span.
    """

    record: Identifier
    role: Identifier
    where: Filter = Field(default_factory=dict)
    window: Window


class RatingItem(Counted):
    """An item of a rating: each fact of it gives or takes points of its part, at most ``cap`` together.

    ``per``: ``fact``, or a field: of facts with the same value there the latest stands for all.
    """

    id: Identifier
    label: Label
    part: Identifier
    points: Points
    per: Identifier = "fact"
    cap: Points
    decay: Decay | None = None
    law: tuple[Citation, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> RatingItem:
        if self.points == 0:
            raise Wrong(
                "points 写加分（3）或者减分（-3），不能写 0。",
                "points: an item gives points (3) or takes them (-3); 0 says nothing.",
            )
        if self.cap <= 0:
            raise Wrong(
                "cap 是大于 0 的数：最多加或者减这么多分。",
                "cap: a number above 0: at most so many points are given or taken.",
            )
        if self.cap < abs(self.points):
            raise Wrong(
                "cap 低于一条记录的分数，分数就成了空话；请把它提高到 points。",
                "cap: a cap below the points of one fact makes the points untrue; raise it to the points.",
            )
        if self.decay and not isinstance(self.window, RatingSpan):
            raise Wrong(
                "现行有效、已失效、没有记录的不随时间减轻；请删去 decay，或者写明 window 的时长。",
                "decay: what holds, lapsed or is silent does not fade; take decay away, or give a window.",
            )
        if isinstance(self.window, SilentSince) and self.per != "fact":
            raise Wrong(
                "没有记录的，看全部记录中最近的一条；请删去 per。",
                "per: of what is silent the latest fact of all counts; take per away.",
            )
        halved = self.decay is not None and self.decay.half_life is not None
        if halved and isinstance(self.window, RatingSpan) and self.window.longest > LONGEST_HALVING:
            raise Wrong(
                "按半衰期减轻的，window 最长 10 年；请改短。",
                "window: points that are halved have a window of at most 10 years.",
            )
        if self.decay and self.decay.steps and isinstance(self.window, RatingSpan):
            day = dt.date(2024, 1, 1)
            if self.decay.steps[-1].after.before(day) <= self.window.before(day):
                raise Wrong(
                    "decay：最后一级从窗口结束时才开始，永远到不了；请删去这一级，或者放长 window。",
                    "decay: the last step begins where the window ends, so it is never reached; take it away, or give "
                    "a longer window.",
                )
        return self

    @property
    def milli(self) -> int:
        """The points of one fresh fact, in thousandths."""
        return int(self.points * MILLI)

    @property
    def cap_milli(self) -> int:
        """The most that is given or taken, in thousandths."""
        return int(self.cap * MILLI)


class RatingPart(Entry):
    """A part of the rating: its weight in per cent, and the marks of 100 that an enterprise has before any fact."""

    id: Identifier
    label: Label
    quality: Quality | None = Field(default=None, description="the items are of records of this quality only")
    weight: int = Field(ge=1, le=100)
    marks: Points = Field(ge=0, le=100)


class Evidence(Entry):
    """How many facts must speak of an enterprise before it is graded at all."""

    at_least: int = Field(ge=1, le=1000)
    of: tuple[Counted, ...] = Field(min_length=1)


class Veto(Counted):
    """一票否决: where there is such a fact, the grade is no better than a band."""

    id: Identifier
    label: Label
    at_most: str
    law: tuple[Citation, ...] = Field(min_length=1)


class Consequence(Entry):
    """What follows from a band: a share of random inspection, eligibility for awards or brands, a restriction."""

    kind: Literal["random_inspection", "award", "brand", "restriction", "service"]
    label: Label
    share: int | None = Field(default=None, ge=0, le=100, description="per cent of such enterprises drawn in a year")
    eligible: bool | None = None
    law: tuple[Citation, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _said(self) -> Consequence:
        if (self.kind == "random_inspection") != (self.share is not None):
            raise Wrong(
                "share 只有随机抽查要写，也必须写；其他后果请删去。",
                "share: random inspection says its share, and nothing else has one.",
            )
        if (self.kind in ("award", "brand")) != (self.eligible is not None):
            raise Wrong(
                "eligible 只有评奖和品牌要写，写 true 或者 false；其他后果请删去。",
                "eligible: award and brand say true or false, and nothing else does.",
            )
        return self

    def drawn_of(self, enterprises: int) -> int | None:
        """How many of so many enterprises are drawn in a year, rounded up; None where nothing is drawn."""
        return None if self.share is None else -(-self.share * enterprises // 100)


class RatingBand(Entry):
    """A grade: from so many points on, up to the band above."""

    name: str = Field(min_length=1, max_length=4)
    label: Label
    at_least: Points | None = Field(default=None, ge=0, le=100, description="the least score; none with a matrix")
    consequences: tuple[Consequence, ...] = ()

    @property
    def units(self) -> int:
        """The least score of it, in units."""
        return int((self.at_least or 0) * UNITS_PER_POINT)


class RiskLevel(Entry):
    """A level of an axis of a matrix: from so many points of its part on, up to the level above."""

    label: Label
    at_least: Points = Field(ge=0, le=100)


class RiskAxis(Entry):
    """An axis of a matrix: the part whose points it is read from, and its levels, the least first."""

    part: Identifier
    levels: tuple[RiskLevel, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _in_order(self) -> RiskAxis:
        least = [level.at_least for level in self.levels]
        if least[0] != 0:
            raise Wrong(
                f"levels 没有说 0 到 {least[0]} 分是哪一级；第一级从 0 起。",
                f"levels: nothing is said of points from 0 to {least[0]}; the first level begins at 0.",
            )
        if any(later <= earlier for earlier, later in itertools.pairwise(least)):
            raise Wrong(
                "levels 从低到高排列，每一级的起点高于前一级；请调整。",
                "levels: the least stands first, and each begins above the one before it.",
            )
        return self

    def level_of(self, units: int) -> int:
        """The place of the level of a part's points in units, 0 the least."""
        return sum(units >= int(level.at_least * UNITS_PER_POINT) for level in self.levels[1:])


class RiskMatrix(Entry):
    """Which class a level of likelihood makes with one of consequence: ``cells`` has a row a level of likelihood, the
    least first, and in it a band a level of consequence.
    """

    likelihood: RiskAxis
    consequence: RiskAxis
    cells: tuple[tuple[str, ...], ...]
    law: tuple[Citation, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _shape(self) -> RiskMatrix:
        rows, columns = len(self.likelihood.levels), len(self.consequence.levels)
        if len(self.cells) != rows or any(len(row) != columns for row in self.cells):
            raise Wrong(
                f"cells 须有 {rows} 行（可能性每级一行），每行 {columns} 个等级（后果每级一个）。",
                f"cells: {rows} rows, a level of likelihood each, of {columns} classes each.",
            )
        if self.likelihood.part == self.consequence.part:
            raise Wrong(
                "可能性和后果须取自两个不同的部分；请改其中一个的 part。",
                "likelihood and consequence are read from two parts; name another part in one of them.",
            )
        return self


class RatingEdition(Entry):
    """A rating as it is in force from a day on, until the next edition."""

    from_: dt.date = Field(alias="from")
    law: tuple[Citation, ...] = Field(min_length=1)
    who: dict[CardColumn, Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="only enterprises whose card says one of these: an industry that begins so, an area with all "
        "that lies in it",
    )
    parts: tuple[RatingPart, ...] = Field(min_length=1)
    items: tuple[RatingItem, ...] = Field(min_length=1)
    evidence: Evidence
    veto: tuple[Veto, ...] = ()
    bands: tuple[RatingBand, ...] = Field(min_length=2)
    matrix: RiskMatrix | None = Field(default=None, description="grades by two parts; points are then of risk")
    note: Label | None = None

    @model_validator(mode="after")
    def _sound(self) -> RatingEdition:
        _named_once("parts", [part.id for part in self.parts])
        _named_once("items", [item.id for item in self.items] + [veto.id for veto in self.veto])
        _named_once("bands", [band.name for band in self.bands])
        if self.matrix is not None:
            self._by_matrix(self.matrix)
        else:
            self._by_score()
        for counted in (*self.veto, *self.evidence.of):
            if isinstance(counted.window, SilentSince) or counted.window == "lapsed":
                raise Wrong(
                    "否决项和依据的 window 写时长或者 standing；没有记录、已失效的只有指标可以计。",
                    "window: vetoes and evidence have a span or standing; only items count what is missing.",
                )
        names = {band.name for band in self.bands}
        for veto in self.veto:
            if veto.at_most not in names:
                raise Wrong(
                    f"否决项 {veto.id}：没有等级“{veto.at_most}”；请用 {'、'.join(names)} 之一。",
                    f"veto {veto.id}: there is no band {veto.at_most!r}; use one of {', '.join(names)}.",
                )
        parts = {part.id: part for part in self.parts}
        for item in self.items:
            if item.part not in parts:
                raise Wrong(
                    f"指标 {item.id}：没有部分“{item.part}”；请用 {'、'.join(parts)} 之一。",
                    f"item {item.id}: there is no part {item.part!r}; use one of {', '.join(parts)}.",
                )
        for part in self.parts:
            self._marks(part)
        return self

    def _by_score(self) -> None:
        """Weights make 100, and every score has a band."""
        if (weights := sum(part.weight for part in self.parts)) != 100:
            raise Wrong(
                f"parts 各部分的权重合计 {weights}，须合计 100。",
                f"parts: the weights add up to {weights}; they must add up to 100.",
            )
        least = [band.at_least for band in self.bands if band.at_least is not None]
        if len(least) != len(self.bands):
            raise Wrong(
                "bands 的每一等须写明 at_least（最低分）。", "bands: each says at_least, the least score of it."
            )
        if any(later >= earlier for earlier, later in itertools.pairwise(least)):
            raise Wrong(
                "bands 从高到低排列，每一等的最低分低于前一等；请调整。",
                "bands: the best stands first, and each begins below the one before it.",
            )
        if least[-1] != 0:
            raise Wrong(
                f"bands 没有说 0 到 {least[-1]} 分是哪一等；最后一等从 0 起。",
                f"bands: nothing is said of scores from 0 to {least[-1]}; the last band begins at 0.",
            )

    def _by_matrix(self, matrix: RiskMatrix) -> None:
        """The parts are the two axes, every cell names a band, and more risk is never a better class."""
        axes = [matrix.likelihood.part, matrix.consequence.part]
        if sorted(part.id for part in self.parts) != sorted(axes) or any(part.weight != 100 for part in self.parts):
            raise Wrong(
                f"按矩阵分等的，parts 就是两个轴 {axes[0]}、{axes[1]}，权重各为 100。",
                f"parts: of a matrix they are its two axes, {axes[0]} and {axes[1]}, of weight 100 each.",
            )
        if any(band.at_least is not None for band in self.bands):
            raise Wrong(
                "按矩阵分等的，等级由 cells 写明；请删去 bands 里的 at_least。",
                "bands: a matrix says which class a cell is; take at_least away.",
            )
        places = {band.name: at for at, band in enumerate(self.bands)}
        for row in matrix.cells:
            for name in row:
                if name not in places:
                    raise Wrong(
                        f"cells 里的“{name}”不是任何等级；请用 {'、'.join(places)} 之一。",
                        f"cells: there is no band {name!r}; use one of {', '.join(places)}.",
                    )
        found = [[places[name] for name in row] for row in matrix.cells]
        across = [pair for row in found for pair in itertools.pairwise(row)]
        down = [pair for column in zip(*found, strict=True) for pair in itertools.pairwise(column)]
        if any(more < less for less, more in [*across, *down]):
            raise Wrong(
                "cells 里级别越高，等级不能越好；请调整。",
                "cells: a higher level never makes a better class; put the classes in order.",
            )

    def _marks(self, part: RatingPart) -> None:
        """The marks of a part stay between 0 and 100, and full marks can be reached."""
        own = [item for item in self.items if item.part == part.id]
        if not own:
            raise Wrong(
                f"部分 {part.id} 没有任何指标；请删去，或者写一项。",
                f"part {part.id}: no item is of it; delete it or write one.",
            )
        gained = sum(item.cap for item in own if item.points > 0)
        lost = sum(item.cap for item in own if item.points < 0)
        if part.marks + gained != 100:
            raise Wrong(
                f"部分 {part.id}：起评分 {part.marks} 加上各加分项的上限 {gained}，须正好 100。",
                f"part {part.id}: marks {part.marks} and the caps of what is gained, {gained}, must make 100 exactly.",
            )
        if lost > part.marks:
            raise Wrong(
                f"部分 {part.id}：起评分 {part.marks}，最多却可以减 {lost} 分；请把减分项的上限降到减得完为止。",
                f"part {part.id}: up to {lost} points can be lost of {part.marks} marks; lower caps until they fit.",
            )

    @cached_property
    def edition(self) -> str:
        """SHA-256 of the definition: what a stored grade names."""
        dump = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return sha256(orjson.dumps(dump, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @cached_property
    def weights(self) -> Mapping[str, int]:
        """Part -> weight in per cent."""
        return {part.id: part.weight for part in self.parts}

    @property
    def start(self) -> int:
        """The score before any fact, in units."""
        return sum(int(part.marks * MILLI) * part.weight for part in self.parts)

    def item(self, name: str) -> RatingItem | None:
        """An item by its name."""
        return next((item for item in self.items if item.id == name), None)

    def start_of(self, part: str) -> int:
        """What a part begins with, in units."""
        return sum(int(one.marks * MILLI) * one.weight for one in self.parts if one.id == part)

    def of_part(self, part: str) -> frozenset[str]:
        """The names of a part's items."""
        return frozenset(item.id for item in self.items if item.part == part)

    def levels_of(self, units: int, likelihood: int) -> tuple[int, int] | None:
        """The levels of likelihood and of consequence; None without a matrix.

        Args:
            units: the score, both axes together.
            likelihood: of these the units of the axis of likelihood.
        """
        if self.matrix is None:
            return None
        return self.matrix.likelihood.level_of(likelihood), self.matrix.consequence.level_of(units - likelihood)

    def place_of(self, units: int, likelihood: int = 0) -> int:
        """The place of the band of a score, 0 the best; with a matrix ``likelihood`` says how much is of that axis."""
        levels = self.levels_of(units, likelihood)
        if self.matrix is None or levels is None:
            return next(at for at, band in enumerate(self.bands) if units >= band.units)
        name = self.matrix.cells[levels[0]][levels[1]]
        return next(at for at, band in enumerate(self.bands) if band.name == name)


def _named_once(where: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise Wrong(
                f"{where} 里“{name}”出现两次；请改其中一个的名称。", f"{where}: {name} stands twice; rename one."
            )


class RatedSize(Entry):
    """How large an enterprise is, for comparisons alone: a number of its card's records, and where classes begin."""

    of: tuple[FromField, ...] = Field(min_length=1)
    steps: tuple[int, ...] = Field(min_length=1)


class Rating(Entry):
    """A rating of enterprises, in its editions."""

    label: Label
    systems: tuple[SystemId, ...] = Field(min_length=1)
    law: tuple[Citation, ...] = Field(min_length=1)
    purpose: Label
    of: Literal["enterprise"] = "enterprise"
    size: RatedSize | None = None
    editions: tuple[RatingEdition, ...] = Field(min_length=1)
    note: Label | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Rating:
        days = [edition.from_ for edition in self.editions]
        if any(later <= earlier for earlier, later in itertools.pairwise(days)):
            raise Wrong(
                "各版本按生效日从早到晚排列，同一天只有一版；请调整顺序。",
                "The editions stand in the order of their days, one a day; put them in order.",
            )
        return self

    def on(self, day: dt.date) -> RatingEdition | None:
        """The edition in force on a day; None before the first."""
        return next((edition for edition in reversed(self.editions) if edition.from_ <= day), None)

    def by_hash(self, edition: str) -> RatingEdition | None:
        """An edition by its digest or the beginning of it (at least eight signs)."""
        if len(edition) < 8:
            return None
        return next((one for one in self.editions if one.edition.startswith(edition)), None)


def edition_errors(
    edition: RatingEdition,
    document: Document,
    where: tuple[str | int, ...],
    records: Mapping[str, RecordEntry],
    areas: Collection[str],
    card: CardPage | None,
) -> Iterator[BookError]:
    """What an edition says of records, areas and cards that the book does not have so.

    Args:
        where: the place of the edition in its page.
        areas: the codes of all, none where they can't be read.
        card: the card of those whom it rates; None where it can't be read.
    """
    for code in edition.who.get("area", ()):
        if areas and code not in areas:
            yield document.error(
                (*where, "who", "area"),
                f"没有代码为“{code}”的区划，一家企业也评不到；请改成本规则书里的区划代码，它下面的各级一并评。",
                f"No area has the code {code!r}, so nobody would be rated; use codes of this book.",
            )
    if card is not None:
        yield from _who_errors(edition, document, (*where, "who"), records, card)
    parts = {part.id: part for part in edition.parts}
    said: list[tuple[tuple[str | int, ...], Counted]] = [
        *(((*where, "items", at), item) for at, item in enumerate(edition.items)),
        *(((*where, "evidence", "of", at), one) for at, one in enumerate(edition.evidence.of)),
        *(((*where, "veto", at), veto) for at, veto in enumerate(edition.veto)),
    ]
    for place, counted in said:
        entry = records.get(counted.record)
        if entry is None:
            yield from document.unknown_names((*place, "record"), [counted.record], records, "记录类型", "record")
            continue
        columns = column_names(entry)
        per = [counted.per] if isinstance(counted, RatingItem) and counted.per != "fact" else []
        yield from filter_errors(counted.where, entry, document, (*place, "where"), open_only=True)
        for name in per:
            if name not in columns:
                yield document.error(
                    (*place, "per"),
                    f"记录“{counted.record}”没有列“{name}”；可用：{'、'.join(columns)}。",
                    f"Record {counted.record!r} has no column {name!r}; use one of {', '.join(columns)}.",
                )
        yield from document.unknown_names((*place, "role"), [counted.role], roles_of(entry), "角色", "role")
        if counted.window == "lapsed":
            yield from _lapsed_errors(counted, entry, document, place)
        if counted.window == "standing" and entry.record.kind == "event":
            yield document.error(
                (*place, "window"),
                f"“{counted.record}”记的是发生过的事，没有“现在还成立”一说；请写期限，例如 {{months: 24}}。",
                f"{counted.record!r} tells what happened, and nothing of it holds; write a span like {{months: 24}}.",
            )
        if isinstance(counted, RatingItem):
            quality = parts[counted.part].quality
            if quality is not None and quality != entry.record.quality:
                yield document.error(
                    (*place, "part"),
                    f"“{counted.part}”只收{quality}质量的记录，而“{counted.record}”属于{entry.record.quality}；请换一个部分。",
                    f"Part {counted.part!r} is of {quality} quality, and {counted.record!r} of {entry.record.quality}; "
                    "take another part.",
                )
            yield from _sign_errors(edition, counted, document, place)


def _who_errors(
    edition: RatingEdition,
    document: Document,
    where: tuple[str | int, ...],
    records: Mapping[str, RecordEntry],
    card: CardPage,
) -> Iterator[BookError]:
    """What no card says of anybody, so that nobody would be rated. Areas are told of by the tree of the district."""
    for column, values in edition.who.items():
        if column == "area":
            continue
        told = [
            # A part of a field (the code of an industry) is a text as far as the book knows.
            Values() if one.part else field_values(one.field, records[one.record])
            for one in card.fields.get(column, ())
            if one.record in records and one.field in records[one.record].record.fields
        ]
        if not told:
            yield document.error(
                (*where, column),
                f"名片里没有“{column}”一栏，一家企业也评不到；请在名片里写明它从哪里来，或者换一栏。",
                f"The card has no {column}, so nobody would be rated; say in the card where it comes from, or take "
                "another column.",
            )
            continue
        words = [each.words for each in told]
        known = None if None in words else tuple(dict.fromkeys(word for each in words for word in each or ()))
        for value in values:
            said = Condition(starts=value) if column == "industry" else Condition(equals=value)
            for zh, en in value_mistakes(column, said, Values(told[0].kind, known)):
                yield document.error((*where, column), zh, en)


def _sign_errors(
    edition: RatingEdition, item: RatingItem, document: Document, place: tuple[str | int, ...]
) -> Iterator[BookError]:
    """A failure is worse than a pass. How much harm there would be says nothing of either."""
    outcome = item.where.get("outcome")
    matrix = edition.matrix
    if outcome is None or (matrix is not None and item.part == matrix.consequence.part):
        return
    if matrix is None and outcome.equals == ("fail" if item.points > 0 else "pass"):
        yield document.error(
            (*place, "points"),
            "不合格的不加分，合格的不扣分；请改正分值的正负号。",
            "A failure gives no points and a pass takes none; mend the sign of the points.",
        )
    if matrix is not None and outcome.equals == ("pass" if item.points > 0 else "fail"):
        yield document.error(
            (*place, "points"),
            "可能性是风险分：不合格的不减分，合格的不加分；请改正分值的正负号。",
            "Likelihood counts risk: a failure takes no points and a pass gives none; mend the sign of the points.",
        )


def _lapsed_errors(
    counted: Counted, entry: RecordEntry, document: Document, place: tuple[str | int, ...]
) -> Iterator[BookError]:
    """What lapses has an end, and of events it says of which thing the latest counts."""
    if entry.record.until is None:
        yield document.error(
            (*place, "window"),
            f"“{counted.record}”没有写到期日，谈不上过期；请换一种记录，或者写期限。",
            f"{counted.record!r} says no last day, so nothing lapses; take another record, or write a span.",
        )
    elif entry.record.kind == "event" and isinstance(counted, RatingItem) and counted.per == "fact":
        yield document.error(
            (*place, "window"),
            f"“{counted.record}”记的是一次次的事，要用 per 写明按什么取最近一次，例如设备代码。",
            f"{counted.record!r} tells events; say by 'per' of what the latest counts, such as the code of a thing.",
        )


def _read(reading: Reading) -> Mapping[str, Rating]:
    """Every rating by the name of its file."""
    records, district = reading.usable(RECORDS) or {}, reading.usable(DISTRICT)
    areas = [area.code for area in district.areas] if district is not None else []
    found: dict[str, Rating] = {}
    for path, rating, document in reading.each(Rating):
        if records:
            for at, edition in enumerate(rating.editions):
                card = (reading.usable(CARDS) or {}).get(rating.of)
                reading.errors += edition_errors(edition, document, ("editions", at), records, areas, card)
        found[path.stem] = rating
    return MappingProxyType(found)


def _cites(book: Book) -> Iterator[tuple[str, str, Citation]]:
    for name, rating in book[RATINGS].items():
        for citation in cited_in(rating):
            yield f"ratings/{name}.yaml", rating.label.zh, citation


def _entries(book: Book) -> Iterator[tuple[BookHit, str]]:
    for name, rating in book[RATINGS].items():
        items = [f"{item.label.zh} {item.label.en}" for edition in rating.editions for item in edition.items]
        laws = sorted({f"{c.text} {c.article}" for c in cited_in(rating)})
        hit = BookHit("rating", name, rating.label, note=Label(zh="质量信用评价", en="rating"))
        yield hit, " ".join([name, rating.purpose.zh, rating.purpose.en, *items, *laws, *rating.systems])


# Every rating by the name of its file.
RATINGS: Chapter[Mapping[str, Rating]] = register(
    Chapter(
        name="ratings",
        label=Label(zh="质量信用评价", en="Quality-credit ratings"),
        pages=(PageKind("rating", "ratings/*.yaml", Rating),),
        needs=(RECORDS, DISTRICT, CARDS),
        read=_read,
        counts={"ratings": len},
        cites=_cites,
        index=IndexGroup("rating", Label(zh="质量信用评价", en="Quality-credit ratings"), _entries),
        order=3,
        reference="reference/rating-grammar.md",
    )
)
