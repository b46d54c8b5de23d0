"""Receiving sampling rows from CSV (validated, identified, hashed, committed) against bare executemany of the same values.

Both sides run in processes of their own, in turns, on the same disk; peak memory is the receiving process's. On PostgreSQL
(DATABASE_URL set, or ``--postgresql``, which starts a throw-away server) the other side is COPY.

    python -m bench.receive [--scale small|full] [--postgresql]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import sampling_rows
from bench.claims import claim
from zhiheng.kernel.actor import SYSTEM

# Rows, enterprises, turns. A single turn of the bare side varies by half with what the disk is doing.
SCALES = {"small": (100_000, 15_000, 3), "full": (1_000_000, 100_000, 3)}
MEMORY_MB = 1024


def bare(path: Path, folder: Path) -> float:
    """Seconds to insert the values of the file, read beforehand, with nothing else done to them."""
    with path.open(encoding="utf-8", newline="") as file:
        values = list(csv.reader(file))[1:]
    width = len(sampling_rows.HEADINGS)
    if url := os.environ.get("DATABASE_URL"):
        import psycopg

        with psycopg.connect(url) as connection:
            connection.execute("DROP TABLE IF EXISTS bare")
            connection.execute(f"CREATE TABLE bare ({', '.join(f'c{i} text' for i in range(width))})")
            connection.commit()
            start = time.perf_counter()
            with connection.cursor().copy("COPY bare FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
            connection.commit()
            return time.perf_counter() - start
    import sqlite3

    with sqlite3.connect(folder / "bare.sqlite3") as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"CREATE TABLE bare ({', '.join(f'c{i} text' for i in range(width))})")
        start = time.perf_counter()
        connection.executemany(f"INSERT INTO bare VALUES ({', '.join('?' * width)})", values)
        connection.commit()
        return time.perf_counter() - start


def ours(path: Path, folder: Path) -> dict[str, float]:
    """Seconds to receive the file into an empty ledger, seconds of processor (without the server's), and peak memory in MB."""
    import resource

    os.environ["ZHIHENG_DATA"] = str(folder)
    from zhiheng.cli.session import now, open_book, set_up

    set_up()
    from zhiheng.actions.receive_delivery import receive

    book = open_book()
    unit = next(u.id for u in book.district.units if "food_sampling" in u.records)
    start, before = time.perf_counter(), _processor()
    (result,) = receive(path, book=book, actor=SYSTEM, unit=unit, now=now(), confirmed=True)
    seconds = time.perf_counter() - start
    assert result.rows == result.facts + result.duplicates + result.refused, result
    # The reading process's peak is added, although the two share much of it.
    memory = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    return {"seconds": seconds, "processor": _processor() - before, "memory": memory, "facts": result.facts}


def _processor() -> float:
    """Seconds that the processors worked for this process and its children, whatever else the machine had to do."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def child(side: str, path: Path, folder: Path) -> dict[str, float]:
    """Run one side in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.receive", "--side", side, "--file", str(path), "--folder", str(folder)],
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    """Run both sides in turns and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--side")
    parser.add_argument("--file", type=Path)
    parser.add_argument("--folder", type=Path)
    words = parser.parse_args()
    if words.side:
        result = {"seconds": bare(words.file, words.folder)} if words.side == "bare" else ours(words.file, words.folder)
        print(json.dumps(result))
        return 0
    if words.postgresql and not os.environ.get("DATABASE_URL"):
        command = [
            sys.executable,
            "-m",
            "tests.postgres",
            sys.executable,
            "-m",
            "bench.receive",
            "--scale",
            words.scale,
        ]
        return subprocess.run(command, check=False).returncode
    count, firms, turns = SCALES[words.scale]
    home = Path(tempfile.mkdtemp(prefix="zhiheng-bench-"))
    try:
        path = sampling_rows.write(home / "rows.csv", count, firms=firms)
        bare_side, our_side = [], []
        for turn in range(turns):
            folder = home / str(turn)
            folder.mkdir()
            bare_side.append(child("bare", path, folder)["seconds"])
            if os.environ.get("DATABASE_URL"):
                _empty_postgresql()
            our_side.append(child("ours", path, folder))
            shutil.rmtree(folder)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    other = "COPY" if os.environ.get("DATABASE_URL") else "executemany"
    seconds, memory = statistics.median(s["seconds"] for s in our_side), max(s["memory"] for s in our_side)
    print(f"{count:,} rows, {firms:,} enterprises, {turns} turns")
    print(f"bare {other}:  {statistics.median(bare_side):8.2f} s   {[round(s, 2) for s in bare_side]}")
    processor = statistics.median(s["processor"] for s in our_side)
    print(
        f"receiving:         {seconds:8.2f} s   {[round(s['seconds'], 2) for s in our_side]}, {processor:.2f} s of processor "
        f"without the server's, peak memory {memory:.0f} MB"
    )
    within = claim(memory, MEMORY_MB, " MB")
    return claim(seconds / statistics.median(bare_side), 6 if os.environ.get("DATABASE_URL") else 5) or within


def _empty_postgresql() -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


if __name__ == "__main__":
    raise SystemExit(main())
