"""Five of the twelve things that officers ask of every system of cases, each shown on the pages as those see them whom
it concerns: how a day was counted, a wrong click put right, reopening, a trial of new rules, four eyes that differ.

They share one small place, whose clock the tests set; each opens cases of its own and stands on its own.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT
from tests.browser.office_at_work import FIRM, FOOD, Office, office, place

__all__ = ["office", "place"]
pytestmark = pytest.mark.slow

DAY = re.compile(r"应于\s*(\d{4}-\d{2}-\d{2})")


def complaint(office: Office, day: str, login: str = "handler", respondent: str = FOOD, **said: str) -> str:
    """A complaint that came on a day, entered by an officer; its address."""
    told = {"happened": day, "claim": "退还货款二百元", "dispute": "鸡蛋糕有异味", **said}
    return office.open(login, "complaint", {"respondent": respondent}, **told)


def number_of(office: Office, login: str, case: str) -> str:
    """The number of a case, as its page says it."""
    visitor = office.by(login)
    visitor.go(case)
    found = re.search(r"\S+〔\d{4}〕\d+号", visitor.page.locator("h1").inner_text())
    assert found is not None
    return found[0]


def clock(page: Page, period: str) -> str:
    """What stands of a period on the page of a case, with why it ends on that day."""
    found = page.locator("section[aria-labelledby=clocks] .card-body > div", has_text=period).first
    if (why := found.locator("summary")).count():
        why.first.click()
    return found.inner_text()


def last_day(page: Page, period: str) -> str:
    """The last day of a period."""
    day = DAY.search(clock(page, period))
    assert day is not None, period
    return day[1]


def test_二_工作日自然日和放假各按法律算_算法写在旁边(office: Office) -> None:
    office.at("2026-04-28")
    case = complaint(office, "2026-04-28")
    page = office.stands("handler", case, "待决定是否受理")
    told = clock(page, "决定是否受理")
    # Seven working days from 29 April: 1 to 5 May is a holiday, 9 May is worked.
    assert "2026-05-11" in told, told
    assert "放假" in told, told
    office.at("2026-04-29")
    office.do("handler", case, "decide.accept")
    page = office.stands("handler", case, "调解中")
    # Sixty days as they pass, holidays or not.
    assert "2026-06-28" in clock(page, "调解期限"), clock(page, "调解期限")


def test_五_办错了由另一人撤销_原文和理由都在(office: Office) -> None:
    office.at("2026-06-03")
    case = office.open(
        "handler",
        "rectification",
        {"ordered": FIRM},
        happened="2026-06-03",
        basis="inspection",
        problem="台账不全",
        source_number="JC-26-9",
    )
    office.do("handler", case, "order.in_time", requirement="补齐台账", rectify_by="2026-06-30")
    own = office.by("handler")
    own.go(case)
    expect(own.page.locator("summary", has_text="撤销这条记录")).to_have_count(0)
    head = office.by("head")
    head.go(case)
    line = head.page.locator("section[aria-labelledby=log] li.entry", has_text="责令改正").first
    line.locator("summary", has_text="撤销这条记录").click()
    line.locator("[name=reason]").fill("责令错了对象，另行下达。")
    head.send(line.get_by_role("button", name="撤销，原文保留"))
    expect(head.page.locator("#messages")).to_contain_text("已撤销")
    office.stands("handler", case, "待责令")
    log = own.page.locator("section[aria-labelledby=log]")
    expect(log).to_contain_text("补齐台账")
    expect(log).to_contain_text("责令错了对象，另行下达。")
    expect(log).to_contain_text("王局")


def test_六_办结的可以重新打开_迟到的材料还能归档(office: Office) -> None:
    office.at("2026-06-08")
    case = complaint(office, "2026-06-08")
    office.do("handler", case, "decide.accept")
    office.do("handler", case, "agree", agreement="退还货款二百元。", fulfilled="true")
    office.do("second", case, "check_effect.solved", effect_note="电话回访，已退款。")
    office.stands("handler", case, "已办结")
    office.at("2026-06-15")
    visitor = office.by("handler")
    visitor.go(case)
    page = visitor.page
    small = page.locator("section[aria-labelledby=small]")
    small.locator("[name=text]").fill("补交付款凭证。")
    small.locator("[name=attachments]").set_input_files(
        {"name": "付款凭证.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    )
    visitor.send(small.get_by_role("button", name="记录", exact=True))
    expect(page.locator("section[aria-labelledby=log]")).to_contain_text("付款凭证.pdf")
    office.stands("handler", case, "已办结")
    office.do("head", case, "reopen", reopen_reason="投诉人来电，退款没有到账。")
    office.stands("handler", case, "待核实效果")
    expect(office.by("handler").page.locator("section[aria-labelledby=log]")).to_contain_text("退款没有到账")


def test_七_新规定管到在办的案件_不用迁移_换书以前先试算(office: Office, tmp_path: Path) -> None:
    office.at("2026-06-16")
    case = complaint(office, "2026-06-16")
    office.do("handler", case, "decide.accept")
    number = number_of(office, "handler", case)
    before = last_day(office.stands("handler", case, "调解中"), "调解期限")
    other = Path(shutil.copytree(ROOT / "book", tmp_path / "other"))
    page = other / "law" / "complaints.yaml"
    text = page.read_text("utf-8")
    start = text.index("mediation_limit:")
    limit = text.index("value: 60", start)
    page.write_text(text[:limit] + "value: 90" + text[limit + len("value: 60") :], "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from zhiheng.cli.main import main; main()", "book", "try", str(other)],
        env=office.place.environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert number in done.stdout
    assert before in done.stdout, "the end under the book of today, beside that under the other"
    assert last_day(office.stands("handler", case, "调解中"), "调解期限") == before, "a trial writes nothing"


def test_八_四只眼睛真的是两个人_签过的不能再签_经办的不能审核(office: Office) -> None:
    office.at("2026-06-17")
    case = office.open(
        "head", "penalty_case", {"party": FIRM}, "open_verified", lead="销售不合格减速器。", officers=["李敏", "赵安"]
    )
    visitor = office.form("handler", case, "investigate.on_site")
    page = visitor.page
    page.fill("[name=happened]", "2026-06-17")
    page.fill("[name=evidence]", "现场笔录")
    visitor.send(page.get_by_role("button", name="提出并签署", exact=True))
    expect(page.locator("#messages")).to_contain_text("还须 1 人签署")
    visitor.go(case)
    expect(page.get_by_role("button", name="核对无误，签署")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("已经签署；请另一人签署")
    third = office.by("third")
    third.go(case)
    expect(third.page.get_by_role("button", name="核对无误，签署")).to_have_count(0)
    second = office.by("second")
    second.go(case)
    second.send(second.page.get_by_role("button", name="核对无误，签署"))
    expect(second.page.locator("#messages")).to_contain_text("已签署")
    visitor.go(case)
    log = page.locator("section[aria-labelledby=log]")
    expect(log).to_contain_text("李敏、赵安")
    office.can_not("handler", case, "审核", "审核人员")
