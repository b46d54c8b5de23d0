"""Which process of a run takes which tests: a file of slow tests goes to one process, so that what its tests share is
made once; other files are given out in small pieces, last of all, so that the processes end together.

pytest-xdist's own ``--dist loadgroup`` keeps nothing together: it writes the group into a part of the test that pytest
9.2 no longer reads.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
# A line of a file whose tests are all slow.
_ALL_SLOW = re.compile(r"^pytestmark = .*\bslow\b", re.M)
# A file that looks through the code of the house: all of these go together, for it is parsed once in a process.
_READS_THE_CODE = re.compile(r"^from tests(\.code_once import| import .*\bcode_once\b)", re.M)
# So many tests of another file go together.
PIECE = 20
# Folders whose files share something that takes long to make: they stay together.
TOGETHER = ("tests/browser", "tests/demo")
# Installations of their own, begun in other processes, share nothing with the rest of their folder.
ALONE = ("tests/demo/test_every_number.py",)
# Files that take longest (``make durations``), longest first.
LONGEST: tuple[str, ...] = ("tests/demo/test_every_number.py",)


@cache
def all_slow(file: Path) -> bool:
    """Whether a file marks all its tests as slow."""
    return _ALL_SLOW.search(file.read_text("utf-8")) is not None


@cache
def reads_the_code(file: Path) -> bool:
    """Whether a file looks through the code of the house."""
    return _READS_THE_CODE.search(file.read_text("utf-8")) is not None


def groups_of(tests: Sequence[str]) -> Mapping[str, str]:
    """What each test (``tests/room/test_file.py::test_name``) goes together with, in this order: the tests of its
    file, of a whole folder, of all files that look through the code, or a piece of a file.
    """
    found: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for test in tests:
        file = test.split("::", 1)[0]
        folder = str(PurePosixPath(file).parent)
        if folder in TOGETHER and file not in ALONE:
            found[test] = folder
        elif reads_the_code(ROOT / file):
            found[test] = "the code"
        elif all_slow(ROOT / file):
            found[test] = file
        else:
            found[test] = f"{file} {seen[file] // PIECE}"
            seen[file] += 1
    return found


def begins(file: str) -> int:
    """The place of a file in the order of a run, among files of its kind: the longest first."""
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)


class ByFile(LoadScopeScheduling):
    """Give out whole groups of tests, in the order in which they were collected."""

    def __init__(self, config: Any, log: Any = None) -> None:
        super().__init__(config, log)
        # The order of the collection is ours already (``tests/conftest.py``), not that of how many tests a file has.
        config.option.loadscopereorder = False
        self._groups: Mapping[str, str] = {}

    def _split_scope(self, nodeid: str) -> str:
        if not self._groups:
            self._groups = groups_of(self.collection or [])
        return self._groups[nodeid]
