"""Opens every number of pages and compares: a count with the total of the list that it opens, a value with the value of
its sheet.

Pages say so themselves: a link with ``data-count`` leads to a page with ``data-total`` (or, where it leads into a page,
to the part with that ``id``), a link with ``data-shown`` to a sheet whose value carries ``data-shown`` and is no link.
A number that should have a door and has none carries ``data-doorless`` (the tag ``number``).

``open_every_door`` opens all of them; ``walk`` goes wherever links lead and opens some of each kind, so that a large
installation is walked in minutes.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve
from lxml import etree, html

# Pages whose numbers are opened in turn; of others only what they say of themselves is read.
FOLLOWED = (
    "/desk/cockpit/",
    "/desk/figures/",
    "/desk/indicators/",
    "/desk/news/",
    "/desk/deliveries/",
    "/desk/enterprises/",
    "/desk/inbox/",
    "/messages/",
)
# What belongs to an account and counts nothing, and what is made for programs.
ELSEWHERE = ("/account/", "/static/", "/api/", "/desk/me/", "/i18n/", "/design/")
# Words of an address that make another kind of page of it, not only another instance of the same.
TELLING = frozenset(
    {
        "state",
        "side",
        "fails",
        "expiry",
        "problems",
        "listed",
        "who",
        "by",
        "period",
        "pile",
        "kind",
        "quality",
        "outcome",
        "list",
        "tab",
    }
)


# What says something of a number, or leads somewhere: a walk reads thousands of pages, and of each only these.
SPEAKING = etree.XPath("//a[@href] | //*[@data-doorless or @data-total or @data-shown]")


@dataclass
class Seen:
    """What a page says of its numbers, and where its links lead."""

    counts: list[tuple[str, str]] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)
    totals: list[str] = field(default_factory=list)
    total_of: dict[str, str] = field(default_factory=dict)
    values: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    doorless: int = 0
    address: str = ""

    def read(self, page: str) -> None:
        """Note the links with a number, and the numbers of the page."""
        for element in SPEAKING(html.document_fromstring(page)):
            said = element.attrib
            address = said.get("href", "")
            self.doorless += "data-doorless" in said
            if element.tag == "a" and address:
                if "data-count" in said:
                    self.counts.append((address, said["data-count"]))
                elif "data-shown" in said:
                    self.shown.append((address, said["data-shown"]))
                if "download" not in said:
                    self.links.append(address)
            elif "data-total" in said:
                self.totals.append(said["data-total"])
                self.total_of.setdefault(said.get("id", ""), said["data-total"])
            elif "data-shown" in said:
                self.values.append(said["data-shown"])

    def doors(self) -> Iterator[tuple[str, str, str]]:
        """(kind, address, number) of every number with a door."""
        for kind, some in (("count", self.counts), ("shown", self.shown)):
            for href, told in some:
                yield kind, href, told

    def said_of(self, kind: str, part: str) -> str:
        """What the page, or a part of it, says of itself."""
        if kind == "shown":
            return next(iter(self.values), "nothing")
        return self.total_of.get(part) or next(iter(self.totals), "nothing")


@dataclass
class Crawled:
    """How many doors were opened, and what was wrong behind them."""

    opened: int = 0
    pages: int = 0
    kinds: int = 0
    wrong: list[str] = field(default_factory=list)


class _Reader:
    """Reads pages as somebody, each address once."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser
        self.read: dict[str, Seen | int] = {}

    def look(self, address: str) -> Seen | int:
        """What a page says; the status where there is none, 0 where it is a file."""
        if address not in self.read:
            answer = self.browser.get(address, follow=True)
            if answer.status_code != 200:
                self.read[address] = answer.status_code
            elif not answer.headers.get("Content-Type", "").startswith("text/html"):
                self.read[address] = 0
            else:
                # What is relative is so to where the page was found in the end.
                seen = Seen(address=answer.redirect_chain[-1][0] if answer.redirect_chain else address)
                seen.read(answer.content.decode())
                self.read[address] = seen
                # Nor is the page to which it led read again.
                self.read.setdefault(urljoin(address, seen.address), seen)
        return self.read[address]

    def onward(self, address: str, href: str) -> str:
        """Where a link of a page leads."""
        page = self.look(address)
        return urljoin(address if isinstance(page, int) else urljoin(address, page.address), href)

    def behind(self, address: str, kind: str, href: str, told: str) -> Iterator[str]:
        """What is wrong with a door, in a line."""
        door, _, part = self.onward(address, href).partition("#")
        page = self.look(door)
        said = f"status {page}" if isinstance(page, int) else page.said_of(kind, part)
        if said != told:
            yield f"{address}: {told} -> {door}{'#' * bool(part)}{part}: {said}"


def open_every_door(browser: Client, starts: Iterable[str], *, deep: int = 1) -> Crawled:
    """Open every number of some pages, and of the pages behind them, and compare.

    ``deep``: how many doors after one another; each sheet leads to the same number a year before, and so on for ever.
    """
    found, known, waiting = Crawled(), set[str](), [(start, 0) for start in starts]
    reader = _Reader(browser)
    while waiting:
        address, depth = waiting.pop(0)
        if address in known:
            continue
        known.add(address)
        page = reader.look(address)
        if isinstance(page, int):
            found.wrong.append(f"{address}: {page}")
            continue
        found.pages += 1
        if page.doorless:
            found.wrong.append(f"{address}: {page.doorless} numbers without a door")
        for kind, href, told in page.doors():
            door = reader.onward(address, href)
            if not urlsplit(door).path.startswith(FOLLOWED):
                continue
            found.opened += 1
            found.wrong += reader.behind(address, kind, href, told)
            if depth < deep:
                waiting.append((door.partition("#")[0], depth + 1))
    return found


def kind_of(address: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What kind of page an address is: the same view, asked in the same manner."""
    parts = urlsplit(address)
    try:
        view = resolve(parts.path).view_name
    except Resolver404:
        view = parts.path
    return view, tuple(sorted((name, value if name in TELLING else "") for name, value in parse_qsl(parts.query)))


def walk(browser: Client, starts: Iterable[str], *, alike: int = 2, doors: int = 4) -> Crawled:
    """Go wherever links lead from some pages, and open their numbers.

    Of pages of one kind ``alike`` are read, and of the doors from one kind of page to another kind ``doors`` are
    opened.
    """
    found, known, waiting = Crawled(), set[str](), deque(starts)
    read: Counter[object] = Counter()
    opened: Counter[object] = Counter()
    reader = _Reader(browser)
    while waiting:
        address = waiting.popleft()
        kind = kind_of(address)
        if address in known or read[kind] >= alike:
            continue
        known.add(address)
        read[kind] += 1
        page = reader.look(address)
        if isinstance(page, int):
            if page:
                found.wrong.append(f"{address}: status {page}")
            continue
        found.pages += 1
        if page.doorless:
            found.wrong.append(f"{address}: {page.doorless} numbers without a door")
        for what, href, told in page.doors():
            way = (kind, kind_of(reader.onward(address, href)))
            if opened[way] < doors:
                opened[way] += 1
                found.opened += 1
                found.wrong += reader.behind(address, what, href, told)
        for href in page.links:
            onward = reader.onward(address, href).partition("#")[0]
            parts = urlsplit(onward)
            if parts.path.startswith("/") and not parts.netloc and not parts.path.startswith(ELSEWHERE):
                waiting.append(onward)
    found.kinds = len(read)
    return found
