"""What an enterprise objects to: a receipt with a number and a due day by law, papers that are what they say, once
only.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.book_once import book_once
from tests.desk.files_of import NOW, OTHER, clock, place, subject_of
from tests.firm.owners import NAME, browser_of, page, send
from tests.places import SMALL, Ledger
from zhiheng.actions.facts.correct_fact import correct
from zhiheng.actions.objections import raise_objection as objecting
from zhiheng.actions.objections.answer_objection import answer
from zhiheng.database.content_store import ATTACHMENTS
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM, Actor, Holding
from zhiheng.ledger.models import Fact
from zhiheng.office.models import Objection
from zhiheng.people.models import Account, TrailLine

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
WHY = "样品不是本企业生产的，包装上的批号与台账不符。"
PDF = b"%PDF-1.4 paper"


@pytest.fixture
def browser(place: Ledger) -> Client:
    """Somebody of the food maker."""
    return browser_of(subject_of())


def fact_of(record: str = "sampling_check") -> int:
    """The first fact of a record."""
    return int(Fact.objects.filter(record=record).earliest("id").id)


def object_to(browser: Client, fact: int, **typed: Any) -> Any:
    """Send the form."""
    return send(browser, "object", fact, **{"ground": "not_us", "reason": WHY, **typed})


def test_the_enterprise_reads_that_its_due_day_is_provisional_and_why(browser: Client) -> None:
    # The invented book has no holiday notice of any year.
    before = page(browser, "object", fact_of())
    object_to(browser, fact_of())
    one = Objection.objects.get()
    assert one.due_basis["unit"] == "wd"
    for text in (before, page(browser, "objection", one.receipt)):
        assert "2026年的放假安排不在日历中" in text
        assert "自2026年7月15日起算15个工作日" in text
    assert "（暂定）" in page(browser, "objection", one.receipt)


def paper(name: str = "证明.pdf", data: bytes = PDF) -> SimpleUploadedFile:
    """A file as it comes from a form."""
    return SimpleUploadedFile(name, data)


def test_an_objection_has_a_receipt_with_its_number_due_day_and_law(browser: Client) -> None:
    answer = object_to(browser, fact_of())
    one = Objection.objects.get()
    assert answer.headers["Location"] == reverse("firm:objection", args=[one.receipt])
    text = page(browser, "objection", one.receipt)
    # 15 working days from Wednesday 15 July 2026.
    assert str(one.due_on) == "2026-08-05"
    for said in (one.receipt, "2026-08-05", "15个工作日", "第九条", "不是本企业的记录", WHY, NAME, "<svg"):
        assert said in text, said
    assert one.receipt in page(browser, "objections")
    assert "等待答复的异议" in page(browser, "home")
    assert TrailLine.objects.filter(verb="objection.raise").count() == 1
    assert WHY not in str(TrailLine.objects.get(verb="objection.raise").detail)


def test_where_no_law_sets_a_period_the_district_has_set_its_own(browser: Client) -> None:
    object_to(browser, fact_of("discharge_fine"))
    one = Objection.objects.get()
    assert str(one.due_on) == "2026-08-12"
    assert "试验区承诺" in page(browser, "objection", one.receipt)


def test_the_form_says_beforehand_until_when_it_is_answered(browser: Client) -> None:
    text = page(browser, "object", fact_of())
    assert "2026-08-05" in text
    assert "第九条" in text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"ground": ""}, "请选择理由类别"),
        ({"ground": "because"}, "请选择理由类别"),
        ({"reason": "不对"}, "请写明理由"),
        ({"reason": "\u0000\u202e" * 9}, "请写明理由"),
        ({"reason": "长" * 5001}, "请写明理由"),
    ],
)
def test_what_is_missing_is_asked_for_and_what_was_typed_stays(
    browser: Client, typed: dict[str, str], said: str
) -> None:
    answer = object_to(browser, fact_of(), **typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    if "reason" not in typed:
        assert WHY in answer.content.decode()
    assert not Objection.objects.exists()


def test_control_characters_are_taken_out_and_lines_stay(browser: Client) -> None:
    object_to(browser, fact_of(), reason="第一行：批号不符\r\n第二行\u0000：\u202e不是我们 <b>生产</b>的")
    one = Objection.objects.get()
    assert one.reason == "第一行：批号不符\n第二行：不是我们 <b>生产</b>的"
    assert "<b>" not in page(browser, "objection", one.receipt)


def answered(who: Actor = SYSTEM) -> None:
    """The objection is answered: it does not stand."""
    answer(
        Objection.objects.get().pk,
        upheld=False,
        remedy="",
        text="经核对台账，记录无误。",
        call=Call(who, book_once(SMALL), NOW),
    )


# -- papers ------------------------------------------------------------------------------------------------------------


def test_a_paper_is_kept_under_its_digest_and_named_on_the_receipt(browser: Client) -> None:
    object_to(browser, fact_of(), files=[paper(), paper("照片.png", b"\x89PNG\r\n\x1a\n...")])
    one = Objection.objects.get()
    assert [(f["name"], f["kind"], f["size"]) for f in one.files] == [("证明.pdf", "pdf", 14), ("照片.png", "png", 11)]
    assert ATTACHMENTS.path_of(one.files[0]["digest"]).read_bytes() == PDF
    assert "证明.pdf" in page(browser, "objection", one.receipt)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("证明.pdf", b"MZ\x90 a program"),
        ("图.png", b"<svg onload=alert(1)>"),
        ("a.jpg", b""),
        ("页.html", b"<html>"),
        ("x.pdf", b" %PDF-1.4"),
    ],
)
def test_a_paper_of_another_kind_is_not_taken_whatever_its_name_says(browser: Client, name: str, data: bytes) -> None:
    answer = object_to(browser, fact_of(), files=[paper(), paper(name, data)])
    assert answer.status_code == 422
    assert "不是 PDF、PNG 或 JPEG" in answer.content.decode()
    assert WHY in answer.content.decode()
    assert not Objection.objects.exists()


def test_a_paper_that_is_too_large_is_not_taken(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objecting, "FILE_BYTES", 1 << 20)
    answer = object_to(browser, fact_of(), files=[paper(data=PDF + b"x" * (1 << 20))])
    assert answer.status_code == 422
    assert "超过 1 MB" in answer.content.decode()
    assert not Objection.objects.exists()


def test_more_than_five_papers_are_not_taken(browser: Client) -> None:
    answer = object_to(browser, fact_of(), files=[paper(f"{n}.pdf", PDF + str(n).encode()) for n in range(6)])
    assert answer.status_code == 422
    assert "附件最多 5 个" in answer.content.decode()


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd.pdf", "..\\..\\boot.pdf", "/a/b\u0000.pdf", "\u202efdp.exe.pdf", "长" * 300 + ".pdf"]
)
def test_a_name_with_folders_or_tricks_is_only_a_name(browser: Client, name: str) -> None:
    object_to(browser, fact_of(), files=[paper(name)])
    (kept,) = Objection.objects.get().files
    assert not set(kept["name"]) & set("/\\\u0000\u202e")
    assert len(kept["name"]) <= 120
    assert ATTACHMENTS.path_of(kept["digest"]).is_file()


# -- once --------------------------------------------------------------------------------------------------------------


def test_a_double_click_is_one_objection_with_one_receipt(browser: Client) -> None:
    first, second = object_to(browser, fact_of()), object_to(browser, fact_of(), reason=WHY + "再说一遍。")
    assert first.headers["Location"] == second.headers["Location"]
    assert Objection.objects.count() == 1
    assert TrailLine.objects.filter(verb="objection.raise").count() == 1


def kept() -> set[str]:
    """The names of all attachments that are kept."""
    return {path.name for path in ATTACHMENTS.folder().rglob("*") if path.is_file()}


def test_已有待答复的异议_再附的材料不留下无主的文件(browser: Client) -> None:
    object_to(browser, fact_of(), files=[paper()])
    before = kept()
    again = object_to(browser, fact_of(), files=[paper("另一份.pdf", PDF + b" another")])
    assert again.headers["Location"] == reverse("firm:objection", args=[Objection.objects.get().receipt])
    assert kept() == before == {one["digest"] for one in Objection.objects.get().files}


def test_一份附件不能收_其余几份也不留下(browser: Client) -> None:
    before = kept()
    answer = object_to(browser, fact_of(), files=[paper(data=PDF + b" good"), paper("x.exe", b"MZ")])
    assert answer.status_code == 422
    assert kept() == before


def test_回执编号与别人的相同时_另取一个(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([7, 7, 7, 8])
    monkeypatch.setattr(objecting.secrets, "randbelow", lambda most: next(drawn))
    assert object_to(browser, fact_of()).status_code == 302
    assert object_to(browser, fact_of("discharge_fine")).status_code == 302
    assert sorted(one[-6:] for one in Objection.objects.values_list("receipt", flat=True)) == ["000007", "000008"]


def test_after_it_was_withdrawn_one_may_object_again(browser: Client) -> None:
    object_to(browser, fact_of())
    receipt = Objection.objects.get().receipt
    assert send(browser, "withdraw_objection", receipt).status_code == 302
    assert "已撤回" in page(browser, "objection", receipt)
    send(browser, "withdraw_objection", receipt)
    object_to(browser, fact_of())
    assert sorted(Objection.objects.values_list("state", flat=True)) == ["open", "withdrawn"]


def test_what_was_answered_is_not_withdrawn_any_more(browser: Client) -> None:
    object_to(browser, fact_of())
    answered()
    receipt = Objection.objects.get().receipt
    send(browser, "withdraw_objection", receipt)
    text = page(browser, "objection", receipt)
    assert Objection.objects.get().state == "rejected"
    assert "不能再撤回" in text
    assert "经核对台账，记录无误。" in text
    assert "可以依法申请行政复议" in text


def test_an_answer_names_its_unit_and_the_first_page_tells_of_it(browser: Client) -> None:
    object_to(browser, fact_of())
    officer = Account.objects.create(login="answering", name="试验员", unit="test_environment")
    answered(Actor(f"account:{officer.pk}", "officer", "试验员", (Holding("clerk", "test_market"),)))
    receipt = Objection.objects.get().receipt
    assert "答复单位：试验区生态环境局" in page(browser, "objection", receipt)
    first = page(browser, "home")
    assert "已答复的异议" in first
    assert f"/firm/objections/{receipt}/" in first
    # An answer of which no officer is known is that of the unit that had said it.
    Objection.objects.update(answered_by="system")
    assert "答复单位：试验区市场监督管理局" in page(browser, "objection", receipt)


def test_a_record_that_was_corrected_is_objected_to_at_its_correction(browser: Client, place: Ledger) -> None:
    first = fact_of()
    new = correct(
        first, {"product": "试验粉丝"}, reason="录入有误", call=Call(SYSTEM, place.book, NOW), unit="test_market"
    )
    answer = object_to(browser, first)
    assert answer.status_code == 422
    assert "已被更正或撤回" in answer.content.decode()
    assert object_to(browser, new).status_code == 302


# -- others ------------------------------------------------------------------------------------------------------------


def test_somebody_elses_objection_does_not_exist_here(browser: Client) -> None:
    object_to(browser, fact_of())
    receipt = Objection.objects.get().receipt
    other = browser_of(subject_of(OTHER))
    assert "没有这个回执编号" in page(other, "objection", receipt, status=404)
    assert send(other, "withdraw_objection", receipt).status_code == 404
    assert Objection.objects.get().state == "open"
    assert receipt not in page(other, "objections")
    assert "没有提过异议" in page(other, "objections")


def test_two_enterprises_of_one_fact_object_each_for_itself(place: Ledger) -> None:
    maker, seller = browser_of(subject_of()), browser_of(subject_of("试验百货店"))
    object_to(maker, fact_of())
    object_to(seller, fact_of())
    assert Objection.objects.count() == 2


def test_a_ground_that_the_book_has_no_longer_is_told_in_words(browser: Client) -> None:
    object_to(browser, fact_of())
    Objection.objects.update(ground="former_ground")
    one = Objection.objects.get()
    for text in (page(browser, "objections"), page(browser, "objection", one.receipt)):
        assert "former_ground" not in text or "规则书中已没有的理由：former_ground" in text
    assert "规则书中已没有的理由：former_ground" in page(browser, "objection", one.receipt)
