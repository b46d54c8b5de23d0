"""Nobody is asked to do what they may not: for every role, no link and no form on any page that it can reach ends in a
refusal.

Each role walks from its first page through whatever its pages lead to, as a person would by clicking; forms are sent
filled in, and what they wrote is taken back.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from tests.access.addresses import World, addresses, browser_of
from tests.access.forms_of import forms_of
from tests.access.queries_of import ways_of
from tests.access.test_begin import FIRST, of_role
from tests.access.test_hostile_forms import undone

pytestmark = pytest.mark.slow

ROOMS = ("/desk/", "/firm/", "/bank/", "/begin/")
# Of pages that differ in nothing but what they are about, so many are opened; of forms that are alike, so many sent.
ALIKE = 3
# Addresses without an argument to which no link leads, and why.
NO_ROOM = {
    "desk:cockpit_map": "the script of the cockpit asks for it",
    "desk:indicator_data": "the script of an indicator asks for it",
    "firm:plan_curve": "the script of a sampling plan asks for it",
    "firm:track_data": "the script of a control chart asks for it",
    "desk:palette": "a key opens it; a link leads there only for those who have no list of enterprises",
    "desk:reminders_export": "offered where something is overdue; nothing is in the samples",
    "firm:join": "the letter on paper leads there",
    "pages:design": "for those who build pages",
    "pages:design_palette": "for those who build pages",
    "pages:design_progress": "for those who build pages",
    "pages:design_sheet": "for those who build pages",
}


def kind_of(address: str) -> tuple[str, ...]:
    """What a page is, whatever it is about: its view, and the words of its query."""
    parts = urlsplit(address)
    return (resolve(parts.path).view_name, *sorted({name for name, _ in parse_qsl(parts.query)}))


def addresses_on(text: str, page: str) -> list[str]:
    """Where a page leads inside the rooms, a word of a query at a time."""
    ways, _ = ways_of(text, page)
    found = [f"{path}?{urlencode({name: value})}" if name else path for path, name, value in ways]
    return [one for one in dict.fromkeys(found) if one.startswith(ROOMS)]


class Walk:
    """Opens what pages lead to, and sends their forms."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser
        self.shut: dict[str, str] = {}
        self.opened: Counter[tuple[str, ...]] = Counter()
        self.sent: Counter[str] = Counter()

    def from_(self, first: str) -> None:
        """Everything that can be reached from an address."""
        waiting, seen = deque([(first, "")]), {first}
        while waiting:
            address, before = waiting.popleft()
            try:
                kind = kind_of(address)
            except Resolver404:
                continue
            if self.opened[kind] >= ALIKE:
                continue
            self.opened[kind] += 1
            answer = self.browser.get(address)
            if answer.status_code == 403:
                self.shut[f"{before} -> {address}"] = _said(answer)
            if answer.status_code in (301, 302):
                onward = [answer.headers["Location"]]
            elif answer.status_code == 200 and "html" in answer.headers.get("Content-Type", ""):
                text = (b"".join(answer) if answer.streaming else answer.content).decode()
                self._forms(text, address)
                onward = addresses_on(text, address)
            else:
                if answer.streaming:
                    b"".join(answer)
                onward = []
            for each in onward:
                if each not in seen and each.startswith(ROOMS):
                    seen.add(each)
                    waiting.append((each, address))

    def _forms(self, text: str, page: str) -> None:
        for form in forms_of(text, page):
            path = urlsplit(form.action).path
            if not path.startswith(ROOMS):
                continue
            name = resolve(path).view_name
            if self.sent[name] >= ALIKE:
                continue
            self.sent[name] += 1
            for last in (False, True):
                with undone():
                    answer = self.browser.post(form.action, form.filled(last=last))
                    if answer.status_code == 403:
                        self.shut[f"{page} => {form.action}"] = _said(answer)


def rooms_of(browser: Client, world: World) -> set[str]:
    """The pages about nobody in particular that open to somebody: a walk has to come by them, or nobody finds them."""
    found = set()
    for address in addresses():
        if address.arguments or address.name in NO_ROOM or not f"/{address.route}".startswith(ROOMS):
            continue
        if browser.get(address.url(world)).status_code == 200:
            found.add(address.name)
    return found


def _said(answer: Any) -> str:
    text = answer.content.decode()
    return text.partition('<div class="prose">')[2].partition("</div>")[0][:160]


@pytest.mark.parametrize("role", FIRST)
def test_每个角色的每一页上_没有一个链接或表格会被拒绝(world: World, role: str) -> None:
    browser = browser_of(of_role(role, world))
    walk = Walk(browser)
    walk.from_(FIRST[role])
    assert walk.shut == {}
    unfound = rooms_of(browser, world) - {kind[0] for kind in walk.opened} - set(walk.sent)
    assert " ".join(sorted(unfound)) == ""
