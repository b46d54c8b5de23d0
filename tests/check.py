"""What ``make check`` runs: lint, types, import contracts and the book beside the quick tests, since most of it needs one
core and the tests begin with waiting. Whatever fails fails the whole; nothing that was begun is cut short.

    python -m tests.check
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent
Command = tuple[str, ...]
# One after the other, quick ones first. ``.pre-commit-config.yaml`` has the same (tests/book/test_house_rules.py).
STATIC: tuple[Command, ...] = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports",),
    ("djlint", "--lint", "--quiet", "zhiheng"),
    ("zhiheng", "book", "check"),
    ("mypy",),
)
# Nothing that is marked slow where it stands, and nothing that needs the reference data; a share of the examples.
QUICK = "not slow and not shared"
TESTS: Command = ("python", "-m", "pytest", "-m", QUICK, "-n", "2", "--dist", "loadfile", "--maxfail=5")


def started(command: Command, *, kept: bool = False) -> subprocess.Popen[str]:
    """A command of this environment, begun. ``kept``: what it says is for the caller, not for the screen."""
    return subprocess.Popen(
        [str(PROGRAMS / command[0]), *command[1:]],
        cwd=ROOT,
        env={**os.environ, "ZHIHENG_QUICK": "1"},
        text=True,
        stdout=subprocess.PIPE if kept else None,
        stderr=subprocess.STDOUT if kept else None,
    )


def run_static(commands: Sequence[Command], failed: list[Command]) -> None:
    """Run commands one after the other; say of each how it ended, and what it said where it failed."""
    for command in commands:
        begun = time.monotonic()
        try:
            process = started(command, kept=True)
            said, _ = process.communicate()
            status = process.returncode
        except OSError as cause:
            # A program that is not there has checked nothing: make setup installs it.
            said, status = str(cause), 1
        line = f"{'✗' if status else '✓'} {' '.join(command)}  {time.monotonic() - begun:.1f} s"
        if status:
            failed.append(command)
            line = f"{line}\n{said}"
        # In one piece: the tests write their dots meanwhile.
        sys.stdout.write(f"\n{line.rstrip()}\n")
        sys.stdout.flush()


def main(static: Sequence[Command] = STATIC, tests: Command = TESTS) -> int:
    """Run all; 1 where anything failed, with its name in the last line."""
    failed: list[Command] = []
    beside = threading.Thread(target=run_static, args=(static, failed))
    beside.start()
    process = started(tests)
    status = process.wait()
    beside.join()
    if status:
        failed.append(tests)
    for command in failed:
        print(f"没有通过 / failed: {' '.join(command)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
