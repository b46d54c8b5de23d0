"""How long it takes until something answers: the help text, a book that is loaded, the first page of a site; beside
``import django``.

    python -m bench.start [--scale small|full]

Seconds by the clock, the least of interleaved turns (the processor's beside them: on a machine that does other work as
well the clock tells of that, too). Help and book are processes of their own, from nothing; the site is an installation
whose tables are ready.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.claims import claim

TURNS = {"small": 5, "full": 15}
HELP, BOOK, PAGE = 0.25, 0.3, 3.0
_ZHIHENG = [sys.executable, "-c", "from zhiheng.cli.main import main; main()"]
# The book alone, after what it needs is imported: what every command waits for.
_LOAD = (
    "import sys, time; from pathlib import Path; from zhiheng.grammar.loader import load\n"
    "from zhiheng.grammar.registry import registered; registered()\n"
    "clock, cpu = time.perf_counter(), time.process_time(); load(Path(sys.argv[1]))\n"
    "print(time.perf_counter() - clock, time.process_time() - cpu)"
)
_BOOK = Path(__file__).resolve().parents[1] / "book"


def _run(command: list[str]) -> tuple[float, float]:
    """Seconds by the clock and of the processor of a process."""
    before, begun = os.times(), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    clock, after = time.perf_counter() - begun, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return clock, spent


def _book() -> tuple[float, float]:
    done = subprocess.run([sys.executable, "-c", _LOAD, str(_BOOK)], check=True, stdout=subprocess.PIPE, text=True)
    clock, spent = map(float, done.stdout.split())
    return clock, spent


def _first_page() -> tuple[float, float]:
    """Until ``zhiheng serve`` has answered the first question, in seconds by the clock; the processor's until it has
    ended.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    before, begun = os.times(), time.perf_counter()
    serving = subprocess.Popen(
        [*_ZHIHENG, "serve", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                    assert answer.status == 200, answer.status
                    break
            except (urllib.error.URLError, ConnectionError):
                assert serving.poll() is None, "zhiheng serve ended by itself"
                time.sleep(0.02)
        clock = time.perf_counter() - begun
    finally:
        serving.send_signal(signal.SIGINT)
        serving.wait(60)
    after = os.times()
    return clock, after.children_user + after.children_system - before.children_user - before.children_system


def main() -> int:
    """Run the turns and print each beside ``import django``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", choices=TURNS, default="small")
    words = parser.parse_args()
    told: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="zhiheng-bench-") as home:
        os.environ["ZHIHENG_DATA"] = home
        # Whatever is made once in the life of an installation is made here.
        _run([*_ZHIHENG, "deliveries", "list"])
        _first_page()
        for _ in range(TURNS[words.scale]):
            told.setdefault("import django", []).append(_run([sys.executable, "-c", "import django"]))
            told.setdefault("zhiheng --help", []).append(_run([*_ZHIHENG, "--help"]))
            told.setdefault("load the book", []).append(_book())
            told.setdefault("serve to first page", []).append(_first_page())
    least = {what: min(clock for clock, _ in turns) for what, turns in told.items()}
    for what, turns in told.items():
        spent = min(cpu for _, cpu in turns)
        print(
            f"{what:20} {least[what]:6.2f} s ({spent:.2f} s of processor)   {[round(clock, 2) for clock, _ in turns]}"
        )
    status = 0
    for what, most in (("zhiheng --help", HELP), ("load the book", BOOK), ("serve to first page", PAGE)):
        status |= claim(least[what], most, f" s ({what})")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
