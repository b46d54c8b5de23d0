"""The shipped rating over a large lake, against DuckDB only scanning and summing the same columns.

``python -m bench.rating [--scale small|full] [--folder FOLDER]`` (the claims are of the full scale: 50,000,000 facts of
1,000,000 enterprises): invented facts in the lake's own layout. All sides run in one DuckDB with two threads, by turns;
what counts is seconds of processor, the least of three, since the machine is shared. Putting the expression together is
left out, and printed. Then: keeping everything, keeping after 1,000 new rows (with and without new spellings, and after
100), one enterprise with its explanation from the kept files beside a bare look-up, and two editions compared.

``--growth 100000,1000000,10000000 [--per 5]``: instead of that the time for an enterprise, as there are more of them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import duckdb

from bench.claims import claim
from zhiheng.analytics.lake import COMPRESSION, File, Lake, Manifest, connect
from zhiheng.analytics.layout import ALIASES, BASE, PARTITION, edition_of, literal, quoted
from zhiheng.analytics.rated import RatingAsked, RatingFiles, RatingSql, keep, kept_one, rating_sql, read_of, records_of
from zhiheng.analytics.rating_compare import compared
from zhiheng.analytics.sorted_facts import SortedFacts
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
SCORES, EVERY, COMPARED, AFTER, LOOKED, MEMORY = 4.0, 8.0, 2.2, 3.0, 20.0, 6.0
GROWTH = 1.3
# Facts, with an enterprise for fifty; the claims are of the full scale.
SCALES = {"small": 5_000_000, "full": 50_000_000}


def generate(lake: Lake, facts: int, enterprises: int) -> Manifest:
    """Write the lake: facts of seven years, of which a fifth failed, and a register of all enterprises."""
    # The file of spellings does not change below, as after a delivery that brings no new ones.
    manifest = Manifest(edition=edition_of(lake.book), watermark=facts + enterprises, learned_on=DAY, aliases="1")
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


class Took(NamedTuple):
    """Seconds of a run: of processor, and by the clock."""

    processor: float
    clock: float

    def __str__(self) -> str:
        return f"{self.processor:.2f} s of processor ({self.clock:.2f} s by the clock)"


def by_turns(**runs: Callable[[], object]) -> dict[str, Took]:
    """What several runs take: by turns, the least of three of each."""
    found: dict[str, Took] = {}
    for _ in range(RUNS):
        for name, run in runs.items():
            took = _took(run)
            found[name] = _least([took, found.get(name, took)])
    return found


def asked_of(lake: Lake) -> RatingAsked:
    """The shipped rating on the day."""
    rating = lake.book[RATINGS]["credit_supervision"]
    return RatingAsked("credit_supervision", rating, rating.editions[-1], DAY, DAY)


def filled(folder: Path, facts: int, enterprises: int) -> tuple[Lake, Manifest]:
    """The lake in a folder, or a new one."""
    lake = Lake(folder / f"lake-{facts}-{enterprises}", load(ROOT / "book"))
    begun = time.perf_counter()
    if not lake.written():
        shutil.rmtree(lake.folder, ignore_errors=True)
        lake.folder.mkdir(parents=True)
        generate(lake, facts, enterprises)
    manifest = lake.manifest()
    print(f"{facts:,} facts, {enterprises:,} enterprises, written in {time.perf_counter() - begun:.1f} s", flush=True)
    return lake, manifest


def sums_of(sql: RatingSql) -> tuple[str, str]:
    """Statements that compute all grades, and all contributions, and hand over one row."""
    return (
        f"SELECT count(*), sum(score) FROM ({sql.grades})",
        f"SELECT count(*), sum(points), max(subject_id), max(fact_id) FROM ({sql.contributions})",
    )


def _run(connection: duckdb.DuckDBPyConnection, sql: str) -> Callable[[], object]:
    return lambda: connection.execute(sql).fetchall()


def measure(folder: Path, facts: int, enterprises: int) -> int:
    """Print every figure; the status says whether the claims hold."""
    lake, manifest = filled(folder, facts, enterprises)
    asked = asked_of(lake)
    begun = time.perf_counter()
    sql = rating_sql(lake, manifest, asked)
    print(f"the expression is put together in {time.perf_counter() - begun:.2f} s (left out below)")
    bare = " UNION ALL ".join(
        f"SELECT count(*), sum(fact_id), {' + '.join(f'sum({quoted(c)})' for c in roles)}, count(outcome), "
        f"sum(epoch(occurred_on)), sum(epoch(learned_on)) FROM {quoted(record)}"
        for record, roles in READ.items()
    )
    items = asked.edition.items
    other = asked.edition.model_copy(
        update={"items": (items[0].model_copy(update={"cap": items[0].cap - 1}), *items[1:])}
    )
    # The digest of a definition is remembered with it, and a copy is another definition.
    other.__dict__.pop("edition", None)
    tried = RatingAsked("tried", asked.rating, other, DAY, DAY)
    with lake.open(manifest, records_of(lake, asked)) as connection:
        connection.execute("SET threads = 2")
        grades, contributions = sums_of(sql)
        took = by_turns(
            plain=_run(connection, bare),
            scores=_run(connection, grades),
            every=_run(connection, contributions),
            compared=lambda: compared(lake, asked, tried, None),
        )
    print("; ".join(f"{name} {each}" for name, each in took.items()), flush=True)
    plain, scores, every, both = (took[name].processor for name in ("plain", "scores", "every", "compared"))
    kept_files, facts_sorted = RatingFiles(folder / "kept"), SortedFacts(folder / "facts")
    for part in (kept_files.folder, facts_sorted.folder):
        shutil.rmtree(part, ignore_errors=True)
    kept_files.folder.mkdir()
    begun = time.perf_counter()
    keep(lake, kept_files, asked)
    print(f"everything kept, sorted by enterprise: {time.perf_counter() - begun:.2f} s", flush=True)
    looked, bare_look = one_by_one(lake, kept_files, asked, enterprises)
    print(
        f"one enterprise with its explanation {looked.processor * 1000:.1f} ms of processor ({looked.clock * 1000:.1f} by "
        f"the clock), a bare look-up {bare_look.processor * 1000:.1f} ({bare_look.clock * 1000:.1f})",
        flush=True,
    )
    begun = time.perf_counter()
    facts_sorted.follow(lake, read_of(lake, manifest, asked))
    room = sum(path.stat().st_size for path in facts_sorted.folder.glob("*/*")) / 1e6
    print(f"facts sorted by whom they name, for the first time: {time.perf_counter() - begun:.2f} s, {room:,.0f} MB")
    delivered = After(lake, kept_files, facts_sorted, asked, enterprises)
    after = _least([delivered.took(1000) for _ in range(RUNS)])
    print(f"after 1,000 rows of {min(1000, enterprises):,} enterprises at most: {after}", flush=True)
    print(f"after 100: {_least([delivered.took(100) for _ in range(RUNS)])}; ", end="")
    print(f"after 1,000 with a new spelling among them: {delivered.took(1000, spelled=True)}")
    unsorted = After(lake, kept_files, None, asked, enterprises)
    print(f"after 1,000, without sorted facts: {_least([unsorted.took(1000) for _ in range(RUNS)])}", flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return max(
        claim(scores / plain, SCORES, "x of a bare scan for grades"),
        claim(every / plain, EVERY, "x of a bare scan for every contribution"),
        claim(both / scores, COMPARED, "x one rating for two editions compared"),
        claim(looked.processor * 1000, LOOKED, " ms of processor for one enterprise with its explanation"),
        claim(after.processor, AFTER, " s of processor after a delivery of 1,000 rows"),
        claim(memory, MEMORY, " GB of memory"),
    )


def growth(folder: Path, sizes: list[int], per: int) -> int:
    """Print what grades and contributions cost for an enterprise, as there are more of them."""
    found: dict[str, list[float]] = {"grades": [], "contributions": []}
    for enterprises in sizes:
        lake, manifest = filled(folder, enterprises * per, enterprises)
        asked = asked_of(lake)
        grades, contributions = sums_of(rating_sql(lake, manifest, asked))
        with lake.open(manifest, records_of(lake, asked)) as connection:
            connection.execute("SET threads = 2")
            took = by_turns(grades=_run(connection, grades), contributions=_run(connection, contributions))
        said = ", ".join(f"{name} {each}" for name, each in took.items())
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"{enterprises:,} enterprises: {said}; memory at most {memory:.1f} GB so far", flush=True)
        for name, each in took.items():
            found[name].append(each.processor / enterprises * 1e6)
        shutil.rmtree(lake.folder)
    for name, costs in found.items():
        print(f"{name}: {', '.join(f'{one:.2f}' for one in costs)} us of processor an enterprise")
    return max(
        claim(costs[-1] / costs[0], GROWTH, f"x for an enterprise from {sizes[0]:,} to {sizes[-1]:,} for {name}")
        for name, costs in found.items()
    )


def one_by_one(lake: Lake, files: RatingFiles, asked: RatingAsked, enterprises: int) -> tuple[Took, Took]:
    """What it takes to look at one enterprise, and to read its rows by hand from the same files; medians of 50."""
    kept = files.holds(lake, asked, DAY)
    assert kept is not None
    path = literal(str(files.file(kept, "contributions", 0)))
    ours, theirs = [], []
    with connect() as connection:
        for at in range(50):
            subject = 1 + (at * 7919) % enterprises
            ours.append(_took(partial(kept_one, lake, files, kept, subject)))
            sql = f"SELECT * FROM read_parquet({path}) WHERE subject_id = {subject}"
            theirs.append(_took(_run(connection, sql)))
    return _middle(ours), _middle(theirs)


def _took(run: Callable[[], object]) -> Took:
    processor, clock = time.process_time(), time.perf_counter()
    run()
    return Took(time.process_time() - processor, time.perf_counter() - clock)


def _least(several: Sequence[Took]) -> Took:
    return Took(*map(min, zip(*several, strict=True)))


def _middle(several: Sequence[Took]) -> Took:
    return Took(*(statistics.median(each) for each in zip(*several, strict=True)))


@dataclass
class After:
    """Deliveries to a lake of which a rating is kept."""

    lake: Lake
    files: RatingFiles
    facts: SortedFacts | None
    asked: RatingAsked
    enterprises: int

    def took(self, rows: int, *, spelled: bool = False) -> Took:
        """What it takes to bring what is kept up to some new facts, and the sorted facts before."""
        lake, manifest = self.lake, self.lake.manifest()
        first = manifest.watermark + 1
        with connect() as connection:
            manifest.facts["inspection_finding"] += write(
                connection, lake, "inspection_finding", first, rows, self.enterprises, "new"
            )
        manifest.watermark += rows
        if spelled:
            manifest.aliases += "1"
        (lake.folder / "manifest.json").write_text(manifest.as_json(), "utf-8")
        before = self.files.state().layers

        def follow() -> None:
            if self.facts is not None:
                self.facts.follow(lake, read_of(lake, manifest, self.asked))
            keep(lake, self.files, self.asked, self.facts)

        took = _took(follow)
        assert self.files.state().layers == before + 1, "only whom the rows touch should have been made anew"
        return took


def main() -> int:
    """Measure in a folder that is removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=tuple(SCALES), default="small")
    parser.add_argument("--facts", type=int, default=0, help="instead of those of the scale")
    parser.add_argument("--enterprises", type=int, default=0, help="default: one for 50 facts")
    parser.add_argument("--folder", type=Path, help="where the lake is left for another run; default: removed")
    parser.add_argument("--growth", default="", help="numbers of enterprises, with commas")
    parser.add_argument("--per", type=int, default=5, help="facts for an enterprise, with --growth")
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="bench-rating-"))
    try:
        if asked.growth:
            return growth(folder, [int(size) for size in asked.growth.split(",")], asked.per)
        facts = asked.facts or SCALES[asked.scale]
        return measure(folder, facts, asked.enterprises or max(1000, facts // 50))
    finally:
        if asked.folder is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
