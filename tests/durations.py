"""Where the suite's time goes: ``python -m pytest -p tests.durations -m "not slow and not shared" -n 2`` (``make
durations``).

What is counted is processor time, of the test and of the processes it started and waited for: what else the machine has
to do does not change it. Printed at the end: each folder, the dearest files (whole files are what processes share, and
the longest begin first: ``tests/scheduling.py``), then the tests over the budget of ``make check``. Such a test is made
cheaper, or marked ``slow`` where it stands. Without ``-m`` it is the whole suite that is counted.

Every process of a run reads all test files, whichever tests it gets: what a file does while it is read is paid by each
of them, and the dearest to read are printed too. Each run is kept in ``build/durations``; the next one of the same tests
says by how much each file became dearer or cheaper. On a busy machine the same work costs more (its processors share
what they have), so a fixed piece of work is timed beside the tests, at the beginning and at the end, and compared runs
are told in its unit.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

# Seconds of processor time that one test, with what is set up for it alone, may cost ``make check``.
BUDGET = 0.2
SHOWN, FILES = 60, 30
PHASES = ("setup", "call", "teardown")
# Where runs are kept for the next ones, and from how many seconds on a change of a file is told.
KEPT = Path(__file__).resolve().parents[1] / "build" / "durations"
TOLD = 0.5
_spent: dict[str, dict[str, float]] = defaultdict(dict)
_read: dict[str, float] = defaultdict(float)
_fixed: list[float] = []


def _processor_time() -> float:
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


def _fixed_work() -> float:
    """The processor time of a piece of work that is always the same: how slow this machine is just now."""
    before = _processor_time()
    found: dict[int, str] = {}
    for number in range(400_000):
        found[number % 1009] = f"{number:x}"
    return _processor_time() - before


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[Any]:
    """Time how a file is read."""
    before = _processor_time()
    try:
        return (yield)
    finally:
        if isinstance(collector, pytest.Module):
            _read[collector.nodeid] += _processor_time() - before


def pytest_sessionstart(session: pytest.Session) -> None:
    """See how slow the machine is before the tests."""
    if not hasattr(session.config, "workerinput"):
        _fixed.append(_fixed_work())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that was given tests tells the others what its files cost to be read."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["read"] = dict(_read)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what such a process tells."""
    for file, seconds in getattr(node, "workeroutput", {}).get("read", {}).items():
        _read[file] += seconds


def compared(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Lines that tell which files became dearer or cheaper, by how much, in seconds of the run of now; each run is
    ``{"unit": seconds of the fixed work, "files": {file: seconds}}``.
    """
    as_now = now["unit"] / before["unit"]
    changes = {
        file: now["files"].get(file, 0.0) - before["files"].get(file, 0.0) * as_now
        for file in {*before["files"], *now["files"]}
    }
    return [
        f"{change:+8.1f} s  {file}"
        for file, change in sorted(changes.items(), key=lambda pair: -abs(pair[1]))
        if abs(change) >= TOLD
    ]


def _kept(config: pytest.Config) -> Path:
    """Where the run of these tests is kept: by what was asked for, and on which database."""
    asked = [*config.option.markexpr.split(), config.option.keyword, *config.args, "DATABASE_URL" in os.environ]
    return KEPT / f"{hashlib.sha256(repr(asked).encode()).hexdigest()[:12]}.json"


def _timed(item: pytest.Item, phase: str) -> Iterator[None]:
    before = _processor_time()
    try:
        return (yield)
    finally:
        item.user_properties.append((f"cpu.{phase}", _processor_time() - before))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Time what is set up for a test."""
    return (yield from _timed(item, "setup"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Time the test itself."""
    return (yield from _timed(item, "call"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Time what is cleared up after it."""
    return (yield from _timed(item, "teardown"))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take what a test's reports say; with several processes they come from each of them."""
    for name, value in report.user_properties:
        if isinstance(value, float) and name.startswith("cpu."):
            _spent[report.nodeid][name[4:]] = value


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was spent, by folder and for the dearest tests."""
    line = terminalreporter.write_line
    folders: dict[str, float] = defaultdict(float)
    files: dict[str, float] = defaultdict(float)
    tests: dict[str, int] = defaultdict(int)
    for test, spent in _spent.items():
        folder = test.split("/", 2)[1] if test.count("/") > 1 else test
        folders[folder] += sum(spent.values())
        files[test.split("::", 1)[0]] += sum(spent.values())
        tests[folder] += 1
    terminalreporter.section("processor time")
    line(f"{sum(folders.values()):8.1f} s  {len(_spent)} tests")
    for folder, seconds in sorted(folders.items(), key=lambda pair: -pair[1]):
        line(f"{seconds:8.1f} s  {tests[folder]:5} tests  {folder}")
    line("the dearest files:")
    for file, seconds in sorted(files.items(), key=lambda pair: -pair[1])[:FILES]:
        line(f"{seconds:8.1f} s  {file}")
    line(f"{sum(_read.values()):8.1f} s  to read the test files, by all processes; the dearest:")
    for file, seconds in sorted(_read.items(), key=lambda pair: -pair[1])[:10]:
        line(f"{seconds:8.1f} s  {file}")
    _fixed.append(_fixed_work())
    run = {"unit": sum(_fixed) / len(_fixed), "files": dict(files)}
    line(f"{run['unit']:8.3f} s  the fixed piece of work; what else the machine does makes it cost more")
    kept = _kept(terminalreporter.config)
    if kept.is_file():
        line("since the run before of the same tests, in seconds of this one:")
        for changed in compared(json.loads(kept.read_text("utf-8")), run)[:FILES]:
            line(changed)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(run, ensure_ascii=False), "utf-8")
    dear = sorted(_spent.items(), key=lambda pair: -sum(pair[1].values()))
    over = [test for test, spent in dear if sum(spent.values()) > BUDGET]
    line(f"{len(over)} tests take more than {BUDGET} s (setup, call, teardown):")
    for test, spent in dear[: max(SHOWN, len(over))]:
        line(" ".join(f"{spent.get(phase, 0.0):6.2f}" for phase in PHASES) + f"  {test}")
