"""同一套表达式在DuckDB和Spark上结果相同：指标逐数，评价逐条，预警的周数列和每一个判断。

需要 PySpark 和 Java（``make test-spark``）；没有时跳过并说明。
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.indicators import AS_OF, KNOWN_ON, generate
from tests.analytics.test_lake import fill, more
from tests.book_once import book_once
from tests.places import Ledger
from zhiheng.analytics.early_warning import count_series, recent_days, recent_series
from zhiheng.analytics.lake import Lake, connect, project
from zhiheng.analytics.layout import literal, quoted
from zhiheng.analytics.query import figures
from zhiheng.analytics.rated import RatingAsked, contributions_computed, grades_computed
from zhiheng.analytics.spark import SparkLake, missing, session
from zhiheng.analytics.spark_warnings import judged_by_spark
from zhiheng.engines.early_warning.batches import BatchPlan
from zhiheng.engines.early_warning.judge import judged
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.early_warning import WARNINGS, Trend
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.ratings import RATINGS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.spark,
    pytest.mark.skipif(bool(missing()), reason=f"{missing()} is not on this machine: make test-spark brings it"),
]
FACTS = 20_000
BACK = 30
# What Spark compiles of a statement, and tasks side by side, pay off over millions of rows, not over these: with them
# each statement takes twice as long.
SMALL = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.files.minPartitionNum": "1",
    "spark.sql.files.openCostInBytes": "1024",
}


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Spark on this machine."""
    running = session(settings=SMALL)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def invented(book_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Invented facts of every record that an indicator of the book reads; some were corrected."""
    lake = Lake(tmp_path_factory.mktemp("invented") / "lake", book_once(book_root))
    generate(lake, FACTS)
    gather_series(lake)
    return lake


def gather_series(lake: Lake) -> None:
    """Make series of what warnings watch: few groups, told by a unit of the district; a silence, and a burst."""
    district = lake.book[DISTRICT]
    unit = next(unit for unit, area in district.area_of_unit.items() if area == next(iter(district.areas)).code)
    with connect() as connection:
        for watch in trends(lake.book).values():
            columns = lake.layouts[watch.record].columns
            few = [name for name in watch.per if columns.get(name) == "VARCHAR" and name != "area"]
            made = [f"'类' || (hash({quoted(name)}) % 3) AS {quoted(name)}" for name in few]
            made.append(
                "CASE WHEN fact_id % 40 = 3 AND year(occurred_on) = 2026 THEN DATE '2026-10-07' ELSE occurred_on END AS occurred_on"
            )
            for file in lake.manifest().facts[watch.record]:
                path = lake.folder / file.path
                source = f"read_parquet({literal(str(path))}, hive_partitioning = false)"
                told = connection.sql(
                    f"SELECT * REPLACE ({literal(unit)} AS unit, {', '.join(made)}) FROM {source} "
                    "WHERE occurred_on NOT BETWEEN DATE '2025-03-01' AND DATE '2025-03-31'"
                ).to_arrow_table()
                pq.write_table(told, path)


def in_spark(lake: Lake, spark: Any) -> SparkLake:
    """The same lake, read by Spark."""
    return SparkLake(lake.folder, lake.book, spark=spark)


def area_within(book: Book) -> str:
    """An area with others above and beneath it."""
    nodes = {node.code: node.parent for node in book[DISTRICT].areas}
    return next(code for code, parent in nodes.items() if parent is not None and code in nodes.values())


def test_全部指标逐数相同(invented: Lake, spark: Any) -> None:
    book, days = invented.book, {"as_of": AS_OF, "known_on": KNOWN_ON}
    ours = figures(invented, book, area=None, **days)
    assert {figure.indicator for figure in ours} == {*book[INDICATORS]}
    assert sum(bool(figure.numerator) for figure in ours) > len(ours) // 2
    assert figures(in_spark(invented, spark), book, area=None, **days) == ours


@pytest.mark.parametrize(
    ("within", "by", "every"), [(True, (), 8), (False, ("area:district", "quarter"), 9)], ids=["area", "split"]
)
def test_一个地区的和拆分的逐数相同(invented: Lake, spark: Any, within: bool, by: tuple[str, ...], every: int) -> None:
    """Of some indicators: each is a statement of its own, and a statement takes seconds whatever it counts."""
    book = invented.book
    asked: dict[str, Any] = {"area": area_within(book) if within else None, "as_of": AS_OF, "known_on": KNOWN_ON}
    names = [*book[INDICATORS]][::every]
    ours = figures(invented, book, **asked, names=names, by=by)
    assert len({figure.indicator for figure in ours}) > len(names) // 2
    assert any(figure.numerator for figure in ours)
    assert figures(in_spark(invented, spark), book, **asked, names=names, by=by) == ours


def test_更正撤回合并和第二家企业都算得一样(ledger: Ledger, lake: Lake, spark: Any) -> None:
    fill(ledger)
    more(ledger)
    project(lake)
    for known_on in (dt.date(2026, 6, 30), dt.date(2026, 7, 1)):
        days = {"as_of": dt.date(2026, 7, 1), "known_on": known_on}
        ours = figures(lake, lake.book, area=None, **days)
        assert figures(in_spark(lake, spark), lake.book, area=None, **days) == ours


def test_空湖里也算得一样(lake: Lake, spark: Any) -> None:
    days = {"as_of": AS_OF, "known_on": KNOWN_ON}
    ours = figures(lake, lake.book, area=None, **days)
    assert figures(in_spark(lake, spark), lake.book, area=None, **days) == ours


@pytest.mark.parametrize("name", ["credit_supervision", "quality_integrity", "risk_list"])
def test_评价的每一条贡献和每一个等级都相同(invented: Lake, spark: Any, name: str) -> None:
    rating = invented.book[RATINGS][name]
    asked = RatingAsked(name, rating, rating.editions[-1], AS_OF, KNOWN_ON)
    ours = contributions_computed(invented, asked, None)
    assert len(ours) > FACTS // 50
    assert contributions_computed(in_spark(invented, spark), asked, None) == ours
    grades = grades_computed(invented, asked)
    assert len(grades) > 40
    assert grades_computed(in_spark(invented, spark), asked) == grades
    some = [grade.subject_id for grade in grades[:20]]
    assert grades_computed(in_spark(invented, spark), asked, some) == grades[:20]


def trends(book: Book) -> dict[str, Trend]:
    """The warnings that watch series."""
    warnings = book[WARNINGS]
    assert warnings is not None
    return {name: page.watch for name, page in warnings.kinds.items() if isinstance(page.watch, Trend)}


def rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """Rows in a fixed order; a number that is none equals another that is none."""
    plain = [tuple("none" if v != v else v for v in row.values()) for row in table.to_pylist()]
    return sorted(plain, key=lambda row: tuple(map(str, row)))


def test_每条周数列每个判断都相同(invented: Lake, spark: Any) -> None:
    book, there = invented.book, in_spark(invented, spark)
    watched = trends(book)
    assert watched
    alarms = 0
    for name, watch in watched.items():
        first, last = recent_days(watch, AS_OF, BACK)
        days = {"first": first, "last": last, "known_on": KNOWN_ON}
        ours, theirs = (count_series(lake, book, watch, **days) for lake in (invented, there))
        assert (theirs.keys, theirs.periods) == (ours.keys, ours.periods), name
        np.testing.assert_array_equal(theirs.counts, ours.counts)
        np.testing.assert_array_equal(theirs.complete, ours.complete)
        table, places = recent_series(invented, book, watch, day=AS_OF, known_on=KNOWN_ON, back=BACK)
        expected = expected_answers(watch, table, places)
        found = judged_by_spark(there, book, watch, day=AS_OF, known_on=KNOWN_ON, back=BACK)
        assert rows(found) == rows(expected), name
        alarms += sum(found.column("alarm").to_pylist())
    assert alarms, "among so many weeks of invented counts some stand out"


def expected_answers(watch: Trend, table: Any, places: range) -> pa.Table:
    """What the judge says of a whole table in this process, as answers."""
    chosen = {watch.detectors.index(one.detector): one.places for one in judged(watch, table, places)}
    return BatchPlan(watch, table.periods, {}, chosen).answers(table)
