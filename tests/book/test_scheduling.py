"""How several processes share the tests: what a file makes once is made once, and the longest files begin first."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scheduling import ALONE, LONGEST, PIECE, TOGETHER, begins, groups_of

ROOT = Path(__file__).resolve().parents[2]


def test_named_files_and_folders_are_there() -> None:
    assert [name for name in (*ALONE, *LONGEST) if not (ROOT / name).is_file()] == []
    assert [name for name in TOGETHER if not (ROOT / name).is_dir()] == []


def test_a_file_of_slow_tests_stays_together_and_so_does_a_folder_that_shares_what_takes_long() -> None:
    slow = [f"tests/desk/test_book.py::test_it[{number}::x]" for number in range(3 * PIECE)]
    demo = ["tests/demo/test_place.py::test_a", "tests/demo/test_figures.py::test_b"]
    alone = ["tests/demo/test_every_number.py::test_a"]
    found = groups_of([*slow, *demo, *alone])
    assert {found[test] for test in slow} == {"tests/desk/test_book.py"}
    assert {found[test] for test in demo} == {"tests/demo"}
    assert {found[test] for test in alone} == {"tests/demo/test_every_number.py"}


def test_files_that_look_through_the_code_stay_together() -> None:
    reading = ["tests/book/test_house_rules.py::test_a", "tests/access/test_actions_ask.py::test_it[1]"]
    assert set(groups_of(reading).values()) == {"the code"}
    parsed = re.compile(r"ast\.parse\(path\.read_text\(\"utf-8\"\)")
    again = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if parsed.search(path.read_text("utf-8"))
    ]
    assert again == [], "ask tests/code_once.py for the nodes of the house's files: it parses each once"


def test_other_files_are_given_out_in_pieces() -> None:
    quick = [f"tests/kernel/test_days.py::test_it[{number}]" for number in range(2 * PIECE + 1)]
    found = groups_of(quick)
    assert list(dict.fromkeys(found.values())) == [f"tests/kernel/test_days.py {number}" for number in range(3)]


def test_the_longest_begin_first() -> None:
    assert sorted([*reversed(LONGEST), "tests/kernel/test_days.py"], key=begins)[:-1] == list(LONGEST)


@pytest.mark.slow
def test_two_processes_share_files_and_tear_none_apart(tmp_path: Path) -> None:
    rooms = tmp_path / "tests"
    rooms.mkdir()
    (rooms / "conftest.py").write_text(
        f"import pathlib, tests.scheduling as s\ns.ROOT = pathlib.Path({str(tmp_path)!r})\n"
        "def pytest_xdist_make_scheduler(config, log): return s.ByFile(config, log)\n"
        "def pytest_configure(config): config.addinivalue_line('markers', 'slow: as in the house')\n"
    )
    for number in range(4):
        (rooms / f"test_{number}.py").write_text(
            "import os, pathlib, pytest\npytestmark = pytest.mark.slow\n@pytest.mark.parametrize('n', range(5))\ndef test_it(n):\n"
            f"    with open({str(tmp_path / 'said')!r}, 'a') as said: said.write(f'{number} ' + "
            "os.environ['PYTEST_XDIST_WORKER'] + '\\n')\n"
        )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:django", "-p", "no:schemathesis", "tests"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = [line.split() for line in (tmp_path / "said").read_text().splitlines()]
    assert len(said) == 20
    assert len({worker for _, worker in said}) == 2
    assert len({(file, worker) for file, worker in said}) == 4, "tests of a file went to different processes"
