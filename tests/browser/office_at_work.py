"""People of a small place at work in its pages, whose clock the tests set (``served.py``)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import ROOT, House, Visitor, Visits, visits_to

FIRM, FOOD = "云澜市砺原区磐钻石油机械有限公司", "云澜市麦垄禾香食品有限公司"


@dataclass
class Place(House):
    """The place of these stories: its clock is set, and its worker works when told."""

    process: subprocess.Popen[bytes] | None = None

    def ask(self, **words: Any) -> Mapping[str, Any]:
        """Give an order, and wait for the answer."""
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(orjson.dumps(words) + b"\n")
        self.process.stdin.flush()
        answer: Mapping[str, Any] = orjson.loads(self.process.stdout.readline())
        assert "problem" not in answer, answer
        return answer


@pytest.fixture(scope="module")
def place(one_browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The small place, made and served by a process of its own."""
    assert one_browser.is_connected()
    if not (ROOT / "zhiheng/pages/static/pages/built/desk.js").is_file():
        pytest.skip("style sheet and scripts are not built: run make assets")
    folder = tmp_path_factory.mktemp("stories")
    environment = {**os.environ, "ZHIHENG_DATA": str(folder / "var"), "PYTHONPATH": str(ROOT)}
    with (folder / "served.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.browser.served"],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, (folder / "served.log").read_text()
        told = orjson.loads(line)
        yield Place(told["url"], folder / "var", environment, {}, told["sessions"], [], process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)


