"""What a page of ``book/cockpit/`` may say: what stands on the cockpit of an area, at most nine things.

.. code-block:: yaml

    kinds: [district]
    qualities:
      product: {headline: product_pass_rate, beside: [food_pass_rate]}
      environment: {headline: sewage_treatment_rate, beside: [{indicator: industrial_cod_change, day: last_full_year}]}
    key:
      - {headline: key_posts_certified}
    map: [product_pass_rate, on_the_blacklist]
    changed: {days: 7, lists: [blacklist_entry]}
    overdue: {expired: [production_licence]}
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import Field, model_validator

from zhiheng.grammar.book import Book, Chapter, PageKind, Reading
from zhiheng.grammar.chapters.district import DISTRICT, AreaCode, District
from zhiheng.grammar.chapters.indicators import INDICATORS, Indicator
from zhiheng.grammar.chapters.records import RECORDS, RecordEntry
from zhiheng.grammar.registry import register
from zhiheng.grammar.types import Entry, Identifier, Label, Quality
from zhiheng.grammar.yaml import BookError, Document, Wrong

MOST = 9


class ShownIndicator(Entry):
    """An indicator, and as of which day: of the day asked, or of the end of the last full year for what is reported
    yearly.
    """

    indicator: Identifier
    day: Literal["asked", "last_full_year"] = "asked"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        """``product_pass_rate`` is short for ``{indicator: product_pass_rate}``."""
        return {"indicator": value} if isinstance(value, str) else value

    def as_of(self, asked: dt.date) -> dt.date:
        """The day of the figure."""
        if self.day == "asked" or (asked.month, asked.day) == (12, 31):
            return asked
        return dt.date(asked.year - 1, 12, 31)


class CockpitCard(Entry):
    """One thing of the cockpit: a number in front, and at most three beside it that explain it."""

    headline: ShownIndicator
    beside: tuple[ShownIndicator, ...] = Field(default=(), max_length=3)
    title: Label | None = Field(
        default=None, description="where the headline's own name does not say what the card is about"
    )

    def shown(self) -> tuple[ShownIndicator, ...]:
        """All its numbers."""
        return (self.headline, *self.beside)


class Changed(Entry):
    """What counts as news: the number of days, and the records by which an enterprise comes onto a list."""

    days: int = Field(default=7, ge=1, le=31)
    lists: tuple[Identifier, ...] = ()


class Overdue(Entry):
    """What runs out: the records whose ``until`` must not pass unnoticed."""

    expired: tuple[Identifier, ...] = ()


class Cockpit(Entry):
    """The cockpit of certain areas with all beneath them (``areas``), or of every area of some kinds (``kinds``)."""

    areas: tuple[AreaCode, ...] = ()
    kinds: tuple[Identifier, ...] = ()
    qualities: dict[Quality, CockpitCard] = Field(min_length=1)
    key: tuple[CockpitCard, ...] = ()
    map: tuple[ShownIndicator, ...] = Field(default=(), max_length=8)
    changed: Changed | None = None
    overdue: Overdue | None = None

    @model_validator(mode="after")
    def _whole(self) -> Cockpit:
        if bool(self.areas) == bool(self.kinds):
            raise Wrong(
                "驾驶舱须写明 areas（区划代码，含下级）或 kinds（区域层级）之一。",
                "A cockpit says either areas (codes, with all beneath) or kinds (of areas).",
            )
        if self.things > MOST:
            raise Wrong(
                f"驾驶舱上有 {self.things} 样东西，最多 {MOST} 样；请减少 key。",
                f"{self.things} things stand on the cockpit, at most {MOST} may; take some out of key.",
            )
        return self

    @property
    def things(self) -> int:
        """How many things stand on it."""
        panels = (bool(self.map), self.changed is not None, self.overdue is not None)
        return len(self.qualities) + len(self.key) + sum(panels)

    def shown(self) -> Iterator[ShownIndicator]:
        """Every number that it needs, each once."""
        cards = [*self.qualities.values(), *self.key]
        yield from dict.fromkeys([*(shown for card in cards for shown in card.shown()), *self.map])


def cockpit_of(cockpits: Iterable[Cockpit], district: District, area: str) -> Cockpit | None:
    """The cockpit of an area: the one that names it or the nearest area above it, else the one of its kind."""
    said = tuple(cockpits)
    for code in (area, *district.areas_above.get(area, ())):
        for cockpit in said:
            if code in cockpit.areas:
                return cockpit
    node = district.area(area)
    return next((cockpit for cockpit in said if node is not None and node.kind in cockpit.kinds), None)


def days_needed(cockpits: Mapping[str, Cockpit], today: dt.date) -> tuple[dt.date, ...]:
    """The days of which figures must be at hand: today, the last full year's end where asked for, and each a year
    before.
    """
    asked = {today} | {shown.as_of(today) for cockpit in cockpits.values() for shown in cockpit.shown()}
    return tuple(sorted(asked | {year_before(day) for day in asked}, reverse=True))


def year_before(day: dt.date) -> dt.date:
    """The same day a year ago; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _errors(
    indicators: Mapping[str, Indicator],
    records: Mapping[str, RecordEntry],
    district: District | None,
    cockpit: Cockpit,
    document: Document,
) -> Iterator[BookError]:
    """What stands on a cockpit exists, a card of a quality shows that quality, and what runs out has a last day."""
    for quality, card in cockpit.qualities.items():
        names = [shown.indicator for shown in card.shown()]
        yield from document.unknown_names(("qualities", quality), names, indicators, "指标", "indicator")
        headline = indicators.get(card.headline.indicator)
        if headline is not None and headline.quality != quality:
            yield document.error(
                ("qualities", quality, "headline"),
                f"指标“{card.headline.indicator}”属于 {headline.quality}，不属于 {quality}；请换一个指标。",
                f"Indicator {card.headline.indicator!r} is one of {headline.quality}, not of {quality}; choose "
                "another.",
            )
    for index, card in enumerate(cockpit.key):
        names = [shown.indicator for shown in card.shown()]
        yield from document.unknown_names(("key", index), names, indicators, "指标", "indicator")
    yield from document.unknown_names(("map",), [s.indicator for s in cockpit.map], indicators, "指标", "indicator")
    if district is not None:
        yield from document.unknown_names(
            ("areas",), cockpit.areas, {area.code for area in district.areas}, "区域", "area"
        )
        levels = {level.id for level in district.levels}
        yield from document.unknown_names(("kinds",), cockpit.kinds, levels, "区划层级", "level")
    lists = cockpit.changed.lists if cockpit.changed else ()
    expired = cockpit.overdue.expired if cockpit.overdue else ()
    for where, named in ((("changed", "lists"), lists), (("overdue", "expired"), expired)):
        if records:
            yield from document.unknown_names(where, named, records, "记录类型", "record")
    for record in expired:
        if record in records and records[record].record.until is None:
            yield document.error(
                ("overdue", "expired"),
                f"记录“{record}”没有有效期（until），不会过期；请去掉。",
                f"Record {record!r} has no last day (until), so it never runs out; take it out.",
            )


def _read(reading: Reading) -> Mapping[str, Cockpit]:
    indicators, records = reading.usable(INDICATORS) or {}, reading.usable(RECORDS) or {}
    found = {}
    for path, cockpit, document in reading.each(Cockpit):
        reading.errors += _errors(indicators, records, reading.usable(DISTRICT), cockpit, document)
        found[path.stem] = cockpit
    return MappingProxyType(found)


COCKPITS: Chapter[Mapping[str, Cockpit]] = register(
    Chapter(
        name="cockpit",
        label=Label(zh="驾驶舱", en="Cockpits"),
        pages=(PageKind("cockpit", "cockpit/*.yaml", Cockpit),),
        needs=(DISTRICT, RECORDS, INDICATORS),
        read=_read,
        at_once=True,
        reference="reference/cockpit-grammar.md",
    )
)


def cockpit_at(book: Book, area: str) -> Cockpit | None:
    """What stands on the cockpit of an area; None where the book says nothing of it."""
    return cockpit_of(book[COCKPITS].values(), book[DISTRICT], area)
