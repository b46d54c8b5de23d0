"""An enterprise opens its extract to a bank, for one purpose and until a day, and closes it again when it likes."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from tests.places import NOON, Ledger, sampling_row
from zhiheng.actions.enterprises.give_consent import give, latest_day
from zhiheng.actions.enterprises.withdraw_consent import withdraw
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.kernel.actor import Actor, Holding
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias
from zhiheng.office.models import Consent
from zhiheng.people.models import TrailLine
from zhiheng.queries.credit import live

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


@pytest.fixture
def subject(ledger: Ledger) -> int:
    """An enterprise of which something is known."""
    ledger.samples("a.csv", [sampling_row(1, 生产企业="试验甲食品有限公司")])
    return int(Alias.objects.get(name="试验甲食品有限公司").subject_id)


def owner(subject: int) -> Actor:
    """Somebody of the enterprise."""
    return Actor("account:5", "enterprise", "某某", (Holding("owner", subject=subject),))


def agree(subject: int, book: Book, **words: object) -> Consent:
    """Consent to the test bank for a loan, for a month."""
    said = {"extract": "extract", "reader": "test_bank", "purpose": "loan", "last": TODAY + dt.timedelta(days=30)}
    return give(subject, **{**said, **words}, call=Call(owner(subject), book, NOON))


def test_what_was_agreed_to_is_kept_word_by_word(subject: int, small_book: Book) -> None:
    consent = agree(subject, small_book)
    assert "试验甲食品有限公司同意试验银行（虚构）自2026-07-01起至2026-07-31止为“贷款审批”查询。" in consent.text
    assert consent.digest == sha256(consent.text.encode()).hexdigest()
    assert TrailLine.objects.filter(verb="consent.give", about=f"subject:{subject}").count() == 1


def test_the_same_consent_given_twice_stands_once(subject: int, small_book: Book) -> None:
    assert agree(subject, small_book).pk == agree(subject, small_book).pk


def test_a_consent_holds_on_its_last_day_and_not_the_day_after(subject: int, small_book: Book) -> None:
    agree(subject, small_book)
    last = TODAY + dt.timedelta(days=30)
    assert live(subject, "test_bank", "loan", last) is not None
    assert live(subject, "test_bank", "loan", last + dt.timedelta(days=1)) is None


def test_a_consent_that_was_withdrawn_ends_at_once(subject: int, small_book: Book) -> None:
    consent = agree(subject, small_book)
    withdraw(consent.pk, call=Call(owner(subject), small_book, NOON))
    withdraw(consent.pk, call=Call(owner(subject), small_book, NOON))
    assert live(subject, "test_bank", "loan", TODAY) is None
    assert TrailLine.objects.filter(verb="consent.withdraw").count() == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"reader": "unknown_bank"}, "consent.reader"),
        ({"purpose": "curiosity"}, "consent.purpose"),
        ({"extract": "all"}, "consent.extract"),
        ({"last": TODAY - dt.timedelta(days=1)}, "consent.past"),
        ({"last": dt.date(2027, 7, 2)}, "consent.long"),
    ],
)
def test_a_consent_that_can_not_be_is_refused_with_a_reason(
    subject: int, small_book: Book, words: dict[str, object], code: str
) -> None:
    with pytest.raises(Refused) as told:
        agree(subject, small_book, **words)
    assert told.value.refusals[0].code == code
    assert not Consent.objects.exists()


def test_nobody_gives_or_withdraws_a_consent_of_another_enterprise(subject: int, small_book: Book) -> None:
    consent = agree(subject, small_book)
    with pytest.raises(Refused):
        give(
            subject,
            extract="extract",
            reader="test_bank",
            purpose="loan",
            last=TODAY,
            call=Call(owner(subject + 1), small_book, NOON),
        )
    with pytest.raises(Refused):
        withdraw(consent.pk, call=Call(owner(subject + 1), small_book, NOON))
    assert live(subject, "test_bank", "loan", TODAY) is not None


@any_of(first=st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)))
def test_the_longest_consent_of_a_year_ends_on_the_eve_of_the_same_day_or_the_last_of_the_month(
    small_book: Book, first: dt.date
) -> None:
    last = latest_day(small_book[CREDIT]["extract"], first)
    if (first.month, first.day) == (2, 29):
        assert last == dt.date(first.year + 1, 2, 28)
    else:
        assert last == first.replace(year=first.year + 1) - dt.timedelta(days=1)
