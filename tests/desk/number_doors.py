"""Opens every number of pages and compares: a count with the total of the list that it opens, a value with the value of its sheet.

Pages say so themselves: a link with ``data-count`` leads to a page with ``data-total``, a link with ``data-shown`` to a sheet whose
value carries ``data-shown`` and is no link.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.test import Client

# Pages whose numbers are opened in turn; of others only what they say of themselves is read.
FOLLOWED = (
    "/desk/cockpit/",
    "/desk/figures/",
    "/desk/indicators/",
    "/desk/news/",
    "/desk/deliveries/",
    "/desk/enterprises/",
)


@dataclass
class Seen(HTMLParser):
    """What a page says of its numbers."""

    counts: list[tuple[str, str]] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)
    totals: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link with a number, or the number of a page."""
        said = {name: value or "" for name, value in attrs}
        address = said.get("href", "")
        if tag == "a" and address:
            if "data-count" in said:
                self.counts.append((address, said["data-count"]))
            elif "data-shown" in said:
                self.shown.append((address, said["data-shown"]))
        elif "data-total" in said:
            self.totals.append(said["data-total"])
        elif "data-shown" in said:
            self.values.append(said["data-shown"])


@dataclass
class Crawled:
    """How many doors were opened, and what was wrong behind them."""

    opened: int = 0
    pages: int = 0
    wrong: list[str] = field(default_factory=list)


def open_every_door(browser: Client, starts: Iterable[str], *, deep: int = 1) -> Crawled:
    """Open every number of some pages, and of the pages behind them, and compare.

    ``deep``: how many doors after one another; each sheet leads to the same number a year before, and so on for ever.
    """
    found, known, waiting = Crawled(), set[str](), [(start, 0) for start in starts]
    read: dict[str, Seen | int] = {}

    def look(address: str) -> Seen | int:
        if address not in read:
            answer = browser.get(address, follow=True)
            if answer.status_code != 200:
                read[address] = answer.status_code
            else:
                seen = Seen()
                seen.feed(answer.content.decode())
                read[address] = seen
        return read[address]

    while waiting:
        address, depth = waiting.pop(0)
        if address in known:
            continue
        known.add(address)
        page = look(address)
        if isinstance(page, int):
            found.wrong.append(f"{address}: {page}")
            continue
        found.pages += 1
        for door, kind, told in _doors(address, page):
            behind = look(door)
            found.opened += 1
            if isinstance(behind, int):
                found.wrong.append(f"{address}: {told} -> {door}: {behind}")
                continue
            said = behind.totals if kind == "count" else behind.values
            if said[:1] != [told]:
                found.wrong.append(f"{address}: {told} -> {door}: {said[:1] or 'nothing said'}")
            if depth < deep:
                waiting.append((door, depth + 1))
    return found


def _doors(address: str, page: Seen) -> Iterator[tuple[str, str, str]]:
    for kind, some in (("count", page.counts), ("shown", page.shown)):
        for href, told in some:
            door = urljoin(address, href).partition("#")[0]
            if urlsplit(door).path.startswith(FOLLOWED):
                yield door, kind, told
