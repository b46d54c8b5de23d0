"""The web server of ``zhiheng serve``: one process that takes requests whole before a thread sees them, and keeps
answers for slow readers.

A thread that serves pages must never wait for somebody's line: four people on slow telephones, or one with bad intent,
would hold the whole site. So one loop (waitress) speaks with all connections: it spools what comes in to the disk until
a request is whole, hands it to a thread, takes the whole answer from it, and sends that at the pace of its reader. What
this module adds are the limits: who sends or reads too slowly, for too long, or keeps a connection without using it, is
cut off; only addresses that take files take large bodies, and only as long as the disk has room beside them; and a
connection has one request at a time, so that nobody orders a thousand answers in one breath and has them all kept.

    python -m zhiheng.site.web_server --fd 5 --threads 8 --after 6        (``zhiheng serve`` does this)

``--after``: a pipe. Code and book are read at once; the first request is taken only when somebody has closed the pipe's
other end, that is when tables and static files are ready.
"""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import os
import resource
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any

import orjson
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError, split_uri
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge

from zhiheng.kernel.collecting import without_collecting
from zhiheng.kernel.reasons import Refused
from zhiheng.site.environment import for_pages

MB = 1 << 20


@dataclass(frozen=True)
class ServerLimits:
    """Times in seconds, rates in bytes a second.

    In every ``window`` in which somebody sends a request or reads an answer at least ``rate`` bytes a second must move;
    a head must be whole within a window. ``longest``: so long one request or answer may take at all. ``idle``: so long
    a connection is kept between two requests; ``idle_when_full`` once four fifths of ``connections`` are in use.
    From then on an address (of IPv6 a network) that has one in ``share`` of all connections gets another only for the
    one of its own that has been idle longest, so that one machine can't take those of all others; 0: behind a proxy,
    from which all come.
    ``body``: bytes that any address takes; ``file``: those that take files. ``spare``: bytes of the disk, or this share
    of it where it is small, that no request may fill.
    """

    window: float = 20.0
    rate: float = 1_000.0
    longest: float = 2 * 3600.0
    idle: float = 75.0
    idle_when_full: float = 3.0
    connections: int = 4_000
    share: int = 8
    body: int = 64 * MB
    file: int = 2_112 * MB
    drain: float = 10.0
    spare: int = 1024 * MB
    spare_share: float = 0.1


# What frames the pieces of a chunked body: more than this is no line of a size, and no trailer.
_LONGEST_SIZE_LINE = 1024
_LONGEST_TRAILER = 8 << 10
# So much of a request tells at which address it is, also where the rest of its head can't be read.
_FIRST_LINE = 512


class _NoRoom(Error):  # type: ignore[misc]  # waitress has no types
    """What comes in would fill the disk."""

    code, reason = 503, "Service Unavailable"


