"""Every page of the house, looked at by a machine that looks for what shuts people out, in both looks and at both
widths.

The addresses are those that ``tests/access`` walks (a sample for each, and who may open it), so that a page that is
added is looked at as well. On the way: nothing is asked of another host, nothing is forbidden by the page's own policy,
nothing stands in the console, no page ships too much script, nothing has to be scrolled sideways at 390.
"""

from __future__ import annotations

import gzip
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page

from tests.access.test_addresses import LEADS_IN
from tests.browser.conftest import ROOT, House, Visitor, Visits

pytestmark = pytest.mark.slow

AXE = ROOT / "zhiheng/pages/frontend/node_modules/axe-core/axe.min.js"
BUDGET = 350 * 1024
PARTS = 4
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# Public addresses that the samples of the walk do not reach, and questions that make a page longer.
MORE = (
    ("", "/lists/sampling/"),
    ("", "/lists/recalls/"),
    ("", "/search/?q=麦垄"),
    ("", "/search/?q=没有这样的企业"),
    ("", "/p/gone-and-never-there/"),
    ("insider", "/desk/enterprises/?q=mlhx"),
    ("insider", "/desk/enterprises/?q=没有这样的企业"),
    ("insider", "/desk/book/search/?q=抽检"),
    ("insider", "/desk/enterprises/{sampled}/"),
    ("insider", "/desk/enterprises/{sampled}/print/"),
    ("newcomer", "/begin/"),
    ("bank", "/bank/"),
    ("bank", "/bank/consents/1/"),
    ("insider", "/desk/nowhere/"),
    ("insider", "/desk/cockpit/?area=990101003"),
)
MAIN = (
    ("insider", "/desk/cockpit/"),
    ("insider", "/desk/enterprises/"),
    ("insider", "/desk/enterprises/{sampled}/"),
    ("insider", "/desk/facts/{fact}/"),
    ("insider", "/desk/deliveries/"),
    ("insider", "/desk/publication/"),
    ("insider", "/desk/identity/1/"),
    ("owner", "/firm/"),
    ("", "/"),
    ("", "/account/login/"),
)
# Pieces that a page asks for; nobody opens them.
PIECES = frozenset({"pages:design_palette", "pages:design_progress", "desk:file_timeline"})
# What one sees first in the console of a page that failed: findings of axe, shortened.
RUN_AXE = """
async () => {
  for (const fold of document.querySelectorAll("details:not(.menu)")) fold.open = true;
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) =>
    node.target.join(" ") + " | " + node.html.slice(0, 160) + " | " + (node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? "")
  ).join("\\n      ")} (${one.nodes.length})`);
}
"""
TOO_WIDE = """
() => {
  const width = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= width) return "";
  const outside = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 1);
  return `${document.scrollingElement.scrollWidth} px: ` + outside.slice(0, 4).map((one) => one.outerHTML.slice(0, 120)).join(" / ");
}
"""

# Text set wider than by the fonts of this machine, as WCAG 1.4.12 has it: other machines have other fonts, and their
# users other needs.
SET_WIDE = """
() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { letter-spacing: 0.12em !important; word-spacing: 0.16em !important; line-height: 1.5 !important; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return getComputedStyle(document.body).letterSpacing !== "normal";
}
"""


@dataclass(frozen=True)
class Look:
    """A page, by whom it is looked at."""

    who: str
    address: str
    name: str = ""


def looks(house: House) -> list[Look]:
    """Every address with the one who may open it."""
    found = []
    for name, act, room, url in house.pages:
        if name.startswith("api:") or "^" in url or "<" in url:
            continue
        if room.startswith(("allauth.", "django.")):
            who = "" if name in LEADS_IN else "insider"
        else:
            who = "" if act == "public" else "owner" if act.startswith("firm.") else "insider"
        found.append(Look(who, url, name))
    return found + [Look(who, address.format(**house.things)) for who, address in MORE]


