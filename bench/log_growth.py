"""What receiving costs more because every delivery becomes an entry of the public log.

Two sides, in turns, in processes of their own: ``alone`` receives files of sampling rows one after the other; ``logged``
asks after each of them, as a worker's clock does, whether the log is behind by a minute, lets it grow if so, and once
more at the end, all in the receiving process (a worker does it beside). The least of each side is compared, by seconds
of processor: on a machine that others work on too, the clock says more of them.

    python -m bench.log_growth [--rows 20000] [--files 6] [--turns 4]
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

TARGET = 1.05


def run(side: str, folder: Path, files: list[Path]) -> dict[str, float]:
    """Receive the files into an empty ledger, with or without the log."""
    os.environ["ZHIHENG_DATA"] = str(folder)
    from zhiheng.cli.session import now, open_book, set_up

    set_up()
    from zhiheng.actions.intake.receive_delivery import receive
    from zhiheng.actions.log.append_leaves import append_leaves, leaves_wait

    book = open_book()
    unit = next(u.id for u in book[DISTRICT].units if "food_sampling" in u.records)
    append_leaves(call=Call(SYSTEM, book, now()))
    watch = Watch()
    with watch:
        for path in files:
            receive(path, call=Call(SYSTEM, book, now()), unit=unit, confirmed=True)
            if side == "logged" and (path == files[-1] or leaves_wait(now())):
                append_leaves(call=Call(SYSTEM, book, now()))
    return watch.said()


def main() -> int:
    """Run both sides in turns and print the ratio of the minima."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--files", type=int, default=6)
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--side", choices=("alone", "logged"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, action="append", help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.side:
        print(json.dumps(run(words.side, words.folder, words.file)))
        return 0
    took: dict[str, list[dict[str, float]]] = {"alone": [], "logged": []}
    with tempfile.TemporaryDirectory(prefix="zhiheng-bench-") as name:
        home = Path(name)
        files = [
            sampling_rows.write(home / f"{number}.csv", words.rows, firms=words.rows // 5, seed=number)
            for number in range(words.files)
        ]
        for turn in range(words.turns):
            for side in took:
                command = [
                    sys.executable,
                    "-m",
                    "bench.log_growth",
                    "--side",
                    side,
                    "--folder",
                    str(home / f"{side}{turn}"),
                ]
                for file in files:
                    command += ["--file", str(file)]
                done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
                took[side].append(json.loads(done.stdout.splitlines()[-1]))
    least = {side: min(turn["processor"] for turn in turns) for side, turns in took.items()}
    for side, turns in took.items():
        print(f"{side:8}" + "".join(f"  {t['processor']:6.2f} s of processor, {t['seconds']:6.2f} s;" for t in turns))
    print(f"{words.files} files of {words.rows:,} rows, {words.turns} turns; the least of each side counts")
    return claim(least["logged"] / least["alone"], TARGET)


if __name__ == "__main__":
    raise SystemExit(main())
