"""The shipped rating over a large lake, against DuckDB only scanning and summing the same columns.

``python -m bench.rating [--facts 1000000] [--enterprises 20000]`` (the claim's scale: 50,000,000 and 1,000,000): invented
facts in the lake's own layout. Both sides run in one DuckDB with two threads; medians of three; putting the expression
together is left out, and printed. Then: keeping everything, keeping after 1,000 new rows, one enterprise with its
explanation from the kept files beside a bare look-up, and two editions compared.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.claims import claim
from zhiheng.analytics.lake import COMPRESSION, File, Lake, Manifest, connect
from zhiheng.analytics.layout import ALIASES, BASE, PARTITION, edition_of, literal, quoted
from zhiheng.analytics.rated import RatingAsked, RatingFiles, keep, kept_one, rating_sql, records_of
from zhiheng.analytics.rating_compare import compared
from zhiheng.grammar.chapters.ratings import RATINGS
from zhiheng.grammar.loader import load

ROOT = Path(__file__).resolve().parents[1]
RUNS = 3
DAY = dt.date(2026, 10, 31)
SHARES = {"product_sampling": 0.5, "inspection_finding": 0.35, "complaint": 0.1, "administrative_penalty": 0.05}
# The columns that a rating reads of each: whom it is about, and what decides.
READ = {
    "product_sampling": ("producer", "seller"),
    "inspection_finding": ("subject",),
    "complaint": ("complainee",),
    "administrative_penalty": ("subject",),
}
SCORES, EVERY = 4.0, 8.0


def generate(lake: Lake, facts: int, enterprises: int) -> Manifest:
    """Write the lake: facts of seven years, of which a fifth failed, and a register of all enterprises."""
    manifest = Manifest(edition=edition_of(lake.book), watermark=facts + enterprises, learned_on=DAY)
    first = 1
    with connect(3_000_000_000) as connection:
        for record, rows in [(name, int(facts * share)) for name, share in SHARES.items()] + [
            ("enterprise_register", enterprises)
        ]:
            manifest.digests[record] = lake.layouts[record].digest
            manifest.facts[record] = write(connection, lake, record, first, rows, enterprises)
            first += rows
        made = {"alias_id": "n", "subject_id": "n", "kind": "'enterprise'"}
        columns = ", ".join(f"{made.get(name, 'NULL')}::{type_} AS {name}" for name, type_ in ALIASES.items())
        connection.execute(
            f"COPY (SELECT {columns} FROM range(1, {enterprises + 1}) t(n)) TO "
            f"{literal(str(lake.folder / '_aliases.parquet'))} (FORMAT parquet)"
        )
    (lake.folder / "manifest.json").write_text(manifest.as_json(), "utf-8")
    return manifest


def write(
    connection: object, lake: Lake, record: str, first: int, rows: int, enterprises: int, tag: str = "facts"
) -> list[File]:
    """Parquet files of invented facts of a record, in the lake's layout."""
    layout = lake.layouts[record]
    day = f"DATE '2020-01-01' + ((n - {first}) * 2490 // {max(1, rows)})::INTEGER"
    register = record == "enterprise_register"
    made = {
        "fact_id": "n",
        "delivery_id": "n // 5000",
        "row_number": "n % 5000",
        "unit": "'unit_' || n % 20",
        "kind": "'statement'",
        "occurred_on": day,
        "learned_on": day,
        "outcome": "['pass', 'pass', 'pass', 'pass', 'fail'][1 + (hash(n * 5) % 5)::BIGINT]",
        "thing": "n",
        "further_parties": "false",
        "status": "'in_operation'",
        "division": "'990101'",
        "industry_code": "'14'",
        "employees": "n % 900",
    }
    who = f"n - {first} + 1" if register else f"1 + (hash(n * 13) % {enterprises})"
    made |= dict.fromkeys(layout.roles.values(), who)
    columns = ", ".join(
        f"({made.get(name, 'NULL')})::{type_} AS {quoted(name)}" for name, type_ in layout.columns.items()
    )
    target = lake.folder / record
    connection.execute(
        f"COPY (SELECT *, year(occurred_on) AS {PARTITION} FROM (SELECT {columns} FROM range({first}, {first + rows}) "
        f"t(n))) TO {literal(str(target))} (FORMAT parquet, COMPRESSION {COMPRESSION}, PARTITION_BY ({PARTITION}), "
        f"FILENAME_PATTERN '{tag}-{first}-{first + rows - 1}_{{i}}', OVERWRITE_OR_IGNORE)"
    )
    assert set(BASE) <= set(layout.columns)
    return [
        File(str(path.relative_to(lake.folder)), 0, path.stat().st_size, "")
        for path in sorted(target.glob(f"*/{tag}-{first}-*.parquet"))
    ]


def median(run: Callable[[], object]) -> float:
    """Seconds of a run, the median of three."""
    found = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        run()
        found.append(time.perf_counter() - begun)
    return statistics.median(found)


