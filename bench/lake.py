"""Projecting the ledger to the lake against DuckDB writing the same columns to Parquet, and the cost of one percent
more.

``python -m bench.lake [--scale small|full]``: 600,000 or 10,000,000 generated facts of three records of the book in an
SQLite ledger. One side is the projection of the whole ledger; the other is ``COPY`` of the same columns, which DuckDB
already holds in a table of its own, with the same compression and the same partitions. Each side runs in a process of
its own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.claims import claim

ROWS = {"small": 600_000, "full": 10_000_000}
SHARES = (("food_sampling", 0.55), ("equipment_inspection", 0.25), ("ledger_line", 0.2))
PER_DELIVERY = 50_000
TEMPLATES = 40_000
COPY_TARGET, MORE_TARGET = 3.0, 0.05
TURNS = {"small": 3, "full": 1}
# Planning a record's query, opening and closing its files.
RECORD_S = 0.1
# In the real lists of ../shared/data about half of the product names are different ones.
_SERIAL, _DAY, _VARIED = "@SERIAL@", "2000-01-01", "@VARIED@"


def _django(folder: Path) -> None:
    os.environ["ZHIHENG_DATA"] = str(folder)
    os.environ.pop("DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhiheng.site.settings"
    import django

    django.setup()


def _book() -> Any:
    from django.conf import settings

    from zhiheng.grammar.loader import load

    return load(settings.BOOK)


def _parties(dice: random.Random) -> list[dict[str, str]]:
    """Twenty thousand fictional enterprises."""
    places, trades = (
        ("云澜市", "云澜市东湖区", "云澜市西川区"),
        ("食品厂", "商贸有限公司", "食品有限公司", "生鲜超市", "机械有限公司"),
    )
    syllables = "瑞丰福源康达金穗绿野海味永盛和顺嘉禾宏运天成广聚"
    return [
        {
            "name": f"{dice.choice(places)}{''.join(dice.sample(syllables, 3))}{number}号{dice.choice(trades)}",
            "code": f"91990101MA{number:08d}",
            "code_kind": "uscc",
            "address": f"云澜市建设路{number % 900}号",
        }
        for number in range(20_000)
    ]


def _body(record: str, dice: random.Random, parties: list[dict[str, str]]) -> dict[str, Any]:
    def party(role: str) -> dict[str, str]:
        return {"role": role, **dice.choice(parties)}

    day = f"2026-0{dice.randrange(1, 7)}-1{dice.randrange(10)}"
    if record == "food_sampling":
        return {
            "batch": day,
            "counted_on": _DAY,
            "division": f"990101{dice.randrange(1, 8):03d}",
            "item": "菌落总数",
            "item_class": "微生物",
            "level": "district",
            "link": "distribution",
            "notice_number": f"2026年第{dice.randrange(200)}号",
            "plan": "supervisory",
            "parties": [party("producer"), party("seller"), party("laboratory")]
            + [party("producer")] * (dice.random() < 0.03),
            "produced_on": day,
            "product": f"{dice.choice('甲乙丙丁')}味手工挂面{_VARIED}克",
            "product_class": "粮食加工品",
            "published_by": "云澜市市场监督管理局",
            "published_on": day,
            "sample_number": _SERIAL,
            "sampled_on": _DAY,
            "specification": f"{dice.randrange(100, 900)}克/袋",
            "trademark": "图形商标",
            "verdict": dice.choice(["qualified"] * 19 + ["unqualified"]),
            "result": {
                "text": "8.2×10²/8.6×10²CFU/g",
                "kind": "list",
                "value": str(dice.randrange(9000)),
                "unit": "CFU/g",
            },
        }
    if record == "equipment_inspection":
        return {
            "report_number": _SERIAL,
            "equipment_code": f"3110{_VARIED}",
            "equipment_name": "曳引驱动乘客电梯",
            "category": "elevator",
            "inspection_kind": "periodic",
            "parties": [party("user_unit"), party("laboratory")],
            "inspected_on": _DAY,
            "issued_on": _DAY,
            "next_inspection_on": f"2027-0{dice.randrange(1, 9)}-01",
            "conclusion": dice.choice(["qualified"] * 19 + ["unqualified"]),
            "problems": "层门门锁啮合深度不足",
        }
    return {
        "direction": dice.choice(["purchase", "sale"]),
        "parties": [party("holder"), party("supplier"), party("producer")],
        "traded_on": _DAY,
        "product_name": f"挂面{_VARIED}",
        "specification": "500克",
        "brand": "图形商标",
        "barcode": _SERIAL,
        "batch_number": day,
        "produced_on": day,
        "quantity": {"value": str(dice.randrange(1, 900)), "unit": "袋"},
        "unit_price": f"{dice.randrange(1, 90)}.5",
        "origin": "云澜市",
        "receiver": "张三（虚构）",
    }


def fill(first: int, count: int) -> None:
    """Add generated facts to the ledger, in deliveries of one record and month each."""
    import orjson
    from django.db import connection

    connection.ensure_connection()
    plain = connection.connection
    plain.execute("PRAGMA synchronous = OFF")
    dice = random.Random(20261122)
    parties = _parties(dice)
    if first == 1:
        plain.execute("BEGIN")
        plain.executemany(
            "INSERT INTO ledger_subject VALUES (?, 'enterprise')", [(i + 1,) for i in range(len(parties))]
        )
        plain.executemany(
            "INSERT INTO ledger_alias (id, key, subject_id, kind, name, code, code_kind, address, place) "
            "VALUES (?, ?, ?, 'enterprise', ?, ?, ?, ?, '')",
            [(i + 1, i + 1, i + 1, p["name"], p["code"], p["code_kind"], p["address"]) for i, p in enumerate(parties)],
        )
        plain.execute("COMMIT")
    made = {
        name: [orjson.dumps(_body(name, dice, parties), option=orjson.OPT_SORT_KEYS).decode() for _ in range(TEMPLATES)]
        for name, _ in SHARES
    }
    number, left = first, {name: int(count * share) for name, share in SHARES}
    (delivery,) = plain.execute("SELECT coalesce(max(id), 0) FROM ledger_delivery").fetchone()
    month, varied = 0, max(1, (first + count) // 2)
    while any(left.values()):
        for record in [name for name, rows in left.items() if rows]:
            size = min(PER_DELIVERY, left[record], max(1, count // 20))
            left[record] -= size
            delivery += 1
            year, in_year = 2024 + month // 12 % 3, month % 12 + 1
            month += 1
            bodies = made[record]

            def rows(
                start: int = number,
                size: int = size,
                record: str = record,
                delivery: int = delivery,
                bodies: list[str] = bodies,
                year: int = year,
                in_year: int = in_year,
            ) -> Iterator[tuple[Any, ...]]:
                for fact in range(start, start + size):
                    day = f"{year}-{in_year:02d}-{fact % 28 + 1:02d}"
                    body = bodies[fact * 7919 % TEMPLATES].replace(_SERIAL, f"DC{fact:014d}").replace(_DAY, day)
                    body = body.replace(_VARIED, f"{fact * 7919 % varied:016d}")
                    row = f'["{fact}","{day}","合格","云澜市市场监督管理局东湖分局"]'
                    yield (
                        fact,
                        delivery,
                        fact - start + 1,
                        record,
                        "d1_market",
                        "statement",
                        None,
                        fact,
                        None,
                        b"x" * 32,
                        day,
                        None,
                        "pass",
                        f"990101{fact % 7 + 1:03d}",
                        "",
                        body,
                        row,
                    )

            plain.execute("BEGIN")
            plain.executemany(
                "INSERT INTO ledger_fact (id, delivery_id, row_number, record, unit, kind, concerns, key, thing, "
                "leaf, occurred_on, valid_until, outcome, area, flags, body, row) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, "
                "?, ?, ?, ?, ?, ?, ?, ?)",
                rows(),
            )
            plain.execute(
                "INSERT INTO ledger_delivery (id, state, unit, record, source, edition, file_name, file_digest, "
                "table_name, part, headings, learned_on, row_count, fact_count, duplicate_count, refused_count, "
                "flagged_count, first_fact, notes, root, refused_root, link) VALUES (?, 'accepted', 'd1_market', ?, "
                "'standard', '', 'f', '', '', 1, '[]', ?, ?, ?, 0, 0, 0, ?, '[]', '', '', ?)",
                (delivery, record, dt.date(year, in_year, 28).isoformat(), size, size, number, f"link {delivery}"),
            )
            plain.execute("COMMIT")
            number += size


def _files(lake: Path) -> dict[str, tuple[int, int]]:
    """The files of a lake, when each was written and how long it is; the file by which runs wait for one another holds
    nothing.
    """
    found = (path for path in lake.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(lake)): (path.stat().st_mtime_ns, path.stat().st_size) for path in found}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _step(name: str, folder: Path, count: int) -> None:
    """One side, in its own process; prints its result as JSON."""
    said: dict[str, Any] = {}
    if name == "copy":
        from zhiheng.analytics.lake import PARQUET, connect
        from zhiheng.analytics.layout import PARTITION

        connection = connect(4_000_000_000)
        connection.execute(f"SET temp_directory = '{folder}/spilled'")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"ATTACH '{folder}/columns.duckdb' AS held")
        connection.execute("USE held")
        for record, _ in SHARES:
            connection.execute(
                f"CREATE TABLE {record} AS SELECT * FROM read_parquet('{folder}/lake/{record}/*/*.parquet', "
                "hive_partitioning = true)"
            )
        connection.execute("CHECKPOINT")
        for form, partition in (("partitioned", f", PARTITION_BY ({PARTITION})"), ("plain", "")):
            start, cpu = time.perf_counter(), time.process_time()
            for record, _ in SHARES:
                target = folder / "copied" / form / record
                target.parent.mkdir(parents=True, exist_ok=True)
                connection.execute(f"COPY {record} TO '{target}' ({PARQUET}{partition})")
            said[form] = time.perf_counter() - start
            said[f"{form}_cpu"] = time.process_time() - cpu
    else:
        _django(folder)
        if name == "fill":
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            fill(1, count)
        elif name == "more":
            fill(count + 1, count // 100)
        else:
            from zhiheng.analytics.lake import Lake, project

            lake = Lake(folder / "lake", _book())
            start, cpu = time.perf_counter(), time.process_time()
            done = project(lake)
            said |= {
                "seconds": time.perf_counter() - start,
                "cpu": time.process_time() - cpu,
                "facts": done.facts,
                "files": done.files,
            }
    print(json.dumps(said | {"peak_mb": _peak_mb()}))


def _run(name: str, folder: Path, count: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.lake", "--step", name, "--folder", str(folder), "--rows", str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> int:
    """Run both sides and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=ROWS, default="small")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    count = options.rows or ROWS[options.scale]
    if options.step:
        _step(options.step, options.folder, count)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="zhiheng-bench-"))
    try:
        _run("fill", folder, count)
        size = sum(f.stat().st_size for f in folder.glob("*.sqlite3*")) / 1e6
        print(f"ledger: {count:,} facts of {len(SHARES)} records, {size:,.0f} MB in SQLite")
        turns = []
        for _ in range(TURNS[options.scale]):
            for left in ("lake", "copied"):
                shutil.rmtree(folder / left, ignore_errors=True)
            (folder / "columns.duckdb").unlink(missing_ok=True)
            turns.append((_run("project", folder, count), _run("copy", folder, count)))
        whole = min((turn[0] for turn in turns), key=lambda said: said["seconds"])
        copy = min((turn[1] for turn in turns), key=lambda said: said["partitioned"])
        shutil.rmtree(folder / "copied")
        _run("more", folder, count)
        more = _run("project", folder, count)
        before = _files(folder / "lake")
        nothing = _run("project", folder, count)
        written = sorted(_files(folder / "lake").items() ^ before.items())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(
        f"turns: projecting {[round(ours['seconds'], 2) for ours, _ in turns]}, COPY "
        f"{[round(bare['partitioned'], 2) for _, bare in turns]} s"
    )
    print(
        f"projecting {whole['facts']:,} facts: {whole['seconds']:.2f} s ({whole['cpu']:.2f} s of processor), peak "
        f"{whole['peak_mb']:,.0f} MB, {whole['files']} files"
    )
    print(
        f"DuckDB COPY of the same columns, same partitions: {copy['partitioned']:.2f} s "
        f"({copy['partitioned_cpu']:.2f} s of processor); one file a record: {copy['plain']:.2f} s "
        f"({copy['plain_cpu']:.2f} s)"
    )
    print(f"projecting {more['facts']:,} facts more: {more['seconds']:.2f} s; nothing more: {nothing['seconds']:.2f} s")
    ratio = whole["seconds"] / copy["partitioned"]
    # A run that adds nothing costs something too (to see that nothing is), and so does each record that has anything
    # new.
    constant = nothing["seconds"] + RECORD_S * len(SHARES)
    share = max(0.0, more["seconds"] - constant) / whole["seconds"]
    print(f"whole: {ratio:.2f}x of COPY (target {COPY_TARGET:g}x)")
    print(f"one percent more, less the constant {constant:.2f} s: {share:.3f} of the whole (target {MORE_TARGET:g})")
    print(f"written where nothing is new: {[name for name, _ in written] or 'nothing'}")
    if written:
        return claim(len(written), 0, " files written where nothing is new")
    if share > MORE_TARGET:
        return claim(share, MORE_TARGET, " of the whole for 1 % more")
    if whole["peak_mb"] > 1024:
        return claim(whole["peak_mb"], 1024, " MB")
    return claim(ratio, COPY_TARGET)


if __name__ == "__main__":
    raise SystemExit(main())
