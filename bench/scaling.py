"""Receiving time as rows grow: seconds per row at the largest size against those at 100,000 rows; it must be linear.

One table of N rows is received into an empty ledger; enterprises grow with the rows (one per ten rows, at most
200,000).

    python -m bench.scaling [--scale small|full]
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from bench import sampling_rows
from bench.claims import claim
from bench.receive import child

SCALES = {"small": (10_000, 20_000, 60_000), "full": (10_000, 100_000, 1_000_000, 10_000_000)}
BASE = {"small": 20_000, "full": 100_000}


def main() -> int:
    """Print the cost per row at each size, and the ratio of the largest to the base."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="small")
    words = parser.parse_args()
    os.environ.pop("DATABASE_URL", None)
    cost: dict[int, float] = {}
    for count in SCALES[words.scale]:
        home = Path(tempfile.mkdtemp(prefix="zhiheng-bench-"))
        try:
            path = sampling_rows.write(home / "rows.csv", count, firms=min(200_000, max(1_000, count // 10)))
            result = child("ours", path, home)
        finally:
            shutil.rmtree(home, ignore_errors=True)
        cost[count] = result["seconds"] / count
        print(
            f"{count:>12,} rows: {result['seconds']:9.2f} s, {cost[count] * 1e6:7.1f} us per row "
            f"({result['processor'] / count * 1e6:.1f} of processor), {result['memory']:.0f} MB",
            flush=True,
        )
    return claim(cost[max(cost)] / cost[BASE[words.scale]], 1.3)


if __name__ == "__main__":
    raise SystemExit(main())