def measure(folder: Path, facts: int, enterprises: int) -> int:
    """Print every figure; the status says whether the claims on scores and contributions hold."""
    book = load(ROOT / "book")
    lake = Lake(folder / "lake", book)
    lake.folder.mkdir(parents=True)
    begun = time.perf_counter()
    manifest = generate(lake, facts, enterprises)
    print(f"{facts:,} facts, {enterprises:,} enterprises, written in {time.perf_counter() - begun:.1f} s")
    rating = book[RATINGS]["credit_supervision"]
    asked = RatingAsked("credit_supervision", rating, rating.editions[-1], DAY, DAY)
    begun = time.perf_counter()
    sql = rating_sql(lake, manifest, asked)
    print(f"the expression is put together in {time.perf_counter() - begun:.2f} s (left out below)")
    bare = " UNION ALL ".join(
        f"SELECT count(*), sum(fact_id), {' + '.join(f'sum({quoted(c)})' for c in roles)}, count(outcome), "
        f"sum(epoch(occurred_on)), sum(epoch(learned_on)) FROM {quoted(record)}"
        for record, roles in READ.items()
    )
    with lake.open(manifest, records_of(lake, asked)) as connection:
        connection.execute("SET threads = 2")
        plain = median(lambda: connection.execute(bare).fetchall())
        scores = median(lambda: connection.execute(f"SELECT count(*), sum(score) FROM ({sql.grades})").fetchall())
        every = median(
            lambda: connection.execute(
                f"SELECT count(*), sum(points), max(subject_id), max(fact_id) FROM ({sql.contributions})"
            ).fetchall()
        )
    print(f"bare scan {plain:.3f} s; grades {scores:.3f} s = {scores / plain:.1f}x; ", end="")
    print(f"every contribution {every:.3f} s = {every / plain:.1f}x")
    files = RatingFiles(folder / "kept")
    files.folder.mkdir()
    begun = time.perf_counter()
    state = keep(lake, files, asked)
    print(f"everything kept, sorted by enterprise: {time.perf_counter() - begun:.2f} s")
    looked, bare_look = one_by_one(lake, files, asked, enterprises)
    print(f"one enterprise with its explanation {looked * 1000:.1f} ms, a bare look-up {bare_look * 1000:.1f} ms")
    again = after_delivery(lake, files, asked, manifest, enterprises)
    print(f"after 1,000 rows of {min(1000, enterprises):,} enterprises at most: {again:.2f} s")
    items = asked.edition.items
    other = asked.edition.model_copy(
        update={"items": (items[0].model_copy(update={"cap": items[0].cap - 1}), *items[1:])}
    )
    # The digest of a definition is remembered with it, and a copy is another definition.
    other.__dict__.pop("edition", None)
    trial = median(lambda: compared(lake, asked, RatingAsked("tried", rating, other, DAY, DAY), None))
    print(f"two editions compared {trial:.2f} s = {trial / scores:.1f}x one rating")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB; run {state.run}")
    return max(claim(scores / plain, SCORES), claim(every / plain, EVERY))


def one_by_one(lake: Lake, files: RatingFiles, asked: RatingAsked, enterprises: int) -> tuple[float, float]:
    """Seconds to look at one enterprise, and to read a row of it by hand from the same files; medians of 50."""
    kept = files.holds(lake, asked, DAY)
    assert kept is not None
    ours, theirs = [], []
    with connect() as connection:
        for at in range(50):
            subject = 1 + (at * 7919) % enterprises
            begun = time.perf_counter()
            kept_one(lake, files, kept, subject)
            ours.append(time.perf_counter() - begun)
            path = literal(str(files.file(kept, "contributions", 0)))
            begun = time.perf_counter()
            connection.execute(f"SELECT * FROM read_parquet({path}) WHERE subject_id = {subject}").fetchall()
            theirs.append(time.perf_counter() - begun)
    return statistics.median(ours), statistics.median(theirs)


def after_delivery(lake: Lake, files: RatingFiles, asked: RatingAsked, manifest: Manifest, enterprises: int) -> float:
    """Seconds to bring what is kept up to 1,000 new facts."""
    first = manifest.watermark + 1
    with connect() as connection:
        added = write(connection, lake, "inspection_finding", first, 1000, enterprises)
    manifest.facts["inspection_finding"] += added
    manifest.watermark += 1000
    (lake.folder / "manifest.json").write_text(manifest.as_json(), "utf-8")
    begun = time.perf_counter()
    kept = keep(lake, files, asked)
    took = time.perf_counter() - begun
    assert kept.layers == 2, "only whom the rows touch should have been made anew"
    return took


def main() -> int:
    """Measure in a folder that is removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=1_000_000)
    parser.add_argument("--enterprises", type=int, default=0, help="default: one for 50 facts")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-rating-"))
    try:
        return measure(folder, asked.facts, asked.enterprises or max(1000, asked.facts // 50))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
