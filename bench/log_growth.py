"""What receiving costs more because every delivery becomes an entry of the public log.

Receiving itself writes nothing for the log; a worker asks after a while whether it is behind by a minute, and lets it
grow. Here the receiving process does both after each file, and grows the log once more at the end. Seconds of processor
spent on the files and on the log are counted apart in one run, so a busy machine weighs on both alike; the least share
of several turns counts.

    python -m bench.log_growth [--scale small|full] [--rows 20000] [--files 4] [--turns 3]

small: files of 20,000 rows; full: of 100,000.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import sampling_rows
from bench.claims import claim
from bench.receive import Watch
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel.actor import SYSTEM

# With the log against without it.
TARGET = 1.05
# Rows of each file.
SIZES = {"small": 20_000, "full": 100_000}


def run(folder: Path, files: list[Path]) -> dict[str, float]:
    """Receive the files into an empty ledger; seconds of processor of receiving, and of the log."""
    os.environ["ZHIHENG_DATA"] = str(folder)
    from zhiheng.cli.session import now, open_book, set_up

    set_up()
    from zhiheng.actions.intake.receive_delivery import receive
    from zhiheng.actions.log.append_leaves import append_leaves, leaves_wait

    book = open_book()
    unit = next(u.id for u in book[DISTRICT].units if "food_sampling" in u.records)
    append_leaves(call=Call(SYSTEM, book, now()))
    received, logged = Watch(), Watch()
    for path in files:
        with received:
            receive(path, call=Call(SYSTEM, book, now()), unit=unit, confirmed=True)
        with logged:
            if leaves_wait(now()) or path == files[-1]:
                append_leaves(call=Call(SYSTEM, book, now()))
    return {"received": received.processor, "logged": logged.processor}


def main() -> int:
    """Run some turns, each in a process of its own, and print the least share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=SIZES, default="small")
    parser.add_argument("--rows", type=int, help="of each file, instead of those of the scale")
    parser.add_argument("--files", type=int, default=4)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, action="append", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.folder:
        print(json.dumps(run(words.folder, words.file)))
        return 0
    rows = words.rows or SIZES[words.scale]
    turns: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="zhiheng-bench-") as name:
        home = Path(name)
        files = [
            sampling_rows.write(home / f"{number}.csv", rows, firms=rows // 5, seed=number)
            for number in range(words.files)
        ]
        for turn in range(words.turns):
            command = [sys.executable, "-m", "bench.log_growth", "--folder", str(home / str(turn))]
            for file in files:
                command += ["--file", str(file)]
            done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
            turns.append(json.loads(done.stdout.splitlines()[-1]))
    for took in turns:
        print(f"{took['received']:6.2f} s of processor receiving, {took['logged'] * 1000:6.1f} ms for the log")
    print(f"load {os.getloadavg()[0]:.1f}")
    print(f"{words.files} files of {rows:,} rows, {words.turns} turns; the least share counts")
    return claim(min(1 + took["logged"] / took["received"] for took in turns), TARGET)


if __name__ == "__main__":
    raise SystemExit(main())
