"""Cases in the corner: an enterprise sees those that it was told of, does there what is its to do, and never learns that it
was reported or is being looked into.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.book_once import book_once
from tests.desk.officers import officer, said_on, signed_in
from tests.factories import AliasFactory, GrantFactory
from tests.reading.test_attachments import PDF
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.make_documents import make_documents
from zhiheng.actions.cases.open_case import PartyGiven, open_case
from zhiheng.actions.cases.restrict_case import restrict_case
from zhiheng.actions.cases.strike_line import strike_line
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.case_documents import CASE_DOCUMENTS
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias
from zhiheng.office.cases import Case, CaseEvent, CaseStandingRow
from zhiheng.pages.access import call_by
from zhiheng.people.actors import actor_of
from zhiheng.people.models import Account
from zhiheng.queries.cases import case_sheet, require_readable
from zhiheng.queries.party_cases import PartySheet, is_addressed, party_sheet

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MARKET = "liyuan_market"
UNTIL = (timezone.localdate() + dt.timedelta(days=40)).isoformat()


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    """A folder for what a test keeps."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()


@pytest.fixture
def firm() -> Alias:
    """An enterprise of the ledger."""
    return AliasFactory(name="试验老面馆", code="91TEST00000000000B")


@pytest.fixture
def owner(firm: Alias) -> Account:
    """Its owner."""
    account: Account = Account.objects.create_user(
        "owner", None, name="马老板", kind="enterprise", subject=firm.subject_id
    )
    GrantFactory(account=account, role="enterprise_owner", subject=firm.subject_id)
    return account


@pytest.fixture
def browser(owner: Account) -> Client:
    """The owner, signed in."""
    return signed_in(owner)


@pytest.fixture
def clerk() -> Call:
    """An officer of the market bureau."""
    return call_by(actor_of(officer("department_officer", MARKET, "990101", "何承办")))


@pytest.fixture
def head() -> Call:
    """Its head."""
    return call_by(actor_of(officer("department_head", MARKET, "990101", "周负责")))


def ordered(firm: Alias, clerk: Call) -> Case:
    """A case in which the enterprise is ordered to put something right."""
    made = open_case(
        "rectification",
        "find",
        {"basis": "inspection", "problem": "台账不全", "source_number": "JC-26-7"},
        unit=MARKET,
        call=clerk,
        parties=[PartyGiven("ordered", alias=firm.pk)],
        happened=clerk.today,
    )
    return made.case


def complained(firm: Alias, clerk: Call) -> Case:
    """A complaint about the enterprise, received today."""
    return open_case(
        "complaint",
        "receive",
        {"claim": "退款", "dispute": "漏电"},
        unit=MARKET,
        call=clerk,
        parties=[PartyGiven("respondent", alias=firm.pk)],
        happened=clerk.today,
    ).case


def order(case: Case, clerk: Call) -> None:
    act_in_case(case.pk, "order.in_time", {"requirement": "补齐台账", "rectify_by": UNTIL}, call=clerk)


def text(browser: Client, route: str, *args: Any, status: int = 200) -> str:
    answer = browser.get(reverse(f"firm:{route}", args=args))
    assert answer.status_code == status, answer.content.decode()[:1500]
    return said_on(answer.content.decode())


def test_告知以前看不到_告知以后看到状态_期限怎么算_能做什么(browser: Client, firm: Alias, clerk: Call) -> None:
    case = ordered(firm, clerk)
    assert "没有您参与的案件" in text(browser, "cases")
    text(browser, "case", case.pk, status=404)
    order(case, clerk)
    assert case.number in text(browser, "cases")
    shown = text(browser, "case", case.pk)
    for words in ("现在可以做", "提交整改报告", "我方的期限", f"应于 {UNTIL}", "文书载明的期限", "经过"):
        assert words in shown, words
    assert "台账不全" not in shown, "what officers wrote among themselves is not shown"


