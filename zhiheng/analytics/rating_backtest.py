"""What a rating said on a day beside what was found in the year after: rows for ``engines/backtest.py`` to measure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import duckdb
import ibis

from zhiheng.analytics.lake import Lake
from zhiheng.analytics.query import tables_of
from zhiheng.analytics.rated import RatingAsked, rating_sql, records_of
from zhiheng.analytics.reader import sql_of
from zhiheng.engines import rating as engine
from zhiheng.engines.backtest import Backtested, backtested
from zhiheng.grammar.chapters.ratings import RatingEdition
from zhiheng.kernel.days import months_later

# The last result before the day counts for the naive rule if it is no older.
_LAST_YEARS = 3
NOT_GRADED = ""


def backtest(lake: Lake, asked: RatingAsked, *, today: dt.date) -> Backtested:
    """Measure a rating as of ``asked.as_of`` against the failures of the year after, as known today. Of a risk list its
    likelihood is measured: how much harm a failure would do (the other axis) foretells none.

    Counted are the enterprises that are rated and were looked at in that year: passed or failed at least once.
    """
    manifest = lake.manifest()
    sql = rating_sql(lake, manifest, asked)
    with lake.open(manifest, records_of(lake, asked)) as connection:
        tables = tables_of(lake, manifest)
        return backtest_tables(connection, asked.edition, tables, sql.grades, sql.contributions, asked, today)


def backtest_tables(
    connection: duckdb.DuckDBPyConnection,
    edition: RatingEdition,
    tables: Mapping[str, ibis.Table],
    grades: str,
    contributions: str,
    asked: RatingAsked,
    today: dt.date,
) -> Backtested:
    """The same over any tables that the connection shows; ``grades`` and ``contributions``: SQL of both on the day."""
    day = asked.as_of
    after = engine.judged(edition, tables, after=day, until=months_later(day, 12), known_on=today)
    before = engine.judged(
        edition, tables, after=months_later(day, -12 * _LAST_YEARS), until=day, known_on=asked.known_on
    )
    items = [item.id for item in edition.items]
    sums = ", ".join(f"coalesce(sum(points) FILTER (item = '{item}'), 0)::DOUBLE" for item in items)
    rows: list[tuple[Any, ...]] = connection.execute(
        f"WITH g AS ({grades}), a AS ({sql_of(after)}), b AS ({sql_of(before)}), "
        f"f AS (SELECT subject_id, [{sums}] AS facts FROM ({contributions}) GROUP BY subject_id) "
        "SELECT g.score, g.band, (a.failed > 0)::INTEGER, b.last_failed, b.judged, f.facts, g.likelihood "
        "FROM g JOIN a USING (subject_id) LEFT JOIN b USING (subject_id) LEFT JOIN f USING (subject_id) "
        "ORDER BY g.subject_id"
    ).fetchall()
    names = [band.name for band in edition.bands]
    nothing = [0.0] * len(items)
    axis = edition.matrix.likelihood if edition.matrix is not None else None
    levels = [level.label.zh for level in axis.levels] if axis is not None else []
    counted = [at for at, name in enumerate(items) if axis is not None and name in edition.of_part(axis.part)]

    def risk(score: int, facts: list[float]) -> float:
        """Points of likelihood foretell failures as they stand, points of quality the other way round."""
        return sum(facts[at] for at in counted) + edition.start_of(axis.part) if axis is not None else float(-score)

    return backtested(
        [risk(score, facts or nothing) for score, _, _, _, _, facts, _ in rows],
        # Nothing known before stands between a pass and a failure.
        [0.5 if last is None else float(last) for _, _, _, last, _, _, _ in rows],
        [[*(facts or nothing), float(known or 0)] for _, _, _, _, known, facts, _ in rows],
        [failed for _, _, failed, _, _, _, _ in rows],
        [NOT_GRADED if band is None else names[band] for _, band, *_ in rows],
        [*names, NOT_GRADED],
        [NOT_GRADED if band is None or not levels else levels[likely] for _, band, _, _, _, _, likely in rows],
        [*levels, NOT_GRADED] if levels else [],
    )
