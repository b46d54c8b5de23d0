"""Every indicator of a district over a large lake, against hand-written DuckDB SQL over the same Parquet.

``python -m bench.indicators [--scale small|full]``: 500,000 or 10,000,000 generated facts in the lake's own layout, of
all the records that the book's indicators read. One side is ``figures``: reading the manifest, compiling through Ibis,
running, rounding. The other asks one SQL statement per indicator, as somebody would write it down for a report. Both
must give the same numbers.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from bench.claims import claim
from zhiheng.analytics.lake import COMPRESSION, File, Lake, Manifest, connect
from zhiheng.analytics.layout import ACTS, ALIASES, BASE, PARTITION, RecordLayout, edition_of, literal, quoted
from zhiheng.analytics.query import figures
from zhiheng.engines.indicator import MeasurePart, parts_of
from zhiheng.grammar.book import Book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.loader import load
from zhiheng.grammar.types import ROLES, Condition

ROWS = {"small": 500_000, "full": 10_000_000}
TARGET = 1.3
RUNS = 3
AS_OF, KNOWN_ON = dt.date(2026, 10, 31), dt.date(2026, 11, 22)
YEARS = (2020, 2026)
# What most rows of a real district are; the other records share the rest evenly.
LARGE = {
    "food_sampling": 0.3,
    "product_sampling": 0.12,
    "inspection_finding": 0.12,
    "complaint": 0.12,
    "equipment_maintenance": 0.1,
}
SUBJECTS = 200_000


def _random(kind: Any, type_: str, seed: int) -> str:
    """SQL of an invented value of a field; choices come from the book."""
    dice = f"hash(n * 31 + {seed})"
    choices = list(getattr(kind, "choices", None) or [])
    if choices and type_ == "VARCHAR":
        return f"[{', '.join(map(literal, choices))}][1 + ({dice} % {len(choices)})::BIGINT]"
    if choices:
        return f"[[{', '.join(map(literal, choices))}][1 + ({dice} % {len(choices)})::BIGINT]]"
    if type_ == "VARCHAR":
        return f"'试验' || ({dice} % 50000)"
    if type_ == "VARCHAR[]":
        return f"['试验' || ({dice} % 50)]"
    if type_ == "BOOLEAN":
        return f"{dice} % 3 > 0"
    if type_ == "DATE":
        return f"DATE '{YEARS[0]}-01-01' + ({dice} % 2500)::INTEGER"
    return f"(({dice} % 100000)::DECIMAL(12, 2) / 100)::{type_}" if type_ != "BIGINT" else f"({dice} % 2030)::BIGINT"


def generate(lake: Lake, count: int) -> None:
    """Write a lake of invented facts, with its manifest; one of a thousand is corrected in the large records."""
    records = sorted({m.record for i in lake.book[INDICATORS].values() for m in i.measures()})
    small = max(1, int(count * (1 - sum(LARGE.values())) / max(1, len(records) - len(LARGE))))
    manifest = Manifest(edition=edition_of(lake.book), watermark=count)
    areas = ", ".join(literal(a.code) for a in lake.book[DISTRICT].areas if len(a.code) > 6)
    lake.folder.mkdir(parents=True)
    connection = connect(3_000_000_000)
    connection.execute(f"SET temp_directory = {literal(str(lake.folder / '.spilled'))}")
    connection.execute("SET preserve_insertion_order = false")
    first = 1
    for record in records:
        layout = lake.layouts[record]
        rows = int(count * LARGE[record]) if record in LARGE else small
        manifest.digests[record] = layout.digest
        manifest.facts[record] = _write(connection, lake.folder, record, layout, areas, first, rows)
        if record in LARGE:
            manifest.acted_on[record] = rows // 1000
        first += rows
    corrected = " UNION ALL ".join(
        f"SELECT fact_id + {count} AS fact_id, fact_id AS concerns, {literal(r)} AS record, 'withdrawal' AS kind, "
        f"DATE '2026-11-01' AS learned_on FROM read_parquet({literal(str(lake.folder / r / '*' / '*.parquet'))}) "
        "WHERE fact_id % 1000 = 7"
        for r in records
        if r in LARGE
    )
    path = lake.folder / "_acts" / f"acts-1-{count}.parquet"
    path.parent.mkdir()
    connection.execute(f"COPY (SELECT {', '.join(ACTS)} FROM ({corrected})) TO {literal(str(path))} (FORMAT parquet)")
    manifest.acts = [File(f"_acts/{path.name}", 0, path.stat().st_size, "")]
    made = {"alias_id": "n", "subject_id": "1 + n // 2", "kind": "'enterprise'"}
    columns = ", ".join(f"{made.get(name, chr(39) * 2)}::{type_} AS {name}" for name, type_ in ALIASES.items())
    connection.execute(
        f"COPY (SELECT {columns} FROM range(1, {SUBJECTS * 2 + 1}) t(n)) TO "
        f"{literal(str(lake.folder / '_aliases.parquet'))} (FORMAT parquet)"
    )
    (lake.folder / "manifest.json").write_text(manifest.as_json(), "utf-8")


def _write(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    record: str,
    layout: RecordLayout,
    areas: str,
    first: int,
    rows: int,
) -> list[File]:
    days = (YEARS[1] - YEARS[0] + 1) * 365 - 70
    standing = layout.entry.record.kind == "standing"
    # Ids follow the days, as they do where a department hands in month by month.
    day = f"(DATE '{YEARS[0]}-01-01' + ((n - {first}) * {days} // {rows} + (hash(n) % 20)::BIGINT)::INTEGER)"
    made = {
        "fact_id": "n",
        "delivery_id": "n // 5000",
        "row_number": "n % 5000",
        "unit": "'unit_' || n % 20",
        "kind": "'statement'",
        "concerns": "NULL",
        "thing": f"(hash(n * 7) % {max(1, rows * 4 // 5)})::BIGINT" if standing else "NULL",
        "occurred_on": day,
        "valid_until": f"CASE WHEN hash(n * 3) % 3 = 0 THEN {day} + 900 END" if layout.entry.record.until else "NULL",
        "outcome": "['pass', 'pass', 'pass', 'fail'][1 + (hash(n * 5) % 4)::BIGINT]",
        "severity": "NULL",
        "area": f"[{areas}][1 + (hash(n * 11) % (len([{areas}])))::BIGINT]",
        "flags": "NULL",
        "further_parties": "false",
        "learned_on": f"{day} + 20",
    }
    columns = [f"({made[name]})::{type_} AS {name}" for name, type_ in BASE.items()]
    columns += [
        f"(1 + hash(n * 13 + {i}) % {SUBJECTS * 2})::BIGINT AS {quoted(c)}" for i, c in enumerate(layout.roles.values())
    ]
    seed = 100
    for name, kind in layout.types.items():
        for suffix, type_ in kind.columns.items():
            seed += 1
            columns.append(
                f"({_random(kind, type_, seed)})::{type_} AS {quoted(f'{name}_{suffix}' if suffix else name)}"
            )
    target = folder / record
    connection.execute(
        f"COPY (SELECT *, year(occurred_on) AS {PARTITION} FROM (SELECT {', '.join(columns)} FROM range({first}, "
        f"{first + rows}) t(n))) TO {literal(str(target))} (FORMAT parquet, COMPRESSION {COMPRESSION}, PARTITION_BY "
        f"({PARTITION}), FILENAME_PATTERN 'facts-{first}-{first + rows - 1}_{{i}}')"
    )
    return [File(str(p.relative_to(folder)), 0, p.stat().st_size, "") for p in sorted(target.glob("*/*.parquet"))]


# -- by hand -----------------------------------------------------------------------------------------------------------


def _condition(name: str, c: Condition, type_: str) -> str:
    def value(v: Any) -> str:
        if type_.startswith("DECIMAL") or type_ in ("BIGINT", "BOOLEAN"):
            return str(v)
        return (f"DATE {literal(str(v))}") if type_ == "DATE" else literal(str(v))

    column, several = quoted(name), type_.endswith("[]")
    said = []
    if c.equals is not None:
        said.append(f"list_contains({column}, {value(c.equals)})" if several else f"{column} = {value(c.equals)}")
    if c.any_of is not None:
        some = ", ".join(map(value, c.any_of))
        said.append(f"list_has_any({column}, [{some}])" if several else f"{column} IN ({some})")
    if c.none_of is not None:
        said.append(f"({column} IS NULL OR {column} NOT IN ({', '.join(map(value, c.none_of))}))")
    if c.starts is not None:
        said.append(f"{column} LIKE {literal(c.starts + '%')}")
    for bound, sign in ((c.at_least, ">="), (c.at_most, "<="), (c.more_than, ">"), (c.less_than, "<")):
        if bound is not None:
            said.append(f"{column} {sign} {value(bound)}")
    if c.exists is not None:
        said.append(f"{column} IS {'NOT ' if c.exists else ''}NULL")
    return " AND ".join(said)


def by_hand(lake: Lake, manifest: Manifest, parts: tuple[MeasurePart, ...], areas: tuple[str, ...]) -> list[str]:
    """The statements that somebody would write for an indicator: one, or two where its sides are of different facts."""
    if len(parts) == 2 and _ground(parts[0]) == _ground(parts[1]) and parts[0].role is None:
        shared = [pair for pair in parts[1].where if pair in parts[0].where]
        extra = [pair for pair in parts[0].where if pair not in shared]
        return [_statement(lake, manifest, parts[1], areas, over=extra)]
    return [_statement(lake, manifest, part, areas) for part in parts]


def _ground(part: MeasurePart) -> tuple[Any, ...]:
    m = part.measure
    return (m.record, m.count, m.sum, m.max, m.min, m.period, part.first)


def _statement(
    lake: Lake,
    manifest: Manifest,
    part: MeasurePart,
    areas: tuple[str, ...],
    over: list[tuple[str, Condition]] | None = None,
) -> str:
    m, types = part.measure, lake.layouts[part.measure.record].columns
    files = literal(str(lake.folder / m.record / "*" / "*.parquet"))
    source = f"FROM read_parquet({files}, hive_partitioning = true, hive_types = {{'{PARTITION}': BIGINT}})"
    met = [f"occurred_on <= DATE '{part.last}'", f"learned_on <= DATE '{KNOWN_ON}'"]
    if part.first:
        met += [f"occurred_on >= DATE '{part.first}'", f"{PARTITION} BETWEEN {part.first.year} AND {part.last.year}"]
    if manifest.acted_on.get(m.record):
        acts = literal(str(lake.folder / "_acts" / "*.parquet"))
        met.append(f"fact_id NOT IN (SELECT concerns FROM read_parquet({acts}) WHERE learned_on <= DATE '{KNOWN_ON}')")
    own = [f"area IN ({', '.join(map(literal, areas))})", *(_condition(n, c, types[n]) for n, c in part.where)]
    if part.standing:
        latest = "thing IS NULL OR row_number() OVER (PARTITION BY thing ORDER BY occurred_on DESC, fact_id DESC) = 1"
        source = f"FROM (SELECT * {source} WHERE {' AND '.join(met)} QUALIFY {latest})"
        met = [f"(valid_until IS NULL OR valid_until >= DATE '{part.last}')"]
    number = "count(*)"
    if m.count in ROLES:
        source += (
            " JOIN (SELECT alias_id, subject_id FROM read_parquet("
            f"{literal(str(lake.folder / '_aliases.parquet'))})) a ON a.alias_id = {quoted(m.count)}"
        )
        number = "count(DISTINCT a.subject_id)"
    elif m.count != "facts":
        name = quoted(m.count or m.sum or m.max or m.min or "")
        number = f"count(DISTINCT {name})" if m.count else f"{'sum' if m.sum else 'max' if m.max else 'min'}({name})"
    if over is None:
        return f"SELECT {number} {source} WHERE {' AND '.join([*met, *own])}"
    extra = " AND ".join(_condition(n, c, types[n]) for n, c in over) or "true"
    return f"SELECT {number} FILTER ({extra}), {number} {source} WHERE {' AND '.join([*met, *own])}"


# -- both sides --------------------------------------------------------------------------------------------------------


def _best(run: Callable[[], Any], others: Callable[[], Any]) -> tuple[float, float, Any, Any]:
    """The best time of each side, taken in turns, and what they answered."""
    times: tuple[list[float], list[float]] = ([], [])
    answers: list[Any] = [None, None]
    for _ in range(RUNS):
        for side, call in enumerate((run, others)):
            start = time.perf_counter()
            answers[side] = call()
            times[side].append(time.perf_counter() - start)
    return min(times[0]), min(times[1]), answers[0], answers[1]


def compare(book: Book, folder: Path, count: int) -> int:
    """Generate, run both sides in turns, compare every number; returns the exit status."""
    lake = Lake(folder / "lake", book)
    generate(lake, count)
    size = sum(p.stat().st_size for p in lake.folder.rglob("*.parquet")) / 1e6
    print(
        f"lake: {count:,} facts of {len(lake.manifest().facts)} records, {size:,.0f} MB, {len(book[INDICATORS])} "
        "indicators"
    )
    district = next(a.code for a in book[DISTRICT].areas if a.kind == "district")
    areas = book[DISTRICT].below(district)

    def ours() -> dict[str, tuple[Any, Any]]:
        found = figures(lake, book, area=district, as_of=AS_OF, known_on=KNOWN_ON)
        return {f.indicator: (f.numerator, f.denominator) for f in found}

    start = time.perf_counter()
    ours()
    cold = time.perf_counter() - start
    manifest = lake.manifest()
    written = {n: by_hand(lake, manifest, parts_of(n, i, AS_OF), areas) for n, i in book[INDICATORS].items()}

    def hand() -> dict[str, tuple[Any, Any]]:
        answers: dict[str, tuple[Any, Any]] = {}
        with connect() as connection:
            for name, statements in written.items():
                numbers = [v for s in statements for v in connection.execute(s).fetchall()[0]]
                answers[name] = (numbers[0], numbers[1] if len(numbers) > 1 else None)
        return answers

    mine, theirs, found, expected = _best(ours, hand)
    differing = [name for name in expected if found[name] != expected[name]]
    for name in differing:
        print(f"DIFFERENT {name}: {found[name]} by the indicator, {expected[name]} by hand")
    print(f"the first time in a process, with everything compiled: {cold:.2f} s")
    print(
        f"figures of {district} through Ibis: {mine:.2f} s; by hand, {sum(map(len, written.values()))} statements: "
        f"{theirs:.2f} s"
    )
    print(f"numbers that agree: {len(expected) - len(differing)} of {len(expected)}")
    status = claim(mine / theirs, TARGET)
    return 1 if differing else status


def main() -> int:
    """Run both sides and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=ROWS, default="small")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--book", type=Path, default=Path(__file__).resolve().parents[1] / "book")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="zhiheng-bench-"))
    try:
        return compare(load(options.book), folder, options.rows or ROWS[options.scale])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