def test_在案件里提交整改报告和附件_之后列在经过里(browser: Client, firm: Alias, clerk: Call) -> None:
    case = ordered(firm, clerk)
    order(case, clerk)
    url = reverse("firm:case_act", args=[case.pk, "report_done.plain"])
    place = str(CaseEvent.objects.filter(case=case).count())
    empty = browser.post(url, {"place": place, "corrected": ""})
    assert empty.status_code == 422
    happened = timezone.localdate().isoformat()
    typed = {"place": place, "corrected": "已补齐三个月台账", "happened": happened}
    answer = browser.post(url, {**typed, "attachments": SimpleUploadedFile("台账.pdf", PDF)})
    assert answer.status_code == 302, said_on(answer.content.decode())[:1500]
    line = CaseEvent.objects.get(case=case, act="report_done")
    assert "马老板" in line.people
    assert line.attachments.get().name == "台账.pdf"
    shown = text(browser, "case", case.pk)
    assert "已补齐三个月台账" in shown
    assert "我方" in shown
    assert browser.get(url).status_code == 404, "it was done"


def test_送达的文书可以下载_别家企业打不开(browser: Client, firm: Alias, clerk: Call) -> None:
    case = ordered(firm, clerk)
    order(case, clerk)
    make_documents(call=call_by(SYSTEM))
    assert "送达的文书" in text(browser, "case", case.pk)
    paper = case.documents.get()
    answer = browser.get(reverse("firm:case_paper", args=[paper.pk, "pdf"]))
    assert answer.content[:4] == b"%PDF"
    other: Account = Account.objects.create_user("other", None, kind="enterprise", subject=AliasFactory().subject_id)
    GrantFactory(account=other, role="enterprise_owner", subject=other.subject)
    stranger = signed_in(other)
    assert "没有您参与的案件" in text(stranger, "cases")
    text(stranger, "case", case.pk, status=404)
    assert stranger.get(reverse("firm:case_paper", args=[paper.pk, "pdf"])).status_code == 404


def test_有没有举报_被举报的企业看不到_问编号也像没有一样(
    browser: Client, owner: Account, firm: Alias, clerk: Call
) -> None:
    made = open_case(
        "report",
        "receive",
        {"lead": "天天卖过期糕点", "named": "no"},
        unit=MARKET,
        call=clerk,
        parties=[PartyGiven("reported", alias=firm.pk)],
        happened=clerk.today,
    )
    assert "没有您参与的案件" in text(browser, "cases")
    there, not_there = (text(browser, "case", number, status=404) for number in (made.case.pk, 999_999))
    assert there.replace(str(made.case.pk), "N") == not_there.replace("999999", "N")
    for ask in (case_sheet, require_readable):
        with pytest.raises(Refused):
            ask(made.case.pk, call=call_by(actor_of(owner)))


def test_限制查阅的看不到_告知被撤销的写明已撤销(browser: Client, firm: Alias, clerk: Call, head: Call) -> None:
    case = ordered(firm, clerk)
    order(case, clerk)
    restrict_case(case.pk, restricted=True, reason="涉及举报人安全", call=head)
    text(browser, "case", case.pk, status=404)
    restrict_case(case.pk, restricted=False, reason="已消除", call=head)
    text(browser, "case", case.pk)
    strike_line(CaseEvent.objects.get(case=case, act="order").pk, reason="责令错了对象", call=head)
    shown = text(browser, "case", case.pk)
    assert "撤销了这一步，不再作数" in shown
    assert "责令错了对象" not in shown
    assert "现在没有需要您做的" in shown


def _in_corner(case: Case, owner: Account) -> PartySheet:
    return party_sheet(case.pk, call=call_by(actor_of(owner)))


def test_由告知的那一件得知_食品不合格送达以后生产者能报告控制风险_送达以前看不到(
    browser: Client, owner: Account, firm: Alias, clerk: Call
) -> None:
    found = {"report_number": "SP-1", "food": "糕点 A1", "failed_items": "过氧化值", "serious": False}
    case = open_case(
        "food_follow_up", "open", found, unit=MARKET, call=clerk, parties=[PartyGiven("producer", alias=firm.pk)]
    ).case
    act_in_case(case.pk, "serve", {"told": "试验老面馆"}, call=clerk)
    assert "没有您参与的案件" in text(browser, "cases")
    child = case.children.get().child
    told = {"first_laboratory": "甲所", "microbiological": False, "spare_until": UNTIL}
    act_in_case(child.pk, "serve.producer", told, call=clerk, happened=clerk.today)
    assert case.number in text(browser, "cases")
    assert "报告已采取风险控制措施" in text(browser, "case", case.pk)
    act_in_case(
        case.pk, "report_control", {"measures": "已下架封存"}, call=call_by(actor_of(owner)), happened=clerk.today
    )
    assert CaseEvent.objects.filter(case=case, act="report_control").exists()


