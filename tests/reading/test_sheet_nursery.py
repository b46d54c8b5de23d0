"""每份工作簿由一个自己的进程来读，从一个已经读好程序的进程分出来：限制每份各设各的，读坏一份不影响下一份。"""

from __future__ import annotations

import os
import resource
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import orjson
import pytest

from tests.reading.files import write_xlsx
from zhiheng.reading import sheet_nursery
from zhiheng.reading.limits import DEFAULT, MIB, Limits
from zhiheng.reading.sheet_nursery import NURSERY, ReaderTooSlow

pytestmark = pytest.mark.skipif(not sheet_nursery.POSSIBLE, reason="elsewhere each file starts a process from nothing")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A workbook of two rows."""
    return write_xlsx(tmp_path / "表.xlsx", [["名称", "数"], ["甲", "1"]])


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """The nursery of a test ends with it."""
    yield
    NURSERY.end()


def asked(path: Path, limits: Limits = DEFAULT, kind: str = "packed") -> list[str]:
    """What a reader is asked."""
    return [kind, str(path), orjson.dumps(asdict(limits)).decode(), str(path.parent)]


def read(path: Path, seconds: float = 60, **more: int) -> list[bytes]:
    """The rows that a reader gave, a block a line."""
    with tempfile.TemporaryFile() as rows:
        end = sheet_nursery.run(asked(path, replace(DEFAULT, **more)), rows, seconds)
        assert (end.status, b"sheets" in end.said) == (0, True), end
        rows.seek(0)
        return rows.read().splitlines()


def test_一份接一份_都由同一个进程分出来_读出的与从头起的进程一样(
    workbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(workbook)
    nursery = NURSERY.process
    assert first == read(workbook) != []
    assert NURSERY.process is nursery
    monkeypatch.setattr(sheet_nursery, "POSSIBLE", False)
    assert read(workbook) == first


def test_时间到了就停下_下一份照读(workbook: Path) -> None:
    with tempfile.TemporaryFile() as rows, pytest.raises(ReaderTooSlow):
        sheet_nursery.run(asked(workbook), rows, 0)
    nursery = NURSERY.process
    assert read(workbook)
    assert NURSERY.process is nursery


def test_写盘的上限各份各设_超过的退回_下一份照读(workbook: Path) -> None:
    with tempfile.TemporaryFile() as rows:
        end = sheet_nursery.run(asked(workbook, replace(DEFAULT, max_spool_bytes=10)), rows, 60)
    assert end.status != 0 or b"workbook.too_large" in end.said
    nursery = NURSERY.process
    assert read(workbook)
    assert NURSERY.process is nursery


def test_分出来的进程被杀_下一份另起一个(workbook: Path) -> None:
    assert read(workbook)
    assert NURSERY.process is not None
    first = NURSERY.process
    first.kill()
    first.wait()
    assert read(workbook)
    assert NURSERY.process is not first


def children(process: int) -> list[int]:
    """The processes that a process has begun."""
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_内存的上限只管读那一份的进程_没有人等的不再读下去(workbook: Path) -> None:
    fifo = workbook.with_name("无尽")
    os.mkfifo(fifo)
    small = asked(fifo, replace(DEFAULT, memory=420 * MIB), kind="html")
    with tempfile.TemporaryFile() as rows, tempfile.TemporaryFile() as said:
        answer = NURSERY.asked(["600", *small], [rows.fileno(), said.fileno()])
        assert NURSERY.process is not None
        # The reader has opened the file, which never begins.
        write = os.open(fifo, os.O_WRONLY)
        ((reader,),) = [children(keeper) for keeper in children(NURSERY.process.pid)]
        assert resource.prlimit(reader, resource.RLIMIT_AS) == (420 * MIB, 420 * MIB)
        own = resource.getrlimit(resource.RLIMIT_AS)
        assert own == resource.prlimit(NURSERY.process.pid, resource.RLIMIT_AS) != (420 * MIB, 420 * MIB)
        ended = os.pidfd_open(reader)
        answer.close()
        # Readable when it has ended.
        assert select.select([ended], [], [], 600)[0] == [ended]
        os.close(ended)
        os.close(write)


def test_几条线程同时读_各得各的(tmp_path: Path) -> None:
    paths = [write_xlsx(tmp_path / f"{n}.xlsx", [["名称"], [f"第{n}份"]]) for n in range(6)]
    found: dict[int, list[bytes]] = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: read(paths[n])})) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [f"第{n}份" in b"".join(found[n]).decode() for n in range(6)] == [True] * 6


def test_分支出的进程有它自己的_原来的还在(workbook: Path) -> None:
    program = (
        "import os, sys, tempfile, orjson; from zhiheng.reading import sheet_nursery as n\n"
        "def read():\n"
        "    with tempfile.TemporaryFile() as rows: return n.run(orjson.loads(sys.argv[1]), rows, 60).status\n"
        "read(); first = n.NURSERY.process.pid\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    sys.exit(read() or n.NURSERY.process.pid == first)\n"
        "_, ended = os.waitpid(child, 0)\n"
        "sys.exit(ended or read() or n.NURSERY.process.pid != first)\n"
    )
    command = [sys.executable, "-c", program, orjson.dumps(asked(workbook)).decode()]
    assert subprocess.run(command, cwd=ROOT, timeout=600, check=False).returncode == 0


def test_一段时间没有文件_就自己结束() -> None:
    program = (
        "import socket; from zhiheng.reading import sheet_nursery as n\n"
        "asks, line = socket.socketpair(); n.IDLE = 0.01; n.serve(line)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=600, check=False).returncode == 0
