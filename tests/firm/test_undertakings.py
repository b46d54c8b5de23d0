"""What an enterprise signs: the words are kept, the name is one's own, what is signed twice stands once, and it enters
the ledger.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.actions.test_upload import work
from tests.desk.files_of import FIRM, NOW, OTHER, clock, place, subject_of
from tests.firm.owners import NAME, browser_of, page, send
from tests.places import Ledger, credit_code
from zhiheng.actions.enterprises import sign_undertaking as signing
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.corner import CORNER
from zhiheng.kernel.actor import Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Fact
from zhiheng.office.models import Signature, Upload
from zhiheng.people.models import TrailLine
from zhiheng.projections.models import Card

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def browser(place: Ledger) -> Client:
    """Somebody of the food maker."""
    return browser_of(subject_of())


def form(browser: Client, name: str = "promise") -> dict[str, str]:
    """The hidden fields of the form of a text."""
    text = page(browser, "sign", name)
    return {key: re.search(rf'name="{key}" value="([^"]+)"', text)[1] for key in ("agreed", "form_token")}


def sign(browser: Client, name: str = "promise", **typed: Any) -> Any:
    """Open the text and sign it."""
    return send(browser, "sign", name, **{**form(browser, name), "signer": NAME, **typed})


def test_the_text_is_shown_filled_in_before_it_is_signed(browser: Client) -> None:
    text = page(browser, "sign", "promise")
    assert f"{FIRM}（{credit_code(1)}）自2026-07-15起至2027-07-14止承诺质量第一" in text
    assert "《试验办法（虚构）》第四条" in text


def test_what_is_asked_is_listed_whole_and_what_was_signed_says_until_when(browser: Client, place: Ledger) -> None:
    corner = place.book[CORNER]
    assert corner is not None
    first = page(browser, "home")
    for name, text in corner.undertakings.items():
        assert f"/firm/undertakings/{name}/" in first
        assert text.label.zh in first
    sign(browser)
    shown = page(browser, "undertakings")
    assert "已签署，有效至 2027-07-14" in shown
    assert "/firm/undertakings/promise/" not in page(browser, "home")


def test_what_was_signed_is_kept_word_by_word_with_its_hash_and_enters_the_ledger(browser: Client) -> None:
    assert sign(browser).status_code == 302
    (signature,) = Signature.objects.all()
    assert f"签署人：{NAME}。" in signature.text
    assert signature.digest == sha256(signature.text.encode()).hexdigest()
    shown = page(browser, "undertakings")
    assert signature.number in shown
    assert signature.digest in shown
    before = Fact.objects.count()
    work()
    assert Fact.objects.count() == before + 1
    fact = Fact.objects.latest("id")
    assert (fact.record, fact.unit) == ("office_visit", "test_enterprises")
    text = page(browser, "fact", fact.id)
    assert signature.number in text
    assert "企业自报" in text
    assert TrailLine.objects.filter(verb="undertaking.sign", about=f"subject:{signature.subject}").count() == 1


@pytest.mark.parametrize("signer", ["", "别人", "某负责人甲", "某 负责人", "某\u200b负责人甲"])
def test_nobody_signs_with_another_name(browser: Client, signer: str) -> None:
    answer = sign(browser, signer=signer)
    assert answer.status_code == 422
    assert "请输入您本人的姓名" in answer.content.decode()
    assert not Signature.objects.exists()
    assert not Upload.objects.exists()


@pytest.mark.parametrize("agreed", ["", "0" * 64])
def test_a_text_that_was_not_the_one_shown_is_not_signed(browser: Client, agreed: str) -> None:
    answer = sign(browser, agreed=agreed)
    assert answer.status_code == 422
    assert "有了改动" in answer.content.decode()
    assert not Signature.objects.exists()


def test_what_was_typed_stands_there_again_after_a_mistake(browser: Client) -> None:
    text = sign(browser, "officer", officer="李某", position="副总", signer="别人").content.decode()
    assert 'value="李某"' in text
    assert 'value="副总"' in text
    assert "李某为质量官" in text


def test_a_second_click_signs_nothing_a_second_time(browser: Client) -> None:
    given = {**form(browser), "signer": NAME}
    assert [send(browser, "sign", "promise", **given).status_code for _ in range(3)] == [302, 302, 302]
    assert Signature.objects.count() == Upload.objects.count() == 1


def test_the_same_text_signed_in_two_windows_on_a_day_stands_once(browser: Client) -> None:
    sign(browser)
    sign(browser)
    assert Signature.objects.count() == Upload.objects.count() == 1


def test_an_officer_is_named_and_its_office_ended_before_its_day(browser: Client) -> None:
    sign(browser, "officer", officer="李某", position="")
    (signature,) = Signature.objects.all()
    assert "提前终止" in page(browser, "undertakings")
    assert send(browser, "end_signature", signature.pk).status_code == 302
    signature.refresh_from_db()
    assert signature.ended_at is not None
    assert "已终止" in page(browser, "undertakings")
    assert "提前终止" not in page(browser, "undertakings")
    work()
    said = [page(browser, "fact", f.id) for f in Fact.objects.filter(record="office_visit").order_by("id")]
    assert ["在任" in text for text in said] == [True, False]
    assert "李某 离任" in said[1]
    send(browser, "end_signature", signature.pk)
    assert Upload.objects.count() == 2


def test_an_office_that_was_ended_can_be_given_again_on_the_same_day(browser: Client) -> None:
    sign(browser, "officer", officer="李某")
    send(browser, "end_signature", Signature.objects.get().pk)
    sign(browser, "officer", officer="李某")
    assert Signature.objects.filter(ended_at=None).count() == 1
    assert Signature.objects.count() == 2


def test_a_promise_can_not_be_ended_early(browser: Client) -> None:
    sign(browser)
    send(browser, "end_signature", Signature.objects.get().pk)
    assert Signature.objects.get().ended_at is None
    assert "不能提前终止" in page(browser, "undertakings")


def test_somebody_elses_signature_does_not_exist_here(browser: Client, place: Ledger) -> None:
    sign(browser, "officer", officer="李某")
    number = Signature.objects.get().pk
    other = browser_of(subject_of(OTHER))
    answer = send(other, "end_signature", number)
    assert answer.status_code == 404
    assert answer.content.decode().count("没有这份签署") >= 1
    assert Signature.objects.get().ended_at is None
    assert Signature.objects.get().number not in page(other, "undertakings")


@pytest.mark.parametrize(
    ("officer", "said"), [("", "请填写“质量官姓名”"), ("李" * 1001, "请填写"), ("\u0000\u202e", "请填写")]
)
def test_a_blank_that_was_not_filled_in_or_overflows_is_asked_for(browser: Client, officer: str, said: str) -> None:
    answer = sign(browser, "officer", officer=officer)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Signature.objects.exists()


def test_control_characters_are_taken_out_of_what_is_signed(browser: Client) -> None:
    assert sign(browser, "officer", officer="李\u0000某\u202e\r\n第二行{number}", position="=1+1").status_code == 302
    text = Signature.objects.get().text
    assert "李某 第二行{number}为质量官" in text
    assert "\u202e" not in text
    work()
    fact = Fact.objects.latest("id")
    assert "=1+1" in page(browser, "fact", fact.id)


def test_a_text_that_does_not_exist_leads_back_to_the_list(browser: Client) -> None:
    assert browser.get(reverse("firm:sign", args=["nothing"])).status_code == 302


def test_an_enterprise_of_which_nobody_knows_where_it_lies_is_told_whom_to_ask(place: Ledger) -> None:
    nowhere = subject_of("试验百货店")
    Card.objects.filter(subject=nowhere).update(area="110000")
    answer = sign(browser_of(nowhere))
    assert answer.status_code == 422
    assert "联系属地质强办" in answer.content.decode()
    assert not Signature.objects.exists()


def test_who_may_not_sign_is_refused_before_anything_is_read(place: Ledger) -> None:
    stranger = Actor("account:9", "enterprise", NAME, (Holding("owner", subject=subject_of(OTHER)),))
    corner = place.book[CORNER]
    assert corner is not None
    with pytest.raises(Refused) as caught:
        signing.sign(
            subject_of(),
            "promise",
            signer=NAME,
            filled={},
            agreed=signing.text_digest(corner.undertakings["promise"]),
            call=Call(stranger, place.book, NOW),
        )
    assert caught.value.refusals[0].code == "access.subject"


def test_the_edition_of_a_text_follows_its_words_and_its_term(place: Ledger) -> None:
    corner = place.book[CORNER]
    assert corner is not None
    promise = corner.undertakings["promise"]
    longer = promise.model_copy(update={"months": 24})
    other = promise.model_copy(update={"text": promise.text.model_copy(update={"zh": "别的话"})})
    assert len({signing.text_digest(one) for one in (promise, longer, other)}) == 3
