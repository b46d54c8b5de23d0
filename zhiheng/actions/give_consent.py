"""An enterprise lets a financial institution read its quality-credit extract: for one purpose, until a day."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from zhiheng.grammar.credit import CreditExtract
from zhiheng.grammar.loader import Book
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger.models import Alias
from zhiheng.office.consents import Consent
from zhiheng.people import access, trail
from zhiheng.projections.models import Card


def wording(
    extract: CreditExtract, *, enterprise: str, reader: str, purpose: str, first: dt.date, last: dt.date
) -> tuple[str, str]:
    """What is agreed to, in both languages; raises Refused for a reader or a purpose that the book does not name."""
    bank = next((r for r in extract.readers if r.id == reader), None)
    if bank is None:
        raise _refused(
            "consent.reader", "请选择一家已签协议的金融机构。", "Choose an institution that has an agreement.", "reader"
        )
    if purpose not in extract.purposes:
        raise _refused("consent.purpose", "请选择查询用途。", "Choose what it may be read for.", "purpose")
    what = extract.purposes[purpose]
    days = {"first": first.isoformat(), "last": last.isoformat()}
    return (
        extract.text.zh.format(enterprise=enterprise, reader=bank.name.zh, purpose=what.zh, **days),
        extract.text.en.format(enterprise=enterprise, reader=bank.name.en, purpose=what.en, **days),
    )


def latest_day(extract: CreditExtract, first: dt.date) -> dt.date:
    """The last day until which a consent from this day may hold."""
    months = first.year * 12 + first.month - 1 + extract.longest_months
    year, month = divmod(months, 12)
    for day in range(first.day, 27, -1):
        try:
            return dt.date(year, month + 1, day)
        except ValueError:
            continue
    return dt.date(year, month + 1, first.day)


def give(
    subject: int, *, extract: str, reader: str, purpose: str, last: dt.date, actor: Actor, book: Book, now: dt.datetime
) -> Consent:
    """Write the consent down from today on, word by word; the same consent given twice stands once."""
    today = now.date()
    access.require(actor, "firm.consent", book=book, today=today, subject=subject)
    if extract not in book.credit:
        raise _refused("consent.extract", "没有这种查询授权。", "There is no such extract.", "extract")
    page = book.credit[extract]
    if last < today:
        raise _refused(
            "consent.past",
            "截止日期已过，请选今天或以后的日期。",
            "The last day is past; choose today or later.",
            "last",
        )
    if last > (latest := latest_day(page, today)):
        raise _refused(
            "consent.long", f"一次授权最长 {page.longest_months} 个月，截止日期不得晚于 {latest}。",
            f"A consent holds at most {page.longest_months} months; the last day can't be after {latest}.", "last",
        )  # fmt: skip
    # The name that it bears today stands on its card; the spelling that came last may be a former one.
    name = (
        Card.objects.filter(subject=subject).values_list("name", flat=True).first()
        or Alias.objects.filter(subject_id=subject).order_by("-id").values_list("name", flat=True).first()
    )
    if name is None:
        raise _refused("enterprise.absent", "没有这家企业。", "There is no such enterprise.", "subject")
    zh, en = wording(page, enterprise=name, reader=reader, purpose=purpose, first=today, last=last)
    text = f"{zh}\n{en}"
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        consent, new = Consent.objects.get_or_create(
            subject=subject, reader=reader, purpose=purpose, first_day=today, last_day=last, withdrawn_at=None,
            defaults={
                "text": text, "digest": sha256(text.encode()).hexdigest(), "given_by": str(actor), "at": now, "extract": extract,
            },
        )  # fmt: skip
        if new:
            trail.note(actor, "consent.give", f"subject:{subject}", now, purpose=purpose,
                       detail={"consent": consent.pk, "reader": reader, "last_day": last.isoformat()})  # fmt: skip
    return consent


def _refused(code: str, zh: str, en: str, field: str) -> Refused:
    return Refused(Refusal(code, zh, en, field=field))
