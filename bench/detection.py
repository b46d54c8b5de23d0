"""How well detectors find outbreaks: the 28 scenarios of Noufaily et al. (2013), simulated here.

    python -m bench.detection [--repeats 20] [--write]

Counts of a week are negative binomial with mean exp(theta + beta t + sum over m harmonics of gamma1 cos + gamma2 sin)
and variance phi x mean (Poisson where phi is 1), 624 weeks. The last 49 hold one outbreak that begins at random; its
size is Poisson with mean k standard deviations of the count in its first week (k from 2 to 10), spread by a lognormal
delay (mean 0, deviation 0.5, in weeks). Four outbreaks stand in the history. ``--write`` puts the table into
docs/explanation/early-warning.md. The seed is fixed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from zhiheng.engines.detectors.bayes import BayesOptions, bayes
from zhiheng.engines.detectors.cusum import CusumOptions, cusum
from zhiheng.engines.detectors.ears import EarsOptions, ears
from zhiheng.engines.detectors.farrington import FarringtonOptions, farrington
from zhiheng.engines.detectors.farrington_flexible import FlexibleOptions, farrington_flexible
from zhiheng.engines.detectors.rki import RkiOptions, rki
from zhiheng.engines.detectors.series import CountSeries, Findings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "early-warning.md"
WEEKS, JUDGED, SEED = 624, 49, 20130330
# theta, beta (where there is a trend), gamma1, gamma2 (where there is a season), phi: table I of the paper.
BASES = (
    (0.1, 0.0025, 0.6, 0.6, 1.5),
    (-2.0, 0.005, 0.1, 0.3, 2.0),
    (1.5, 0.003, 0.2, -0.4, 1.0),
    (0.5, 0.002, 0.5, 0.5, 5.0),
    (2.5, 0.001, 1.0, 0.1, 3.0),
    (3.75, 0.001, 0.1, -0.1, 1.1),
    (5.0, 0.0001, 0.05, 0.01, 1.2),
)
DETECTORS: dict[str, Callable[[CountSeries, range], Findings]] = {
    "farringtonFlexible（默认，alpha 0.05）": lambda c, w: farrington_flexible(c, FlexibleOptions(), w),
    "farringtonFlexible（Noufaily，alpha 0.01）": lambda c, w: farrington_flexible(c, FlexibleOptions.noufaily(), w),
    "farrington（原始，双侧 0.05）": lambda c, w: farrington(c, FarringtonOptions(), w),
    "EARS C1": lambda c, w: ears(c, EarsOptions("C1"), w),
    "EARS C2": lambda c, w: ears(c, EarsOptions("C2"), w),
    "EARS C3": lambda c, w: ears(c, EarsOptions("C3"), w),
    "RKI 3": lambda c, w: rki(c, RkiOptions(), w),
    "Bayes 1（alpha 0.05）": lambda c, w: bayes(c, BayesOptions(), w),
    "CUSUM（rossi）": lambda c, w: cusum(c, CusumOptions(scale="rossi"), w),
}


def simulate(repeats: int) -> tuple[np.ndarray, np.ndarray]:
    """CountSeries, and how many of them are of an outbreak: series x weeks, scenario by scenario."""
    random = np.random.default_rng(SEED)
    t = np.arange(1, WEEKS + 1)
    base, extra = [], []
    for theta, beta, g1, g2, phi in BASES:
        for season, trend in ((0, 0), (1, 0), (0, 1), (1, 1)):
            wave = season * (g1 * np.cos(2 * np.pi * t / 52) + g2 * np.sin(2 * np.pi * t / 52))
            mean = np.exp(theta + trend * beta * t + wave)
            for _ in range(repeats):
                size = mean / (phi - 1) if phi > 1 else None
                base.append(random.poisson(mean) if size is None else random.negative_binomial(size, 1 / phi))
                cases = np.zeros(WEEKS)
                begins = [*random.integers(0, WEEKS - JUDGED - 10, 4), random.integers(WEEKS - JUDGED, WEEKS)]
                for begin in begins:
                    k = random.integers(2, 11) if begin >= WEEKS - JUDGED else random.choice([2, 3, 5, 10])
                    ill = random.poisson(k * np.sqrt(phi * mean[begin]))
                    when = begin + np.floor(random.lognormal(0, 0.5, ill)).astype(int)
                    np.add.at(cases, when[when < WEEKS], 1)
                extra.append(cases)
    return np.array(base, dtype=float), np.array(extra)


def measure(repeats: int) -> list[tuple[str, float, float, float]]:
    """By detector: the share of outbreaks found while they last, of other weeks with an alarm, and the median delay."""
    base, extra = simulate(repeats)
    counts, weeks = CountSeries(base + extra), range(WEEKS - JUDGED, WEEKS)
    outbreak = extra[:, WEEKS - JUDGED :] > 0
    happened = outbreak.any(axis=1)
    table = []
    for name, detect in DETECTORS.items():
        found = detect(counts, weeks)
        alarm = found.alarm & found.stated
        during = alarm & outbreak
        hit = during.any(axis=1) & happened
        delay = during.argmax(axis=1) - outbreak.argmax(axis=1)
        table.append(
            (name, hit.sum() / happened.sum(), (alarm & ~outbreak).sum() / (~outbreak).sum(), float(delay[hit].mean()))
        )
    return table


def main() -> int:
    """Print the table; with ``--write`` put it between the marks of the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--write", action="store_true")
    words = parser.parse_args()
    lines = [
        f"<!-- table: python -m bench.detection --repeats {words.repeats} --write -->",
        "| 方法 | 发现的暴发 POD | 无暴发周的误报 FPR | 平均晚几周 delay |",
        "|---|---:|---:|---:|",
    ]
    for name, pod, fpr, delay in measure(words.repeats):
        lines.append(f"| {name} | {pod:.0%} | {fpr:.2%} | {delay:.2f} |")
    text = "\n".join([*lines, "<!-- end of table -->"])
    print(text)
    if words.write:
        page = PAGE.read_text("utf-8")
        before, rest = page.split("<!-- table:", 1)
        PAGE.write_text(before + text + rest.split("<!-- end of table -->", 1)[1], "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
