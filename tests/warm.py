"""Processes that need not read the house's code again: each is forked from one that has read it.

To start Python, Django and the rooms takes a process longer than what most tests ask of it. ``WarmPopen`` is
``subprocess.Popen`` but for where the process comes from: a nursery, which was started with the same environment, has
read the code and the settings and touched neither database nor files, forks. The process is a child of this one like
any other: it can be killed, waited for, and its time is counted. Not for what is asked of the start itself, nor where
an environment is changed by the program that runs.
"""

from __future__ import annotations

import ctypes
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).resolve().parents[1]
POSSIBLE = sys.platform == "linux"
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
# A nursery: for each request it forks a process that forks the one that is wanted and ends, so that this one passes to
# the nearest ancestor that takes orphans in.
_NURSERY = """
import os, socket, sys
import django, orjson
django.setup()
import zhiheng.actions.intake.receive_delivery, zhiheng.actions.projections.refresh_projections
import zhiheng.cli.main, zhiheng.cli.worker, zhiheng.jobs.tasks, zhiheng.ledger.verify
from django.db.migrations.loader import MigrationLoader
MigrationLoader(None)
exec(sys.argv[2])

line = socket.socket(fileno=int(sys.argv[1]))
line.sendall(b"ready")
while True:
    said, fds, _, _ = socket.recv_fds(line, 1 << 20, 3)
    if not said:
        os._exit(0)
    told, tell = os.pipe()
    between = os.fork()
    if not between:
        wanted = os.fork()
        if wanted:
            os.write(tell, str(wanted).encode())
            os._exit(0)
        break
    for each in (*fds, tell):
        os.close(each)
    os.waitpid(between, 0)
    line.sendall(os.read(told, 20))
    os.close(told)
line.close()
os.close(told)
os.close(tell)
for number, each in enumerate(fds):
    os.dup2(each, number)
    os.close(each)
words = orjson.loads(said)
os.chdir(words["cwd"])
sys.argv = words["argv"]
exec(compile(words["program"], "<string>", "exec"), {"__name__": "__main__"})
"""


class Nursery:
    """A process that forks others, for one environment; it ends when nobody holds it any more."""

    def __init__(self, environment: dict[str, str], reads: str = "") -> None:
        """``reads``: a program that reads more; it may touch neither database nor data folder."""
        self._line, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _NURSERY, str(theirs.fileno()), reads],
            env={**environment, "DJANGO_SETTINGS_MODULE": "zhiheng.site.settings"},
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        assert self._line.recv(5) == b"ready"

    def fork(self, program: str, argv: list[str], cwd: Path, fds: list[int]) -> int:
        """The number of a new child of this process, which runs a program with these three files."""
        said = orjson.dumps({"program": program, "argv": argv, "cwd": str(cwd)})
        prctl = ctypes.CDLL(None).prctl
        # Only meanwhile: other orphans are nothing to this process.
        assert prctl(_SUBREAPER, 1, 0, 0, 0) == 0
        try:
            socket.send_fds(self._line, [said], fds)
            return int(self._line.recv(20))
        finally:
            prctl(_SUBREAPER, 0, 0, 0, 0)

    def __del__(self) -> None:
        self._line.close()
        self._process.wait()


class WarmPopen(subprocess.Popen[str]):
    """``subprocess.Popen`` of a Python program, as text and with pipes, out of a nursery."""

    def __init__(self, nursery: Nursery, program: str, argv: list[str], cwd: Path) -> None:
        self._nursery, self._program, self._argv, self._folder = nursery, program, argv, cwd
        super().__init__(
            [sys.executable, *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _execute_child(self, *given: Any) -> None:
        p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite = given[10:16]
        try:
            self.pid = self._nursery.fork(self._program, self._argv, self._folder, [p2cread, c2pwrite, errwrite])
            self._child_created = True
        finally:
            self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)
