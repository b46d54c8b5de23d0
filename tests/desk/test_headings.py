"""Unknown headings at the desk: the unit confirms what one stands for, the quality office accepts it, each reads what
came of it.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.actions.test_upload import work
from tests.desk.officers import officer, signed_in
from tests.desk.test_deliveries import clerk, hand_in, page, place
from tests.places import SAMPLING, Ledger, sampling_row, write_csv
from zhiheng.ledger.models import Delivery, Fact
from zhiheng.office.models import HeadingProposal, Upload

__all__ = ["clerk", "place"]

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FORM = re.compile(r'<form class="line heading-form".*?</form>', re.S)


@pytest.fixture
def refused(place: Ledger) -> Delivery:
    """A delivery that was refused for one heading that is nearly right, and one that nobody knows."""
    headings = ["抽样單号" if each == "抽样单号" else each for each in SAMPLING]
    (result,) = place.receive(write_csv(place.folder / "t.csv", [*headings, "<b>神秘列"], [[*sampling_row(1), "1"]]))
    assert result.state == "refused"
    return Delivery.objects.get()


def fields(form: str) -> dict[str, str]:
    """What a browser would send if the button were pressed."""
    found = {
        name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    }
    chosen = re.search(r'<option value="([^"]*)" selected', form)
    return {**found, "target": chosen[1] if chosen else ""}


def send(browser: Client, delivery: Delivery, **words: str) -> Any:
    """Press the button of the first heading's form, with other words in it where they are given."""
    form = FORM.findall(page(browser, "delivery", delivery.id))[0]
    return browser.post(reverse("desk:delivery_heading", args=[delivery.id]), {**fields(form), **words})


def test_每个不认识的表头有一张小表_最像的已选好_一点就提请(clerk: Client, refused: Delivery) -> None:
    text = page(clerk, "delivery", refused.id)
    forms = FORM.findall(text)
    assert len(forms) == 2
    assert fields(forms[0])["target"] == "sample_number"
    assert "不使用（无涉密）" in forms[0]
    assert "不使用（涉密）" in forms[0]
    assert "<b>神秘列" not in text
    answer = send(clerk, refused)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    made = HeadingProposal.objects.get()
    assert (made.heading, made.target, made.state) == ("抽样單号", "sample_number", "open")
    text = page(clerk, "delivery", refused.id)
    assert "待质量办决定" in text
    assert len(FORM.findall(text)) == 1


def test_没有选对应哪个字段_写在旁边(clerk: Client, refused: Delivery) -> None:
    form = FORM.findall(page(clerk, "delivery", refused.id))[1]
    assert fields(form)["target"] == ""
    answer = clerk.post(reverse("desk:delivery_heading", args=[refused.id]), fields(form))
    assert answer.status_code == 422
    wrong = [form for form in FORM.findall(answer.content.decode()) if "请选择这一列对应哪个字段" in form]
    assert len(wrong) == 1
    assert HeadingProposal.objects.count() == 0


def test_质量办在规则书里采用_提请的人自己不能(clerk: Client, refused: Delivery) -> None:
    assert "没有待决定的表头建议" in page(clerk, "book_headings")
    send(clerk, refused)
    assert "表头建议" in page(clerk, "book")
    made = HeadingProposal.objects.get()
    assert "抽样單号" in page(clerk, "book_headings")
    address = reverse("desk:heading_decide", args=[made.pk])
    answer = clerk.post(address, {"decision": "accept"})
    assert answer.status_code == 422
    assert "须由另一个人决定" in answer.content.decode()
    colleague = signed_in(officer(name="试验员乙"))
    answer = colleague.post(address, {"decision": "whatever", "reason": "好"})
    assert answer.status_code == 422
    assert HeadingProposal.objects.get().state == "open"
    assert colleague.post(address, {"decision": "accept"}).status_code == 302
    assert HeadingProposal.objects.get().state == "accepted"
    assert "抽样單号" in page(colleague, "book_headings", state="accepted")
    assert "没有待决定的表头建议" in page(colleague, "book_headings")


