"""A browser, and a house of its own for each process of the suite: web server and worker over a world that was made
once.

Whatever a test does, the browser it uses is watched: a script that the page's policy forbids, an error in the console,
a question to another host, a dialog or an answer that says the server is broken fail the test at its end.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, expect, sync_playwright

from bench.totp import STEP, shown_at
from tests.book_once import book_once
from tests.browser.world import FACTOR, PASSWORD, WITH_FACTOR, thinned
from zhiheng.grammar.book import Book

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# So long a page may take on a machine that does other things as well.
PATIENCE = 120_000
expect.set_options(timeout=PATIENCE)
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile ?? ""}:${event.lineNumber}`));
"""


def chromium() -> str | None:
    """The browser of this machine, installing Debian's package where that is possible."""
    for attempt in range(2):
        for name in CHROMIUM:
            if found := shutil.which(name):
                return found
        if attempt or os.geteuid() != 0 or not shutil.which("apt-get"):
            return None
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update"], check=False, **quiet)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "install", "-y", "chromium"], check=False, env=environment, **quiet)
    return None


@dataclass
class House:
    """A running installation: where it is, and what is in it."""

    url: str
    data: Path
    environment: dict[str, str]
    things: dict[str, Any]
    sessions: dict[str, str]
    pages: list[list[str]]

    def program(self, text: str) -> Any:
        """What a program inside the installation prints as JSON: what no page can say."""
        before = "import orjson; from zhiheng.cli.session import set_up; set_up()\n"
        done = subprocess.run(
            [sys.executable, "-c", before + text], env=self.environment, capture_output=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return orjson.loads(done.stdout)


@pytest.fixture(scope="session")
def book() -> Book:
    """The default book, for the rows of its examples."""
    return book_once(ROOT / "book")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


@pytest.fixture(scope="package")
def one_browser(shared_folder: Path) -> Iterator[Browser]:
    """The browser of this process. Its loop is put away between tests: a test of another room must find none
    running.
    """
    if os.environ.get("DATABASE_URL"):
        pytest.skip("browsers look at the pages of an installation of their own, on SQLite")
    with (shared_folder / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = chromium()
    if path is None:
        pytest.skip("there is no Chromium here, and it can't be installed: install the package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        loop = asyncio._get_running_loop()
        browser.loop = loop
        asyncio._set_running_loop(None)
        yield browser
        asyncio._set_running_loop(loop)
        browser.close()


@pytest.fixture
def browser(one_browser: Browser) -> Iterator[Browser]:
    """The browser, while a test uses it."""
    asyncio._set_running_loop(one_browser.loop)
    yield one_browser
    asyncio._set_running_loop(None)


@pytest.fixture(scope="package")
def made_once(one_browser: Browser, shared_folder: Path) -> Path:
    """The world, made by the first process that needs it."""
    if not (ROOT / "zhiheng/pages/static/pages/built/desk.js").is_file():
        pytest.skip("style sheet and scripts are not built: run make assets")
    folder = shared_folder / "world"
    with (shared_folder / "world.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "told.json").exists():
            thinned(ROOT / "book", folder / "book")
            environment = {**os.environ, "ZHIHENG_DATA": str(folder / "var"), "ZHIHENG_BOOK": str(folder / "book")}
            done = subprocess.run(
                [sys.executable, "-m", "tests.browser.world"],
                env=environment,
                cwd=ROOT,
                capture_output=True,
                timeout=600,
                check=False,
            )
            assert done.returncode == 0, done.stderr.decode()
            (folder / "told.json").write_bytes(done.stdout)
    return folder


@pytest.fixture(scope="package")
def house(made_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The world, served to this process alone: what its tests change, no other process sees."""
    data = tmp_path_factory.mktemp("house") / "var"
    shutil.copytree(made_once / "var", data)
    environment = {
        **os.environ,
        "ZHIHENG_DATA": str(data),
        "ZHIHENG_BOOK": str(made_once / "book"),
        "PYTHONPATH": str(ROOT),
    }
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from zhiheng.cli.main import main; main()", "serve", "--port", str(port)]
    with (data.parent / "served.log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=data.parent, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert process.stdout is not None
        said = ""
        while "Ctrl+C" not in said:
            line = process.stdout.readline()
            assert line, (data.parent / "served.log").read_text()
            said += line
        told = orjson.loads((made_once / "told.json").read_bytes())
        yield House(f"http://localhost:{port}", data, environment, told["things"], told["sessions"], told["pages"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=600)


@dataclass
class Visitor:
    """Somebody's browser, watched."""

    house: House
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    scripts: set[str] = field(default_factory=set)
    dialogs: int = 0

    def watch(self, page: Page) -> None:
        """Note whatever must not happen on a page."""
        page.set_default_timeout(PATIENCE)
        host = urlsplit(self.house.url).netloc
        page.on("request", lambda asked: self._asked(asked.url, asked.resource_type, host))
        page.on("console", lambda said: self._said(said.type, said.text, page.url))
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("dialog", self._dialog)
        page.on("response", self._answered)

    def _dialog(self, dialog: Any) -> None:
        # A word before unsaved work is lost is asked by the browser itself; a page has no business to ask anything
        # else.
        if dialog.type != "beforeunload":
            self.faults.append(f"a dialog: {dialog.message}")
        self.dialogs += 1
        dialog.accept()

    def _asked(self, url: str, kind: str, host: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != host:
            self.faults.append(f"another host is asked: {url}")
        if kind == "script":
            self.scripts.add(url)

    def _said(self, kind: str, text: str, where: str) -> None:
        # A refused page is told by its status; the browser repeats it here.
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.faults.append(f"{where}: {kind} {text}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= 500 or (
            answer.status >= 400 and answer.request.resource_type in ("script", "stylesheet", "image")
        ):
            self.faults.append(f"{answer.status} {answer.request.method} {answer.url}")

    def violations(self, page: Page | None = None) -> None:
        """Take what the page's policy has refused since the last look."""
        found = (page or self.page).evaluate("() => window.violations ? window.violations.splice(0) : []")
        self.faults += [f"{(page or self.page).url}: {one}" for one in found]

    def go(self, address: str) -> Response | None:
        """Open an address of the house."""
        return self.page.goto(self.house.url + address)

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        """By the form, as people do."""
        if "/account/login/" not in self.page.url:
            self.go("/account/login/")
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", password)
        self.send(self.page.locator("main form[method=post] button:not([type])").first)
        # A code is taken once: who signs in twice within half a minute types the one before or after, and who does it
        # more often waits for the next.
        for tried, step in enumerate((0, 1, -1, 1)):
            if login not in WITH_FACTOR or "/account/2fa/authenticate/" not in self.page.url:
                break
            if tried == 3:
                time.sleep(30)
            self.page.fill("[name=code]", shown_at(FACTOR, time.time() + step * STEP))
            self.send(self.page.locator("main form[method=post] button:not([type])").first)

    def send(self, button: Locator) -> None:
        """Press a button that sends a form, and wait for the page that answers."""
        with self.page.expect_navigation():
            button.click()

    def text(self) -> str:
        """What stands on the page."""
        return self.page.inner_text("body")


Visits = Callable[..., Visitor]


def visits_to(house: House, browser: Browser) -> Iterator[Visits]:
    """What opens browsers for people of a house, and looks at its end whether anything happened that must not."""
    visitors: list[Visitor] = []

    def opened(login: str = "", *, width: int = 1440, height: int = 900, **words: Any) -> Visitor:
        words.setdefault("locale", "zh-CN")
        context = browser.new_context(viewport={"width": width, "height": height}, **words)
        context.add_init_script(WATCH)
        if login:
            context.add_cookies([{"name": "sessionid", "value": house.sessions[login], "url": house.url}])
        visitor = Visitor(house, context, context.new_page())
        visitor.watch(visitor.page)
        visitors.append(visitor)
        return visitor

    yield opened
    faults = []
    for visitor in visitors:
        if not visitor.page.is_closed() and visitor.page.url.startswith("http"):
            visitor.violations()
        faults += visitor.faults
        visitor.context.close()
    assert faults == [], "\n".join(faults)


@pytest.fixture
def visit(browser: Browser, house: House) -> Iterator[Visits]:
    """Open a browser for somebody: an account that is signed in already, or '' for a stranger."""
    yield from visits_to(house, browser)
