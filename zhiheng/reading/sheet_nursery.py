"""Where the processes that read workbooks come from: each file has one of its own, forked from a process that has read
the code already and never a file. To start Python and read the code costs more than what most workbooks ask.

``run`` is what others call. The first call of a process starts its nursery; the nursery ends with it, or when it was
asked for nothing for a minute. For each file it forks a keeper, which forks the reader, waits for it no longer than the
limits allow, and kills it when its time is up or when nobody waits for the answer any more. The bounds on memory,
processor time and what may be written are set by each reader for itself (``sheet_process.bound``), before it opens the
file; what a hostile file does to its reader, neither the nursery nor another reader sees.

Where the system can't do this (anything but Linux since 5.3), each file starts a process from nothing.
"""

from __future__ import annotations

import atexit
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson


def _is_possible() -> bool:
    """Whether the system tells of the end of a process by a file (Linux since 5.3, where no sandbox forbids it)."""
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return False
    return True


POSSIBLE = _is_possible()
_ROOT = Path(__file__).resolve().parents[2]
# Seconds without a file, after which a nursery ends: a house in which nobody sends a workbook keeps none in memory.
IDLE = 60
# What is asked of a reader: kind, path, limits, folder. A path is at most 4096 bytes.
_ASKED_BYTES = 1 << 16
_BEGUN = b"!"


@dataclass(frozen=True)
class ReaderEnd:
    """How a reader ended: its exit status (below zero: the signal that ended it) and what it said at the end."""

    status: int
    said: bytes


class ReaderTooSlow(Exception):
    """The reader was killed, since its time was up."""


def run(arguments: list[str], rows: IO[bytes], seconds: float) -> ReaderEnd:
    """Let a process of its own read a file (``sheet_process.main``), and wait for its end.

    Args:
        arguments: kind, path, limits as JSON, and the folder for what passes through its hands.
        rows: an open file that gets what it reads.
        seconds: of wall time, after which it is killed.

    Raises:
        ReaderTooSlow: it was.
    """
    return NURSERY.run(arguments, rows, seconds) if POSSIBLE else _from_nothing(arguments, rows, seconds)


def _command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-X", "utf8", "-m", f"zhiheng.reading.{module}", *arguments]


def _from_nothing(arguments: list[str], rows: IO[bytes], seconds: float) -> ReaderEnd:
    try:
        done = subprocess.run(
            _command("sheet_process", *arguments),
            stdin=subprocess.DEVNULL,
            stdout=rows,
            stderr=subprocess.PIPE,
            cwd=_ROOT,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ReaderTooSlow from None
    return ReaderEnd(done.returncode, done.stderr)


class ReaderNursery:
    """The nursery of this process: none before the first file, nor in a process that was just forked. ``process``: it,
    as long as it runs.
    """

    def __init__(self) -> None:
        self._alone = threading.Lock()
        self._line: socket.socket | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def forget(self) -> None:
        """In a process that was forked: the nursery is its parent's, and so is the lock."""
        if self._line is not None:
            self._line.close()
        self._alone, self._line, self.process = threading.Lock(), None, None

    def run(self, arguments: list[str], rows: IO[bytes], seconds: float) -> ReaderEnd:
        """See ``run`` of this module."""
        # A pipe: how much may be written into a file is bounded, and a reader that was refused for it has to say so.
        said, says = os.pipe()
        with os.fdopen(said, "rb") as telling:
            try:
                answer = self.asked([str(seconds), *arguments], [rows.fileno(), says])
            finally:
                os.close(says)
            with answer:
                told = telling.read()
                status = b"".join(iter(lambda: answer.recv(64), b""))
        if not status:
            # The keeper was killed, as the system does where memory runs out.
            return ReaderEnd(-signal.SIGKILL, told)
        if int(status) == _TOO_SLOW:
            raise ReaderTooSlow
        return ReaderEnd(int(status), told)

    def asked(self, words: list[str], files: list[int]) -> socket.socket:
        """Ask for a reader; what tells how it ends. A nursery that has gone meanwhile is followed by another."""
        asked = orjson.dumps(words)
        if len(asked) > _ASKED_BYTES:
            raise ValueError("the path of a workbook is longer than any file system allows")
        for _ in range(3):
            answer, theirs = socket.socketpair()
            with theirs, self._alone:
                try:
                    socket.send_fds(self._begun(), [asked], [*files, theirs.fileno()])
                    theirs.close()
                    if answer.recv(1) == _BEGUN:
                        return answer
                except OSError:
                    pass
                answer.close()
                self.end()
        raise OSError("the process that reads workbooks can't be started")

    def _begun(self) -> socket.socket:
        if self._line is None:
            self._line, theirs = socket.socketpair()
            with theirs:
                self.process = subprocess.Popen(
                    _command("sheet_nursery", str(theirs.fileno())),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    cwd=_ROOT,
                    pass_fds=[theirs.fileno()],
                )
        return self._line

    def end(self) -> None:
        """Let the nursery end, and wait for it; the next file finds another."""
        if self._line is not None:
            self._line.close()
        if self.process is not None:
            self.process.wait()
        self._line = self.process = None


# An exit status that no process has.
_TOO_SLOW = 1000
NURSERY = ReaderNursery()
if POSSIBLE:
    os.register_at_fork(after_in_child=NURSERY.forget)
    atexit.register(NURSERY.end)


def serve(line: socket.socket) -> None:
    """The nursery itself: fork a keeper for whatever is asked, until nobody is there to ask."""
    # Read before anything is asked, so that no reader has to.
    import python_calamine  # noqa: F401

    from zhiheng.reading import html_pages, sheet_process, xml_sheets  # noqa: F401

    # Ctrl-C is for the process that asks: with it, all this ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line.settimeout(IDLE)
    while True:
        try:
            asked, files, _, _ = socket.recv_fds(line, _ASKED_BYTES, 3)
        except TimeoutError:
            asked = b""
        if not asked:
            _let_go()
            return
        if not os.fork():
            line.close()
            try:
                _keep(orjson.loads(asked), *files)
            finally:
                os._exit(0)
        for each in files:
            os.close(each)
        _let_go()


def _let_go() -> None:
    """Keepers that have ended: their processor time is this process's from then on, and nothing is left of them."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _keep(words: list[str], rows: int, said: int, answer: int) -> None:
    """The keeper: fork the reader, wait for it, and tell how it ended whoever still listens."""
    seconds, *arguments = words
    os.write(answer, _BEGUN)
    if not (reader := os.fork()):
        os.close(answer)
        _read(arguments, rows, said)
    # Whoever listens hears the end of it when the reader has ended.
    os.close(said)
    # Readable is the reader when it has ended, and the answer when nobody waits for it.
    ended = os.pidfd_open(reader)
    ready, _, _ = select.select([ended, answer], [], [], max(0.0, float(seconds)))
    if ended not in ready:
        os.kill(reader, signal.SIGKILL)
    _, status = os.waitpid(reader, 0)
    told = os.waitstatus_to_exitcode(status) if ready else _TOO_SLOW
    with suppress(BrokenPipeError):
        os.write(answer, str(told).encode())


def _read(arguments: list[str], rows: int, said: int) -> None:
    """The reader. Does not return."""
    from zhiheng.reading import sheet_process

    status = 1
    try:
        os.dup2(rows, 1)
        os.dup2(said, 2)
        os.close(rows)
        os.close(said)
        status = sheet_process.main(arguments)
    finally:
        os._exit(status)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
