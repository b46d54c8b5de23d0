"""Receiving sampling rows from CSV (validated, identified, hashed, committed) against writing rows with nothing else
done to them.

Two other sides: ``finished`` writes the very rows that receiving made (facts, links, spellings, their keys, subjects)
once more into the same empty tables; ``bare`` writes the cells of the file, read beforehand, into one table of texts.
On SQLite both are executemany in one transaction; on PostgreSQL (DATABASE_URL set, or ``--postgresql``, which starts a
throw-away server) they are COPY, of the finished rows in binary blocks that were read beforehand.

All sides run in turns, in processes of their own, and the least of each is compared. Against finished rows: on SQLite
seconds of processor (both of our processes), on PostgreSQL seconds of the clock, since the server works too. Against
bare rows always seconds of the clock: it is how long somebody waits, and two processes of ours work side by side (on a
busy machine they wait for each other, so read that ratio of a quiet one). Peak memory is the receiving processes'.

    python -m bench.receive [--scale small|full] [--postgresql]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import sampling_rows
from bench.claims import claim
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.actor import SYSTEM

# Rows, enterprises, turns. A single turn of the bare side varies by half with what the disk is doing.
SCALES = {"small": (100_000, 15_000, 3), "medium": (200_000, 20_000, 3), "full": (1_000_000, 100_000, 3)}
MEMORY_MB = 1024
# Against finished rows, against bare ones.
TARGETS = {"sqlite": (3.0, 6.0), "postgresql": (4.0, 13.0)}
TABLES = ("subject", "alias", "aliaskey", "fact", "factkey", "factparty", "likelymatch")
AT_ONCE = 10_000
PART_ROWS = 500_000


def bare(path: Path, folder: Path) -> dict[str, float]:
    """Insert the values of the file, read beforehand, with nothing else done to them."""
    with path.open(encoding="utf-8", newline="") as file:
        values = list(csv.reader(file))[1:]
    width = len(sampling_rows.HEADINGS)
    if url := os.environ.get("DATABASE_URL"):
        import psycopg

        with psycopg.connect(url) as connection:
            connection.execute("DROP TABLE IF EXISTS bare")
            connection.execute(f"CREATE TABLE bare ({', '.join(f'c{i} text' for i in range(width))})")
            connection.commit()
            watch = Watch()
            with watch:
                with connection.cursor().copy("COPY bare FROM STDIN") as copy:
                    for row in values:
                        copy.write_row(row)
                connection.commit()
        return watch.said()
    import sqlite3

    with sqlite3.connect(folder / "bare.sqlite3") as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"CREATE TABLE bare ({', '.join(f'c{i} text' for i in range(width))})")
        watch = Watch()
        with watch:
            connection.executemany(f"INSERT INTO bare VALUES ({', '.join('?' * width)})", values)
            connection.commit()
    return watch.said()


def finished(_path: Path, folder: Path) -> dict[str, float]:
    """Write the rows that receiving has just made into the same tables of another ledger, each table in its own
    order.
    """
    watch = Watch()
    if url := os.environ.get("DATABASE_URL"):
        import psycopg

        with psycopg.connect(url) as connection:
            for table in TABLES:
                with connection.cursor().copy(f"COPY ledger_{table} TO STDOUT (FORMAT BINARY)") as copy:
                    blocks = [bytes(block) for block in copy]
                connection.commit()
                # The same table with the same indexes, in a place of its own.
                connection.execute("CREATE SCHEMA IF NOT EXISTS again")
                connection.execute(f"CREATE TABLE again.ledger_{table} (LIKE ledger_{table} INCLUDING ALL)")
                connection.commit()
                with watch:
                    with connection.cursor().copy(f"COPY again.ledger_{table} FROM STDIN (FORMAT BINARY)") as copy:
                        for block in blocks:
                            copy.write(block)
                    connection.commit()
        return watch.said()
    import sqlite3

    from zhiheng.cli.session import set_up

    there = sqlite3.connect(f"file:{folder}/zhiheng.sqlite3?mode=ro", uri=True)
    os.environ["ZHIHENG_DATA"] = str(folder / "again")
    set_up()
    from django.db import connection, transaction

    for table in TABLES:
        cursor = there.execute(f"SELECT * FROM ledger_{table}")
        insert = f"INSERT INTO ledger_{table} VALUES ({', '.join('?' * len(cursor.description))})"
        rows = cursor.fetchmany(AT_ONCE)
        while rows:
            with transaction.atomic():
                written = 0
                while rows and written < PART_ROWS:
                    with watch:
                        connection.connection.executemany(insert, rows)
                    written += len(rows)
                    rows = cursor.fetchmany(AT_ONCE)
                ended = Watch()
                ended.__enter__()
            ended.__exit__()
            watch.add(ended)
    return watch.said()


class Watch:
    """Seconds of the clock and of the processor, spent inside of ``with``."""

    def __init__(self) -> None:
        self.seconds = self.processor = 0.0

    def __enter__(self) -> None:
        self._begun = time.perf_counter(), _processor()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._begun[0]
        self.processor += _processor() - self._begun[1]

    def add(self, other: Watch) -> None:
        """Take over what another has counted."""
        self.seconds += other.seconds
        self.processor += other.processor

    def said(self) -> dict[str, float]:
        """For the process that asked."""
        return {"seconds": self.seconds, "processor": self.processor}


def ours(path: Path, folder: Path) -> dict[str, float]:
    """Receive the file into an empty ledger: seconds, seconds of processor (without the server's), and peak memory in
    MB.
    """
    import resource

    os.environ["ZHIHENG_DATA"] = str(folder)
    from zhiheng.cli.session import now, open_book, set_up

    set_up()
    from zhiheng.actions.intake.receive_delivery import receive

    book = open_book()
    unit = next(u.id for u in book[DISTRICT].units if "food_sampling" in u.records)
    watch = Watch()
    with watch:
        (result,) = receive(path, call=Call(SYSTEM, book, now()), unit=unit, confirmed=True)
    assert result.rows == result.facts + result.duplicates + result.refused + result.skipped, result
    # The reading process's peak is added, although the two share much of it.
    memory = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    return watch.said() | {"memory": memory, "facts": result.facts}


def _processor() -> float:
    """Seconds that the processors worked for this process and its children, whatever else the machine had to do."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


SIDES = {"bare": bare, "ours": ours, "finished": finished}


def child(side: str, path: Path, folder: Path) -> dict[str, float]:
    """Run one side in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.receive", "--side", side, "--file", str(path), "--folder", str(folder)],
        stdout=subprocess.PIPE,
        check=True,
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> int:
    """Run all sides in turns and print the ratios of the minima."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.side:
        print(json.dumps(SIDES[words.side](words.file, words.folder)))
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
    vendor, by = ("postgresql", "seconds") if os.environ.get("DATABASE_URL") else ("sqlite", "processor")
    home = Path(tempfile.mkdtemp(prefix="zhiheng-bench-"))
    told: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    try:
        path = sampling_rows.write(home / "rows.csv", count, firms=firms)
        for turn in range(turns):
            folder = home / str(turn)
            folder.mkdir()
            if vendor == "postgresql":
                _empty_postgresql()
            for side in SIDES:
                told[side].append(child(side, path, folder))
            shutil.rmtree(folder)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{count:,} rows, {firms:,} enterprises, {turns} turns, {vendor}; the least of each side counts")
    for side, turns_of in told.items():
        print(
            f"{side:10}" + "".join(f"  {t['processor']:7.2f} s of processor, {t['seconds']:7.2f} s;" for t in turns_of)
        )
    least = {
        side: {of: min(turn[of] for turn in turns_of) for of in ("processor", "seconds")}
        for side, turns_of in told.items()
    }
    for side, took in least.items():
        print(
            f"{side:10}{took['processor'] / count * 1e6:8.1f} us of processor a row, "
            f"{took['seconds'] / count * 1e6:.1f} us by the clock"
        )
    to_finished, to_bare = TARGETS[vendor]
    return (
        claim(max(turn["memory"] for turn in told["ours"]), MEMORY_MB, " MB")
        | claim(least["ours"][by] / least["finished"][by], to_finished, "x of finished rows")
        | claim(least["ours"]["seconds"] / least["bare"]["seconds"], to_bare, "x of bare rows")
    )


def _empty_postgresql() -> None:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS again CASCADE")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


if __name__ == "__main__":
    raise SystemExit(main())