class _Request(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """A request whose body may be as large as its address takes, and as the disk has room for.

    ``behind`` is given what stands in the same piece behind the end of the request: it is read once this one has been
    answered.
    """

    adj: Any
    completed: bool

    def __init__(self, adj: Any, behind: list[bytes]) -> None:
        super().__init__(adj)
        self.behind = behind
        self.looked_at = 0
        self.first = b""

    def is_of_a_program(self) -> bool:
        """Whether it asks the interface, as far as it says so: what is wrong may be the very head of it."""
        from zhiheng.pages import errors

        words = self.first.lstrip().split(b"\r\n", 1)[0].split(b" ")
        try:
            return str(split_uri(words[1])[2]).startswith(errors.INTERFACE)
        except (IndexError, ValueError, ParsingError):
            return False

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            # An address that is none (``http://[/``) would cut the connection without a word.
            raise ParsingError("Bad URI") from error
        # Only who says to be somebody sends files; whether they are, the page finds out.
        known = "COOKIE" in self.headers or "AUTHORIZATION" in self.headers
        self.adj = self.adj.large if known and self.adj.takes_files(self.path) else self.adj

    def received(self, data: bytes) -> int:
        if len(self.first) < _FIRST_LINE:
            self.first += data[: _FIRST_LINE - len(self.first)]
        taken: int = super().received(data)
        if self.chunked and not self.completed and not _is_framed(self.body_rcv):
            # It would be kept in memory, and looked through anew with each piece that comes.
            self.error, self.completed = BadRequest("Chunk size or trailer too long"), True
        if not self.completed and self.body_bytes_received - self.looked_at >= MB:
            self.looked_at = self.body_bytes_received
            if self.adj.is_filling():
                self.error, self.completed = _NoRoom(_NO_ROOM), True
        if isinstance(self.error, RequestEntityTooLarge):
            most = self.adj.max_request_body_size // MB
            self.error.body = (
                f"提交的内容超过 {most} MB，没有收下任何一部分；请分成几份提交。\r\n"
                f"What was sent is larger than {most} MB and no part of it was taken; send it in parts."
            )
        if self.completed and not self.empty and taken < len(data):
            self.behind.append(data[taken:])
            return len(data)
        return taken


def _is_framed(body: Any) -> bool:
    """Whether what was read of a chunked body beside its content is no longer than it may be."""
    return len(body.control_line) <= _LONGEST_SIZE_LINE and len(body.trailer) <= _LONGEST_TRAILER


_NO_ROOM = (
    "服务器磁盘空间不足，没有收下任何一部分；请稍后再试，并告知管理员。\r\n"
    "The server's disk is nearly full and no part of this was taken; try again later, and tell the administrator."
)


class _ErrorTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """A refusal of the server itself: a program gets it in the shape of every other error of the interface; nobody on
    the way keeps it.
    """

    def execute(self) -> None:
        """Write the answer and close the connection, whose next bytes could belong to what was refused."""
        # Django is set up only once the server has been started.
        from zhiheng.pages import errors

        error = self.request.error
        status, headers, body = error.to_response(self.channel.server.adj.ident)
        if self.request.is_of_a_program():
            body = orjson.dumps(errors.problems(errors.told(errors.before_any_page(error.code))))
            headers = [("Content-Type", "application/json")]
        self.status = status
        self.response_headers.extend([*headers, ("Cache-Control", "no-store")])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that knows how much has moved over it, and since when it is at what it does."""

    error_task_class = _ErrorTask
    moved = 0
    # What the connection was doing at the last look, since when, and the beginning of the present window.
    doing = ""
    since = 0.0
    window_at = 0.0
    window_moved = 0
    # Whether the line took less than it was offered the last time: only then does an answer wait for its reader, and
    # not for the server.
    clogged = False
    # Late at the last look. A loop that was held up itself finds everybody late; in the turn after that it takes what
    # had come meanwhile.
    suspected = False

    def __init__(self, server: Server, connection: socket.socket, address: Any, *words: Any, **more: Any) -> None:
        self._behind: list[bytes] = []
        self.network = _network(address)
        # Not a method of this object: a ring of references would keep each connection until somebody looks for garbage.
        self.parser_class = partial(_Request, behind=self._behind)
        super().__init__(server, connection, address, *words, **more)

    def add_channel(self, map: Any = None) -> None:
        super().add_channel(map)
        self.server.held.setdefault(self.network, set()).add(self)

    def del_channel(self, map: Any = None) -> None:
        super().del_channel(map)
        # A connection may be closed twice.
        if (held := self.server.held.get(self.network)) is not None:
            held.discard(self)
            if not held:
                del self.server.held[self.network]

    def still_since(self) -> float:
        """Since when nothing was asked or answered, where it is idle."""
        return float(max(self.since, self.last_activity))

    def readable(self) -> bool:
        """Whether more may be read; what was read behind the last request comes first, once that was answered and the
        answer is away.
        """
        if super().readable() and self._behind:
            super().received(self._behind.pop())
        return bool(super().readable())

    def received(self, data: bytes) -> bool:
        self.moved += len(data)
        return bool(super().received(data))

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close=do_close)
        self.moved += sent
        self.clogged = sent < len(data)
        return sent

    def state(self) -> str:
        """What it is doing: head or body of a request comes in, an answer goes out, a page is being made, or
        nothing.
        """
        if self.total_outbufs_len and (self.clogged or not self.requests):
            return "answer"
        if self.requests:
            return "page"
        if self.request is not None and not self.request.completed:
            return "body" if self.request.headers_finished else "head"
        return ""

    def late(self, now: float, limits: ServerLimits, *, full: bool) -> bool:
        """Whether it is to be cut off."""
        doing = self.state()
        if doing != self.doing:
            self.doing, self.since, self.window_at, self.window_moved = doing, now, now, self.moved
            return False
        if doing == "page":
            return False
        if not doing:
            return now - self.still_since() > (limits.idle_when_full if full else limits.idle)
        if now - self.since > limits.longest:
            return True
        if now - self.window_at < limits.window:
            return False
        if doing == "head" or self.moved - self.window_moved < limits.rate * limits.window:
            return True
        self.window_at, self.window_moved = now, self.moved
        return False


class Server(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """The server with its limits."""

    channel_class = _Channel
    limits = ServerLimits()

    def __init__(self, *words: Any, **more: Any) -> None:
        self._cut_off: list[_Channel] = []
        # Idle ones that make room for a new one of their own address.
        self._giving_way: set[_Channel] = set()
        # The connections of each address.
        self.held: dict[str, set[_Channel]] = {}
        super().__init__(*words, **more)

    def accept(self) -> Any:
        """A new connection with its address; None where there is none, or its address has too many already."""
        found = super().accept()
        if found is not None and not self._has_room(found[1]):
            found[0].close()
            return None
        return found

    def _has_room(self, address: Any) -> bool:
        """Whether an address may have one more; of many the one that has been idle longest gives way."""
        if not self.limits.share or not self._full():
            return True
        held = self.held.get(_network(address), set()) - self._giving_way
        if len(held) * self.limits.share < self.limits.connections:
            return True
        idle = [channel for channel in held if not channel.state()]
        if idle:
            self._giving_way.add(min(idle, key=_Channel.still_since))
        return bool(idle)

    def maintenance(self, now: float) -> None:
        """Look at every connection, and note those that are late twice in a row.

        The loop calls this while it gathers the numbers of the sockets that it will wait for. Closed here, a number
        would be free for whoever is let in by the same turn, and the news of the closed socket would cut them off.
        """
        full = self._full()
        for channel in list(self.active_channels.values()):
            suspected, channel.suspected = channel.suspected, channel.late(now, self.limits, full=full)
            if suspected and channel.suspected:
                self._cut_off.append(channel)

    def turn(self) -> None:
        """Wait for whatever moves, a second at most, and deal with it; then cut off who is late."""
        wasyncore.loop(timeout=1.0, use_poll=True, map=self._map, count=1)
        full = self._full()
        while self._cut_off:
            channel = self._cut_off.pop()
            # What came in this turn was in time.
            if channel.connected and channel.late(time.time(), self.limits, full=full):
                # Not marked to be closed when it can be written to: somebody who does not read never lets that happen.
                channel.handle_close()
        while self._giving_way:
            channel = self._giving_way.pop()
            # What was asked whole in this very turn is answered; of anything less nothing is done, and a reader asks
            # again.
            if channel.connected and channel.state() not in ("page", "answer"):
                channel.handle_close()

    def serve(self, stopping: Callable[[], bool]) -> None:
        """Serve until told to stop; then take nothing new and give what is under way some seconds."""
        ends: float | None = None
        while ends is None or (time.monotonic() < ends and self._busy()):
            self.turn()
            if stopping() and ends is None:
                self.accepting = False
                ends = time.monotonic() + self.limits.drain
        self.task_dispatcher.shutdown(timeout=2)
        wasyncore.close_all(self._map)

    def _full(self) -> bool:
        return len(self.active_channels) * 5 > self.limits.connections * 4

    def _busy(self) -> bool:
        return any(channel.state() for channel in self.active_channels.values())


def _network(address: Any) -> str:
    """Whom a connection comes from: its address; of IPv6 the network, of which everybody has as many addresses as they
    like.
    """
    host = str(address[0]).partition("%")[0] if isinstance(address, tuple) else ""
    if ":" not in host:
        return host
    where = ipaddress.IPv6Address(host)
    return str(where.ipv4_mapped or ipaddress.IPv6Network((where, 64), strict=False))


def server_on(
    listening: socket.socket,
    application: Any,
    *,
    threads: int,
    limits: ServerLimits = ServerLimits(),
    takes_files: Collection[str] = (),
) -> Server:
    """A server at a socket that listens already. ``takes_files``: beginnings of the addresses to which files are
    sent.
    """
    listening.setblocking(False)
    words: dict[str, Any] = {
        "sockets": [listening],
        "threads": threads,
        "ident": None,
        "connection_limit": limits.connections,
        "cleanup_interval": 1,
        "channel_timeout": int(limits.longest),
        "asyncore_use_poll": True,
        "max_request_header_size": 64 << 10,
        # A thread never waits for a reader: what memory should not hold goes to a file.
        "outbuf_high_watermark": 1 << 40,
        "outbuf_overflow": MB // 4,
        "inbuf_overflow": MB // 4,
        # How much of what proxies say is believed is settled in one place, by ZHIHENG_PROXIES.
        "clear_untrusted_proxy_headers": False,
        "server_name": "localhost",
        "log_socket_errors": False,
        "expose_tracebacks": False,
    }
    adjustments = Adjustments(**words, max_request_body_size=limits.body + 1)
    adjustments.large = Adjustments(**words, max_request_body_size=limits.file + 1)
    beginnings = tuple(takes_files)
    for each in (adjustments, adjustments.large):
        each.takes_files = lambda path: bool(beginnings) and path.startswith(beginnings)
        each.is_filling = lambda: _is_filling(limits)
    adjustments.large.large = adjustments.large
    made = type("_Server", (Server,), {"limits": limits})
    server: Server = made(
        application,
        adj=adjustments,
        _sock=listening,
        bind_socket=False,
        sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
    )
    return server


def _is_filling(limits: ServerLimits) -> bool:
    """Whether the disk on which requests are spooled has no more room than what the rest of the system is to have."""
    disk = shutil.disk_usage(tempfile.gettempdir())
    return disk.free < min(limits.spare, int(disk.total * limits.spare_share))


def _file_addresses() -> list[str]:
    from django.urls import NoReverseMatch, reverse

    found = ["/api/v1/office/deliveries"]
    for name in ("desk:upload", "firm:deliveries"):
        try:
            found.append(reverse(name))
        except NoReverseMatch:
            continue
    return found


def _connections(wanted: int) -> int:
    """How many connections this process may hold open; each may need a file beside its socket."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = hard if hard != resource.RLIM_INFINITY else 1 << 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 3 * wanted + 200), hard))
    return min(wanted, max(64, (most - 200) // 3))


def _load() -> None:
    """Read the code of all pages and the book; asks no database, and no static file."""
    for_pages()
    import django
    from django.urls import get_resolver

    django.setup()
    # Every page, and what it is made with.
    assert get_resolver().url_patterns

    from zhiheng.grammar.chapters.publication import PUBLICATION
    from zhiheng.pages.access import book

    # A book that can't be used is told by the pages, and by ``zhiheng serve`` itself.
    with contextlib.suppress(Refused):
        book().read(PUBLICATION)


def main() -> None:
    """Serve the house at an inherited socket until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--after", type=int)
    words = parser.parse_args()
    os.umask(0o077)
    with without_collecting(kept=True):
        _load()
        if words.after is not None:
            os.read(words.after, 1)
        from zhiheng.site.wsgi import application
    from django.conf import settings

    # Requests are spooled on the disk of the data, not on one that may be memory.
    tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)
    stop = False

    def told(_number: int, _frame: FrameType | None) -> None:
        nonlocal stop
        stop = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
    server = server_on(
        socket.socket(fileno=words.fd),
        application,
        threads=words.threads,
        limits=ServerLimits(
            connections=_connections(ServerLimits.connections),
            share=0 if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ServerLimits.share,
        ),
        takes_files=_file_addresses(),
    )
    server.serve(lambda: stop)


if __name__ == "__main__":
    main()
