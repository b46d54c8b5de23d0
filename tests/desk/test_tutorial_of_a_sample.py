"""The tutorial of a failed sample is followed to the letter: every step that it names is on the page of the person who
is signed in, every field that its tables name is on the form, and every state that it promises comes.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from lxml import html

from tests.book_once import book_once
from tests.desk.officers import officer, signed_in
from tests.factories import AliasFactory
from zhiheng.grammar.chapters.demo_accounts import DEMO_ACCOUNTS
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.office.cases import Case, CaseHandIn
from zhiheng.pages.access import today
from zhiheng.projections.models import Card, SearchEntry
from zhiheng.projections.tokens import folded

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial" / "one-failed-sample.md"
FIRM = "云澜市砺原景展明石油机械有限公司"
# What the page tells the reader to do, in its own words.
TOLD = re.compile(
    r"以 `(?P<login>demo-[a-z]+)` 登录|(?P<notice>打开告知的那一件)|(?P<sample>回到不合格样品的案件)"
    r"|选“(?P<workflow>[^”]+)”|点(?:办理记录里的)?“(?P<press>[^”]+)”|状态(?:变成|是|多了)(?P<states>“[^”]+”(?:和“[^”]+”)?)"
    r"|(?P<table>(?:^\|.*\|\n)+)",
    re.MULTILINE,
)
# Buttons and links that are no acts of a case.
OF_THE_PAGE = {"案件", "新立案", "为什么是这一天", "提出并签署"}


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    """A folder for what the test keeps."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()


@dataclass
class Reader:
    """Somebody who follows the page: signed in as one of the demo's officers, with a page and perhaps a form open."""

    browsers: dict[str, Client]
    browser: Client = field(default_factory=Client)
    workflow: str = ""
    # The address of the page of a case, and of a form that is not sent yet.
    at: str = ""
    form: str = ""
    typed: dict[str, Any] = field(default_factory=dict)
    # The enterprise of the form is looked for in the ledger.
    finds: bool = False
    sample: str = ""
    notice: str = ""
    done: list[str] = field(default_factory=list)

    def page(self, address: str) -> Any:
        """What is on a page."""
        answer = self.browser.get(address)
        assert answer.status_code == 200, address
        return html.fromstring(answer.content.decode())

    def press(self, words: str) -> None:
        """A link or a button, by what stands on it."""
        if words in OF_THE_PAGE:
            return
        if words == "在企业台账中查找":
            self.finds = True
        elif words == "由此开立的案件":
            self.send()
            (link,) = {one.get("href") for one in self.page(self.at).iter("a") if words in one.text_content()}
            self.at = self.notice = link
        elif words == "核对无误，签署":
            (form,) = [one for one in self.page(self.at).iter("form") if words in one.text_content()]
            digest = form.xpath(".//input[@name='digest']")[0].get("value")
            assert self.browser.post(form.get("action"), {"digest": digest}).status_code == 302
        elif words == "立案":
            self.send()
            self.sample = self.at
        else:
            self.send()
            acts = self.page(self.at).xpath("//section[@aria-labelledby='acts']//a[contains(@href, '/act/')]")
            said = {" ".join(one.text_content().split()).partition("（须")[0].strip(): one.get("href") for one in acts}
            assert words in said, (words, sorted(said))
            self.form = said[words]
            self.done.append(words)

    def fill(self, table: str) -> None:
        """The rows of a table: what stands before a field, and what is written into it."""
        for row in table.strip().splitlines()[2:]:
            label, value = (cell.strip() for cell in row.strip("|").split("|"))
            self.typed[label] = value

    def send(self) -> None:
        """Send the form that is open, with what was typed; it is accepted."""
        if not self.form:
            return
        page = self.page(self.form)
        (form,) = [one for one in page.iter("form") if one.get("enctype")]
        values = {one.get("name"): one.get("value", "") for one in form.xpath(".//input[@type='hidden']")}
        names = {
            "".join(one.itertext()).partition("（选填）")[0].strip(): one.get("for").removeprefix("id_")
            for one in form.iter("label")
            if one.get("for", "").startswith("id_")
        }
        for label, value in self.typed.items():
            assert label in names, (label, sorted(names))
            values[names[label]] = self.meant(value)
        for choice in form.iter("select"):
            if choice.get("name") not in values:
                values[choice.get("name")] = choice.value
        if self.finds:
            found = self.browser.post(self.form, {**values, "find": "sampled"}).content.decode()
            values["subject_sampled"] = html.fromstring(found).xpath("//input[@name='subject_sampled']")[0].get("value")
            self.finds = False
        answer = self.browser.post(self.form, values)
        assert answer.status_code == 302, (
            self.form,
            html.fromstring(answer.content.decode()).find(".//main").text_content(),
        )
        self.at, self.form, self.typed = answer.headers["Location"], "", {}

    @staticmethod
    def meant(value: str) -> str:
        """What is typed where the page names a day or an answer."""
        days = {"今天": 0, "三十天后": 30}
        if value in days:
            return str(today() + dt.timedelta(days=days[value]))
        return {"是": "true", "否": "false"}.get(value, value)

    def states(self) -> list[str]:
        """The states of the case whose page is open."""
        self.send()
        return [
            one.text_content().strip()
            for one in self.page(self.at).xpath("(//main//p[@class='line'])[1]//span[contains(@class, 'badge')]")
        ]


def in_ledger() -> None:
    """The enterprise of the tutorial, with a card by which officers find it."""
    alias = AliasFactory(name=FIRM, code="91TEST00000000000A")
    Card.objects.create(
        subject=alias.subject_id, name=FIRM, code=alias.code, area="990101", facts=1, last_on=dt.date(2026, 7, 1)
    )
    SearchEntry.objects.create(subject=alias.subject_id, kind="name", text=folded(FIRM), shown=FIRM, starts=True)


def test_照教程一步一步走_从立案到办结() -> None:
    in_ledger()
    book = book_once(ROOT / "book")
    area_of_unit = book[DISTRICT].area_of_unit
    reader = Reader(
        {
            one.login: signed_in(officer(one.role, one.unit, area_of_unit[one.unit], one.name))
            for one in book[DEMO_ACCOUNTS]
            if one.login in ("demo-market", "demo-second", "demo-head")
        }
    )
    promised = 0
    for told in TOLD.finditer(TUTORIAL.read_text("utf-8")):
        if login := told["login"]:
            reader.send()
            reader.browser = reader.browsers[login]
        elif told["workflow"]:
            (reader.form,) = {
                one.get("href")
                for one in reader.page(reverse("desk:case_new")).iter("a")
                if told["workflow"] in one.text_content()
            }
        elif told["press"]:
            reader.press(told["press"])
        elif told["table"]:
            reader.fill(told["table"])
        elif told["notice"] or told["sample"]:
            reader.send()
            reader.at = reader.notice if told["notice"] else reader.sample
        else:
            stands = reader.states()
            for state in re.findall("“([^”]+)”", told["states"]):
                promised += 1
                assert state in stands, (state, stands)
    reader.send()
    case = Case.objects.get(workflow="product_follow_up")
    assert reader.states() == ["已办结"]
    assert promised >= 9
    assert {"责令改正", "提出书面异议：对检验结论，申请复检", "复查结论：合格，可以恢复产销"} <= set(reader.done)
    # What the last section says becomes facts of the enterprise: both rows wait for the worker.
    assert CaseHandIn.objects.filter(line__case=case).count() == 2
