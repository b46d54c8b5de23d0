"""No slow line holds a page: requests are taken whole before a thread sees them, answers are kept for slow readers,
idlers are cut off.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import struct
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from waitress import wasyncore

from zhiheng.site import web_server
from zhiheng.site.web_server import Server, ServerLimits, server_on

pytestmark = pytest.mark.slow

# As ``zhiheng serve`` has them, with windows that a test can wait for.
LIMITS = ServerLimits(
    window=1.0, rate=1_000.0, idle=3.0, idle_when_full=0.2, connections=400, body=1 << 20, file=8 << 20
)
# Nobody is cut off while a test lasts.
PATIENT = replace(LIMITS, window=3_600.0, idle=3_600.0, idle_when_full=3_600.0)
# No test claims that something is quick: this only keeps one that failed from waiting for ever.
HANGS = 600
THREADS = 2
BULK = 24 << 20


@dataclass
class Site:
    """A site with two threads and three addresses: a page, a bulk file, and one that says how much was sent."""

    port: int
    server: Server
    # How many requests are with a thread at this moment, and how many have been.
    busy: list[int]
    asked: list[str]

    def connect(self, receive_buffer: int = 0) -> socket.socket:
        """A connection; a small buffer makes a reader that soon can't take more."""
        made = socket.socket()
        if receive_buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        made.settimeout(HANGS)
        made.connect(("127.0.0.1", self.port))
        return made

    def page(self) -> bytes:
        """Ask for the page as a reader does."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=HANGS) as answer:
            return bytes(answer.read())


def application(busy: list[int], asked: list[str]) -> Callable[..., Any]:
    """A small site."""

    def answer(environ: dict[str, Any], start: Any) -> Any:
        busy[0] += 1
        try:
            path = environ["PATH_INFO"]
            asked.append(path)
            if path == "/bulk":
                start("200 OK", [("Content-Length", str(BULK))])
                return (b"x" * (1 << 20) for _ in range(BULK >> 20))
            body = environ["wsgi.input"].read()
            start("200 OK", [("Content-Type", "text/plain")])
            return [b"page" if path == "/" else str(len(body)).encode()]
        finally:
            busy[0] -= 1

    return answer


@contextmanager
def running(limits: ServerLimits = LIMITS) -> Iterator[Site]:
    """The site, served in a thread of this process."""
    busy, asked, stop = [0], list[str](), threading.Event()
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(512)
    port = listening.getsockname()[1]
    server = server_on(listening, application(busy, asked), threads=THREADS, limits=limits, takes_files=["/files"])
    serving = threading.Thread(target=server.serve, args=(stop.is_set,), daemon=True)
    serving.start()
    try:
        yield Site(port, server, busy, asked)
    finally:
        stop.set()
        serving.join(HANGS)
        assert not serving.is_alive()


@pytest.fixture
def site() -> Iterator[Site]:
    """The site with its usual limits."""
    with running() as made:
        yield made


def head(path: str, length: int, more: str = "") -> bytes:
    """The head of a request that sends something."""
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n{more}\r\n".encode()


def is_cut(connection: socket.socket, seconds: float = HANGS) -> bool:
    """Whether the other side ends the connection within some seconds, whatever is still in the pipe."""
    connection.settimeout(seconds)
    try:
        while connection.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def test_三十二个慢发送_三十二个慢读取_两百个闲连接_页面照样打开() -> None:
    # The pages open because nothing waits for the slow, not because these were cut off before.
    with running(PATIENT) as site:
        among_the_slow(site)


def among_the_slow(site: Site) -> None:
    """Pages are asked for while others send, read and idle."""
    held = []
    for _ in range(32):
        sender = site.connect()
        sender.sendall(head("/count", 100_000))
        sender.sendall(b"x")
        reader = site.connect(receive_buffer=2048)
        reader.sendall(b"GET /bulk HTTP/1.1\r\nHost: localhost\r\n\r\n")
        held += [sender, reader]
    held += [site.connect() for _ in range(200)]
    slow_head = site.connect()
    slow_head.sendall(b"GET / HTTP/1.1\r\nHo")
    held.append(slow_head)
    for _ in range(20):
        assert site.page() == b"page"
    for connection in held:
        connection.close()


def test_服务器自己卡住的几秒_不算在客户头上(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    usual, stall, stalled, resumed = wasyncore.loop, threading.Event(), threading.Event(), threading.Event()

    def loop(**words: Any) -> None:
        if stall.is_set():
            stalled.set()
            resumed.wait(HANGS)
        usual(**words)

    monkeypatch.setattr(wasyncore, "loop", loop)
    reader = site.connect()
    stall.set()
    assert stalled.wait(HANGS)
    # Sent before it was idle for too long; the server gets to read it only afterwards.
    reader.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    time.sleep(LIMITS.idle + 1)
    stall.clear()
    resumed.set()
    answer = b""
    while piece := reader.recv(1 << 16):
        answer += piece
    assert answer.endswith(b"page")


def test_停下来的发送者_读取者和慢吞吞的请求头都会被断开(site: Site) -> None:
    sender = site.connect()
    sender.sendall(head("/count", 100_000) + b"x")
    slow_head = site.connect()
    slow_head.sendall(b"GET / HTTP/1.1\r\nHo")
    reader = site.connect(receive_buffer=2048)
    reader.sendall(b"GET /bulk HTTP/1.1\r\nHost: localhost\r\n\r\n")
    idle = site.connect()
    assert is_cut(sender)
    assert is_cut(slow_head)
    assert is_cut(idle)
    # What the kernel had taken for the reader before it was cut off is all that it gets.
    got = 0
    time.sleep(3)
    reader.settimeout(HANGS)
    try:
        while piece := reader.recv(1 << 16):
            got += len(piece)
    except OSError:
        pass
    assert got < BULK


def test_断开闲置连接的同一轮里新来的连接_不会被一起断开() -> None:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(512)
    server = server_on(listening, application([0], []), threads=THREADS, limits=replace(LIMITS, idle=0.0))
    try:
        idle = socket.create_connection(listening.getsockname(), HANGS)
        server.turn()
        (held,) = server.active_channels.values()
        number, held.suspected = held.socket.fileno(), True
        time.sleep(0.01)
        held.late(time.time(), server.limits, full=False)
        # The look falls into the turn in which somebody new is let in.
        server.next_channel_cleanup = 0.0
        new = socket.create_connection(listening.getsockname(), HANGS)
        new.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        server.turn()
        assert is_cut(idle)
        assert number not in server.active_channels
        server.next_channel_cleanup = time.time() + HANGS
        for _ in range(50):
            server.turn()
            if not server.active_channels:
                break
        new.settimeout(HANGS)
        answer = b""
        while piece := new.recv(1 << 16):
            answer += piece
        assert answer.endswith(b"page"), answer
    finally:
        server.task_dispatcher.shutdown(timeout=2)
        server.close()


def test_每两秒一个字节也算慢_不是动一下就能一直占着(site: Site) -> None:
    sender = site.connect()
    sender.sendall(head("/count", 100_000))
    end = time.monotonic() + HANGS
    try:
        while time.monotonic() < end:
            sender.sendall(b"x")
            time.sleep(0.2)
    except OSError:
        return
    pytest.fail("a byte now and then keeps the connection")


def test_慢而老实的上传收得完_一个字节不少(site: Site) -> None:
    length = 200_000
    sender = site.connect()
    sender.sendall(head("/count", length))
    # Slower than any line in use, four times as fast as the least.
    for _ in range(length // 2_000):
        sender.sendall(b"x" * 2_000)
        time.sleep(0.04)
        assert site.busy[0] == 0, "no thread waits for what is still on its way"
    answer = b""
    while not answer.endswith(str(length).encode()):
        piece = sender.recv(4096)
        assert piece, answer
        answer += piece
    assert answer.startswith(b"HTTP/1.1 200")


def test_慢而老实的下载读得完(site: Site) -> None:
    reader = site.connect(receive_buffer=1 << 16)
    reader.sendall(b"GET /bulk HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    got, last = 0, time.monotonic()
    while piece := reader.recv(1 << 18):
        got += len(piece)
        if time.monotonic() - last > 0.2:
            time.sleep(0.05)
            last = time.monotonic()
    assert got > BULK


def test_连接快满时_先断开闲着的_新来的打得开() -> None:
    with running(replace(LIMITS, connections=60, idle=600.0)) as site:
        held = [site.connect() for _ in range(56)]
        time.sleep(2.5)
        assert site.page() == b"page"
        assert is_cut(held[0])


@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("/count", "Cookie: sessionid=x\r\n", 413),
        ("/files/new", "", 413),
        ("/files/new", "Cookie: sessionid=x\r\n", 200),
        ("/files/new", "Authorization: Bearer x\r\n", 200),
    ],
)
def test_大内容只有收文件的地址_并且来者说了自己是谁_才收(site: Site, path: str, more: str, status: int) -> None:
    sender = site.connect()
    length = 3 << 20
    answer = b""
    try:
        sender.sendall(head(path, length, more))
        for _ in range(length >> 16):
            sender.sendall(b"x" * (1 << 16))
    except OSError:
        assert status == 413, "cut off in the middle of what it should have taken"
    try:
        answer = sender.recv(1 << 16)
        wanted = "分成几份提交".encode() if status == 413 else str(length).encode()
        while wanted not in answer and (piece := sender.recv(1 << 16)):
            answer += piece
    except OSError:
        assert status == 413
    if answer:
        assert answer.startswith(f"HTTP/1.1 {status}".encode())
    if status == 200:
        assert answer.endswith(str(length).encode())


def test_一口气要一百份大文件又不读_一个连接只为它备一份(site: Site) -> None:
    greedy = [site.connect(receive_buffer=2048) for _ in range(4)]
    for reader in greedy:
        reader.sendall(b"GET /bulk HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
    for _ in range(5):
        assert site.page() == b"page"
    assert site.asked.count("/bulk") <= len(greedy)


def test_一次写来的几个请求_按次序一个个答完(site: Site) -> None:
    asking = site.connect()
    bodies = [b"x" * length for length in (3, 70_000, 0, 5)]
    asking.sendall(b"".join(head("/count", len(body)) + body for body in bodies) + b"GET / HTTP/1.0\r\n\r\n")
    answer = b""
    while piece := asking.recv(1 << 16):
        answer += piece
    said = [one.partition(b"\r\n\r\n")[2] for one in answer.split(b"HTTP/1.")[1:]]
    assert said == [b"3", b"70000", b"0", b"5", b"page"]


@pytest.mark.parametrize("chunked", [False, True])
def test_磁盘快满时_大内容不收_说清楚_页面照样打开(site: Site, monkeypatch: pytest.MonkeyPatch, chunked: bool) -> None:
    disk = shutil.disk_usage("/")._replace(total=100 << 30, free=(1 << 30) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: disk)
    sender = site.connect()
    sender.sendall(
        b"POST /files/new HTTP/1.1\r\nHost: localhost\r\nCookie: a=b\r\nTransfer-Encoding: chunked\r\n\r\n"
        if chunked
        else head("/files/new", 4 << 20, "Cookie: a=b\r\n")
    )
    answer = b""
    try:
        for _ in range(32):
            sender.sendall(b"20000\r\n" + b"x" * 0x20000 + b"\r\n" if chunked else b"x" * (1 << 17))
            time.sleep(0.01)
    except OSError:
        pass
    try:
        while piece := sender.recv(1 << 16):
            answer += piece
    except OSError:
        pass
    assert not answer or "磁盘空间不足".encode() in answer
    assert "/files/new" not in site.asked
    assert site.page() == b"page"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (head("/api/v1/office/deliveries/rows", 3 << 20, "Authorization: Bearer x\r\n"), 413, "body.large"),
        (b"POST /api/v1/office/me HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n", 400, "request.wrong"),
        (b"POST /api/v1/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: odd\r\n\r\n", 501, "request.wrong"),
        # The head itself can't be read, or is too long: its first line tells all the same where it was meant to go.
        (b"GET /api/v1/office/me?q=" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 431, "head.large"),
        (b"GET /api/v1/x HTTP/1.1\r\nCookie: " + b"x" * 70_000 + b"\r\n\r\n", 431, "head.large"),
        (b"GET /api/v1/x HTTP/1.1\r\nno header\r\n\r\n", 400, "request.wrong"),
        (b"GET http://localhost/%61pi/v1/x HTTP/1.1\r\nHost : a\r\n\r\n", 400, "request.wrong"),
        (b"GET /api/v1/x HTTP/1.1 or so\r\n\r\n", 400, "request.wrong"),
    ],
)
def test_服务器自己退回的_接口的地址也用接口的格式(site: Site, asked: bytes, status: int, code: str) -> None:
    sender = site.connect()
    sender.sendall(asked)
    answer = b""
    with contextlib.suppress(OSError):
        while piece := sender.recv(1 << 16):
            answer += piece
    top, _, body = answer.partition(b"\r\n\r\n")
    # Where the head can't be read, its version is not known either.
    assert top[len("HTTP/1.x ") :].startswith(str(status).encode())
    assert b"Content-Type: application/json" in top
    assert b"Cache-Control: no-store" in top
    (problem,) = json.loads(body)["problems"]
    assert problem["code"] == code
    assert problem["zh"]
    assert problem["en"]


@pytest.mark.parametrize("target", [b"http://[/", b"http://[::1/x", b"http://]/api/v1/x"])
def test_不成地址的地址_有一句回答_不是断线(site: Site, target: bytes) -> None:
    asking = site.connect()
    asking.sendall(b"GET " + target + b" HTTP/1.0\r\n\r\n")
    assert asking.recv(1 << 12).startswith(b"HTTP/1.0 400")


@pytest.mark.parametrize("piece", [20_000, 50], ids=["一口气", "一点一点"])
@pytest.mark.parametrize("before", [b"", b"0\r\nX: "], ids=["块的长度", "尾部"])
def test_分块的长度和尾部没完没了的_几千字节就退回_不攒在内存里(before: bytes, piece: int) -> None:
    with running(PATIENT) as site:
        sender = site.connect()
        sender.sendall(b"POST /count HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + before)
        sent = 0
        # Who is told may still be sending: then the line is ended under their hands.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while sent < 20_000:
                sender.sendall(b"1" * piece)
                sent += piece
            sender.settimeout(HANGS)
            assert sender.recv(1 << 12).startswith(b"HTTP/1.1 400")
        assert "/count" not in site.asked
        # Nothing of it is left: the site answers others.
        assert site.page() == b"page"


def test_分块的长度带着说明_尾部有几行的照收(site: Site) -> None:
    sender = site.connect()
    sender.sendall(
        b"POST /count HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3;a=" + b"b" * 900 + b"\r\nxxx\r\n0\r\n" + b"X-More: " + b"y" * 4_000 + b"\r\n\r\n"
    )
    answer = b""
    while piece := sender.recv(1 << 12):
        answer += piece
    assert answer.endswith(b"\r\n\r\n3")


def test_一个地址占不满所有连接_别处的人照样进来() -> None:
    with running(replace(PATIENT, connections=40)) as site:
        held = []
        for _ in range(60):
            held.append(site.connect())
            with contextlib.suppress(OSError):
                held[-1].sendall(head("/count", 100_000))
            if len(held) % 10 == 0:
                time.sleep(0.2)
        elsewhere = socket.socket()
        elsewhere.bind(("127.0.0.9", 0))
        elsewhere.settimeout(HANGS)
        elsewhere.connect(("127.0.0.1", site.port))
        elsewhere.sendall(b"GET / HTTP/1.0\r\n\r\n")
        answer = b""
        while piece := elsewhere.recv(1 << 12):
            answer += piece
        assert answer.endswith(b"page")
        # The surplus was ended at once, not kept waiting; what was under way before goes on.
        assert sum(is_cut(connection, 0.2) for connection in held[40:]) == 20
        assert not is_cut(held[0], 0.2)


def test_一个地址有很多闲着的_新来的换下闲得最久的_不被拒绝() -> None:
    with running(replace(PATIENT, connections=40)) as site:
        held = [site.connect() for _ in range(36)]
        time.sleep(0.2)
        for _ in range(30):
            assert site.page() == b"page"
        assert is_cut(held[0], 1)
        assert not is_cut(held[-1], 0.2)


def test_在代理后面_人人从一个地址来_不按地址限() -> None:
    with running(replace(PATIENT, connections=40, share=0)) as site:
        held = [site.connect() for _ in range(36)]
        assert site.page() == b"page"
        assert not any(is_cut(connection, 0.05) for connection in held)


def test_无论怎样断开_地址的连接数都归零(site: Site) -> None:
    assert site.page() == b"page"
    gone = site.connect()
    gone.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert gone.recv(1 << 12)
    gone.close()
    reset = site.connect()
    reset.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    reset.sendall(b"GET / HT")
    reset.close()
    wrong = site.connect()
    wrong.sendall(b"nothing\r\n\r\n")
    assert is_cut(wrong)
    # Too slow: cut off by the server.
    slow = site.connect()
    slow.sendall(b"GET / HT")
    assert is_cut(slow)
    deadline = time.monotonic() + HANGS
    while site.server.held and time.monotonic() < deadline:
        time.sleep(0.05)
    assert site.server.held == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_IPv6一个网段算一个地址_IPv4各算各的(one: str, other: str, same: bool) -> None:
    assert (web_server._network((one, 1)) == web_server._network((other, 1))) is same


def test_停机时手头的请求先答完() -> None:
    with running() as site:
        asking = site.connect()
        asking.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert asking.recv(64).startswith(b"HTTP/1.0 200")
