"""What the installation survives, tried and written down: ``python -m bench.reliability`` (docs/reference/reliability.md).

    python -m bench.reliability [--only io_errors|kills|kills_postgresql|slow_sockets] [--kills 200] [--most 400]

Each part is bounded, uses the loopback alone and a folder that is removed afterwards. The exit status is 0 only when
every part that was asked for was run and found nothing wrong. A part that needs a C compiler where there is none says
so, and the others are run all the same; what was not run keeps its figures and their day on the page.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.reliability.failing_calls import NoCompiler
from zhiheng import __version__

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "reference" / "reliability.md"
KILLS: Final = 200
MOST: Final = 400


@dataclass(frozen=True)
class Told:
    """What a part came to: lines of Markdown, and whether nothing was wrong."""

    lines: Sequence[str]
    holds: bool


def io_errors(kills: int, most: int) -> Told:
    """Let every call that writes fail in turn."""
    from bench.reliability import io_errors as part
    from bench.reliability.places import place

    lines = [
        "| 做什么 act | 磁盘 disk | 写调用 calls | 试了 tried | 说清楚 told | 没有妨碍 harmless | 问题 wrong |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    wrong: list[str] = []
    with _home() as home, place(home) as made:
        for one in part.all_series(made, most):
            lines.append(
                f"| `{one.act}` | {_DISKS[one.fault]} | {one.calls:,} | {one.tried:,} | {one.told:,} | "
                f"{one.harmless:,} | {len(one.troubles)} |"
            )
            print(lines[-1], *one.troubles, sep="\n", flush=True)
            wrong += one.troubles
    return Told([*lines, *_wrong(wrong)], not wrong)


def kills(kills: int, most: int) -> Told:
    """Kill processes in the middle of every act."""
    from bench.reliability import kills as part
    from bench.reliability.acts import ACTS
    from bench.reliability.places import place

    lines = ["| 做什么 act | 写调用 calls | 杀死 kills | 半途 midway | 问题 wrong |", "|---|---:|---:|---:|---:|"]
    wrong: list[str] = []
    total = midway = 0
    with _home() as home, place(home) as made:
        for one in part.all_series(made, kills):
            says = (ACTS[one.act].__doc__ or "").strip().rstrip(".").split(": ")[0]
            lines.append(f"| {says} (`{one.act}`) | {one.calls:,} | {one.kills} | {one.midway} | {len(one.troubles)} |")
            print(lines[-1], *one.troubles, sep="\n", flush=True)
            total, midway = total + one.kills, midway + one.midway
            wrong += one.troubles
    lines.append(f"| **共 together** | | {total} | {midway} | {len(wrong)} |")
    return Told([*lines, *_wrong(wrong)], not wrong)


def slow_sockets(kills: int, most: int) -> Told:
    """Hold sockets while pages are asked for."""
    from bench.reliability import slow_sockets as part
    from bench.reliability.places import place

    with _home() as home, place(home, undisturbed=True) as made:
        times = part.measure(made)
    bare = part.p95(times.among["bare page"])
    lines = [
        "| 页面 page | 独自 p95 alone | 其间 p95 among the slow | 与空白页之比 of the bare page's |",
        "|---|---:|---:|---:|",
        *(
            f"| {name} | {1000 * part.p95(times.alone[name]):.0f} ms | {1000 * part.p95(among):.0f} ms | "
            f"{part.p95(among) / bare:.2f} |"
            for name, among in times.among.items()
        ),
        "",
        "，".join(f"{kind} {count}" for kind, count in times.held.items())
        + f"；被断开后重来 cut off and back again {times.cut}；没有打开 not answered {len(times.failed)}。",
    ]
    print(*lines, *times.failed[:5], sep="\n", flush=True)
    return Told(lines, not times.failed)


_DISKS: Final = {"broken": "这一次写坏 EIO once", "full": "从这一次起写满 ENOSPC from there on"}
PARTS: Final[dict[str, tuple[str, Callable[[int, int], Told]]]] = {
    "io_errors": (
        "磁盘写满、写坏（SQLite） A disk that is full or broken\n\n"
        "接收、交文件、办案（连同文书和提醒）、写公开日志、备份的每一次写、落盘、改名、建文件夹依次失败：要么说清楚，要么照样办完；随后 `ledger verify`、"
        "`check-data` 没有新问题，再办一次和没有失败过一样；备份无论哪一次失败都能恢复。写调用多于上限的，均匀地取。 "
        "Every call that writes fails in turn: the act says so in a sentence or is done whole; the installation "
        "verifies, the next try comes to what an undisturbed one does, the backup restores.",
        io_errors,
    ),
    "kills": (
        "随处杀死（SQLite） Killed anywhere, on SQLite\n\n"
        "每一种写的行为，在均匀分布的写调用之前、之后杀死进程（SIGKILL）；就地核验，再办一次，逐表与没有受干扰的比行数。“半途”：杀死时"
        "既不是没有办、也不是已经办完。 SIGKILL before and right after calls spread over each act; verified as it lies, done "
        "again, rows of every table compared.",
        kills,
    ),
    "kills_postgresql": (
        "随处杀死（PostgreSQL） Killed anywhere, on PostgreSQL\n\n"
        "同上；发给数据库服务器的每一次也算，提交发出而没有等到回答的也在内。 The same; what is sent to the server counts too, so "
        "that commits are on their way when the sender dies.",
        kills,
    ),
    "slow_sockets": (
        "六十四个慢连接 Sixty-four slow sockets\n\n"
        "请求头、请求内容每半秒一个字节，或者每半秒读一个字节；其间经办人轮流打开页面。 Heads and bodies sent, answers read at a "
        "byte each half second, while an officer opens pages in turns.",
        slow_sockets,
    ),
}


def main() -> int:
    """Run the parts, each on its database; write what they came to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; may be given several times")
    parser.add_argument("--kills", type=int, default=KILLS, help="kills on each database")
    parser.add_argument("--most", type=int, default=MOST, help="calls that fail in each series of I/O errors")
    parser.add_argument("--no-page", action="store_true", help="print only, leave the page as it is")
    words = parser.parse_args()
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiheng.site.settings")
    django.setup()
    worst = 0
    for name in words.only or PARTS:
        if name.endswith("_postgresql") and not os.environ.get("DATABASE_URL"):
            more = ["--only", name, "--kills", str(words.kills), *(["--no-page"] if words.no_page else [])]
            command = [sys.executable, "-m", "tests.postgres", sys.executable, "-m", "bench.reliability", *more]
            worst = max(worst, subprocess.run(command, cwd=ROOT, check=False).returncode)
            continue
        print(f"== {name}", flush=True)
        start = time.monotonic()
        try:
            told = PARTS[name][1](words.kills, words.most)
        except NoCompiler as missing:
            print(f"{name}: 没有做 not run。{missing}", file=sys.stderr, flush=True)
            worst = 1
            continue
        if not words.no_page:
            _write(name, told, time.monotonic() - start)
        worst = max(worst, 0 if told.holds else 1)
    return worst


@contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="zhiheng-reliability-") as name:
        yield Path(name)


def _wrong(found: Sequence[str]) -> list[str]:
    return ["", *(f"- {each}" for each in found[:20])] if found else []


def _write(name: str, told: Told, seconds: float) -> None:
    """The section of a part; the others stay as they are."""
    head = (
        "# 可靠性 Reliability\n\n由 `make reliability` 写成，请勿手改；怎样量的见 `bench/reliability/`。 Written by "
        "`make reliability`; not to be edited by hand.\n"
    )
    text = PAGE.read_text("utf-8") if PAGE.exists() else head
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    heading, _, says = PARTS[name][0].partition("\n\n")
    section = "\n".join(
        [
            f"<!-- {name} -->",
            f"## {heading}",
            "",
            says,
            "",
            f"{dt.date.today().isoformat()}，质衡 {__version__}，Python {platform.python_version()}，{os.cpu_count()} 核 "
            f"cores，{memory:.0f} GB，用时 took {seconds / 60:.0f} 分钟 minutes；"
            + ("没有问题 nothing was wrong。" if told.holds else "**有问题 something was wrong。**"),
            "",
            *told.lines,
            f"<!-- /{name} -->",
        ]
    )
    sections = {
        found.group(1): found.group(0) for found in re.finditer(r"<!-- (\w+) -->.*?<!-- /\1 -->", text, re.DOTALL)
    }
    sections[name] = section
    ordered = [sections[each] for each in PARTS if each in sections]
    PAGE.write_text("\n\n".join([head.strip(), *ordered]) + "\n", "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
