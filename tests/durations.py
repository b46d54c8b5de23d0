"""Where the suite's time goes: ``python -m pytest -p tests.durations -m "not slow and not shared" -n 2`` (``make
durations``).

What is counted is processor time, of the test and of the processes it started and waited for: what else the machine has
to do does not change it. Printed at the end: each folder, the dearest files (whole files are what processes share, and
the longest begin first: ``tests/scheduling.py``), then the tests over the budget of ``make check``. Such a test is made
cheaper, or marked ``slow`` where it stands. Without ``-m`` it is the whole suite that is counted.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

# Seconds of processor time that one test, with what is set up for it alone, may cost ``make check``.
BUDGET = 0.5
SHOWN, FILES = 60, 30
PHASES = ("setup", "call", "teardown")
_spent: dict[str, dict[str, float]] = defaultdict(dict)


def _processor_time() -> float:
    now = os.times()
    return now.user + now.system + now.children_user + now.children_system


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
    dear = sorted(_spent.items(), key=lambda pair: -sum(pair[1].values()))
    over = [test for test, spent in dear if sum(spent.values()) > BUDGET]
    line(f"{len(over)} tests take more than {BUDGET} s (setup, call, teardown):")
    for test, spent in dear[: max(SHOWN, len(over))]:
        line(" ".join(f"{spent.get(phase, 0.0):6.2f}" for phase in PHASES) + f"  {test}")
