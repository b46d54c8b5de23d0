"""Pages of the desk while a delivery of 100,000 rows is received in the background, against the same pages with nobody
at work.

The file goes the way of every file: handed in as at a page, taken in by a worker process of its own (``zhiheng
worker``), written to the same database; afterwards the worker renews the cards, which is measured as well. Pages are
asked for in turns in this process.

    python -m bench.while_receiving [--scale small|medium|full] [--postgresql]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.claims import claim
from bench.filled_district import SCALES
from bench.pages import _asker, _kinds
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT

# Rows of the delivery and enterprises named in it, whatever the size of the district; rounds of pages before it.
DELIVERY = (100_000, 15_000)
ROUNDS = 30
TARGET = 2.0
MEASURED = (
    "bare page",
    "quality file",
    "search, part of a name",
    "search, code",
    "list",
    "list, an area with problems",
)


def main() -> int:
    """Fill a district, ask for pages alone and beside the worker; the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder that bench.pages has filled before (SQLite)")
    words = parser.parse_args()
    if words.postgresql and not os.environ.get("DATABASE_URL"):
        command = [
            sys.executable,
            "-m",
            "tests.postgres",
            sys.executable,
            "-m",
            "bench.while_receiving",
            "--scale",
            words.scale,
        ]
        return subprocess.run(command, check=False).returncode
    home = words.keep or Path(tempfile.mkdtemp(prefix="zhiheng-bench-"))
    os.environ["ZHIHENG_DATA"] = str(home)
    try:
        return measure(words.scale, home)
    finally:
        if words.keep is None:
            shutil.rmtree(home, ignore_errors=True)


def measure(scale: str, home: Path) -> int:
    """Medians of each kind of page, alone and while the worker works."""
    from bench import filled_district, sampling_rows

    if (home / "filled").exists():
        from zhiheng.cli.session import set_up

        set_up()
    else:
        filled_district.fill(*SCALES[scale])
    ask = _asker()
    kinds = {name: found for name, found in _kinds(SCALES[scale][0]).items() if name in MEASURED}
    taken: dict[str, dict[str, list[float]]] = {"alone": {}, "beside": {}}

    def turn(when: str) -> None:
        for name, addresses in kinds.items():
            address = next(addresses)
            start = time.perf_counter()
            ask(address)
            taken[when].setdefault(name, []).append(time.perf_counter() - start)

    for _ in range(3):
        for addresses in kinds.values():
            ask(next(addresses))
    for _ in range(ROUNDS):
        turn("alone")
    count, firms = DELIVERY
    _looked_through()
    hand_in(sampling_rows.write(home / "rows.csv", count, firms=firms, seed=time.time_ns() % 10**6))
    start = time.perf_counter()
    worker = subprocess.Popen(
        [sys.executable, "-c", "from zhiheng.cli.main import main; main()", "worker", "--until-empty"],
        stderr=subprocess.DEVNULL,
    )
    while worker.poll() is None:
        turn("beside")
    seconds = time.perf_counter() - start
    received = _received(count)
    print(
        f"{received:,} rows received, cards renewed, in {seconds:.0f} s; {len(taken['beside']['bare page'])} rounds "
        "beside it"
    )
    medians = {when: {name: statistics.median(t) for name, t in kept.items()} for when, kept in taken.items()}
    for name, alone in medians["alone"].items():
        beside = medians["beside"][name]
        slow = sorted(taken["beside"][name])[int(len(taken["beside"][name]) * 0.95)]
        print(
            f"{name:<34} {alone * 1000:7.2f} ms alone  {beside * 1000:7.2f} ms beside  {beside / alone:5.2f}x   95 %: "
            f"{slow * 1000:7.2f} ms"
        )
    overall = {
        when: statistics.median([t for kept in by_kind.values() for t in kept]) for when, by_kind in taken.items()
    }
    return claim(overall["beside"] / overall["alone"], TARGET)


def _looked_through() -> None:
    """What was filled in counts as looked through for publication: only what is delivered now is to be."""
    from zhiheng.ledger.models import Fact
    from zhiheng.office.publication import PublicationMark

    last = Fact.objects.order_by("-id").values_list("id", flat=True)[0]
    PublicationMark.objects.update_or_create(name="facts", defaults={"value": last})


def hand_in(path: Path) -> None:
    """A department hands a file of sampling rows in, as at a page."""
    from zhiheng.actions.intake.upload_delivery import upload_delivery
    from zhiheng.cli.session import now, open_book
    from zhiheng.kernel.actor import operator

    book = open_book()
    unit = next(u.id for u in book[DISTRICT].units if "food_sampling" in u.records)
    with path.open("rb") as file:
        pieces = iter(lambda: file.read(1 << 20), b"")
        upload_delivery(pieces, name=path.name, unit=unit, call=Call(operator("bench"), book, now()), door="desk")


def _received(rows: int) -> int:
    """How many rows the delivery has left in the ledger; a run in which none arrived measures nothing."""
    from zhiheng.office.models import Upload

    upload = Upload.objects.latest("id")
    assert upload.state == Upload.State.DONE, (upload.state, upload.failure)
    (line,) = upload.result
    assert line["rows"] == rows, line
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
