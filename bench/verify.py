"""Verifying facts (every leaf hash, statement key, Merkle root and link) against sha256sum of the same bytes.

The links of facts to parties are checked, too, by default; those are other bytes than the facts', so that time is told
apart.

python -m bench.verify [--scale small|large|full]
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from bench import filled
from bench.claims import claim

SCALES = {"small": (200_000, 10_000), "large": (3_000_000, 150_000), "full": (10_000_000, 500_000)}


def main() -> int:
    """Fill a ledger, verify it, and hash the same bytes with sha256sum, in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=SCALES, default="small")
    words = parser.parse_args()
    facts, per_delivery = SCALES[words.scale]
    home = Path(tempfile.mkdtemp(prefix="zhiheng-bench-"))
    try:
        os.environ["ZHIHENG_DATA"] = str(home)
        filled.fill(facts, per_delivery=per_delivery)
        from zhiheng.ledger.verify import contents, verify

        plain = home / "contents"
        with plain.open("wb") as file:
            for batch in contents(1, facts):
                file.writelines(f"{said}\n{row}".encode() for *_, said, row in batch)
        ours, theirs, linked = [], [], []
        for _ in range(3 if words.scale == "small" else 2):
            start = time.perf_counter()
            subprocess.run(["sha256sum", str(plain)], check=True, stdout=subprocess.DEVNULL)
            theirs.append(time.perf_counter() - start)
            start = time.perf_counter()
            report = verify(processes=2, parties=False)
            ours.append(time.perf_counter() - start)
            start = time.perf_counter()
            assert verify(processes=2).whole
            linked.append(time.perf_counter() - start)
            assert report.whole, report
            assert report.facts == facts
            assert report.content_bytes == plain.stat().st_size
        size = plain.stat().st_size
    finally:
        shutil.rmtree(home, ignore_errors=True)
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    print(
        f"{facts:,} facts in {facts // per_delivery} deliveries, {size / 1e6:,.0f} MB of content; peak memory "
        f"{memory:.0f} MB"
    )
    print(f"sha256sum:       {min(theirs):8.2f} s   {[round(s, 2) for s in theirs]}")
    print(f"ledger verify:   {min(ours):8.2f} s   {[round(s, 2) for s in ours]}   (2 processes)")
    print(f"with all links:  {min(linked):8.2f} s   {[round(s, 2) for s in linked]}")
    return claim(min(ours) / min(theirs), 5)


if __name__ == "__main__":
    raise SystemExit(main())