@dataclass
class Office:
    """The people of the place at work, each in a browser of their own."""

    place: Place
    visit: Visits
    people: dict[str, Visitor] = field(default_factory=dict)

    def at(self, moment: str) -> None:
        """It is this day, at nine, or this moment."""
        self.place.ask(now=moment if "T" in moment else f"{moment}T09:00")

    def by(self, login: str) -> Visitor:
        """The browser of somebody."""
        if login not in self.people:
            self.people[login] = self.visit(login)
        return self.people[login]

    def open(self, login: str, workflow: str, parties: Mapping[str, str], act: str = "", **said: Any) -> str:
        """Open a case with enterprises that are found in the ledger; returns its address."""
        visitor = self.by(login)
        page = visitor.page
        visitor.go("/desk/cases/new/")
        visitor.send(page.locator(f"main a[href$='/cases/new/{workflow}/']"))
        for role, name in parties.items():
            page.fill(f"[name=party_{role}]", name)
            visitor.send(page.locator(f"button[name=find][value={role}]"))
            page.locator(f"#party-{role}").get_by_role("radio", name=name).check()
        if act:
            page.select_option("[name=act]", act)
        fill(page, said)
        visitor.send(page.get_by_role("button", name="立案", exact=True))
        expect(page.locator("#messages")).to_contain_text("已立案")
        return page.url.removeprefix(self.place.url)

    def form(self, login: str, case: str, act: str) -> Visitor:
        """The form of an act, reached from the case's page."""
        visitor = self.by(login)
        visitor.go(case)
        visitor.send(visitor.page.locator(f"section[aria-labelledby=acts] a[href$='/act/{act}/']"))
        return visitor

    def do(self, login: str, case: str, act: str, *signers: str, **said: Any) -> None:
        """Do an act on its form; it is recorded, or proposed and signed by the others on the case's page."""
        visitor = self.form(login, case, act)
        page = visitor.page
        fill(page, said)
        visitor.send(page.get_by_role("button", name="提出并签署" if signers else "确定", exact=True))
        expect(page.locator("#messages")).to_contain_text("已提出" if signers else "已记录")
        for signer in signers:
            other = self.by(signer)
            other.go(case)
            other.send(other.page.get_by_role("button", name="核对无误，签署"))
            expect(other.page.locator("#messages")).to_contain_text("已签署")

    def in_corner(self, case: str, act: str, **said: Any) -> None:
        """The enterprise itself does an act, in its corner."""
        visitor = self.by("owner")
        visitor.go("/firm/cases/")
        visitor.send(visitor.page.locator(f"main a[href$='{case.removeprefix('/desk')}']"))
        visitor.send(visitor.page.locator(f"section[aria-labelledby=acts] a[href$='/act/{act}/']"))
        fill(visitor.page, said)
        visitor.send(visitor.page.get_by_role("button", name="提交", exact=True))
        expect(visitor.page.locator("#messages")).to_contain_text("已提交")

    def several(self, login: str, *cases: str, where: str = "/desk/cases/") -> Visitor:
        """The page of one act for many cases, after these were ticked in a list."""
        visitor = self.by(login)
        visitor.go(where)
        for case in cases:
            visitor.page.locator(f"input[name=case][value='{case.strip('/').rpartition('/')[2]}']").first.check()
        visitor.send(visitor.page.get_by_role("button", name="批量办理所选"))
        return visitor

    def refused(self, login: str, case: str, act: str, why: str, **said: Any) -> None:
        """What was typed is refused, on the form, with this reason."""
        visitor = self.form(login, case, act)
        fill(visitor.page, said)
        visitor.send(visitor.page.get_by_role("button", name="确定", exact=True))
        expect(visitor.page.locator("main")).to_contain_text(why)

    def can_not(self, login: str, case: str, act: str, why: str) -> None:
        """The case's page says why somebody can't do an act now."""
        visitor = self.by(login)
        visitor.go(case)
        listed = visitor.page.locator("section[aria-labelledby=acts] details")
        for folded in listed.locator("summary").all():
            folded.click()
        named = listed.locator("dt").filter(has_text=re.compile(rf"^\s*{re.escape(act)}"))
        if named.count():
            expect(named.first.locator("xpath=following-sibling::dd[1]")).to_contain_text(why)
            return
        # Others can do it now: it stands below who they are.
        theirs = visitor.page.locator("section[aria-labelledby=acts] details", has=visitor.page.locator("li"))
        expect(theirs.filter(has_text=act).first).to_contain_text(why)

    def stands(self, login: str, case: str, *states: str, due: Mapping[str, tuple[str, str]] | None = None) -> Page:
        """The case's page shows these states and, of each period named, its last day and article."""
        visitor = self.by(login)
        visitor.go(case)
        page = visitor.page
        shown = page.locator("main p.line").first.locator(".badge").all_inner_texts()
        assert [text.strip() for text in shown] == list(states)
        for period, (day, article) in (due or {}).items():
            clock = page.locator("section[aria-labelledby=clocks] div", has=page.locator(f"strong:text-is('{period}')"))
            expect(clock.first).to_contain_text(f"应于 {day}")
            expect(clock.first).to_contain_text(article)
        return page

    def child(self, login: str, case: str, at: int = 0) -> str:
        """The address of a case that another one has opened."""
        visitor = self.by(login)
        visitor.go(case)
        links = visitor.page.get_by_role("link", name="由此开立的案件")
        return str(links.nth(at).get_attribute("href"))

    def papers(self, login: str, case: str, *titles: str) -> None:
        """The documents that the case has issued, made by the worker; each opens."""
        self.place.ask(work=True)
        visitor = self.by(login)
        visitor.go(case)
        lines = visitor.page.locator("section[aria-labelledby=log] p", has=visitor.page.get_by_role("link", name="PDF"))
        told = lines.all_inner_texts()
        for title in titles:
            assert any(title in text for text in told), (title, told)
        for line in lines.all():
            assert self.file(visitor, line, "PDF")[:4] == b"%PDF"
            assert self.file(visitor, line, "DOCX")[:2] == b"PK"
        expect(visitor.page.locator("section[aria-labelledby=log]")).not_to_contain_text("正在制作")

    def file(self, visitor: Visitor, line: Locator, kind: str) -> bytes:
        """What a link downloads."""
        address = str(line.get_by_role("link", name=kind).get_attribute("href"))
        answer = visitor.context.request.get(self.place.url + address)
        assert answer.status == 200, address
        return answer.body()


def fill(page: Page, said: Mapping[str, Any]) -> None:
    """Fill in a form: fields that are typed, chosen or ticked, each found by its name."""
    for name, value in said.items():
        found = page.locator(f"main form.card [name={name}]")
        kind = found.first.evaluate("one => one.type")
        if kind == "checkbox":
            for each in value:
                page.locator(f"#id_{name}, fieldset:has([name={name}])").get_by_label(each).check()
        elif kind == "select-one":
            found.select_option(value)
        else:
            found.fill("\n".join(value) if isinstance(value, Sequence) and not isinstance(value, str) else value)


@pytest.fixture
def office(browser: Browser, place: Place) -> Iterator[Office]:
    """The office on the day of a story."""
    for visit in visits_to(place, browser):
        yield Office(place, visit)
