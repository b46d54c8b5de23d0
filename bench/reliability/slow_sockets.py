"""Sixty-four sockets that are held: heads and bodies that come a byte at a time, answers that are read a byte at a time;
pages are asked for meanwhile.

``zhiheng serve`` serves the place of the acts with the bare page beside it (``bench.bare_page``). An officer asks for
the bare page, the inbox and a case in turns, alone and among the slow, over a connection of its own each time. Who is
cut off by the server comes back at once, so that there are always sixty-four. No limit of the server is changed
(docs/decisions/0019-slow-connections.md).
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.reliability.places import Place

SLOW: Final = 64
# A byte so often, in seconds; so many rounds of pages; so long a site may take to open.
_PACE, ROUNDS, _OPENS = 0.5, 120, 300


@dataclass
class Times:
    """Seconds of each kind of page alone and among the slow, how often the server cut one of these off, and what did
    not answer.
    """

    alone: dict[str, list[float]] = field(default_factory=dict)
    among: dict[str, list[float]] = field(default_factory=dict)
    cut: int = 0
    held: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


class _Held:
    """Sockets that send or read a byte now and then; who was cut off begins anew."""

    def __init__(self, port: int, large: str) -> None:
        self._port, self._large = port, large
        self._stop = threading.Event()
        self.cut = 0
        self._sockets = [(kind, self._begun(kind)) for kind in self.kinds()]
        self._thread = threading.Thread(target=self._keep_on, daemon=True)
        self._thread.start()

    @staticmethod
    def kinds() -> list[str]:
        """What each socket does."""
        return [("head", "body", "reader")[number % 3] for number in range(SLOW)]

    def _begun(self, kind: str) -> socket.socket:
        made = socket.socket()
        if kind == "reader":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        made.settimeout(10)
        made.connect(("127.0.0.1", self._port))
        host = f"Host: 127.0.0.1:{self._port}\r\n"
        if kind == "head":
            made.sendall(f"GET / HTTP/1.1\r\n{host}X-Slow: ".encode())
        elif kind == "body":
            form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n"
            made.sendall(f"POST /account/login/ HTTP/1.1\r\n{host}{form}\r\nlogin=".encode())
        else:
            made.sendall(f"GET {self._large} HTTP/1.1\r\n{host}\r\n".encode())
        return made

    def _keep_on(self) -> None:
        while not self._stop.wait(_PACE):
            for number, (kind, each) in enumerate(self._sockets):
                try:
                    if kind == "reader":
                        gone = each.recv(1) == b""
                    else:
                        each.sendall(b"x")
                        each.setblocking(False)
                        with contextlib.suppress(BlockingIOError):
                            # Whatever the server says to it, it ends the connection.
                            each.recv(4096)
                            each.close()
                        each.settimeout(10)
                        gone = False
                except OSError:
                    gone = True
                if gone:
                    each.close()
                    self.cut += 1
                    with contextlib.suppress(OSError):
                        self._sockets[number] = (kind, self._begun(kind))

    def end(self) -> None:
        """Let go of all."""
        self._stop.set()
        self._thread.join(60)
        for _, each in self._sockets:
            each.close()


def measure(place: Place) -> Times:
    """Serve the place and ask for pages."""
    place.reset()
    told = place.run("session")
    if told.status:
        raise RuntimeError(told.complained)
    session, case = told.said.split()
    with _served(place.folder / "var") as port:
        kinds = {"bare page": f"/bare/case/{case}/", "inbox": "/desk/inbox/", "case": f"/desk/cases/{case}/"}
        times = Times()
        _rounds(port, kinds, session, 5, {}, [])
        _rounds(port, kinds, session, ROUNDS, times.alone, times.failed)
        held = _Held(port, _large_file(port))
        try:
            # Until each is in the middle of what it does.
            time.sleep(2 * _PACE)
            _rounds(port, kinds, session, ROUNDS, times.among, times.failed)
        finally:
            held.end()
        times.cut = held.cut
        times.held = {kind: held.kinds().count(kind) for kind in dict.fromkeys(held.kinds())}
    return times


def _rounds(
    port: int, kinds: Mapping[str, str], session: str, rounds: int, taken: dict[str, list[float]], failed: list[str]
) -> None:
    for _ in range(rounds):
        for name, address in kinds.items():
            request = urllib.request.Request(f"http://127.0.0.1:{port}{address}")
            request.add_header("Cookie", f"sessionid={session}")
            start = time.perf_counter()
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    answer.read()
                    if not answer.url.endswith(address):
                        failed.append(f"{name}: led to {answer.url}")
            except OSError as error:
                failed.append(f"{name}: {error}")
            taken.setdefault(name, []).append(time.perf_counter() - start)


def p95(seconds: list[float]) -> float:
    """The value below which nineteen of twenty lie."""
    return statistics.quantiles(seconds, n=20)[-1]


def _large_file(port: int) -> str:
    """The largest script or style sheet of the first page."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
        found = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"', answer.read().decode())
    sizes = {}
    for address in found:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{address}", timeout=60) as answer:
            sizes[address] = len(answer.read())
    return max(sizes, key=lambda address: sizes[address])


@contextlib.contextmanager
def _served(data: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "bench.crowd_site", "ZHIHENG_DATA": str(data)}
    command = [sys.executable, "-c", "from zhiheng.cli.main import main; main()", "serve", "--port", str(port)]
    with (data.parent / "site.log").open("wb") as log:
        site = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            until = time.monotonic() + _OPENS
            while site.poll() is None and time.monotonic() < until:
                with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10):
                    break
                time.sleep(0.5)
            else:
                raise RuntimeError((data.parent / "site.log").read_text("utf-8")[-2_000:])
            yield port
        finally:
            site.send_signal(signal.SIGTERM)
            site.wait(60)