def test_不采用的理由报送单位看得到_可以重新提请(clerk: Client, refused: Delivery) -> None:
    send(clerk, refused)
    colleague = signed_in(officer(name="试验员乙"))
    address = reverse("desk:heading_decide", args=[HeadingProposal.objects.get().pk])
    answer = colleague.post(address, {"decision": "reject", "reason": ""})
    assert answer.status_code == 422
    assert "不采用要写明理由" in answer.content.decode()
    assert colleague.post(address, {"decision": "reject", "reason": "请改表头"}).status_code == 302
    text = page(clerk, "delivery", refused.id)
    assert "请改表头" in text
    assert len(FORM.findall(text)) == 2


def test_没有权限的人看不到这一章(place: Ledger) -> None:
    watcher = signed_in(officer("keeper"))
    assert watcher.get(reverse("desk:book_headings")).status_code == 403
    assert "表头建议" not in page(watcher, "book")


def test_两种语言都有(clerk: Client, refused: Delivery) -> None:
    clerk.cookies["django_language"] = "en"
    assert "Confirm and propose it" in page(clerk, "delivery", refused.id)
    send(clerk, refused)
    assert "the quality office has to decide" in page(clerk, "delivery", refused.id)
    text = page(clerk, "book_headings")
    assert "Accept" in text
    assert "Words of the decision" in text


def test_从提请到采用到再次接收_一路都在页面上(place: Ledger, clerk: Client) -> None:
    """The unit hands a file in and proposes, the quality office accepts, the same file is received again and holds;
    then it is taken back.
    """
    headings = ["抽样單号" if each == "抽样单号" else each for each in SAMPLING]
    path = write_csv(place.folder / "三月抽检.csv", headings, [sampling_row(1), sampling_row(2)])
    assert hand_in(clerk, path).status_code == 302
    work()
    upload = Upload.objects.get()
    assert Fact.objects.count() == 0
    refused = Delivery.objects.get()
    assert send(clerk, refused).status_code == 302
    made = HeadingProposal.objects.get()
    quality = signed_in(officer(name="试验员乙"))
    decide = reverse("desk:heading_decide", args=[made.pk])
    assert quality.post(decide, {"decision": "accept"}).status_code == 302
    assert "质量办已采用" in page(clerk, "delivery", refused.id)
    assert clerk.post(reverse("desk:upload_again", args=[upload.id])).status_code == 302
    work()
    assert Fact.objects.count() == 2
    held = Delivery.objects.get(state="accepted")
    assert "抽样單号" in page(clerk, "delivery", held.id)
    text = page(quality, "book_headings", state="accepted")
    assert "收回" in text
    answer = quality.post(decide, {"decision": "take_back", "reason": ""})
    assert answer.status_code == 422
    assert "收回要写明理由" in answer.content.decode()
    assert quality.post(decide, {"decision": "take_back", "reason": "这一列是样品的编号"}).status_code == 302
    assert "后又收回：这一列是样品的编号" in page(clerk, "delivery", refused.id)
    text = page(quality, "book_headings", state="recalled")
    assert "采用后收回" in text
    assert "这一列是样品的编号" in text
    clerk.cookies["django_language"] = "en"
    text = page(clerk, "delivery", refused.id)
    assert "took it back: 这一列是样品的编号" in text, (
        "what a person wrote stays as written; what the machine says is in English"
    )
    assert "采用后收回" not in text
    clerk.cookies["django_language"] = "zh-hans"
    # What was received stays; another file with that heading goes back.
    assert Fact.objects.count() == 2
    assert hand_in(clerk, write_csv(place.folder / "四月抽检.csv", headings, [sampling_row(3)])).status_code == 302
    work()
    assert Fact.objects.count() == 2


def test_原样保存的列在已接收的报送页上也能提请(place: Ledger, clerk: Client) -> None:
    (result,) = place.receive(
        write_csv(place.folder / "t.csv", [*SAMPLING, "公告网址链接"], [[*sampling_row(1), "https://shop.example/1"]])
    )
    delivery = Delivery.objects.get(id=result.deliveries[0])
    text = page(clerk, "delivery", delivery.id)
    assert "原样保存 1 列，可以提请采用" in text
    assert re.search(r"<details open>\s*<summary>\s*表头怎样对上", text), "the form is not hidden where nobody looks"
    (form,) = FORM.findall(text)
    sent = {**fields(form), "target": "ignored: plain"}
    assert (sent["heading"], sent["record"], sent["source"]) == ("公告网址链接", "sampling_check", "standard")
    assert clerk.post(reverse("desk:delivery_heading", args=[delivery.id]), sent).status_code == 302
    assert "待质量办决定" in page(clerk, "delivery", delivery.id)