def opened(visitor: Visitor, look: Look) -> int:
    """Open it; the status of the page, 0 where it is none."""
    try:
        answer = visitor.go(look.address)
    except Error as error:
        # A file is no page: the browser offers to keep it.
        if "Download is starting" in str(error):
            return 0
        raise
    assert answer is not None
    if not answer.headers.get("content-type", "").startswith("text/html"):
        # What the browser says of its own view of a feed or a table is none of ours.
        visitor.faults[:] = [
            fault for fault in visitor.faults if not fault.startswith(visitor.house.url + look.address)
        ]
        return 0
    if not answer.text().lstrip().lower().startswith("<!doctype html"):
        assert look.name in PIECES, f"{look.address} is no whole page"
        return 0
    return answer.status


class Weights:
    """What a script weighs on its way: each is asked for once."""

    def __init__(self) -> None:
        self.found: dict[str, int] = {}

    def of(self, url: str) -> int:
        if url not in self.found:
            asked = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
            with urllib.request.urlopen(asked, timeout=600) as answer:
                body = answer.read()
            # Not every small file is kept compressed; what counts is what a page makes people load.
            assert answer.headers.get("Content-Encoding") == "gzip" or len(body) < 4096 or gzip.compress(body)
            self.found[url] = len(body)
        return self.found[url]


@pytest.fixture(scope="session")
def axe() -> Path:
    """axe-core, of the packages that the front end is built from."""
    if not AXE.is_file():
        pytest.skip("axe-core is absent: run make assets")
    return AXE


def seen(page: Page, where: str) -> Iterator[str]:
    """What is wrong with the page as it is shown now."""
    for one in page.evaluate(RUN_AXE):
        yield f"{where}: {one}"


@pytest.mark.parametrize("part", range(PARTS))
def test_每一页_浅色宽屏和深色手机_无障碍检查没有一处问题(house: House, visit: Visits, axe: Path, part: int) -> None:
    visitors: dict[str, Visitor] = {}
    weights = Weights()
    wrong: list[str] = []
    statuses: dict[str, int] = {}
    for look in looks(house)[part::PARTS]:
        if look.who not in visitors:
            visitors[look.who] = visit(look.who, reduced_motion="reduce")
            visitors[look.who].context.add_init_script(path=axe)
        visitor = visitors[look.who]
        page = visitor.page
        visitor.scripts.clear()
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        statuses[look.name or look.address] = status = opened(visitor, look)
        if not status:
            continue
        where = f"{look.name} {look.address} ({status})"
        wrong += seen(page, f"{where} light 1440")
        if (sent := sum(weights.of(url) for url in visitor.scripts)) > BUDGET:
            wrong.append(f"{where}: {sent} bytes of script")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(NARROW)
        wrong += seen(page, f"{where} dark 390")
        if wide := page.evaluate(TOO_WIDE):
            wrong.append(f"{where}: wider than the screen, {wide}")
        assert page.evaluate(SET_WIDE), f"{where}: text can't be set wide"
        if wide := page.evaluate(TOO_WIDE):
            wrong.append(f"{where}: wider than the screen where text is set wide, {wide}")
        visitor.violations()
    assert wrong == [], "\n".join(wrong)
    assert sum(status == 200 for status in statuses.values()) > 15, statuses


def test_主要的十页_浅色手机和深色宽屏_也没有一处问题(house: House, visit: Visits, axe: Path) -> None:
    visitors = {who: visit(who, reduced_motion="reduce") for who in {who for who, _ in MAIN}}
    wrong: list[str] = []
    for visitor in visitors.values():
        visitor.context.add_init_script(path=axe)
    for who, address in MAIN:
        visitor, where = visitors[who], address.format(**house.things)
        page = visitor.page
        page.emulate_media(color_scheme="light")
        # Drawn for the telephone from the first, not made narrow afterwards.
        page.set_viewport_size(NARROW)
        answer = visitor.go(where)
        assert answer is not None
        assert answer.status == 200, where
        wrong += seen(page, f"{where} light 390")
        if wide := page.evaluate(TOO_WIDE):
            wrong.append(f"{where}: wider than the screen, {wide}")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(WIDE)
        wrong += seen(page, f"{where} dark 1440")
        visitor.violations()
    assert wrong == [], "\n".join(wrong)
