"""Proposing what is to be published after a delivery, against inserting the same finished proposals into the same
table.

Sampling rows are received into an empty ledger; then every one is looked at (``propose``), and the same rows of the
table are written again by bare executemany (COPY on PostgreSQL). Seconds of processor of this process, the least of the
turns.

    python -m bench.proposals [--scale small|full]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import sampling_rows
from bench.claims import claim
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.actor import SYSTEM

# Rows, enterprises, turns.
SCALES = {"small": (10_000, 2_000, 3), "full": (100_000, 15_000, 3)}
MICROSECONDS = 30


def turn(count: int, firms: int, folder: Path) -> dict[str, float]:
    """Microseconds of processor a proposal: by ``propose``, and by writing the finished ones."""
    os.environ["ZHIHENG_DATA"] = str(folder)
    from zhiheng.cli.session import now, open_book, set_up

    set_up()
    from django.db import connection, transaction

    from zhiheng.actions.intake.receive_delivery import receive
    from zhiheng.actions.publication.propose_publication import propose
    from zhiheng.office.models import PublicationRequest

    book = open_book()
    unit = next(u.id for u in book[DISTRICT].units if "food_sampling" in u.records)
    path = sampling_rows.write(folder / "rows.csv", count, firms=firms)
    receive(path, call=Call(SYSTEM, book, now()), unit=unit, confirmed=True)
    # The rules are made ready once in the life of a process; that is not asked here.
    from zhiheng.queries import publishable

    publishable.ready(book)
    begun = time.process_time()
    done = propose(call=Call(SYSTEM, book, now()))
    ours = time.process_time() - begun
    made = PublicationRequest.objects.count()
    assert done.facts == count, done
    assert made, done
    table = PublicationRequest._meta.db_table
    connection.ensure_connection()
    driver = connection.connection
    with transaction.atomic():
        rows = driver.execute(f"SELECT * FROM {table}").fetchall()
        driver.execute(f"DELETE FROM {table}")
    begun = time.process_time()
    with transaction.atomic():
        marks = ", ".join("?" * len(rows[0]))
        driver.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    bare = time.process_time() - begun
    return {"ours": ours / made * 1e6, "bare": bare / made * 1e6, "made": made}


def main() -> int:
    """Run the turns and print both sides."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--folder", type=Path)
    words = parser.parse_args()
    count, firms, turns = SCALES[words.scale]
    if words.folder:
        print(json.dumps(turn(count, firms, words.folder)))
        return 0
    results = []
    for _ in range(turns):
        with tempfile.TemporaryDirectory(prefix="zhiheng-bench-") as home:
            command = [sys.executable, "-m", "bench.proposals", "--scale", words.scale, "--folder", home]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
            results.append(json.loads(done.stdout.splitlines()[-1]))
    ours, bare = (min(r[side] for r in results) for side in ("ours", "bare"))
    print(f"{count:,} rows, {results[0]['made']:,.0f} proposals, {turns} turns, microseconds of processor a proposal")
    print(f"bare executemany: {bare:6.1f}   {[round(r['bare'], 1) for r in results]}")
    print(f"propose:          {ours:6.1f}   {[round(r['ours'], 1) for r in results]}   {ours / bare:.1f}x of bare")
    return claim(ours, MICROSECONDS, " us")


if __name__ == "__main__":
    raise SystemExit(main())
