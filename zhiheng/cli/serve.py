"""``zhiheng serve``: the web server and the background workers as children of one process that watches over them.

A worker that dies is started again, and what it had in hand is taken up by the next. When this process is told to stop,
first the web server ends, then the workers give their tasks back; when this process dies, its children are told to stop
by the kernel.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from zhiheng.cli import output, refusals
from zhiheng.cli.session import for_oneself, json_option, open_book, set_up
from zhiheng.cli.worker import end_with_parent
from zhiheng.kernel.reasons import Refused

if TYPE_CHECKING:
    from zhiheng.grammar.chapters.demo_accounts import DemoAccount

# A child that dies is started again, the slower the more often it has died in a row.
AGAIN_SECONDS = (0.2, 1.0, 5.0, 15.0)
# One that has lived so long has not died in a row.
STEADY_SECONDS = 60
# So long may a child take to stop before it is killed; a task then goes back to the queue by itself.
STOP_SECONDS = 20
# Connections that the kernel holds until a web process takes them.
_WAITING = 1024


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / address to listen at")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口 / port")
@click.option(
    "--web", default=1, show_default=True, type=click.IntRange(1, 64), help="网页进程数 / processes that serve pages"
)
@click.option(
    "--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="每个网页进程的线程数 / threads in each"
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(0, 64), help="后台工作进程数 / background workers"
)
@json_option
def serve(host: str, port: int, web: int, threads: int, workers: int, as_json: bool) -> None:
    """启动网站和后台工作进程；按 Ctrl+C 停止。 Serve the pages and run the background workers; Ctrl+C stops both."""
    for_oneself()
    house = House(host, port, web, threads, workers)
    try:
        if gathered():
            # They read code and book while the tables are looked at here.
            house.start_web()
        set_up()
        gather_static()
        house.open()
    except BaseException:
        house.end()
        raise
    address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '::1') else host}:{port}/"  # noqa: S104
    if not house.answers():
        house.stop()
        raise Refused(refusals.web_server_silent())
    # Not before: two processes that start take twice as long, and somebody waits for the page.
    house.start_workers()
    accounts = demo_accounts()
    told = _WELCOME.format(address=address) + _told(accounts)
    output.show_done(
        {"address": address, "pid": os.getpid(), "demo_accounts": [a.login for a in accounts]}, told, as_json
    )
    sys.stdout.flush()
    house.watch()


_WELCOME = """质衡已启动 / Zhiheng is running
  公众门户 portal   {address}
  办公端   desk     {address}desk/
  企业端   firm     {address}firm/
按 Ctrl+C 停止 / Ctrl+C stops it"""


def demo_accounts() -> list[DemoAccount]:
    """The demo's accounts that are there, where the first of them still has the password that everybody knows.

    One is asked for all: to check a password takes as long as it should.
    """
    from zhiheng.actions.accounts.make_demo_accounts import PASSWORD
    from zhiheng.grammar.chapters.demo_accounts import DEMO_ACCOUNTS
    from zhiheng.people.actors import active_accounts

    told = {account.login: account for account in open_book()[DEMO_ACCOUNTS]}
    found = active_accounts(told)
    return [told[account.login] for account in found] if found and found[0].check_password(PASSWORD) else []


def _told(accounts: Sequence[DemoAccount]) -> str:
    """The accounts to try, with the password; nothing where there are none."""
    if not accounts:
        return ""
    from zhiheng.actions.accounts.make_demo_accounts import PASSWORD

    lines = [
        f"  {account.login:<23}{account.shows.zh}"
        + (f"（口令 passphrase {account.passphrase}）" if account.passphrase else "")
        for account in accounts
    ]
    return "\n".join(["", f"演示账号（密码均为 {PASSWORD}） / demo accounts, all with this password", *lines])


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens at the address; where it is taken, the refusal says what to do."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_WAITING)
    except OSError as cause:
        listening.close()
        raise Refused(refusals.address_taken(host, port, cause.strerror)) from cause
    return listening


def gathered() -> bool:
    """Whether static files were put into their place before; where they never were, a web process must not read its
    settings yet.
    """
    from django.conf import settings

    return (Path(settings.STATIC_ROOT) / ".gathered").exists()


def gather_static() -> None:
    """Put the style sheets and scripts where they are served from, unless what lies there is newer than all of them."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    newest = max(
        (
            Path(storage.path(path)).stat().st_mtime_ns
            for finder in get_finders()
            for path, storage in finder.list(None)
        ),
        default=0,
    )
    stamp = Path(settings.STATIC_ROOT) / ".gathered"
    if not stamp.exists() or stamp.read_text() != str(newest):
        # The framework brings scripts for htmx that no page of ours loads, with imports that nothing here answers.
        call_command("collectstatic", interactive=False, verbosity=0, clear=False, ignore_patterns=["django_htmx"])
        stamp.write_text(str(newest))


