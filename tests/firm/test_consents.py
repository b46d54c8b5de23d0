"""Whom an enterprise lets read its extract: given with a click, ended with a click, each reading listed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.html import escape

from tests.desk.files_of import FIRM, NOW, OTHER, clock, place, subject_of
from tests.factories import AliasFactory, LikelyMatchFactory, SubjectFactory
from tests.firm.owners import browser_of, page, send
from tests.places import Ledger, credit_code
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.kernel.actor import Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias, LikelyMatch
from zhiheng.office.models import Consent
from zhiheng.queries.credit import read

__all__ = ["clock", "place"]
pytestmark = [pytest.mark.django_db, pytest.mark.slow]
TODAY = NOW.date()
GOOD = {"reader": "test_bank", "purpose": "loan", "last": "2026-12-31"}


@pytest.fixture
def browser(place: Ledger) -> Client:
    """Somebody of the food maker."""
    return browser_of(subject_of())


def give(browser: Client, **typed: Any) -> Any:
    """Send the form."""
    return send(browser, "give_consent", **{**GOOD, **typed})


def test_a_consent_is_given_shown_word_by_word_and_withdrawn(browser: Client) -> None:
    assert "没有授权过任何机构" in page(browser, "consents")
    assert give(browser).status_code == 302
    text = page(browser, "consents")
    assert f"{FIRM}同意试验银行（虚构）自2026-07-15起至2026-12-31止" in text
    assert "有效" in text
    send(browser, "withdraw_consent", Consent.objects.get().pk)
    assert Consent.objects.get().withdrawn_at is not None
    assert "撤回" in page(browser, "consents")


def test_同意以前_读得到将要同意的全文_选择的几项留空(browser: Client) -> None:
    before = page(browser, "consents").partition("同意授权")[0]
    said = f"{FIRM}同意（所选金融机构）自2026-07-15起至（所选截止日期）止"
    assert said in before
    assert "（所选用途）" in before
    give(browser)
    given = Consent.objects.get().text.splitlines()[0]
    for chosen, blank in (
        ("试验银行（虚构）", "（所选金融机构）"),
        ("2026-12-31", "（所选截止日期）"),
        ("贷款", "（所选用途）"),
    ):
        assert chosen in given
        assert blank not in given


def test_every_reading_of_a_bank_is_listed(browser: Client, place: Ledger) -> None:
    give(browser)
    read(credit_code(1), purpose="loan", after="", limit=10, call=Call(BANK, place.book, NOW))
    text = page(browser, "consents")
    assert "没有机构查询过" not in text
    assert "试验银行（虚构）" in text.partition("查询记录")[2]


BANK = Actor("account:8", "bank", "信贷员", (Holding("lender", "test_bank"),))


def asked(place: Ledger, code: str) -> int:
    """Whose extract the bank is shown for a code."""
    return read(code, purpose="loan", after="", limit=10, call=Call(BANK, place.book, NOW)).subject


def test_按代码查询_代码归两份档案时_只开授权的那一家(browser: Client, place: Ledger) -> None:
    alias = Alias.objects.filter(code=credit_code(1)).order_by("id")[0]
    other = SubjectFactory(id=9_001)
    # An earlier file with the same code, of before the register told its name: it comes first and consents to nothing.
    AliasFactory(id=9_001, subject=other, name="试验别处食品店", code=alias.code)
    give(browser)
    assert asked(place, credit_code(1)) == alias.subject_id


@pytest.mark.parametrize("copied_first", [True, False])
def test_代码是抄来的那一家_授权了也不能凭这个代码查到(browser: Client, place: Ledger, copied_first: bool) -> None:
    give(browser)
    mine = Alias.objects.filter(code=credit_code(1)).order_by("id")[0]
    other = SubjectFactory(id=9_001)
    copied = AliasFactory(id=9_001, subject=other, name="试验桐柏机械厂", code=mine.code)
    one, two = (mine, copied) if copied_first else (copied, mine)
    LikelyMatchFactory(alias=one, other=two, kind="code.names")
    with pytest.raises(Refused) as refused:
        asked(place, credit_code(1))
    assert refused.value.refusals[0].code == "credit.several"
    LikelyMatch.objects.update(decision="different")
    assert asked(place, credit_code(1)) == mine.subject_id


def test_没有授权的_代码下有几家也不说(place: Ledger) -> None:
    with pytest.raises(Refused) as refused:
        asked(place, credit_code(1))
    assert refused.value.refusals[0].code == "access.no_consent"
    with pytest.raises(Refused):
        asked(place, "")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"last": "年底"}, "请填截止日期"),
        ({"last": "2026-07-14"}, "截止日期已过"),
        ({"last": "2027-07-15"}, "一次授权最长 12 个月"),
        ({"reader": "no_bank"}, "请选择一家已签协议"),
        ({"reader": ""}, "请选择一家已签协议"),
        ({"purpose": "curiosity"}, "请选择查询用途"),
        ({"last": "9999-12-31"}, "一次授权最长"),
    ],
)
def test_a_consent_that_can_not_be_is_told_why_and_what_was_typed_stays(
    browser: Client, typed: dict[str, str], said: str
) -> None:
    answer = give(browser, **typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert f'value="{escape({**GOOD, **typed}["last"])}"' in text
    assert not Consent.objects.exists()


def test_the_same_consent_sent_twice_stands_once(browser: Client) -> None:
    give(browser)
    give(browser)
    assert Consent.objects.count() == 1


def test_the_last_possible_day_is_taken(browser: Client) -> None:
    assert give(browser, last="2027-07-14").status_code == 302


def test_somebody_elses_consent_does_not_exist_here(browser: Client) -> None:
    give(browser)
    other = browser_of(subject_of(OTHER))
    number = Consent.objects.get().pk
    assert send(other, "withdraw_consent", number).status_code == 404
    assert send(other, "withdraw_consent", 10**12).status_code == 404
    assert Consent.objects.get().withdrawn_at is None
    assert "没有授权过任何机构" in page(other, "consents")


def test_a_consent_past_its_day_is_over_and_needs_no_withdrawing(browser: Client) -> None:
    give(browser, last="2026-07-15")
    Consent.objects.update(last_day=TODAY - dt.timedelta(days=1))
    assert "已到期" in page(browser, "consents")


def reads(place: Ledger, purpose: str = "loan") -> bool:
    """Whether the bank may read for the purpose now."""
    bank = Actor("account:8", "bank", "信贷员", (Holding("lender", "test_bank"),))
    try:
        read(credit_code(1), purpose=purpose, after="", limit=10, call=Call(bank, place.book, NOW))
    except Refused as refused:
        return refused.refusals[0].code != "access.no_consent"
    return True


def test_再授权一次_新的替代旧的_撤回之后就真的查不了(browser: Client, place: Ledger) -> None:
    give(browser)
    answer = send(browser, "give_consent", follow=True, **{**GOOD, "last": "2026-10-01"})
    assert "原来至 2026-12-31 的授权由这一份替代" in answer.content.decode()
    old, new = Consent.objects.order_by("pk")
    assert (old.replaced_at is not None, new.replaced_at) == (True, None)
    assert reads(place)
    send(browser, "withdraw_consent", new.pk)
    assert not reads(place)
    assert "由新授权替代" in page(browser, "consents")


def test_撤回被替代的那一份_不动现在有效的_并如实告知(browser: Client, place: Ledger) -> None:
    give(browser)
    give(browser, last="2026-10-01")
    old = Consent.objects.order_by("pk")[0]
    answer = send(browser, "withdraw_consent", old.pk, follow=True)
    assert "没有改变什么" in answer.content.decode()
    assert reads(place)


def test_撤回一份时_说明该机构还有别的用途的授权(browser: Client, place: Ledger) -> None:
    give(browser)
    other = next(name for name in next(iter(place.book[CREDIT].values())).purposes if name != "loan")
    give(browser, purpose=other, last="2026-09-01")
    answer = send(browser, "withdraw_consent", Consent.objects.get(purpose="loan").pk, follow=True)
    text = answer.content.decode()
    assert "该机构仍有另一份授权有效" in text
    assert "至 2026-09-01" in text
    assert (reads(place), reads(place, other)) == (False, True)


def test_同一机构同一用途_表里不可能有两份有效的(browser: Client) -> None:
    give(browser)
    one = Consent.objects.get()
    one.pk = None
    with pytest.raises(IntegrityError), transaction.atomic(using=configured.PEOPLE_DATABASE):
        one.save(force_insert=True)
