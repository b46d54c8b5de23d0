"""Asks the lake what early warnings watch: series of counts, clusters, what ends, testers that never fail, and the
facts behind a signal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

import duckdb
import ibis
import pyarrow as pa

from zhiheng.analytics.lake import Lake, Manifest
from zhiheng.analytics.query import show_placed, tables_of
from zhiheng.analytics.reader import DuckReader, LakeReader, sql_of
from zhiheng.engines.early_warning import occurrences as asked
from zhiheng.engines.early_warning.judge import trend_signals
from zhiheng.engines.early_warning.rules import CountedTests, Ending, Occurrence, clusters, expiring, never_failing
from zhiheng.engines.early_warning.scanning import ScannedArea, scanned
from zhiheng.engines.early_warning.series import (
    FREQUENCY,
    CountedPeriod,
    ReportedDay,
    SeriesTable,
    last_whole,
    length,
    series_table,
)
from zhiheng.engines.early_warning.signals import FoundSignal
from zhiheng.engines.outlines import shapes_of
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.early_warning import (
    AREA,
    WARNINGS,
    Cluster,
    CountedByPeriod,
    Expiry,
    NeverFails,
    Scan,
    Trend,
    WarningLevel,
)

_AROUND = "_around"
Tables = Mapping[str, ibis.Table]


def count_series(
    lake: Lake,
    book: Book,
    watch: CountedByPeriod,
    *,
    first: dt.date,
    last: dt.date,
    known_on: dt.date,
    key: Mapping[str, str] | None = None,
) -> SeriesTable:
    """The series of a trend from ``first`` to ``last``: of every area with all beneath it where ``per`` names the area,
    else of everything under the area "". ``key``: only the series of these groups.
    """
    with reading(lake, watch.record, last, known_on) as (reader, tables):
        found = reader.answer(
            counts_sql(book, watch, reader, tables, first=first, last=last, known_on=known_on, key=key or {})
        ).rows
        told = reported_days(watch, reader, tables, first=first, last=last, known_on=known_on)
    return series_table(
        (CountedPeriod(tuple(row[:-2]), asked.EPOCH + dt.timedelta(days=int(row[-2])), row[-1]) for row in found),
        told,
        first=first,
        last=last,
        every=watch.every,
        units_of=units_of(book),
        known_on=known_on,
    )


def counts_sql(
    book: Book,
    watch: CountedByPeriod,
    reader: LakeReader,
    tables: Tables,
    *,
    first: dt.date,
    last: dt.date,
    known_on: dt.date,
    key: Mapping[str, str],
) -> str:
    """The SQL of the counts of a trend's series (``asked.counts``)."""
    facts = asked.occurrences(watch, tables, first=first, last=last, known_on=known_on)
    around = None
    if AREA in watch.per:
        pairs = [(code, one) for code, above in book[DISTRICT].areas_above.items() for one in (code, *above)]
        reader.show(_AROUND, pa.table({"area": [a for a, _ in pairs], "around": [b for _, b in pairs]}))
        around = ibis.table({"area": "string", "around": "string"}, name=_AROUND)
    return sql_of(asked.counts(watch, facts, around, key), reader.engine)


def reported_days(
    watch: CountedByPeriod, reader: LakeReader, tables: Tables, *, first: dt.date, last: dt.date, known_on: dt.date
) -> list[ReportedDay]:
    """What each unit said of each day, on which day it said it; in their order."""
    said = asked.reported(watch, tables, first=first, last=last, known_on=known_on)
    told = said.group_by("unit", "occurred_on", "learned_on").aggregate(facts=said.facts.sum())
    rows = reader.answer(sql_of(told.order_by("unit", "occurred_on", "learned_on"), reader.engine)).rows
    return [ReportedDay(unit, on, learned, int(facts)) for unit, on, learned, facts in rows]


