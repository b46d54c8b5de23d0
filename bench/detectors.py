"""Detectors over many series beside R's ``surveillance`` on 200 of them, per series and in the same run.

    python -m bench.detectors [--series 100000]

farringtonFlexible with its defaults and in the set-up of Noufaily et al. for the last week, compiled and in NumPy only,
and EARS C2 for 52 weeks of 20,000 series. The medians of three are compared; compilation is left out (a first call
comes before), reading and writing of files too. Where Rscript or the package is absent the row is skipped with a word.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.claims import claim
from zhiheng.engines.detectors import farrington_flexible as flexible
from zhiheng.engines.detectors.ears import EarsOptions, ears
from zhiheng.engines.detectors.series import CountSeries, Findings

WEEKS = 320
REFERENCE = 200
GROWTH = 1.3
R = """
suppressMessages(library(surveillance))
x <- as.matrix(read.csv("{file}", header=FALSE)); n <- ncol(x)
run <- function(f) {{ t <- numeric(3); for (k in 1:3) t[k] <- system.time(r <- lapply(1:nrow(x), function(i)
  suppressWarnings(f(sts(observed=x[i,], frequency=52, start=c(2018,1))))))["elapsed"]; list(median(t), r) }}
a <- run(function(s) farringtonFlexible(s, list(range=n, glmWarnings=FALSE)))
b <- run(function(s) farringtonFlexible(s, list(range=n, noPeriods=10, pastWeeksNotIncluded=26, pThresholdTrend=1,
  thresholdMethod="nbPlugin", alpha=0.01, glmWarnings=FALSE)))
c <- run(function(s) earsC(s, list(range=(n-51):n, method="C2")))
for (r in list(a, b, c)) cat(r[[1]], sapply(r[[2]], function(s) sum(s@alarm)), "\\n")
"""


def series(many: int, seed: int = 7) -> np.ndarray:
    """Weekly counts like those of product failures: means from 0.2 to 50, seasons, some trends, overdispersed."""
    random = np.random.default_rng(seed)
    level = np.exp(random.uniform(np.log(0.2), np.log(50), (many, 1)))
    t = np.arange(WEEKS)
    wave = random.uniform(0, 0.5, (many, 1)) * np.cos(2 * np.pi * (t / 52 + random.uniform(0, 1, (many, 1))))
    mean = level * np.exp(wave + random.choice([0, 0, 0.001], (many, 1)) * t)
    size = mean / random.uniform(0.2, 2, (many, 1))
    return random.negative_binomial(size, size / (size + mean)).astype(float)


def reference(observed: np.ndarray) -> list[tuple[float, np.ndarray]] | None:
    """Seconds and alarms of R for the three detectors; None where it is absent."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "x.csv"
        np.savetxt(file, observed, fmt="%d", delimiter=",")
        script = Path(home) / "x.R"
        script.write_text(R.format(file=file))
        done = subprocess.run(["Rscript", str(script)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return None
    rows = [np.array(line.split(), dtype=float) for line in done.stdout.splitlines()]
    return [(float(row[0]), row[1:]) for row in rows]


def timed(run: Callable[[], Findings]) -> tuple[float, Findings]:
    """The median of three runs after a first one, and what was found."""
    found = run()
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        found = run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), found


def main() -> int:
    """Print microseconds a series on both sides, the alarms that disagree, and what of the claims holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100_000)
    many = parser.parse_args().series
    observed = series(many)
    theirs = reference(observed[:REFERENCE])
    if theirs is None:
        print("Rscript or its package surveillance is absent (r-cran-surveillance): the comparison is skipped.")
    counts = CountSeries(observed)
    kept = flexible.FlexibleOptions(fallback=False)
    noufaily = flexible.FlexibleOptions.noufaily(fallback=False)
    last_year = range(WEEKS - 52, WEEKS)
    rows: list[tuple[str, bool, float, int, int, Callable[[int], Findings]]] = [
        ("farringtonFlexible, compiled", False, 2000, 0, many, lambda n: _flexible(counts, n, kept)),
        ("farringtonFlexible, NumPy", True, 300, 0, many, lambda n: _flexible(counts, n, kept)),
        ("Noufaily's set-up, compiled", False, 600, 1, many, lambda n: _flexible(counts, n, noufaily)),
        (
            "EARS C2, 52 weeks",
            True,
            400,
            2,
            min(many, 20_000),
            lambda n: ears(counts.rows(slice(0, n)), EarsOptions("C2"), last_year),
        ),
    ]
    status = 0
    for name, plain, target, which, size, run in rows:
        flexible.PLAIN = plain
        if not plain and not flexible.use_compiled():
            print(f"{name}: numba is absent (extra compiled): skipped.")
            continue
        seconds, found = timed(lambda run=run, size=size: run(size))
        each = seconds / size
        words = f"{name}: {each * 1e6:.2f} us a series ({size:,} series)"
        if theirs is None:
            print(words)
            continue
        there, alarms = theirs[which]
        wrong = int((found.alarm[:REFERENCE].sum(axis=1) != np.nan_to_num(alarms)).sum())
        print(f"{words}; R {there / REFERENCE * 1e6:,.0f} us ({REFERENCE} series); {wrong} of {REFERENCE} disagree")
        ratio = there / REFERENCE / each
        print(f"CLAIM: measured {ratio:,.0f}x, target {target:,.0f}x, {'holds' if ratio >= target else 'falls short'}")
        status |= int(ratio < target or wrong > 0)
    flexible.PLAIN = False
    small, large = (timed(lambda n=n: _flexible(counts, n, kept))[0] / n for n in (many // 10, many))
    return status | claim(large / small, GROWTH, f"x a series, {many:,} series against {many // 10:,}")


def _flexible(counts: CountSeries, many: int, options: flexible.FlexibleOptions) -> Findings:
    return flexible.farrington_flexible(counts.rows(slice(0, many)), options)


if __name__ == "__main__":
    raise SystemExit(main())
