"""Receive a written demo without a ledger, and count in it by hand: an oracle that shares no line with the indicator
engine.

Tables are read and rows become facts by the real reading room and the real intake; only the counting is done here, in
plain
Python, so that a figure that comes out of the rows is known before any lake is built.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import orjson

from zhiheng.demo import DemoManifest, DemoTable
from zhiheng.engines.intake import Intake
from zhiheng.engines.recognise import Layout
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import Indicator, Measure
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Condition
from zhiheng.kernel.facts import Party
from zhiheng.reading.opening import open_path
from zhiheng.reading.tables import Table, Unreadable


@dataclass(frozen=True)
class Fact:
    """An accepted row: what it says, when, where, about which thing, of whom."""

    body: Mapping[str, Any]
    occurred_on: str
    valid_until: str | None
    area: str
    thing: str | None
    parties: tuple[Party, ...]


@dataclass
class Read:
    """What became of one table."""

    rows: int = 0
    refused: int = 0
    duplicates: int = 0
    reasons: set[str] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)


class Received:
    """All facts of a demo, by record."""

    def __init__(self, book: Book, manifest: DemoManifest) -> None:
        self.book = book
        self.facts: dict[str, list[Fact]] = defaultdict(list)
        self.read: list[tuple[DemoTable, Read]] = []
        self._said: set[tuple[str, str, str]] = set()
        self._areas = {unit.id: unit.area for unit in book[DISTRICT].units}
        tables: dict[str, list[DemoTable]] = defaultdict(list)
        for listed in manifest.tables:
            tables[listed.path].append(listed)
        for path, expected in tables.items():
            found = {_name(table): table for table in open_path(manifest.folder / path)}
            for listed in expected:
                table = found[listed.table] if len(expected) > 1 else next(iter(found.values()))
                assert isinstance(table, Table), f"{path} {listed.table}: {table}"
                self.read.append((listed, self._take(table, listed)))

    def _take(self, table: Table, listed: DemoTable) -> Read:
        entry = self.book[RECORDS][listed.record]
        layout = Layout.of(entry.id, entry.record, listed.source, entry.sources[listed.source], entry.words)
        headings = [_leaf(heading, entry.sources[listed.source].columns) for heading in table.layout.headings]
        assert set(headings) == set(entry.sources[listed.source].columns), f"{listed.path} {listed.table}: {headings}"
        intake = Intake(
            layout, entry.types[listed.source], headings, delivered_on=dt.date(2026, 11, 1), row_cleaner=entry.clean
        )
        result = Read()
        for chunk in table.chunks(25_000):
            batch = intake.read(chunk.columns, chunk.row_numbers)
            result.rows += len(chunk.row_numbers) + len(chunk.broken)
            result.refused += len(batch.refused) + len(chunk.broken)
            result.reasons |= {refusal.code for row in batch.refused for refusal in row.refusals}
            result.flags |= {flag for flags in batch.flags if flags for flag in flags.split(",")}
            for index, body in enumerate(batch.bodies):
                statement = (listed.record, listed.unit, body)
                if statement in self._said:
                    result.duplicates += 1
                    continue
                self._said.add(statement)
                parties = tuple(party for column in batch.party_columns for party in column[index])
                self.facts[listed.record].append(
                    Fact(
                        orjson.loads(body),
                        batch.occurred_on[index],
                        batch.valid_until[index],
                        batch.area[index] or self._areas[listed.unit],
                        batch.things[index],
                        parties,
                    )
                )
        return result

    # -- counting ------------------------------------------------------------------------------------------------------

    def value(self, indicator: Indicator, area: str, as_of: dt.date) -> str:
        """The number of an indicator, in its own decimals."""
        if indicator.kind == "number":
            assert indicator.measure is not None
            number = self._measure(indicator.measure, area, as_of)
        elif indicator.kind == "rate":
            assert indicator.denominator is not None
            below = self._measure(indicator.denominator, area, as_of)
            if indicator.numerator_measure is not None:
                above = self._measure(indicator.numerator_measure, area, as_of)
            else:
                above = self._measure(indicator.denominator, area, as_of, further=indicator.numerator or {})
            number = 100 * above / below
        else:
            assert indicator.change is not None
            assert indicator.base is not None
            base = self._measure(indicator.change, area, dt.date(indicator.base.year, 12, 31))
            number = 100 * (self._measure(indicator.change, area, as_of) - base) / base
        return str(number.quantize(Decimal(1).scaleb(-indicator.decimals), ROUND_HALF_UP))

    def _measure(
        self, measure: Measure, area: str, as_of: dt.date, *, further: Mapping[str, Condition] | None = None
    ) -> Decimal:
        facts = [fact for fact in self._in_period(measure, as_of) if fact.area in self.book[DISTRICT].below(area)]
        conditions = [*measure.where.items(), *(further or {}).items()]
        facts = [fact for fact in facts if all(_meets(fact.body.get(name), c) for name, c in conditions)]
        if measure.count == "facts":
            return Decimal(len(facts))
        if measure.count is not None:
            field_names = self.book[RECORDS][measure.record].record.fields
            if measure.count in {party.role for fact in facts for party in fact.parties}:
                return Decimal(len({_who(p) for fact in facts for p in fact.parties if p.role == measure.count}))
            assert not facts or measure.count in field_names
            return Decimal(len({fact.body[measure.count] for fact in facts if measure.count in fact.body}))
        name = measure.sum or measure.max or measure.min
        numbers = [Decimal(fact.body[name]) for fact in facts if name in fact.body]
        return sum(numbers, Decimal()) if measure.sum else max(numbers) if measure.max else min(numbers)

    def _in_period(self, measure: Measure, as_of: dt.date) -> Iterable[Fact]:
        known = [fact for fact in self.facts[measure.record] if fact.occurred_on <= as_of.isoformat()]
        if measure.period == "ever":
            return known
        if measure.period == "standing":
            return _standing(known, as_of)
        years = 1 if measure.period == "year" else measure.period
        first = dt.date(as_of.year - years + 1, 1, 1).isoformat()
        return [fact for fact in known if fact.occurred_on >= first]


def _standing(facts: Iterable[Fact], as_of: dt.date) -> Iterator[Fact]:
    latest: dict[str, Fact] = {}
    for fact in facts:
        assert fact.thing is not None
        before = latest.get(fact.thing)
        if before is None or fact.occurred_on >= before.occurred_on:
            latest[fact.thing] = fact
    return (f for f in latest.values() if f.valid_until is None or f.valid_until >= as_of.isoformat())


def _meets(value: Any, condition: Condition) -> bool:
    if condition.exists is not None and (value is not None) != condition.exists:
        return False
    if condition.equals is not None and str(value) != str(condition.equals):
        return False
    if condition.any_of is not None and str(value) not in map(str, condition.any_of):
        return False
    return condition.none_of is None or (value is not None and str(value) not in map(str, condition.none_of))


def _who(party: Party) -> str:
    # Only layout and brackets vary in a name that has no code; with a code, the code alone says who it is.
    return party.code or "".join(party.name.split()).replace("(", "（").replace(")", "）")


def _name(table: Table | Unreadable) -> str:
    return table.sheet or Path(table.origin).stem


def _leaf(heading: str, columns: Mapping[str, Any]) -> str:
    """The heading of a column below its band: a two-line heading is read as 'band/heading'."""
    while heading not in columns and "/" in heading:
        heading = heading.partition("/")[2]
    return heading