@dataclass
class Child:
    """A process to be kept alive."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    # What it inherits: the socket at which the site listens.
    handles: tuple[int, ...] = ()
    since: float = 0.0
    deaths: int = 0
    not_before: float = 0.0

    def start(self) -> None:
        """Start it in a separate process group, so that Ctrl+C at the terminal reaches only the process that
        watches.
        """
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
            pass_fds=self.handles,
        )
        self.since = time.monotonic()

    def tend(self) -> None:
        """Start it again where it has died, not too fast."""
        clock = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self.deaths = 1 if clock - self.since > STEADY_SECONDS else self.deaths + 1
            wait = AGAIN_SECONDS[min(self.deaths, len(AGAIN_SECONDS)) - 1]
            output.say(
                f"{self.name} 意外结束（状态 {self.process.returncode}），{wait:g} 秒后重启"
                f" / {self.name} ended unexpectedly, starting again in {wait:g} s"
            )
            _end_group(self.process.pid)
            self.process, self.not_before = None, clock + wait
        if self.process is None and clock >= self.not_before:
            self.start()

    def stop(self) -> None:
        """Ask it to stop, then make it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            output.say(f"{self.name} 未在 {STOP_SECONDS} 秒内停止，已强制结束 / did not stop in time and was killed")
            _end_group(self.process.pid)
            self.process.wait()


def _end_group(pid: int) -> None:
    """End the processes that a child has started: nothing else watches over them."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


class House:
    """The web server and the workers."""

    def __init__(self, host: str, port: int, web: int, threads: int, workers: int) -> None:
        self.host, self.port = host, port
        # All web processes take connections from one socket, which stays open while one of them is started again:
        # nobody is turned away.
        self._socket = _listen(host, port)
        handle = self._socket.fileno()
        # As long as this end is open, web processes get ready and take no request.
        waits, self._closed = os.pipe()
        server = [sys.executable, "-m", "zhiheng.site.web_server", "--fd", str(handle), "--threads", str(threads)]
        server += ["--after", str(waits)]
        zhiheng = (sys.executable, "-c", "from zhiheng.cli.main import main; main()", "worker")
        self.web = [Child(f"网站 web {number}", server, handles=(handle, waits)) for number in range(1, web + 1)]
        self.workers = [Child(f"后台 worker {number}", zhiheng) for number in range(1, workers + 1)]
        self.children = [*self.web, *self.workers]
        self._stopping = False

    def start_web(self) -> None:
        """Start the processes that serve pages; they get ready, and wait until the house is open."""
        for child in self.web:
            child.start()

    def open(self) -> None:
        """Tables and static files are ready: pages are served from now on."""
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._stop)
        for child in self.web:
            if child.process is None:
                child.start()
        os.close(self._closed)

    def start_workers(self) -> None:
        """Start the workers."""
        for child in self.workers:
            child.start()

    def end(self) -> None:
        """End what was started before anything could be served."""
        for child in self.web:
            if child.process is not None:
                _end_group(child.process.pid)
                child.process.wait()
        self._socket.close()

    def answers(self, seconds: float = 60) -> bool:
        """Wait until the web server answers; False where it has died or takes too long."""
        web = self.web[0].process
        end = time.monotonic() + seconds
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        while time.monotonic() < end and web is not None and web.poll() is None and not self._stopping:
            try:
                with socket.create_connection((host, self.port), timeout=1) as asking:
                    # The socket listens before anybody serves: only an answer says that the site is there.
                    asking.sendall(b"HEAD /static/ HTTP/1.0\r\nHost: localhost\r\n\r\n")
                    if asking.recv(1):
                        return True
            except OSError:
                pass
            time.sleep(0.1)
        return self._stopping

    def watch(self) -> None:
        """Keep all of them alive until told to stop."""
        while not self._stopping:
            for child in self.children:
                child.tend()
            time.sleep(0.2)
        self.stop()

    def stop(self) -> None:
        """The pages first, so that nothing more is handed in; then the workers, all at once."""
        output.say("正在停止 / stopping")
        self._socket.close()
        for group in (self.web, self.workers):
            for child in group:
                if child.process is not None and child.process.poll() is None:
                    child.process.terminate()
            for child in group:
                child.stop()
        output.say("已停止 / stopped")

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
