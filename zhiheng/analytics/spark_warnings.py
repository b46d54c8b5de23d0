"""The series of a trend judged where Spark has them: no machine holds more than a batch of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pyarrow as pa

from zhiheng.analytics.early_warning import counts_sql, reading, recent_days, reported_days, units_of
from zhiheng.analytics.spark import SparkLake, SparkReader
from zhiheng.engines.early_warning.batches import ANSWERS, BatchPlan, key_columns
from zhiheng.engines.early_warning.occurrences import EPOCH
from zhiheng.engines.early_warning.series import periods_between, silences
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.early_warning import Trend

_TYPES = {pa.int64(): "bigint", pa.float64(): "double", pa.bool_(): "boolean"}


def judged_by_spark(
    lake: SparkLake, book: Book, watch: Trend, *, day: dt.date, known_on: dt.date, back: int
) -> pa.Table:
    """What the detectors say of every series in the last ``back`` whole periods before a day (``BatchPlan``)."""
    first, last = recent_days(watch, day, back)
    names = key_columns(watch)
    keys = ", ".join(names)
    with reading(lake, watch.record, last, known_on) as (reader, tables):
        assert isinstance(reader, SparkReader)
        days = {"first": first, "last": last, "known_on": known_on}
        reader.keep("_counted", counts_sql(book, watch, reader, tables, **days, key={}))
        begun = reader.answer("SELECT area_key, min(period) FROM _counted GROUP BY area_key").rows
        counted_from = {area: EPOCH + dt.timedelta(days=int(period)) for area, period in begun}
        periods = periods_between(first, last, watch.every)
        told = reported_days(watch, reader, tables, **days)
        missing = silences(told, periods, watch.every, units_of(book), counted_from)
        places = range(max(0, len(periods) - back), len(periods))
        plan = BatchPlan.of(watch, periods, missing, counted_from, places)

        def judge(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            return plan.judge(batches)

        series = reader.spark.sql(
            f"SELECT {keys}, collect_list(struct(period, number)) AS cells FROM _counted GROUP BY {keys}"
        )
        answers = [*((name, "string") for name in names), *((name, _TYPES[kind]) for name, kind in ANSWERS.items())]
        judged = series.mapInArrow(judge, ", ".join(f"{name} {kind}" for name, kind in answers)).toArrow()
    return judged.cast(plan.schema)
