"""The Nth call that writes, of a process and its children, fails or is its last: the Python side of ``failing_calls.c``.

The library is compiled into a folder of the caller's with the C compiler of the machine; where there is none,
``library`` raises NoCompiler.
"""

from __future__ import annotations

import errno
import mmap
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

SOURCE: Final = Path(__file__).with_name("failing_calls.c")
_SIZE: Final = 512
_HEAD: Final = struct.Struct("=5q")
# The one call fails (a bad sector); everything from there on that needs room does (a disk that is full); the process is
# killed at the call, or right after it. In the order of the library.
Fault = Literal["broken", "full", "killed", "killed_after"]
_NUMBER: Final[dict[Fault, int]] = {"broken": 0, "full": 1, "killed": 2, "killed_after": 3}
_ERRNO: Final[dict[Fault, int]] = {"broken": errno.EIO, "full": errno.ENOSPC, "killed": 0, "killed_after": 0}
# As the number of the call: none is reached, all are counted.
NEVER: Final = 1 << 40


class NoCompiler(Exception):
    """The machine has no C compiler; says what can't be tried and what to do."""


def library(folder: Path) -> Path:
    """The compiled library in a folder. Raises NoCompiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise NoCompiler(
            "没有 C 编译器（gcc 或 cc），不能让写调用失败，也不能在写调用处杀死进程；请先安装（如 apt install gcc）再试。"
            " / There is no C compiler (gcc or cc), so no call can be let fail and no process killed at one; install "
            "one (apt install gcc) and try again."
        )
    made = folder / "failing_calls.so"
    words = [compiler, "-shared", "-fPIC", "-O2", "-o", str(made), str(SOURCE), "-ldl"]
    subprocess.run(words, check=True, capture_output=True)
    return made


@dataclass(frozen=True)
class Failed:
    """What a run came to: how many calls were counted, how many of them failed, and the first that did."""

    calls: int
    failed: int
    first: str


class Control:
    """What processes that are started with ``environment`` share: which call is to fail, and what has become of it."""

    def __init__(self, folder: Path, below: Path, compiled: Path | None) -> None:
        """``below``: only calls on files there count; ``folder``: where the control file is made, elsewhere. Without
        a compiled library every call goes through, uncounted.
        """
        path = folder / "control"
        path.write_bytes(bytes(_SIZE))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _SIZE)
        self.environment = (
            {}
            if compiled is None
            else {
                "LD_PRELOAD": str(compiled),
                "ZHIHENG_FAIL_CONTROL": str(path),
                "ZHIHENG_FAIL_BELOW": str(below.resolve()),
            }
        )

    def arm(self, at: int, fault: Fault) -> None:
        """Let the call of this number fail, counted from now on and from 1."""
        self._shared[:] = bytes(_SIZE)
        _HEAD.pack_into(self._shared, 0, 0, at, _ERRNO[fault], _NUMBER[fault], 0)

    def disarm(self) -> Failed:
        """Let calls through again, uncounted; what has become of those since ``arm``."""
        calls, _, _, _, failed = _HEAD.unpack_from(self._shared)
        first = bytes(self._shared[_HEAD.size :]).split(b"\0", 1)[0].decode(errors="replace")
        self._shared[:] = bytes(_SIZE)
        return Failed(calls, failed, first)
