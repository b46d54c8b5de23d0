"""What a new spelling costs where a city has 20,000 known names, and where it has 280,000.

Names are invented and all of one city, with the few hundred characters that trade names are made of: harder than life,
but a city of that size looks so. Both sides are measured in turn in one process, and the quickest turn of each counts.

    python -m bench.identity_growth [--turns 5]
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections.abc import Sequence

from zhiheng.engines.identity import MemoryRegistry, Mention, resolve
from zhiheng.engines.identity.confusables import READING

FEW, MANY, NEW = 20_000, 280_000, 3_000
TARGET = 1.5
_BUSINESS = (
    "食品",
    "商贸",
    "生物科技",
    "农业开发",
    "机械",
    "化工",
    "建材",
    "服饰",
    "餐饮管理",
    "调味品",
    "粮油",
    "水产",
    "药业",
    "包装",
    "物流",
)
_FORMS = ("有限公司",) * 6 + ("有限责任公司", "股份有限公司", "厂")


def of_one_city(count: int, seed: int) -> list[Mention]:
    """Distinct mentions of invented firms of one city."""
    rng = random.Random(seed)
    characters = sorted(READING)[::20]
    found: dict[str, None] = {}
    while len(found) < count:
        trade = "".join(rng.choices(characters, k=rng.choice((2, 2, 2, 3, 4))))
        found["漳州市" + trade + rng.choice(_BUSINESS) + rng.choice(_FORMS)] = None
    return [Mention("enterprise", name) for name in found]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure both sides in turn and say whether the claim holds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args(arguments)
    mentions = of_one_city(MANY + NEW, 1)
    new = mentions[MANY:]
    registries = {}
    for known in (FEW, MANY):
        registry = registries[known] = MemoryRegistry()
        for number, mention in enumerate(mentions[:known]):
            registry.add(number, number, mention)
        registry.lookup([1])
    best = dict.fromkeys(registries, float("inf"))
    for _ in range(options.turns):
        for known, registry in registries.items():
            gc.collect()
            started = time.process_time()
            resolve(new, registry)
            best[known] = min(best[known], (time.process_time() - started) / len(new) * 1e6)
    for known, spent in best.items():
        print(f"{known:>8,} known names of the city: {spent:.1f} µs a new spelling")
    ratio = best[MANY] / best[FEW]
    verdict = "holds" if ratio <= TARGET else "falls short"
    print(
        f"CLAIM: a new spelling at {MANY:,} known names against {FEW:,}: measured {ratio:.2f}x, target <= {TARGET}x, "
        f"{verdict}"
    )
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
