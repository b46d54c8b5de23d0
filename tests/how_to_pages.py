"""Follows a how-to of the machine to the letter, in a scratch copy of the checkout.

A page says what is written where in one of four ways, each with a block of code under it, and what is run in blocks of
``sh``:

* ``新文件 `path`：``: the block is the whole file;
* ```path`，在 `line` 后面加：`` (or 前面): the block stands after (before) the one line that begins so;
* ```path`，把 `line` 改成：``: the block takes the place of that line;
* ```path`，加一列：``: two columns of a CSV, what a row begins with and the new cell; rows that are not told stay empty.

Commands run in one shell, in the copy, on SQLite; the first that fails ends it.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOW_TO = ROOT / "docs" / "how-to"
# What git does not keep and pages or tests need: shared with the checkout, and never written by what a page says.
MADE = ("zhiheng/pages/static/pages/built", "build/test-tables")
STEP = re.compile(
    r"^(?:(?P<new>新文件) )?`(?P<path>[^`\n]+)`(?:，在 `(?P<beside>[^`\n]+)` (?P<side>[前后])面加|，把 `(?P<instead>[^`\n]+)` 改成|，加一列)?：\n\n"
    r"```\w+\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROMISE = re.compile(r"一共动 \*\*(\d+)\*\* 个文件")


@dataclass(frozen=True)
class FollowedPage:
    """What came of it: the files that differ from before, how many the page promises, and what its commands said."""

    touched: list[str]
    promised: int
    said: str
    done: bool


def checkout(folder: Path) -> Path:
    """A copy of what git keeps of this checkout, and of what is new in it; with what Python has compiled of it, which
    holds for a file of the same age and size.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True, timeout=600
    )
    for name in listed.stdout.decode().split("\0"):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for room in ("zhiheng", "tests"):
        for compiled in (ROOT / room).rglob("__pycache__"):
            if (folder / compiled.relative_to(ROOT)).parent.is_dir():
                shutil.copytree(compiled, folder / compiled.relative_to(ROOT))
    for name in MADE:
        (ROOT / name).mkdir(parents=True, exist_ok=True)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    return folder


def follow(page: Path, copy: Path) -> FollowedPage:
    """Do what a page says, in a copy that nobody else uses."""
    text = page.read_text("utf-8")
    before = _files(copy)
    steps = list(STEP.finditer(text))
    for step in steps:
        _write(copy / step["path"], step)
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(SHELL.findall(text))],
        cwd=copy,
        env=_environment(copy),
        capture_output=True,
        text=True,
        timeout=1_800,
        check=False,
    )
    after = _files(copy)
    promise = PROMISE.search(text)
    return FollowedPage(
        sorted(name for name in after if after[name] != before.get(name)),
        int(promise[1]) if promise else 0,
        ran.stdout[-8_000:] + ran.stderr[-4_000:],
        ran.returncode == 0 and bool(steps),
    )


def _write(path: Path, step: re.Match[str]) -> None:
    block = step["text"]
    if step["new"]:
        assert not path.exists(), f"{path.name} is there already: the how-to would overwrite it"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block, "utf-8")
    elif beginning := step["beside"] or step["instead"]:
        lines = path.read_text("utf-8").splitlines(keepends=True)
        places = [number for number, line in enumerate(lines) if line.strip().startswith(beginning)]
        assert len(places) == 1, f"{beginning!r} begins {len(places)} lines of {step['path']}"
        at = places[0] + (step["side"] == "后")
        rest = lines[at + bool(step["instead"]) :]
        path.write_text("".join([*lines[:at], block, *rest]), "utf-8")
    else:
        cells = dict(csv.reader(io.StringIO(block)))
        with path.open(encoding="utf-8", newline="") as file:
            rows = [[*row, cells.pop(row[0], "")] for row in csv.reader(file)]
        assert cells == {}, f"{step['path']} has no row for {list(cells)}"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


def _files(copy: Path) -> dict[str, bytes]:
    """Every file of the copy that git would keep."""
    kept = ("zhiheng", "book", "tests", "docs")
    return {
        path.relative_to(copy).as_posix(): path.read_bytes()
        for room in kept
        for path in (copy / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.endswith(".pyc")
    }


def _environment(copy: Path) -> dict[str, str]:
    """This Python, the packages of the copy before those of the checkout, and nothing of the run that asks."""
    of_this_run = ("DATABASE_URL", "ZHIHENG_", "PYTEST_", "COV_", "DJANGO_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(of_this_run)}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(copy),
        "ZHIHENG_DATA": str(copy / "build" / "var"),
        "ZHIHENG_QUICK": "1",
    }
