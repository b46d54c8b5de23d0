"""Which process of a run takes which tests: a file goes to one process, so that what its tests share is made once; the
files that take longest begin first, so that the processes end together.

pytest-xdist's own ``--dist loadgroup`` keeps nothing together: it writes the group into a part of the test that pytest
9.2 no longer reads.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from xdist.scheduler import LoadScopeScheduling

# Folders whose files share something that takes long to make: they stay together.
TOGETHER = ("tests/browser", "tests/demo")
# Installations of their own, begun in other processes, share nothing with the rest of their folder.
ALONE = ("tests/demo/test_every_number.py",)
# Files that take longest (``make durations``), longest first.
LONGEST: tuple[str, ...] = ("tests/demo/test_every_number.py",)


def group_of(test: str) -> str:
    """What a test (``tests/room/test_file.py::test_name``) goes together with: its file, or a whole folder."""
    file = test.split("::", 1)[0]
    folder = str(PurePosixPath(file).parent)
    return folder if folder in TOGETHER and file not in ALONE else file


def begins(file: str) -> int:
    """The place of a file in the order of a run, among files of its kind: the longest first."""
    return LONGEST.index(file) if file in LONGEST else len(LONGEST)


class ByFile(LoadScopeScheduling):
    """Give out whole groups of tests, in the order in which they were collected."""

    def __init__(self, config: Any, log: Any = None) -> None:
        super().__init__(config, log)
        # The order of the collection is ours already (``tests/conftest.py``), not that of how many tests a file has.
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
