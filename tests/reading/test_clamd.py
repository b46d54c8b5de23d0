"""Files are shown to a virus scanner where there is one; one that is silent refuses, and nothing passes unseen."""

from __future__ import annotations

import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhiheng.kernel.reasons import Refused
from zhiheng.reading.clamd import scan

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Scanner:
    """A daemon that speaks INSTREAM: it finds EICAR, and takes at most ``most`` bytes."""

    def __init__(self, listening: socket.socket, most: int = 1 << 20) -> None:
        self.listening, self.most = listening, most
        self.seen: list[bytes] = []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        """Answer one after another until the socket is closed."""
        while True:
            try:
                line, _ = self.listening.accept()
            except OSError:
                return
            with line, line.makefile("rb") as read:
                assert read.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack("!I", read.read(4))[0]:
                    content += read.read(size)
                self.seen.append(content)
                if len(content) > self.most:
                    line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                elif EICAR in content:
                    line.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\0")
                else:
                    line.sendall(b"stream: OK\0")


@pytest.fixture(params=["unix", "tcp"])
def scanner(request: pytest.FixtureRequest) -> Iterator[tuple[str, Scanner]]:
    """Its address, and the daemon. The address of a socket is short, unlike that of a test's own folder."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    if request.param == "unix":
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        address = f"unix:{folder / 'clamd.ctl'}"
        listening.bind(str(folder / "clamd.ctl"))
    else:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listening.getsockname()[1]}"
    listening.listen()
    yield address, Scanner(listening)
    listening.close()
    shutil.rmtree(folder)


def test_干净的放行_整个文件都给扫描程序看过(scanner: tuple[str, Scanner]) -> None:
    address, daemon = scanner
    content = bytes(range(256)) * 700
    scan("照片", content, address)
    assert daemon.seen == [content]


def test_有病毒的退回并说出名字(scanner: tuple[str, Scanner]) -> None:
    with pytest.raises(Refused) as refused:
        scan("照片", b"before" + EICAR, scanner[0])
    (reason,) = refused.value.refusals
    assert (reason.code, "Win.Test.EICAR_HDB-1" in reason.zh) == ("scan.infected", True)


def test_扫描程序说出错的不放行(scanner: tuple[str, Scanner]) -> None:
    with pytest.raises(Refused) as refused:
        scan("照片", bytes((1 << 20) + 1), scanner[0])
    assert refused.value.refusals[0].code == "scan.absent"


@pytest.mark.parametrize("address", ["unix:/nowhere/clamd.ctl", "127.0.0.1:1", "nonsense"])
def test_配置了却连不上的不放行(address: str) -> None:
    with pytest.raises(Refused) as refused:
        scan("照片", b"x", address)
    assert refused.value.refusals[0].code == "scan.absent"
