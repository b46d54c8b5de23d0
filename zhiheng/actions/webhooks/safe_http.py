"""Send one message to an address outside, without letting that address lead into our own networks.

A name may answer with a public address when it is registered and with 127.0.0.1 when it is called (DNS rebinding). So
the name is looked up once per call, every answer is checked, and the connection goes to the address that was checked,
with the name only in the certificate check and the Host header. Redirects are not followed, little is read, and it
never takes longer than ``TOTAL_SECONDS``, however slowly the other side answers: a limit for each read alone would let
one byte every few seconds go on for days.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import urllib3

from zhiheng.actions.webhooks import refusals
from zhiheng.kernel.reasons import Refused

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5.0, 10.0, 15.0
_LOOK_SECONDS = 0.1
READ_BYTES = 4_096
LONGEST_ADDRESS = 500

Lookup = Callable[[str, int], Sequence[str]]
Watch = Callable[[], None]


def unwatched() -> None:
    """A watch callback that never interrupts."""


@dataclass(frozen=True, slots=True)
class SafeAddress:
    """An address that was looked at: where to connect, and under which name."""

    scheme: str
    host: str
    port: int
    path: str
    ip: str


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: the status (None: no answer at all), and why it counts as a failure ("" where it does not)."""

    status: int | None
    error: str = ""


def look_up(host: str, port: int) -> Sequence[str]:
    """Every address that the system's resolver gives for a name."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def place_of(url: str, *, plain: bool = False, inner: bool = False, lookup: Lookup = look_up) -> SafeAddress:
    """Where an address leads. Raises Refused where it is malformed, not HTTPS, or leads into an inner network.

    ``plain`` allows http, ``inner`` allows inner networks: both are for an operator who says so, and for tests.
    """
    if len(url) > LONGEST_ADDRESS:
        raise Refused(refusals.address_too_long(LONGEST_ADDRESS))
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise Refused(refusals.address_with_odd_characters())
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Refused(refusals.address_malformed()) from None
    if parts.scheme != "https" and not (plain and parts.scheme == "http"):
        raise Refused(refusals.address_not_https())
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise Refused(refusals.address_with_user_or_fragment())
    port = port or (443 if parts.scheme == "https" else 80)
    try:
        found = list(lookup(host, port))
    except OSError:
        found = []
    if not found:
        raise Refused(refusals.host_unknown(host))
    # Which address of the inner network a name has is not told: an owner of hooks need not learn what our
    # resolver knows.
    if not inner and any(_inner(ip) for ip in found):
        raise Refused(refusals.host_in_inner_network(host))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return SafeAddress(parts.scheme, host, port, path, found[0])


class CallConnections:
    """The connections that a call opens, so that they can be cut from outside."""

    def __init__(self) -> None:
        self._handles: list[socket.socket] = []
        self._cut = False
        self._lock = threading.Lock()

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection by a duplicated handle: encryption takes over the first one."""
        with self._lock:
            self._handles.append(connection.dup())
            if self._cut:
                self._end()

    def cut(self) -> None:
        """End every connection, also one that is still to be opened."""
        with self._lock:
            self._cut = True
            self._end()

    def _end(self) -> None:
        for handle in self._handles:
            with contextlib.suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)
            handle.close()
        self._handles.clear()


def within(seconds: float, work: Callable[[CallConnections], HttpAnswer], *, watch: Watch = unwatched) -> HttpAnswer:
    """Run ``work`` within a time limit; returns its answer, or that it took too long, after cutting its connections.

    ``watch`` is called several times a second and may raise, so that a worker that is told to stop need not wait for
    another system.
    """
    line, found = CallConnections(), Future[HttpAnswer]()

    def run() -> None:
        try:
            found.set_result(work(line))
        except BaseException as error:  # Raised again in the thread that waits; nobody watches this one.
            found.set_exception(error)

    # A name that is being looked up can't be interrupted; the thread is left behind then and ends by itself.
    worker = threading.Thread(target=run, name="outside", daemon=True)
    worker.start()
    ends = time.monotonic() + seconds
    try:
        while worker.is_alive() and time.monotonic() < ends:
            worker.join(_LOOK_SECONDS)
            watch()
    finally:
        # What a cut connection makes of it comes later, and is no answer.
        in_time = found.done()
        line.cut()
    return found.result() if in_time else HttpAnswer(None, "TooSlow")


def post(
    place: SafeAddress, body: bytes, headers: Mapping[str, str], line: CallConnections | None = None
) -> HttpAnswer:
    """Send the body; 2xx counts as taken, everything else (a redirect too) as a failure with its reason.

    ``line`` learns of the connection. No longer than ``TOTAL_SECONDS`` altogether only inside ``within``.
    """
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    default = 443 if place.scheme == "https" else 80
    name = f"[{place.host}]" if ":" in place.host else place.host
    told = {**headers, "Host": name if place.port == default else f"{name}:{place.port}"}
    if place.scheme == "https":
        pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(
            place.ip,
            place.port,
            server_hostname=place.host,
            assert_hostname=place.host,
            timeout=timeout,
            retries=False,
        )
    else:
        pool = urllib3.HTTPConnectionPool(place.ip, place.port, timeout=timeout, retries=False)
    if line is not None:
        pool.ConnectionCls = _told_of(pool.ConnectionCls, line)
    with pool:
        try:
            answer = pool.request("POST", place.path, body=body, headers=told, redirect=False, preload_content=False)
            answer.read(READ_BYTES)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            return HttpAnswer(None, type(error).__name__)
    return HttpAnswer(answer.status, "" if 200 <= answer.status < 300 else f"HTTP {answer.status}")


def _told_of(kind: type[Any], line: CallConnections) -> type[Any]:
    """The kind of connection, telling the line of each that it opens."""

    class Told(kind):  # type: ignore[misc]  # which kind is known only while it runs
        def _new_conn(self) -> socket.socket:
            opened: socket.socket = super()._new_conn()
            line.opened(opened)
            return opened

    return Told


# Given up by the standards (RFC 3879, RFC 7526) and still routed inside some networks; the library counts them as
# public.
# The local translators of RFC 8215 lead to whatever IPv4 address they carry.
_ONCE_INNER = [ipaddress.ip_network(text) for text in ("fec0::/10", "192.88.99.0/24", "64:ff9b:1::/48")]


def _inner(text: str) -> bool:
    """Whether an address is anything but a public one; an IPv4 address inside an IPv6 one is looked at as what it
    is.
    """
    try:
        ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return True
    if isinstance(ip, ipaddress.IPv6Address):
        carried = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        # 64:ff9b::/96 carries an IPv4 address through a translator of the own network.
        if carried is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            carried = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if carried is not None:
            ip = carried
    if any(ip in network for network in _ONCE_INNER if network.version == ip.version):
        return True
    return not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified
