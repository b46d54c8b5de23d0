"""A complaint from a telephone to its end, without an account; nobody but the custodians learns who sent it."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.portal.submitting import (
    ADDRESS,
    NAME,
    PASSPHRASES,
    PHONE,
    SENDER,
    TOLD,
    Citizen,
    SubmissionOffice,
    citizen,
    office,
    once_key,
    photograph,
    solved,
)
from zhiheng.actions.cases.act_in_case import act_in_case
from zhiheng.actions.cases.comment_on_case import comment_on_case
from zhiheng.actions.cases.link_cases import mark_duplicate
from zhiheng.actions.custody.ask_to_open import ask_to_open
from zhiheng.database.content_store import ATTACHMENTS
from zhiheng.kernel.receipts import receipt_digest, receipt_in, receipt_of
from zhiheng.office import case_log
from zhiheng.office.cases import Case, CaseEvent, CasePartyRow, CaseStandingRow
from zhiheng.office.sealed import CaseSeal
from zhiheng.pages.proof_of_work import WITHOUT_SCRIPT
from zhiheng.queries.submissions import tallied

__all__ = ["citizen", "office"]
pytestmark = pytest.mark.slow


def case() -> Case:
    return Case.objects.latest("pk")


def stands() -> list[str]:
    return list(CaseStandingRow.objects.get(case=case()).states)


def test_投诉从手机填到领回执_案件开在就近的单位(citizen: Citizen) -> None:
    page = citizen.second_page().content.decode()
    assert 'value="complaint" required checked' in page, "what was asked for tells that it is a complaint"
    assert "砺原区市场监督管理局" in page
    answer = citizen.sends()
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("portal:receipt"))
    receipt = citizen.receipt()
    assert receipt_in(receipt) == receipt
    assert case().receipt_digest == receipt_digest(receipt)
    assert (case().workflow, case().unit, stands()) == ("complaint", "liyuan_market", ["to_decide"])
    (line,) = CaseEvent.objects.all()
    said = json.loads(line.data)["said"]
    assert said["claim"] == "退货退款"
    assert said["dispute"] == f"{TOLD['text']}\n\n地点：{TOLD['place']}"
    assert sorted(CasePartyRow.objects.values_list("role", "name")) == [
        ("complainant", ""),
        ("respondent", TOLD["about"]),
    ]
    assert "正在决定是否受理" in citizen.follows()


def test_举报可以不留姓名_没有封存也能凭回执查询(citizen: Citizen) -> None:
    assert citizen.sends("report", text="铁砧里步行街这家店每天卖过期的散装糕点，请严查。").status_code == 302
    assert (case().workflow, stands()) == ("report", ["verifying"])
    assert not CaseSeal.objects.exists()
    assert json.loads(CaseEvent.objects.get().data)["said"]["named"] is False
    assert "您没有留下身份" in citizen.follows()


def test_投诉缺姓名_电话_地址_商家的逐项指出_填的都还在(citizen: Citizen) -> None:
    answer = citizen.sends(name="", phone="", address="", about="")
    assert answer.status_code == 422
    page = answer.content.decode()
    for words in ("您的姓名", "您的电话号码", "您的通讯地址", "商家的名称"):
        assert f"须写明{words}" in page
    assert TOLD["text"] in page
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "written", [f"我叫{NAME}，买的壶漏电，要求退款退货。", "电话 139-0000-9876，买的壶漏电，要求退款退货。"]
)
def test_事情经过里写了自己的姓名或者电话的_请他删去(citizen: Citizen, written: str) -> None:
    answer = citizen.sends(text=written)
    assert answer.status_code == 422
    assert "这里写到了您自己的姓名或者电话" in answer.content.decode()
    assert not CaseSeal.objects.exists()


def test_同一张表交两次只有一件_两次看到同一个回执(citizen: Citizen) -> None:
    page = citizen.second_page()
    given = {
        **TOLD,
        **SENDER,
        "complaint_claim": "退款",
        "step": "send",
        "kind": "complaint",
        "once_key": once_key(page),
    }
    citizen.post("submission", {**given, "solution": solved(page)})
    first = citizen.receipt()
    citizen.post("submission", {**given, "solution": solved(page)})
    assert (citizen.receipt(), Case.objects.count(), CaseSeal.objects.count()) == (first, 1, 1)


def test_别处编造的表号不算数(citizen: Citizen) -> None:
    page = citizen.second_page()
    given = {**TOLD, **SENDER, "complaint_claim": "退款", "step": "send", "kind": "complaint", "once_key": "a:b"}
    answer = citizen.post("submission", {**given, "solution": solved(page)})
    assert answer.status_code == 422
    assert "页面已经过期" in answer.content.decode()
    assert not Case.objects.exists()


def test_没有算过的收满为止_之后告诉他打电话(citizen: Citizen) -> None:
    for _ in range(WITHOUT_SCRIPT):
        assert citizen.sends("report", solution="", text="这家店每天卖过期的散装糕点，请严查。").status_code == 302
    answer = citizen.sends("report", solution="", text="这家店每天卖过期的散装糕点，请严查。")
    assert answer.status_code == 422
    assert "12315" in answer.content.decode()
    assert Case.objects.count() == WITHOUT_SCRIPT


def test_照片去掉手机和地点再留下_凭回执能补充(citizen: Citizen) -> None:
    sent = SimpleUploadedFile(f"{NAME}.jpg", photograph(), "image/jpeg")
    assert citizen.sends(photographs=sent).status_code == 302
    (digest,) = [one["digest"] for one in json.loads(CaseEvent.objects.get().data)["files"]]
    kept = ATTACHMENTS.path_of(digest).read_bytes()
    assert kept.startswith(b"\xff\xd8\xff")
    assert b"PLANTED" not in kept
    more = SimpleUploadedFile("b.jpg", photograph(), "image/jpeg")
    assert citizen.says("补一张票据", photographs=more).status_code == 302
    assert "照片 1 张" in citizen.follows()
    wrong = SimpleUploadedFile("c.jpg", b"GIF89a", "image/jpeg")
    assert citizen.says("再补一张", photographs=wrong).status_code == 422


def test_补充举报时附的照片也收下_照片有错的什么都没有登记(citizen: Citizen) -> None:
    citizen.sends("report", text="这家店每天卖过期的散装糕点，请严查。")
    act = "supplement"
    wrong = SimpleUploadedFile("c.jpg", b"GIF89a", "image/jpeg")
    assert citizen.says("后厨也有过期的奶油", act=act, photographs=wrong).status_code == 422
    assert CaseEvent.objects.count() == 1
    sent = SimpleUploadedFile("b.jpg", photograph(), "image/jpeg")
    assert citizen.says("后厨也有过期的奶油", act=act, photographs=sent).status_code == 302
    shown = citizen.follows()
    assert "后厨也有过期的奶油" in shown
    assert "照片 1 张" in shown
    assert CaseEvent.objects.count() == 3


def test_几乎相同的来件在提交前提醒_不显示别人的任何内容(citizen: Citizen, client: Client) -> None:
    citizen.sends()
    page = Citizen(Client()).second_page(text=TOLD["text"] + "谢谢").content.decode()
    assert "您是不是已经反映过" in page
    assert case().number not in page
    other = Citizen(Client()).second_page(text="昨天在同一条街的另一家买了一双鞋，穿一天就开胶，要求换货。")
    assert "您是不是已经反映过" not in other.content.decode()


def test_凭回执双方留言_经办人看得到_内部备注本人看不到(citizen: Citizen, office: SubmissionOffice) -> None:
    citizen.sends()
    assert citizen.says("发票找到了，下周一可以带来。").status_code == 302
    comment_on_case(case().pk, "内部：先问商家", call=office.by())
    comment_on_case(case().pk, "请下周一上午带发票来。", to_sender=True, call=office.by())
    shown = citizen.follows()
    assert "您的留言" in shown
    assert "请下周一上午带发票来" in shown
    assert "内部：先问商家" not in shown


def test_办结以后问是否解决_没有解决的自己重新打开(citizen: Citizen, office: SubmissionOffice) -> None:
    citizen.sends()
    number = case().pk
    act_in_case(number, "decide.accept", {}, call=office.by())
    assert "已经受理" in citizen.follows()
    act_in_case(number, "find_lead", {"lead": "疑似无证"}, call=office.by())
    act_in_case(number, "agree", {"agreement": "全额退款", "fulfilled": "true"}, call=office.by())
    shown = citizen.follows()
    assert "解决了吗" in shown
    assert "全额退款" in shown
    assert "疑似无证" not in shown, "what is not told to its sender stays inside"
    assert citizen.says("钱还没有到账", act="answer.not_solved").status_code == 302
    act_in_case(number, "verify.none", {"reason": "有证"}, call=office.by())
    act_in_case(number, "check_effect.solved", {"effect_note": "已到账"}, call=office.by("department_head", 7002))
    assert stands() == ["closed"]
    assert citizen.says("钱又被扣回去了", act="ask_again").status_code == 302
    assert stands() == ["to_check_effect"]
    # The act of an officer can't be done by a receipt, whatever the form says: it is taken as a message.
    citizen.says("我来办结", act="check_effect.solved")
    assert stands() == ["to_check_effect"]


def test_错的回执查不出什么_校验位不对的不用算(citizen: Citizen) -> None:
    citizen.sends()
    right, stranger = citizen.receipt(), Citizen(Client())
    page = stranger.client.get(reverse("portal:follow"))
    wrong = receipt_of(int(right[:-1]) + 1)
    work = solved(page)
    answers = [
        stranger.post("follow", {"receipt": text, "solution": work}) for text in (wrong, right[:-1] + "x", "1" * 16)
    ]
    assert [each.status_code for each in answers] == [422, 422, 422]
    assert all("没有这个回执" in each.content.decode() for each in answers)
    # One try, one piece of work: what was solved for a wrong receipt opens no other.
    again = stranger.post("follow", {"receipt": right, "solution": work})
    assert again.status_code == 422
    # A cookie that nobody signed opens nothing either.
    stranger.client.cookies["receipt"] = right
    assert "现在办到哪一步" not in stranger.client.get(reverse("portal:follow")).content.decode()
    fresh = stranger.client.get(reverse("portal:follow"))
    found = stranger.post("follow", {"receipt": f" {right[:4]}-{right[4:]} ", "solution": solved(fresh)})
    assert found.status_code == 302
    assert case().number in stranger.follows()
    stranger.post("follow_leave", {})
    assert case().number not in stranger.client.get(reverse("portal:follow")).content.decode()


def test_谁提出打开身份_本人凭回执看得到(citizen: Citizen, office: SubmissionOffice) -> None:
    citizen.sends()
    assert "没有人提出打开" in citizen.follows()
    why = "当事人报警称受到威胁，依法核验"
    ask_to_open(CaseSeal.objects.get().pk, PASSPHRASES["zhao"], reason=why, call=office.call("zhao"))
    assert why in citizen.follows()


def test_姓名_电话_地址_网络地址_照片信息_在任何地方都找不到(
    citizen: Citizen, office: SubmissionOffice, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    caplog.set_level(logging.INFO)
    citizen.client.defaults["REMOTE_ADDR"] = "203.0.113.77"
    citizen.client.defaults["HTTP_X_FORWARDED_FOR"] = "198.51.100.23"
    citizen.client.defaults["HTTP_USER_AGENT"] = "PLANTED-AGENT"
    sent = SimpleUploadedFile(f"{NAME}.jpg", photograph(), "image/jpeg")
    assert citizen.sends(photographs=sent).status_code == 302
    receipt = citizen.receipt()
    citizen.says("发票找到了。")
    citizen.sends(name="")
    act_in_case(case().pk, "decide.accept", {}, call=office.by())
    planted = [NAME, PHONE, ADDRESS, "203.0.113.77", "198.51.100.23", "PLANTED", receipt, "欧阳", "139 0000 9876"]
    for where, text in _stores(Path(settings.DATA)):
        for secret in planted:
            assert secret not in text, (where, secret)
    for secret in planted:
        assert secret not in caplog.text
    assert CaseSeal.objects.count() == 1
    assert any("退货退款" in text for _, text in _stores(Path(settings.DATA))), "the search finds what is there"


def _stores(folder: Path) -> list[tuple[str, str]]:
    """Everything that is kept: every row of every table, every file of the data folder, the cache."""
    found = []
    for model in apps.get_models():
        table = model._meta.db_table
        for alias in connections:
            connection = connections[alias]
            if table in connection.introspection.table_names():
                with connection.cursor() as cursor:
                    cursor.execute(f'SELECT * FROM "{table}"')
                    found += [(f"{alias}:{table}", _text(row)) for row in cursor.fetchall()]
    for path in folder.rglob("*"):
        if path.is_file():
            found.append((str(path), path.read_bytes().decode("utf-8", "replace")))
    return [*found, ("cache", _text(getattr(cache, "_cache", {}).items()))]


def _text(values: Any) -> str:
    return " ".join(
        bytes(each).decode("utf-8", "replace") if isinstance(each, bytes | memoryview) else str(each) for each in values
    )


@pytest.mark.shared
def test_指令式的文字只是文字_不改变任何结果(citizen: Citizen, shared: Path) -> None:
    hostile = json.loads((shared / "data/cn-12315-complaints/injection_cases.json").read_text("utf-8"))
    texts = [each["text"] for each in hostile if not each["expected_safe"]]
    assert len(texts) > 10
    page = citizen.second_page(text=TOLD["text"])
    plain = page.context["chosen"], page.context["weighed"].unit
    for text in texts:
        page = citizen.second_page(text=f"{TOLD['text']}{text}")
        assert page.status_code == 200
        assert page.context["weighed"].unit == plain[1], text
        assert page.context["chosen"] in {"complaint", "report"}, text
    citizen.sends(text=f"{TOLD['text']}" + "".join(texts)[:4_000])
    assert stands() == ["to_decide"]
    assert case_log.COMMENT not in CaseEvent.objects.values_list("act", flat=True)


def test_统计只有件数_地方太少的不写_重复和撤销的不计(citizen: Citizen, office: SubmissionOffice) -> None:
    for at in range(5):
        Citizen(Client()).sends(text=f"第{at}次：商家卖的电热水壶插上电就跳闸，要求退货退款。")
    citizen.sends()
    act_in_case(case().pk, "decide.accept", {}, call=office.by())
    page = citizen.client.get(reverse("portal:complaint_statistics")).content.decode()
    assert "收到 6 件，已办结 0 件" in page
    assert "受理" in page
    assert TOLD["about"] not in page
    mark_duplicate(case().pk, Case.objects.earliest("pk").pk, call=office.by())
    first, last = timezone.localdate().replace(day=1), timezone.localdate()
    told = {one.kind.zh: one for one in tallied(first, last, call=office.by())}
    assert (told["投诉"].came, told["投诉"].areas, told["举报"].came) == (5, {"990101": 5}, 0)
    assert told["投诉"].went == (), "the one that was taken in repeats another"
    mark_duplicate(case().pk - 1, Case.objects.earliest("pk").pk, call=office.by())
    assert {one.kind.zh: one for one in tallied(first, last, call=office.by())}["投诉"].areas == {"990101": None}


def test_来电由工作人员登记_身份同样封存_回执念给来电人(
    office: SubmissionOffice, client: Client, citizen: Citizen
) -> None:
    clerk = office.people.holding("clerk", "department_officer", unit="liyuan_market", of={"unit": "liyuan_market"})
    client.force_login(clerk)
    given = {
        "unit": "liyuan_market",
        "kind": "complaint",
        "happened": timezone.localdate().isoformat(),
        "text": "买的电热水壶漏电，商家不给退。",
        "complaint_claim": "退款",
        "about": "试验家电商店",
        "area": "990101001",
        "place": "",
        "once_key": "q" * 24,
        **SENDER,
    }
    wrong = client.post(reverse("desk:case_received"), {**given, "text": f"{NAME}来电：买的电热水壶漏电。"})
    assert wrong.status_code == 422
    done = client.post(reverse("desk:case_received"), given)
    assert done.status_code == 200
    receipt = re.search(r"data-receipt>([\d ]+)<", done.content.decode())
    assert receipt is not None
    assert case().unit == "liyuan_market"
    assert NAME not in client.get(reverse("desk:case", args=[case().pk])).content.decode()
    assert CaseSeal.objects.count() == 1
    comment = {"text": "请下周一带发票来。", "to_sender": "1"}
    client.post(reverse("desk:case_comment", args=[case().pk]), comment)
    caller = Citizen(Client())
    page = caller.client.get(reverse("portal:follow"))
    assert caller.post("follow", {"receipt": receipt[1], "solution": solved(page)}).status_code == 302
    assert "请下周一带发票来" in caller.follows()
    # Another unit's officer can't enter anything for this one.
    far = office.people.holding("far", "department_officer", unit="cangji_market", of={"unit": "cangji_market"})
    client.force_login(far)
    answer = client.post(reverse("desk:case_received"), {**given, "once_key": "r" * 24})
    assert answer.status_code in (403, 422)
    assert Case.objects.count() == 1
