"""What ``make durations`` tells of two runs: which files became dearer, whatever else the machine had to do."""

from __future__ import annotations

from tests.durations import compared


def test_a_file_that_became_dearer_is_told_the_greatest_change_first() -> None:
    before = {"unit": 0.1, "files": {"a.py": 10.0, "b.py": 2.0, "gone.py": 3.0, "same.py": 5.0}}
    now = {"unit": 0.1, "files": {"a.py": 12.0, "b.py": 2.4, "new.py": 1.0, "same.py": 5.0}}
    assert compared(before, now) == ["    -3.0 s  gone.py", "    +2.0 s  a.py", "    +1.0 s  new.py"]


def test_a_busy_machine_makes_no_file_dearer() -> None:
    files = {"a.py": 10.0, "b.py": 2.0}
    assert compared({"unit": 0.1, "files": files}, {"unit": 0.2, "files": {f: 2 * s for f, s in files.items()}}) == []