def test_送达经营者的_没有告诉生产者(browser: Client, firm: Alias, clerk: Call) -> None:
    found = {"report_number": "SP-1", "food": "糕点 A1", "failed_items": "过氧化值", "serious": False}
    case = open_case(
        "food_follow_up", "open", found, unit=MARKET, call=clerk, parties=[PartyGiven("producer", alias=firm.pk)]
    ).case
    act_in_case(case.pk, "serve", {"told": "某超市"}, call=clerk)
    told = {"first_laboratory": "甲所", "microbiological": False, "spare_until": UNTIL}
    act_in_case(case.children.get().child_id, "serve.trader", told, call=clerk, happened=clerk.today)
    text(browser, "case", case.pk, status=404)


def test_调解中发现的线索在核查_被投诉的企业看不到(browser: Client, owner: Account, firm: Alias, clerk: Call) -> None:
    case = complained(firm, clerk)
    act_in_case(case.pk, "decide.accept", {}, call=clerk)
    act_in_case(case.pk, "find_lead", {"lead": "无证生产"}, call=clerk)
    for page in (text(browser, "case", case.pk), text(browser, "cases")):
        assert "线索" not in page
        assert "调解中" in page
    sheet = _in_corner(case, owner)
    assert "verification" not in {clock.period for clock in (*sheet.own_clocks, *sheet.office_clocks)}
    assert "verifying" in CaseStandingRow.objects.get(case=case).states


def test_被投诉的企业写姓名申请调解人员回避(browser: Client, firm: Alias, clerk: Call) -> None:
    case = complained(firm, clerk)
    act_in_case(case.pk, "decide.accept", {}, call=clerk)
    url = reverse("firm:case_act", args=[case.pk, "challenge"])
    assert "何承办" not in browser.get(url).content.decode()
    answer = browser.post(url, {"place": "2", "challenged": "何承办", "reason": "与投诉人是亲属"})
    assert answer.status_code == 302, said_on(answer.content.decode())[:1500]
    assert "何承办" in CaseEvent.objects.get(case=case, act="challenge").data


def test_修复申请人看得到受理_补正和决定的文书(owner: Account, firm: Alias, clerk: Call, head: Call) -> None:
    case = open_case(
        "credit_repair",
        "apply.abnormal",
        {"asks_for": "abnormal_list"},
        unit=MARKET,
        call=clerk,
        parties=[PartyGiven("applicant", alias=firm.pk)],
        happened=clerk.today,
    ).case
    act_in_case(case.pk, "accept.abnormal", {}, call=clerk)
    act_in_case(case.pk, "decide.abnormal", {"corrected": "report"}, call=head)
    make_documents(call=call_by(SYSTEM))
    assert {paper.document for paper in _in_corner(case, owner).papers} == {"repair_accepted", "repair_granted"}


def test_写给企业的每一份通知_签发以后都有一步告诉它(book_root: Path) -> None:
    book = book_once(book_root)
    missing = []
    for workflow in case_book(book).workflows.values():
        page, acts = workflow.page, workflow.acts.values()
        for role, party in page.parties.items():
            told = [act for act in acts if {act.key, act.name} & {*party.learns}]
            for act in acts if party.is_enterprise and page.reads is None else ():
                served = act in told or any((each.any_of | each.all_of) & act.begins for each in told)
                papers = [book[CASE_DOCUMENTS][name].page for name in act.body.issues]
                if not served and any(is_addressed(paper, role, page) for paper in papers):
                    missing.append(f"{workflow.name} {role} {act.key}")
    assert missing == []
