"""Run every claim and write the table: ``python -m bench [--scale small|full]`` (docs/reference/benchmarks.md)."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"

CLAIMS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "receive",
        (),
        "从 CSV 接收抽检行（SQLite）：内存；与写入同样的成品行、与裸 executemany 相比 / receiving from CSV on SQLite: "
        "memory; against writing the same finished rows, against bare executemany",
    ),
    ("receive", ("--postgresql",), "同上（PostgreSQL）与 COPY 相比 / the same on PostgreSQL against COPY"),
    ("log_growth", (), "接收连同写入公开日志，与不写日志相比 / receiving with the public log, against without it"),
    ("peers", (), "接收与只做其中一部分的工具相比 / receiving beside tools that do a part of it"),
    ("proposals", (), "每条公示建议用多少微秒 / microseconds a proposal for publication"),
    (
        "follow",
        (),
        "紧跟五万行之后的二十行何时出数；五万行前后各一千行的卡片 / when figures show 20 rows sent behind 50,000; "
        "cards of 1,000 rows before and after those",
    ),
    (
        "start",
        (),
        "从启动到帮助、规则书、首页，与 import django 相比 / from start to help, book and first page, beside import "
        "django",
    ),
    (
        "lake",
        (),
        "投影到数据湖与 DuckDB 写同样的列相比；增量 / projecting against DuckDB writing the same columns; increment",
    ),
    ("indicators", (), "一个区的全部指标与手写 SQL 相比 / every indicator of a district against hand-written SQL"),
    ("verify", (), "核验事实与 sha256sum 同样的字节相比 / verifying facts against sha256sum of the same bytes"),
    (
        "detectors",
        (),
        "统计预警的检测方法与 R surveillance 相比，每个序列 / detectors beside R surveillance, per series",
    ),
    (
        "rating",
        (),
        "全部等级、全部分值与只扫描和相加同样的列相比；两个版本的比较；查一家企业；报来一千行以后重评；内存 / grades and "
        "every contribution against a bare scan; two editions compared; one enterprise; after 1,000 rows; memory",
    ),
    ("scaling", (), "行数增长时每行的接收成本 / cost per row as rows grow"),
    ("workflows", (), "案件日志推算到当日状态，每秒多少行 / case logs to standings, events a second"),
    (
        "cases",
        (),
        "在办案件一千、一万、十万件时办一个行为（与插入一行的同站表单相比）、待办首页（与同站空白页相比）、每天的重算（SQLite） / an "
        "act at 1,000 to 100,000 open cases against a bare insert, the inbox against a bare page, the turn of a day, "
        "SQLite",
    ),
    ("cases", ("--postgresql",), "同上（PostgreSQL） / the same on PostgreSQL"),
    (
        "crowd",
        (),
        "二百名承办人和二千名群众同时使用（Locust，本机）：没有出错，没有丢件、重件；95 % 的时间与同站空白页相比 / officers "
        "and citizens at once (Locust, loopback): no error, nothing lost or doubled; 95 % of times beside the bare page's",
    ),
    (
        "cells",
        (),
        "最难读的格子：随长度线性增长，三万、三十万字也不拖住接收 / the hardest cell of every field type: linear in "
        "its length, 30,000 and 300,000 characters",
    ),
    (
        "pages",
        (),
        "质量档案、查找、清单、驾驶舱页面与同站空白页相比（SQLite） / quality file, search, lists and cockpit against "
        "a bare page of the same site, SQLite",
    ),
    ("pages", ("--postgresql",), "同上（PostgreSQL） / the same on PostgreSQL"),
    (
        "while_receiving",
        (),
        "后台接收十万行时的页面时间与平时相比（SQLite） / pages while 100,000 rows are received, against nobody at "
        "work, SQLite",
    ),
    ("while_receiving", ("--postgresql",), "同上（PostgreSQL） / the same on PostgreSQL"),
    (
        "portal",
        (),
        "公众门户的读者与同框架空白页相比（SQLite） / readers of the portal against a bare page of its frame, SQLite",
    ),
    ("portal", ("--postgresql",), "同上（PostgreSQL） / the same on PostgreSQL"),
    ("identity", (), "身份匹配的准确率与召回率，与 Splink 相比 / precision and recall of identity beside Splink"),
)


def main() -> int:
    """Run each claim in a process of its own; the exit status is 0 only when all hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", choices=("small", "full"), default="small")
    parser.add_argument("--only", action="append", help="name of a script; may be given several times")
    words = parser.parse_args()
    told: dict[str, tuple[list[str], list[str]]] = {}
    worst = 0
    for name, extra, what in CLAIMS:
        if words.only and name not in words.only:
            continue
        command = [sys.executable, "-m", f"bench.{name}", "--scale", words.scale, *extra]
        shown = " ".join(["python", *command[1:]])
        print(f"== {shown}", flush=True)
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        print("\n".join(lines) or done.stderr[-2_000:], flush=True)
        worst = worst or done.returncode
        claims = [line for line in lines if line.startswith("CLAIM:")]
        if not claims:
            why = (done.stderr or done.stdout).strip().splitlines()
            claims = [f"CLAIM: not measured ({why[-1][:120] if why else 'no output'})"]
        told[shown] = (
            [f"| {what} | `{shown}` | {claim.removeprefix('CLAIM: ')} |" for claim in claims],
            [f"### `{shown}`", "", dt.date.today().isoformat(), "", "```text", *lines, "```", ""],
        )
        _write(words.scale, told)
    return worst


