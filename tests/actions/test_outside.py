"""A message to somebody else's address never reaches our own networks."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiheng.actions.webhooks.safe_http import HttpAnswer, place_of, post, within
from zhiheng.kernel.reasons import Refused

# Keeps a test that failed from waiting for ever.
HANGS = 600


def answering(*addresses: str):
    """A resolver that gives these addresses for any name."""
    return lambda host, port: list(addresses)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "fec0::1",
        "fed0::a:1",
        "192.88.99.1",
        "::ffff:192.88.99.1",
        "::127.0.0.1",
        "not an address",
    ],
)
def test_an_address_of_an_inner_network_is_refused_with_a_reason(address: str) -> None:
    with pytest.raises(Refused) as told:
        place_of("https://partner.example/hook", lookup=answering(address))
    assert told.value.refusals[0].code == "address.inner"
    assert address not in told.value.refusals[0].zh + told.value.refusals[0].en, "no oracle of inner names"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_a_public_address_is_taken_and_pinned(address: str) -> None:
    place = place_of("https://partner.example/hook?a=1", lookup=answering(address))
    assert (place.host, place.port, place.path, place.ip) == ("partner.example", 443, "/hook?a=1", address)


def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Refused):
        place_of("https://partner.example/", lookup=answering("93.184.216.34", "10.0.0.1"))


def test_a_name_that_changes_its_answer_is_refused_at_the_call() -> None:
    answers: Iterator[Sequence[str]] = iter([["93.184.216.34"], ["127.0.0.1"]])
    place_of("https://partner.example/", lookup=lambda host, port: next(answers))
    with pytest.raises(Refused):
        place_of("https://partner.example/", lookup=lambda host, port: next(answers))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://partner.example/", "address.plain"),
        ("ftp://partner.example/", "address.plain"),
        ("file:///etc/passwd", "address.plain"),
        ("https://", "address.malformed"),
        ("https://me:secret@partner.example/", "address.malformed"),
        ("https://partner.example/#a", "address.malformed"),
        ("https://partner.example:99999/", "address.malformed"),
        ("https://[::1/", "address.malformed"),
        ("https://a b/", "address.letters"),
        ("https://partner.example/\r\nX: 1", "address.letters"),
        ("https://partner.example/" + "a" * 500, "address.long"),
    ],
)
def test_a_malformed_address_is_told_what_is_wrong(url: str, code: str) -> None:
    with pytest.raises(Refused) as told:
        place_of(url, lookup=answering("93.184.216.34"))
    assert told.value.refusals[0].code == code
    assert told.value.refusals[0].field == "url"


def test_a_host_that_nobody_knows_is_said_to_be_unknown() -> None:
    def nobody(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    with pytest.raises(Refused) as told:
        place_of("https://partner.example/", lookup=nobody)
    assert told.value.refusals[0].code == "address.unknown"


@given(
    st.ip_addresses(v=4, network="10.0.0.0/8")
    | st.ip_addresses(v=4, network="127.0.0.0/8")
    | st.ip_addresses(v=6, network="fc00::/7")
)
def test_no_inner_address_in_any_spelling_gets_through(address: object) -> None:
    with pytest.raises(Refused):
        place_of("https://partner.example/", lookup=answering(str(address)))


class _Partner(BaseHTTPRequestHandler):
    """Answers with the status that the path names, and remembers what came."""

    seen: list[tuple[str, str, bytes]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers["Host"], body))
        self.send_response(int(self.path.strip("/")))
        self.send_header("Location", "/200")
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Quiet."""


@pytest.fixture
def partner() -> Iterator[int]:
    """The port of a server on this machine."""
    _Partner.seen.clear()
    server = HTTPServer(("127.0.0.1", 0), _Partner)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def _place(port: int, path: str):
    return place_of(f"http://partner.example:{port}{path}", plain=True, inner=True, lookup=answering("127.0.0.1"))


def test_the_message_goes_to_the_pinned_address_under_its_name(partner: int) -> None:
    answer = post(_place(partner, "/204"), b"hello", {"X-Test": "1"})
    assert (answer.status, answer.error) == (204, "")
    assert _Partner.seen == [("/204", f"partner.example:{partner}", b"hello")]


def test_a_redirect_is_a_failure_and_is_not_followed(partner: int) -> None:
    answer = post(_place(partner, "/302"), b"hello", {})
    assert (answer.status, answer.error) == (302, "HTTP 302")
    assert len(_Partner.seen) == 1


def test_a_server_that_is_not_there_is_a_failure_with_its_reason() -> None:
    answer = post(_place(1, "/"), b"hello", {})
    assert answer.status is None
    assert answer.error


# -- systems that let one wait -----------------------------------------------------------------------------------------


class Dribbler:
    """A server that answers as slowly as it is told, in every phase; it counts the connections that are still open."""

    def __init__(self, how: str) -> None:
        self.how, self.open = how, 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.open += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        begin = {
            "nothing": b"",
            "header": b"HTTP/1.1 200 OK\r\nX-Slow: ",
            "body": b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",
            "status": b"HTTP/1.1 1",
            "continue": b"",
        }[self.how]
        try:
            connection.sendall(begin)
            while True:
                time.sleep(0.05)
                connection.sendall(
                    b"HTTP/1.1 100 Continue\r\n\r\n" if self.how == "continue" else b"x" if begin else b""
                )
                if not begin and self.how == "nothing" and not connection.recv(1):
                    return
        except OSError:
            return
        finally:
            self.open -= 1
            connection.close()


@pytest.mark.parametrize("how", ["nothing", "status", "header", "body", "continue"])
@pytest.mark.slow
def test_whoever_dribbles_is_cut_off_in_a_fixed_time_and_nothing_is_left_behind(how: str) -> None:
    partner = Dribbler(how)
    place = _place(partner.port, "/")
    # Without the limit it would go on until the other side ends, which it never does.
    answer = within(0.6, lambda line: post(place, b"hello", {}, line))
    partner.socket.close()
    assert answer == HttpAnswer(None, "TooSlow")
    end = time.monotonic() + HANGS
    while partner.open and time.monotonic() < end:
        time.sleep(0.02)
    assert partner.open == 0, "the connection is closed, and the thread that held it ends"


def test_a_name_that_is_looked_up_for_ever_holds_nobody() -> None:
    answer = within(0.3, lambda line: (time.sleep(30), HttpAnswer(204))[1])
    assert answer.error == "TooSlow"


def test_whoever_is_told_to_stop_does_not_wait_for_somebody_elses_system() -> None:
    class Stop(BaseException):
        pass

    def stop() -> None:
        raise Stop

    partner = Dribbler("header")
    place = _place(partner.port, "/")
    with pytest.raises(Stop):
        within(60, lambda line: post(place, b"hello", {}, line), watch=stop)
    partner.socket.close()


def test_a_fault_in_the_call_is_told_to_whoever_waits() -> None:
    def broken(_line: object) -> HttpAnswer:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        within(5, broken)
