"""Complaints and reports that the national hotline sends as a delivery: proposed, confirmed, answered; who complained
stands in the seal, in the delivery as it was handed in, and nowhere else.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cases.officers import officer
from tests.portal.submitting import ADDRESS, NAME, PHONE, Citizen, SubmissionOffice, citizen, office
from tests.portal.test_submissions import _stores
from tests.published.places import Place
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.comment_on_case import comment_on_case
from zhiheng.actions.cases.taken_facts import decline_fact
from zhiheng.actions.cases.watch_facts import watch_facts
from zhiheng.actions.messages.remind import settle_done
from zhiheng.actions.submissions.export_answers import export_answers
from zhiheng.actions.submissions.open_delivered import Confirmed, OpenedDelivered, open_delivered
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.kernel.reasons import Refused
from zhiheng.office import case_log
from zhiheng.office.case_facts import CaseFact
from zhiheng.office.cases import Case, CaseDuty, CaseEvent, CasePartyRow
from zhiheng.office.outbox import Message
from zhiheng.office.sealed import CaseSeal
from zhiheng.people.models import TrailLine
from zhiheng.queries import case_facts, talks
from zhiheng.queries.cases import case_sheet
from zhiheng.queries.delivered import feeds_of, without_sender
from zhiheng.queries.hotline_answers import answers_of

__all__ = ["citizen", "office"]
pytestmark = pytest.mark.slow
EXAMPLE = "12315平台导出的举报，立案的记为不合格；举报人不成为任何一方"
NUMBER = "1990101002026113000001"
TEXT = "我叫欧阳 皎皎，电话 139 0000 9876。11月3日买的电热水壶插上电就跳闸，商家不肯退款，要求退货退款。"
# Where the delivery itself stands, as it was handed in: the ledger and the file.
AS_DELIVERED = ("default:ledger_fact", "/files/")


def today() -> dt.date:
    return timezone.localdate()


def sent(place: Place, **more: str) -> None:
    """A row of the hotline, handed in and looked through."""
    place.now = timezone.localtime()
    row = {
        "编号": NUMBER,
        "登记时间": f"{today() - dt.timedelta(days=2)} 09:12:33",
        "转办时间": f"{today() - dt.timedelta(days=1)} 10:00:00",
        "投诉举报类型": "投诉",
        "消费者姓名": NAME,
        "联系电话": PHONE,
        "内容": TEXT,
        "诉求": "退货退款",
        "受理时间": "",
        "办结时间": "",
        "处理结果": "",
        "是否超期": "",
    }
    place.fact("complaint", EXAMPLE, **row | more)
    watch_facts(call=Call(SYSTEM, place.book, place.now))


def by(place: Place, number: int = 7001, unit: str = "liyuan_market") -> Call:
    return Call(officer(number, "department_officer", unit), place.book, timezone.localtime())


def confirmed(place: Place, *numbers: int, **more: str) -> OpenedDelivered:
    rows = numbers or tuple(CaseFact.objects.filter(state="waiting").values_list("pk", flat=True))
    return open_delivered([Confirmed(number, **more) for number in rows], call=by(place))


def test_热线的投诉先列为建议_承办人确认才立案_期限自转办之日起算(office: SubmissionOffice, place: Place) -> None:
    sent(place)
    assert not Case.objects.exists(), "nothing is opened by itself"
    (shown,) = case_facts.facts_to_open("submissions", call=by(place)).rows
    assert (shown.row.number, shown.row.kind, shown.row.unit) == (NUMBER, "complaint", "liyuan_market")
    assert shown.row.day == today() - dt.timedelta(days=1)
    assert shown.article == "市场监督管理投诉举报处理办法第十五条"
    (case,) = confirmed(place).opened
    assert (case.workflow, case.opened_on) == ("complaint", today() - dt.timedelta(days=1))
    acceptance = CaseDuty.objects.get(case=case, period="acceptance")
    assert acceptance.starts == today() - dt.timedelta(days=1)
    assert shown.row.due == acceptance.due
    said = case_log.data_of(CaseEvent.objects.get(case=case))["said"]
    assert said["claim"] == "退货退款"
    assert CaseSeal.objects.count() == 1
    assert set(CasePartyRow.objects.values_list("role", "name")) == {
        ("complainant", ""),
        ("respondent", "云澜市麦垄禾香食品有限公司"),
    }


def test_同一编号只立一次案_内容变了的写进案件(office: SubmissionOffice, place: Place) -> None:
    sent(place)
    (case,) = confirmed(place).opened
    sent(place, 登记时间=f"{today() - dt.timedelta(days=2)} 09:12:34")
    assert CaseFact.objects.count() == 1
    assert CaseEvent.objects.filter(case=case).count() == 1, "the same words tell nothing new"
    sent(place, 内容=TEXT + f"现在联系不上商家，{NAME}。")
    (told,) = CaseEvent.objects.filter(case=case, act=case_log.FACT)
    text = case_log.data_of(told)["text"]
    assert "现在联系不上商家" in text
    assert "皎皎" not in text
    assert Case.objects.count() == 1
    again = confirmed(place, CaseFact.objects.get().pk)
    assert [each.code for _, some in again.refused for each in some] == ["case.fact_taken"]


def test_办结的和咨询不列_既投诉又举报的按投诉列_可以改为举报(office: SubmissionOffice, place: Place) -> None:
    sent(place, 编号="A1", 处理结果="查无实据")
    sent(place, 编号="A2", 投诉举报类型="咨询")
    sent(place, 编号="A3", 投诉举报类型="投诉举报")
    row = CaseFact.objects.get()
    assert (row.number, row.kind) == ("A3", "complaint")
    (case,) = confirmed(place, kind="report").opened
    assert case.workflow == "report"
    assert case_log.data_of(CaseEvent.objects.get(case=case))["said"]["named"] is True
    row.refresh_from_db()
    assert (row.workflow, row.state, row.kind) == ("report", "taken", "report")


def test_成批立案_立不了的写明原因_不影响别的(office: SubmissionOffice, place: Place, client: Client) -> None:
    for number in ("B1", "B2", "B3"):
        sent(place, 编号=number)
    rows = list(CaseFact.objects.order_by("id").values_list("pk", flat=True))
    done = open_delivered([Confirmed(rows[0]), Confirmed(rows[1], unit="nowhere"), Confirmed(rows[2])], call=by(place))
    assert len(done.opened) == 2
    assert [number for number, _ in done.refused] == [rows[1]]
    assert CaseFact.objects.filter(state="waiting").count() == 1
    assert open_delivered([Confirmed(rows[1])], call=by(place, unit="liyuan_construction")).opened == ()


def test_热线来件人的姓名_电话_地址_只在封存和原报送文件里(
    office: SubmissionOffice, place: Place, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sent(place)
    sent(place, 编号="C2", 投诉举报类型="举报")
    sheet = {
        "登记编号": "C3",
        "登记日期": str(today()),
        "投诉人姓名": NAME,
        "投诉人电话": PHONE,
        "投诉人地址": ADDRESS,
        "所属街道": "",
    }
    dealt_with = dict.fromkeys(
        ("是否受理", "受理日期", "办结日期", "处理结果", "挽回损失(元)", "是否超期", "是否满意"), ""
    )
    told = {"投诉内容": f"{TEXT}我就住在{ADDRESS}，请上门。"}
    place.fact("complaint", "投诉调解成功，记为中性", **{**sheet, **told, **dealt_with})
    watch_facts(call=Call(SYSTEM, place.book, place.now))
    assert len(confirmed(place).opened) == 3
    sent(place, 内容=TEXT + f"再补充一句，{NAME}，{PHONE}。")
    shown = case_facts.facts_to_open("submissions", call=by(place)).rows
    planted = [NAME, PHONE, ADDRESS, "欧阳", "皎皎", "139 0000 9876"]
    found = [text for where, text in _stores(Path(settings.DATA)) if not any(each in where for each in AS_DELIVERED)]
    assert len(found) > 20
    for secret in planted:
        assert not [text for text in found if secret in text], secret
        assert secret not in caplog.text
        assert secret not in "".join(repr(each) for each in shown)
    assert any("退货退款" in text for text in found)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("我是欧阳皎皎，要求退款。", "我是〔本人信息已封存〕，要求退款。"),
        ("欧阳 皎 皎（１３９ ００００-９８７６）说：“坏了！”", "〔本人信息已封存〕（〔本人信息已封存〕）说：“坏了！”"),
        ("商家姓欧，电话没有。", "商家姓欧，电话没有。"),
    ],
)
def test_内容里本人的姓名电话换成一句话_其余一字不动(text: str, left: str) -> None:
    assert without_sender(text, {"name": NAME, "phone": PHONE}) == left


@pytest.mark.shared
def test_热线来件里的指令只是文字_不改变种类_单位_期限(office: SubmissionOffice, place: Place, shared: Path) -> None:
    hostile = json.loads((shared / "data/cn-12315-complaints/injection_cases.json").read_text("utf-8"))
    texts = [each["text"] for each in hostile if not each["expected_safe"]]
    sent(place, 编号="D0")
    for at, text in enumerate(texts, 1):
        sent(place, 编号=f"D{at}", 内容=TEXT + text)
    rows = CaseFact.objects.values_list("workflow", "act", "unit", "day", "due", "state", "kind").distinct()
    assert len(rows) == 1
    assert not Case.objects.exists()


def test_页面上勾选立案_改种类_改单位_不立案写理由(office: SubmissionOffice, place: Place, client: Client) -> None:
    for number in ("E1", "E2"):
        sent(place, 编号=number)
    office.people.holding("sun", "department_officer", unit="liyuan_market", of={"unit": "liyuan_market"})
    client.force_login(office.people.made["sun"])
    page = client.get(reverse("desk:inbox")).content.decode()
    assert "热线来件待立案 2 件" in page
    page = client.get(reverse("desk:case_facts"), {"part": "submissions"}).content.decode()
    assert "E1" in page
    assert "皎皎" not in page
    first, second = CaseFact.objects.order_by("id")
    answer = client.post(
        reverse("desk:case_facts_confirm"),
        {"source": [first.pk], f"kind_{first.pk}": "report", f"unit_{first.pk}": "liyuan_market"},
    )
    assert answer.status_code == 302
    assert Case.objects.get().workflow == "report"
    assert client.get(reverse("desk:case_fact", args=[second.pk])).status_code == 200
    client.post(reverse("desk:case_fact_decline", args=[second.pk]), {"reason": "属于住建部门，已退回热线。"})
    assert CaseFact.objects.get(pk=second.pk).state == "declined"
    page = client.get(reverse("desk:case_facts"), {"part": "declined"}).content.decode()
    assert "已退回热线" in page


def test_来件人留言_承办人收到提醒_待办里看得到_回应后消失(citizen: Citizen, office: SubmissionOffice) -> None:
    citizen.sends()
    office.people.holding("sun", "department_officer", unit="liyuan_market", of={"unit": "liyuan_market"})
    receipt = citizen.receipt()
    assert talks.unread(call=office.by()) == ()
    citizen.says("发票找到了，商家还是不接电话。")
    (unread,) = talks.unread(call=office.by())
    assert unread.case == Case.objects.get()
    (message,) = Message.objects.filter(kind="case_talk")
    words = f"{message.title_zh}{message.title_en}{message.text_zh}{message.text_en}"
    assert Case.objects.get().number in words
    for secret in (NAME, PHONE, ADDRESS, receipt, "发票", "商家"):
        assert secret not in words
    assert message.recipients.filter(channel="in_app", account=office.people.made["sun"].pk).exists()
    citizen.says("再说一句。")
    assert Message.objects.filter(kind="case_talk").count() == 1, "one message until somebody has answered"
    comment_on_case(unread.case.pk, "已联系商家。", call=office.by(), to_sender=True)
    assert talks.unread(call=office.by()) == ()
    settle_done(call=office.by().by(SYSTEM))
    assert Message.objects.get(kind="case_talk").settled_at is not None


def test_反馈按编号逐行_写明受理与否_条文_结果_没有来件人(office: SubmissionOffice, place: Place) -> None:
    for number in ("F1", "F2", "F3", "F4"):
        sent(place, 编号=number)
    rows = dict(CaseFact.objects.values_list("number", "pk"))
    first, second = confirmed(place, rows["F1"], rows["F2"]).opened
    act_in_case(first.pk, "decide.accept", {}, call=by(place))
    causes = next(each for each in case_sheet(second.pk, call=by(place)).acts if each.key == "decide.refuse").fields
    cause = next(each for each in causes if each.name == "refusal_cause").choices[0][0]
    refused = {"refusal_cause": cause, "refusal_reason": f"{NAME}没有提供依据，{PHONE}。", "other_routes": "可以起诉"}
    act_in_case(second.pk, "decide.refuse", refused, call=by(place))
    decline_fact(rows["F3"], reason=f"{NAME}已经撤诉。", call=by(place))
    found = answers_of(feeds_of(place.book)[0], today() - dt.timedelta(days=5), today(), call=by(place))
    told = {str(row["number"]): row for row in found.rows}
    assert list(told) == ["F1", "F2", "F3", "F4"]
    words = {number: getattr(row["decided"], "zh", "") for number, row in told.items()}
    assert words == {"F1": "受理", "F2": "不予受理", "F3": "未立案", "F4": "待确认"}
    assert str(told["F2"]["article"]).startswith("市场监督管理投诉举报处理办法第")
    assert told["F2"]["ended_on"] == today()
    head = Call(officer(7002, "department_head", "liyuan_market"), place.book, timezone.localtime())
    for format_ in ("csv", "xlsx"):
        made = export_answers(
            "hotline",
            today() - dt.timedelta(days=5),
            today(),
            unit="liyuan_market",
            purpose="反馈12315平台",
            format=format_,
            call=head,
        )
        if format_ == "csv":
            text = made.content.decode("utf-8-sig")
            assert text.startswith(
                "编号,类型,收到日期,承办单位,案号,是否受理,决定日期,不予受理的情形和条文,理由,处理结果,办结日期,"
            )
            assert all(secret not in text for secret in (NAME, PHONE, "皎皎"))
        assert made.rows == 4
    assert TrailLine.objects.filter(verb="case.answers").count() == 2
    with pytest.raises(Refused):
        export_answers(
            "hotline",
            today(),
            today() - dt.timedelta(days=1),
            unit="liyuan_market",
            purpose="反馈12315平台",
            format="csv",
            call=head,
        )
    elsewhere = answers_of(
        feeds_of(place.book)[0], today() - dt.timedelta(days=5), today(), call=by(place, 9, "cangji_market")
    )
    assert elsewhere.rows == ()