def _write(scale: str, told: dict[str, tuple[list[str], list[str]]]) -> None:
    """One section of the page per scale; the other scale's section and the scripts that did not run stay as they
    are.
    """
    head = (
        "# 性能对比 Benchmarks\n\n由 `make bench` 写成，请勿手改。 Written by `make bench`; not to be edited by hand.\n"
    )
    text = PAGE.read_text("utf-8") if PAGE.exists() else head
    pattern = re.compile(rf"<!-- {scale} -->.*<!-- /{scale} -->", re.DOTALL)
    before = _told_before(found.group()) if (found := pattern.search(text)) else {}
    every = before | told
    order = [" ".join(["python", "-m", f"bench.{name}", "--scale", scale, *extra]) for name, extra, _ in CLAIMS]
    every = {shown: every[shown] for shown in order if shown in every}
    versions = ", ".join(
        f"{n} {_version(n)}" for n in ("django", "duckdb", "pyarrow", "ibis-framework", "orjson", "rapidfuzz")
    )
    section = "\n".join(
        [
            f"<!-- {scale} -->",
            f"## {scale}",
            "",
            f"{os.cpu_count()} 核，Python {platform.python_version()}，{versions}。"
            "机器与他人共用，绝对时间只供参考，只看同一次运行的比值。"
            " The machine is shared: read the ratios of one run, not the seconds.",
            "",
            "| 说法 claim | 命令 command | 结果 result |",
            "|---|---|---|",
            *(row for rows, _ in every.values() for row in rows),
            "",
            *(line for _, details in every.values() for line in details),
            f"<!-- /{scale} -->",
        ]
    )
    text = pattern.sub(lambda _: section, text) if found else f"{text.rstrip()}\n\n{section}\n"
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(text, "utf-8")


def _told_before(section: str) -> dict[str, tuple[list[str], list[str]]]:
    """What the page says of each command: its rows of the table, and the lines that it printed."""
    lines = section.splitlines()
    told: dict[str, tuple[list[str], list[str]]] = {}
    for line in lines:
        if line.startswith("| ") and (named := re.search(r"\| `([^`]+)` \|", line)):
            told.setdefault(named.group(1), ([], []))[0].append(line)
    shown = ""
    for line in lines[:-1]:
        if line.startswith("### `"):
            shown = line.removeprefix("### `").removesuffix("`")
        if shown in told:
            told[shown][1].append(line)
    return told


def _version(name: str) -> str:
    from importlib.metadata import version

    return version(name)


if __name__ == "__main__":
    raise SystemExit(main())
