"""Cases at the desk: opened, acted in and struck through the pages; what can't be done says why; two officers at once."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.desk.number_doors import open_every_door
from tests.desk.officers import officer, said_on, signed_in
from tests.factories import AliasFactory
from tests.reading.test_attachments import PDF
from zhiheng.actions.cases.make_documents import _on_paper, make_documents
from zhiheng.kernel.actor import SYSTEM
from zhiheng.ledger.models import Alias
from zhiheng.office.cases import Case, CaseAttachment, CaseDraft, CaseEvent, CasePartyRow
from zhiheng.pages.access import call_by
from zhiheng.projections.models import Card, SearchEntry
from zhiheng.projections.tokens import folded

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ASKS, FACTS = "退还货款二百元", "所售大米标签没有生产日期"


@pytest.fixture(autouse=True)
def data_folder(settings: LazySettings, tmp_path: Path) -> None:
    """A folder for what a test keeps."""
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()


@pytest.fixture
def clerk() -> Client:
    """An officer of the market bureau of the first district."""
    return signed_in(officer("department_officer", "liyuan_market", "990101", "何承办"))


@pytest.fixture
def colleague() -> Client:
    """Another one."""
    return signed_in(officer("department_officer", "liyuan_market", "990101", "沈同事"))


def text_of(browser: Client, route: str, *args: Any, status: int = 200, **query: Any) -> str:
    """What stands on a page."""
    answer = browser.get(reverse(f"desk:{route}", args=args), query)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return said_on(answer.content.decode())


def hidden(browser: Client, url: str) -> dict[str, str]:
    """The hidden values of the form on a page."""
    page = browser.get(url).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(place|once_key|act|subject|digest)" value="([^"]*)"', page))


def opened(browser: Client, **more: str) -> Case:
    """A complaint that came by telephone, entered at the desk."""
    url = reverse("desk:case_open", args=["complaint"])
    typed = {
        **hidden(browser, url),
        "unit": "liyuan_market",
        "party_respondent": "试验第三食品超市有限公司",
        "code_respondent": "",
        "happened": "2026-11-20",
        "claim": ASKS,
        "dispute": FACTS,
        **more,
    }
    answer = browser.post(url, typed)
    assert answer.status_code == 302, said_on(answer.content.decode())[:3000]
    return Case.objects.get(pk=int(answer.headers["Location"].strip("/").split("/")[-1]))


def do(browser: Client, case: Case, act: str, **typed: Any) -> Any:
    """Send the form of an act."""
    url = reverse("desk:case_act", args=[case.pk, act])
    return browser.post(url, {**hidden(browser, url), **typed})


def test_没有案件时说明什么会列在这里(clerk: Client) -> None:
    text = text_of(clerk, "cases")
    assert "没有案件" in text
    assert "收到投诉举报" in text


def test_登记一件投诉_案件页写明状态_期限_为什么_能办和不能办的(clerk: Client) -> None:
    case = opened(clerk)
    text = text_of(clerk, "case", case.pk)
    for words in (
        "诉〔2026〕1号",
        "待决定是否受理",
        "试验第三食品超市有限公司",
        ASKS,
        FACTS,
        "应于 2026-12-01",
        "第十五条",
        "何承办",
    ):
        assert words in text, words
    assert "现在不能办的" in text
    clocks = text.split("期限")[1:]
    assert any("决定是否受理" in each for each in clocks)
    assert case.number in text_of(clerk, "cases")
    days = open_every_door(clerk, [reverse("desk:case_calendar")], deep=0)
    assert days.wrong == []


def test_没有要自己办的_写明等谁办什么_到哪一天_怎么算的_原因不说两遍(clerk: Client) -> None:
    case = opened(clerk)
    onlooker = signed_in(officer("quality_office", "liyuan_office", "990101", "沈知衡"))
    text = text_of(onlooker, "case", case.pk)
    head = text.partition("现在等谁办")[2]
    for words in (
        "等承办人（云澜市砺原区市场监督管理局）办理“决定是否受理并告知”",
        "应于 2026-12-01",
        "为什么是这一天",
    ):
        assert words in head, words
    assert "承办人现在可以办的" in head
    assert "其他人以后才能办的" in head
    # Who has no right to an act is told whom it is for, and not why they may not.
    assert "没有这项权限" not in head
    assert "现在等谁办" not in text_of(clerk, "case", case.pk)


def test_同一张表单交两次_只立一件(clerk: Client) -> None:
    key = {"once_key": "k" * 20}
    assert opened(clerk, **key) == opened(clerk, **key)
    assert Case.objects.count() == 1


def test_别的区的人看不到_也打不开(clerk: Client) -> None:
    case = opened(clerk)
    other = signed_in(officer("department_officer", "haitang_market", "990102", "别区人员"))
    assert case.number not in text_of(other, "cases")
    assert other.get(reverse("desk:case", args=[case.pk])).status_code in (403, 404)
    assert other.post(reverse("desk:case_comment", args=[case.pk]), {"text": "看看"}).status_code in (403, 404)
    assert CaseEvent.objects.filter(case=case).count() == 1


def test_少填一栏_说在那一栏旁边_别的不丢(clerk: Client) -> None:
    case = opened(clerk)
    answer = do(clerk, case, "decide.refuse", refusal_reason="不属于本机关的职责范围，已告知。")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "不属于本机关的职责范围，已告知。" in page
    assert 'aria-invalid="true"' in page
    assert CaseEvent.objects.filter(case=case).count() == 1


def test_办一步_状态和记录随之改变(clerk: Client) -> None:
    case = opened(clerk)
    assert do(clerk, case, "decide.accept").status_code == 302
    text = text_of(clerk, "case", case.pk)
    assert "调解中" in text
    assert "已记录" in text
    assert "调解期限" in text


def test_交来的一步只读这一步要的_不做整张案件页(
    clerk: Client, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    case = opened(clerk)
    url = reverse("desk:case_act", args=[case.pk, "decide.accept"])
    typed = hidden(clerk, url)
    for whole in ("case_sheet", "act_of_case"):
        monkeypatch.delattr(f"zhiheng.queries.cases.{whole}")
    with django_assert_max_num_queries(24, using=settings.PEOPLE_DATABASE):
        assert clerk.post(url, typed).status_code == 302
    assert CaseEvent.objects.filter(case=case).count() == 2


def test_待办一页不超过十次查询(clerk: Client, django_assert_max_num_queries: Any) -> None:
    opened(clerk)
    url = reverse("desk:inbox")
    clerk.get(url)
    with (
        django_assert_max_num_queries(10, using=settings.PEOPLE_DATABASE) as people,
        django_assert_max_num_queries(10 - len(people.captured_queries)),
    ):
        assert clerk.get(url).status_code == 200


def test_两人同时办_后到的知道别人刚做了什么_填的还在(clerk: Client, colleague: Client) -> None:
    case = opened(clerk)
    url = reverse("desk:case_act", args=[case.pk, "decide.accept"])
    before = hidden(colleague, url)
    assert do(clerk, case, "decide.accept").status_code == 302
    answer = colleague.post(url, before)
    assert answer.status_code == 422
    text = said_on(answer.content.decode())
    assert "决定是否受理" in text
    assert CaseEvent.objects.filter(case=case).count() == 2


def test_没有这一步的地址_说没有(clerk: Client) -> None:
    case = opened(clerk)
    assert clerk.get(reverse("desk:case_act", args=[case.pk, "no.such"])).status_code == 404
    assert clerk.get(reverse("desk:case_open", args=["no_such"])).status_code == 404


def test_备注_草稿和撤销(clerk: Client) -> None:
    case = opened(clerk)
    clerk.post(reverse("desk:case_comment", args=[case.pk]), {"text": "已电话联系双方。"})
    assert "已电话联系双方。" in text_of(clerk, "case", case.pk)
    assert do(clerk, case, "decide.refuse", refusal_reason="写了一半", draft="1").status_code == 302
    page = clerk.get(reverse("desk:case_act", args=[case.pk, "decide.refuse"])).content.decode()
    assert "写了一半" in page
    line = CaseEvent.objects.get(case=case, place=1)
    head = signed_in(officer("department_head", "liyuan_market", "990101", "周负责"))
    answer = head.post(reverse("desk:case_strike", args=[case.pk, line.pk]), {"reason": "登记错了对象，另行登记。"})
    assert answer.status_code == 302
    text = text_of(head, "case", case.pk)
    assert "登记错了对象，另行登记。" in text
    assert ASKS in text, "what was struck stays readable"


def test_写了一半的存为草稿_必填的可以还空着_选一天提醒_列在草稿里_可以删除(clerk: Client) -> None:
    case = opened(clerk)
    assert "没有草稿" in text_of(clerk, "case_drafts")
    gone = do(clerk, case, "decide.refuse", draft="1", remind_on="2020-01-01")
    assert "已经过去" in said_on(gone.content.decode())
    assert not CaseDraft.objects.exists()
    soon = (timezone.localdate() + dt.timedelta(days=3)).isoformat()
    assert do(clerk, case, "decide.refuse", draft="1", remind_on=soon).status_code == 302
    assert do(clerk, case, "decide.refuse").status_code != 302, "what is submitted must be filled in"
    text = text_of(clerk, "case_drafts")
    assert case.number in text
    assert soon in text
    draft = CaseDraft.objects.get()
    other = signed_in(officer("department_officer", "liyuan_market", "990101", "另一人"))
    assert case.number not in text_of(other, "case_drafts"), "a draft is its owner's alone"
    clerk.post(reverse("desk:case_draft_drop", args=[draft.pk]))
    assert not CaseDraft.objects.exists()


def test_待办按最后一日列出_办完即离开(clerk: Client) -> None:
    case = opened(clerk)
    first = text_of(clerk, "inbox", part="late") + text_of(clerk, "inbox", part="soon")
    assert case.number in first
    assert "决定是否受理并告知" in first
    assert "试验第三食品超市有限公司" in first
    assert do(clerk, case, "decide.accept").status_code == 302
    text_of(clerk, "case", case.pk)
    text = text_of(clerk, "inbox", part="late") + text_of(clerk, "inbox", part="soon")
    assert "决定是否受理并告知" not in text


def test_待办每一类旁的数就是点开的清单的条数_没有的也写明共几项(clerk: Client) -> None:
    for _ in range(2):
        found = open_every_door(clerk, [reverse("desk:inbox")], deep=0)
        assert found.wrong == []
        assert found.opened == 7
        case = opened(clerk)
    assert f"共 {Case.objects.count()} 件" in text_of(clerk, "cases")
    assert case.number in text_of(clerk, "cases")


def test_英文页面(clerk: Client) -> None:
    case = opened(clerk)
    clerk.cookies["django_language"] = "en"
    for route, args in (("cases", ()), ("case", (case.pk,)), ("inbox", ()), ("case_calendar", ()), ("case_new", ())):
        assert text_of(clerk, route, *args)


def test_受理通知书制作以后在记录旁下载_别区的人打不开(clerk: Client) -> None:
    case = opened(clerk)
    assert do(clerk, case, "decide.accept").status_code == 302
    assert "正在制作" in text_of(clerk, "case", case.pk)
    make_documents(call=call_by(SYSTEM))
    page = clerk.get(reverse("desk:case", args=[case.pk])).content.decode()
    pdf, docx = re.findall(r'href="(/desk/cases/papers/\d+/(?:pdf|docx)/)"', page)
    assert clerk.get(pdf).content[:4] == b"%PDF"
    assert clerk.get(docx).content[:2] == b"PK"
    other = signed_in(officer("department_officer", "haitang_market", "990102", "别区人员"))
    assert other.get(pdf).status_code in (403, 404)


def test_附件随办理交来_退回不用重选_在记录旁打开_经手看得到(clerk: Client, colleague: Client) -> None:
    case = opened(clerk)
    refused = do(clerk, case, "decide.refuse", attachments=SimpleUploadedFile("职责清单.pdf", PDF))
    assert refused.status_code == 422
    (kept,) = re.findall(r'name="kept" value="([^"]+)" checked><span>职责清单.pdf', refused.content.decode())
    assert not CaseAttachment.objects.exists()
    assert do(clerk, case, "decide.accept", kept=kept).status_code == 302
    file = CaseAttachment.objects.get()
    page = colleague.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert reverse("desk:case_attachment", args=[file.pk]) in page
    answer = colleague.get(reverse("desk:case_attachment", args=[file.pk]))
    assert (answer.content, answer.headers["X-Content-Type-Options"]) == (PDF, "nosniff")
    custody = text_of(clerk, "case_custody", file.pk)
    assert file.digest in custody
    assert "沈同事" in custody.split("谁取过")[1]
    other = signed_in(officer("department_officer", "haitang_market", "990102", "别区人员"))
    for route in ("case_attachment", "case_custody"):
        assert other.get(reverse(f"desk:{route}", args=[file.pk])).status_code == 404


def test_补交材料_别人签过的附件不能冒用(clerk: Client, colleague: Client) -> None:
    case = opened(clerk)
    comment = reverse("desk:case_comment", args=[case.pk])
    clerk.post(comment, {"text": "", "attachments": SimpleUploadedFile("补交.pdf", PDF)})
    assert CaseAttachment.objects.get().name == "补交.pdf"
    text = said_on(
        clerk.post(
            comment, {"text": "看看", "attachments": SimpleUploadedFile("a.pdf", b"MZ")}, follow=True
        ).content.decode()
    )
    assert "“a.pdf”不是照片" in text
    refused = do(clerk, case, "decide.refuse", attachments=SimpleUploadedFile("职责清单.pdf", PDF))
    (kept,) = re.findall(r'name="kept" value="([^"]+)" checked', refused.content.decode())
    do(colleague, case, "decide.accept", kept=kept)
    assert CaseAttachment.objects.count() == 1


FIRM, CODE = "试验第三食品超市有限公司", "91TEST00000000000A"


def in_ledger(area: str = "990101", name: str = FIRM, code: str = CODE) -> int:
    """An enterprise of the ledger with its card, found by its name and its code."""
    alias = AliasFactory(name=name, code=code)
    subject: int = alias.subject_id
    Card.objects.create(
        subject=subject,
        name=name,
        code=code,
        area=area,
        facts=1,
        last_on=dt.date(2026, 7, 1),
        address="试验路 3 号",
        legal_representative="甲某",
    )
    SearchEntry.objects.bulk_create(
        SearchEntry(subject=subject, kind=kind, text=folded(text), shown=text, starts=True)
        for kind, text in (("name", name), ("code", code))
    )
    return subject


def test_立案时从台账找到企业_案件在它的档案上_再立案时提示(clerk: Client) -> None:
    subject = in_ledger()
    url = reverse("desk:case_open", args=["complaint"])
    typed = {**hidden(clerk, url), "unit": "liyuan_market", "happened": "2026-11-20", "claim": ASKS, "dispute": FACTS}
    found = clerk.post(url, {**typed, "party_respondent": FIRM, "code_respondent": "", "find": "respondent"})
    page = found.content.decode()
    assert found.status_code == 200
    # The only one that is called so is chosen beforehand; "none of them" stays a choice.
    assert f'name="subject_respondent" value="{subject}" checked' in page
    assert 'name="subject_respondent" value="">' in page
    assert "试验路 3 号" in page
    assert ASKS in page
    assert not Case.objects.exists()
    answer = clerk.post(url, {**typed, "party_respondent": "", "code_respondent": "", "subject_respondent": subject})
    assert answer.status_code == 302, said_on(answer.content.decode())[:2000]
    party = CasePartyRow.objects.get()
    assert (party.subject, party.name, party.code, party.alias is not None) == (subject, FIRM, CODE, True)
    file = text_of(clerk, "cases", subject=subject, stands="all")
    assert "诉〔2026〕1号" in file
    assert "只看一家企业的案件" in file
    again = clerk.post(
        url,
        {**typed, "once_key": "another", "party_respondent": "", "code_respondent": "", "subject_respondent": subject},
        follow=True,
    )
    told = said_on(again.content.decode())
    assert re.search("当事人此前的案件： ?1 件", told)
    assert "诉〔2026〕1号" in told
    searched = clerk.post(url, {**typed, "party_respondent": FIRM, "code_respondent": "", "find": "respondent"})
    told = said_on(searched.content.decode())
    assert re.search("当事人此前的案件： ?2 件", told)
    assert "请留意是否重复或者再犯" in told


def test_看不到的企业_填编号也立不了案(clerk: Client) -> None:
    far = in_ledger(area="990102", name="试验外区有限公司")
    url = reverse("desk:case_open", args=["complaint"])
    typed = {**hidden(clerk, url), "unit": "liyuan_market", "happened": "2026-11-20", "claim": ASKS, "dispute": FACTS}
    answer = clerk.post(url, {**typed, "party_respondent": "某店", "code_respondent": "", "subject_respondent": far})
    assert answer.status_code == 404
    assert "试验外区有限公司" not in answer.content.decode()
    nothing = clerk.post(
        url, {**typed, "party_respondent": "试验外区有限公司", "code_respondent": "", "find": "respondent"}
    )
    assert "没有找到" in said_on(nothing.content.decode())
    assert not Case.objects.exists()


def test_文书写上台账里的住所和法定代表人(clerk: Client) -> None:
    subject = in_ledger()
    alias = Alias.objects.get(subject_id=subject)
    on_paper = _on_paper(CasePartyRow(name=FIRM, code=CODE, alias=alias.pk, subject=subject))
    assert (on_paper.address, on_paper.representative) == ("试验路 3 号", "甲某")
    assert _on_paper(CasePartyRow(name="街边小店")).address == ""
