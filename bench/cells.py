"""The hardest cell for every field type of the book: what it takes grows with its length, and what is too long takes
nothing.

Cells made of what takes a careless pattern the square of the time, as long as the type allows and a quarter as long:
linear work takes four times as long. Then cells of 30,000 and 300,000 characters, which most types refuse by their
length. Times are those of the processor, since the machine is shared.

    python -m bench.cells [--scale small|full]
"""

from __future__ import annotations

import argparse
import gc
import time
from pathlib import Path

from bench.claims import claim
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.loader import load
from zhiheng.kernel.fields.base import FieldType

_BOOK = Path(__file__).resolve().parents[1] / "book"
# The promise of the issue: a cell of 30,000 characters of every field type under 50 ms.
_MOST_MS = 50
# Linear is 4; what is shorter than a few microseconds is noise.
_GROWTH = 8.0
_FLOOR_MS = 0.5
_UNITS = (
    "；",
    "；；",
    "；\n",
    " ",
    "\n",
    "甲公司；",
    "甲公司、",
    "甲",
    "（",
    "(甲)",
    "（）",
    "甲：",
    "生产商：",
    "委托商：甲公司；",
    "1",
    "1,",
    "1/",
    "1;",
    "①",
    "<",
    "≤1",
    "省",
    "甲省乙市",
    "a",
    "-",
    "2026",
    "年1月",
    "、",
    "/",
    "甲 ",
    "10^",
    "检出限",
    "未检出",
    "1号",
    "有限公司",
    "厂\n",
    "138",
    "[",
    "(1)",
    "地址：甲",
    "曾用名：",
    "（原甲）",
    "及",
    "名称",
    "a@",
)
_HEADS = ("", "甲公司", "生产商：甲", "1", "<1", "①", "（")
_TAILS = ("", "x", "：", "公司", "\n!", ")")


def main() -> int:
    """A claim for the slowest cell, one for growth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=("small", "full"), default="small")
    words = parser.parse_args()
    kinds: dict[str, list[FieldType]] = {}
    for entry in load(_BOOK)[RECORDS].values():
        for types in entry.types.values():
            for kind in types.values():
                kinds.setdefault(kind.name, []).append(kind)
    slowest = growth = 0.0
    gc.disable()
    for name, found in sorted(kinds.items()):
        # The widest of a type (most names, most choices) first.
        found.sort(key=lambda kind: len(repr(kind)), reverse=True)
        kind = found[0]
        kind.clean("预热 x")
        whole, hardest = max((_took(kind, cell), cell) for cell in _cells(kind.longest, words.scale))
        quarter = _took(kind, hardest[: kind.longest // 4])
        far = max(_took(kind, cell) for length in (30_000, 300_000) for cell in _cells(length, words.scale))
        grown = whole / quarter if whole > _FLOOR_MS and quarter else 0.0
        slowest, growth = max(slowest, whole, far), max(growth, grown)
        print(f"{name}: {kind.longest:,} characters {whole:.2f} ms, a quarter {quarter:.2f} ms; too long {far:.3f} ms")
    return claim(slowest, _MOST_MS, " ms a cell") | claim(growth, _GROWTH)


def _cells(length: int, scale: str) -> list[str]:
    heads, tails = (_HEADS, _TAILS) if scale == "full" else (_HEADS[:2], _TAILS[:2])
    return [(h + u * (length // len(u) + 1))[: length - len(t)] + t for u in _UNITS for h in heads for t in tails]


def _took(kind: FieldType, cell: str) -> float:
    """Milliseconds of the processor, the better of two."""
    times = []
    for _ in range(2):
        begun = time.thread_time()
        kind.clean(cell)
        times.append(time.thread_time() - begun)
    return min(times) * 1_000


if __name__ == "__main__":
    raise SystemExit(main())