def watched_facts(
    lake: Lake,
    watch: CountedByPeriod | Cluster,
    *,
    first: dt.date,
    last: dt.date,
    known_on: dt.date,
    areas: Sequence[str] | None = None,
    key: Mapping[str, str] | None = None,
) -> list[Occurrence]:
    """The watched facts between two days, by day; ``key``: only those of these groups (its area is asked by
    ``areas``).
    """
    names = [name for name in watch.per if name != AREA]
    with _opened(lake, watch.record, last, known_on) as (connection, tables):
        facts = asked.occurrences(watch, tables, first=first, last=last, known_on=known_on, areas=areas)
        groups = [asked.GROUP.format(place) for place in range(len(names))]
        met = _conditions(watch, key or {}, {})
        where = f" WHERE {' AND '.join(f'{group} = ?' for group, _ in met)}" if met else ""
        columns = ", ".join(["fact_id", "occurred_on", "area", asked.COUNTED, *groups])
        rows = connection.execute(
            f"SELECT DISTINCT {columns} FROM ({sql_of(facts)}){where} ORDER BY occurred_on, fact_id",
            [value for _, value in met],
        ).fetchall()
    return [Occurrence(fact, on, area or "", tuple(by), counted) for fact, on, area, counted, *by in rows]


def _conditions(
    watch: CountedByPeriod | Cluster, key: Mapping[str, str], area: Mapping[str, str]
) -> list[tuple[str, str]]:
    """(column, value) of the groups of a key that are columns of an occurrence, and of the area where it is one."""
    names = [name for name in watch.per if name != AREA]
    columns = {name: asked.GROUP.format(place) for place, name in enumerate(names)} | dict(area)
    return [(columns[name], value) for name, value in key.items() if name in columns]


def count_tests(
    lake: Lake, watch: NeverFails, *, first: dt.date, last: dt.date, known_on: dt.date
) -> list[CountedTests]:
    """How much every tester tested between two days, and how much of it failed."""
    with _opened(lake, watch.record, last, known_on) as (connection, tables):
        told = asked.tests_of(watch, tables, first=first, last=last, known_on=known_on)
        rows = connection.execute(f"SELECT subject, tests, failed FROM ({sql_of(told)}) ORDER BY subject").fetchall()
    return [CountedTests(*row) for row in rows]


def tests_listed(
    lake: Lake, watch: NeverFails, subject: int, *, first: dt.date, last: dt.date, known_on: dt.date
) -> list[int]:
    """The ids of the tests that a tester made between two days, by day."""
    levels = {WarningLevel.BLUE: 1.0}
    tests = Cluster(record=watch.record, where=watch.where, per=(watch.role,), within=1, levels=levels)
    found = watched_facts(lake, tests, first=first, last=last, known_on=known_on, key={watch.role: str(subject)})
    return [one.fact for one in found]


def endings(lake: Lake, watch: Expiry, *, day: dt.date, known_on: dt.date) -> Iterator[Ending]:
    """Of each enterprise the last of what it holds of the record, with the day on which that ends; nothing of an
    enterprise that holds something without an end.
    """
    with _opened(lake, watch.record, day, known_on) as (connection, tables):
        held = asked.held(watch, tables, day=day, known_on=known_on)
        rows = connection.execute(
            "SELECT arg_max(fact_id, valid_until), subject, arg_max(area, valid_until), max(valid_until) "
            f"FROM ({sql_of(held)}) GROUP BY subject HAVING count(*) = count(valid_until) ORDER BY subject"
        ).fetchall()
    for fact, subject, area, until in rows:
        yield Ending(fact, subject, area or "", until)


@contextmanager
def _opened(
    lake: Lake, record: str, day: dt.date, known_on: dt.date
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Tables]]:
    """A connection that shows a record where its facts are counted, and the tables as expressions."""
    manifest: Manifest = lake.manifest()
    connection = lake.open(manifest, [record])
    try:
        show_placed(DuckReader(connection), lake, manifest, [record], as_of=day, known_on=known_on)
        yield connection, tables_of(lake, manifest)
    finally:
        connection.close()


@contextmanager
def reading(lake: Lake, record: str, day: dt.date, known_on: dt.date) -> Iterator[tuple[LakeReader, Tables]]:
    """As ``_opened``, for the series: by what runs the lake's large questions."""
    manifest = lake.manifest()
    with closing(lake.reading(manifest, [record])) as reader:
        show_placed(reader, lake, manifest, [record], as_of=day, known_on=known_on)
        yield reader, tables_of(lake, manifest)


def units_of(book: Book) -> Mapping[str, frozenset[str]]:
    """Area -> the units that report for it: those of the area itself, of areas around it and of areas beneath it."""
    district = book[DISTRICT]
    return {
        code: frozenset(
            unit
            for unit, area in district.area_of_unit.items()
            if area == code or area in above or area in district.areas_below[code]
        )
        for code, above in district.areas_above.items()
    } | {"": frozenset(district.area_of_unit)}


# How long back clusters are looked for again, since facts come late.
_CLUSTERS_BACK = 60


@dataclass(frozen=True)
class WatchRun:
    """What a warning found, since which day signals of before are looked at again, and which days were judged: None:
    all since then.
    """

    found: Sequence[FoundSignal]
    since: dt.date
    judged: Sequence[tuple[dt.date, dt.date]] | None = None


def watched(lake: Lake, book: Book, name: str, *, day: dt.date, known_on: dt.date) -> WatchRun:
    """What a warning finds in the lake as of a day, as known on a day; nothing for one that watches no facts."""
    warnings = book[WARNINGS]
    assert warnings is not None
    page = warnings.kinds[name]
    kind = page.watch
    if isinstance(kind, Trend):
        back = warnings.answering.looks_back[kind.every]
        table, places = recent_series(lake, book, kind, day=day, known_on=known_on, back=back)
        trend = trend_signals(name, kind, table, places)
        return WatchRun(trend.found, min((first for first, _ in trend.judged), default=day), trend.judged)
    if isinstance(kind, Cluster):
        since = day - dt.timedelta(days=_CLUSTERS_BACK)
        first = since - dt.timedelta(days=kind.within)
        facts = watched_facts(lake, kind, first=first, last=day, known_on=known_on)
        above = {code: (code, *around) for code, around in book[DISTRICT].areas_above.items()}
        found = [one for one in clusters(name, kind, facts, above) if one.last >= since]
        return WatchRun(found, since)
    if isinstance(kind, Scan):
        return _scanned(lake, book, name, kind, day=day, known_on=known_on)
    if isinstance(kind, Expiry):
        found = expiring(name, kind, endings(lake, kind, day=day, known_on=known_on), day)
        return WatchRun(found, day - dt.timedelta(days=kind.forget_after))
    if isinstance(kind, NeverFails):
        first = day - dt.timedelta(days=kind.within - 1)
        tests = count_tests(lake, kind, first=first, last=day, known_on=known_on)
        top = next(iter(book[DISTRICT].areas)).code
        return WatchRun(never_failing(name, kind, tests, top, day), first)
    return WatchRun((), day)


def _scanned(lake: Lake, book: Book, name: str, watch: Scan, *, day: dt.date, known_on: dt.date) -> WatchRun:
    """The clusters among the areas of a level that the book draws, up to the last whole week."""
    district = book[DISTRICT]
    last = last_whole(day, "week")
    first = last - dt.timedelta(days=7 * (watch.baseline + 2 * watch.longest - 1))
    until = last + dt.timedelta(days=6)
    table = count_series(lake, book, watch.counted, first=first, last=until, known_on=known_on)
    at = {key[0]: place for place, key in enumerate(table.keys)}
    codes = [area.code for area in district.areas if area.kind == watch.of]
    # An area of which no fact was told in all these weeks has nothing to scan: nobody knows whether it is quiet.
    areas = [
        ScannedArea(shape.code, float(shape.centre[0]), float(shape.centre[1]), table.counts[at[shape.code]])
        for shape in shapes_of(district, [code for code in codes if code in at])
    ]
    above = {code: (code, *around) for code, around in district.areas_above.items()}
    looked_at = last - dt.timedelta(days=7 * (2 * watch.longest - 1))
    return WatchRun(scanned(name, watch, areas, table.periods, above), looked_at, [(looked_at, until)])


def recent_days(watch: Trend, day: dt.date, back: int) -> tuple[dt.date, dt.date]:
    """The first and last day of the history that a trend's detectors need for the last ``back`` whole periods."""
    frequency = FREQUENCY[watch.every]
    history = max(one.history(frequency) for one in watch.detectors) + back + frequency // 10
    last = last_whole(day, watch.every)
    first = last - dt.timedelta(days=length(watch.every) * history)
    return first, last + dt.timedelta(days=length(watch.every) - 1)


def recent_series(
    lake: Lake,
    book: Book,
    watch: Trend,
    *,
    day: dt.date,
    known_on: dt.date,
    back: int,
    key: Mapping[str, str] | None = None,
) -> tuple[SeriesTable, range]:
    """The series of a trend with the history that its detectors need, and the places of the last ``back`` whole
    periods. ``key``: only the series of these groups.
    """
    first, until = recent_days(watch, day, back)
    table = count_series(lake, book, watch, first=first, last=until, known_on=known_on, key=key)
    return table, range(max(0, len(table.periods) - back), len(table.periods))
