"""An enterprise lets a financial institution read its quality-credit extract: for one purpose, until a day."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from zhiheng.actions import audit
from zhiheng.actions.enterprises import refusals
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.credit import CREDIT, CreditExtract
from zhiheng.kernel import days
from zhiheng.kernel.actor import Actor
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Alias
from zhiheng.office.consents import Consent
from zhiheng.people import access
from zhiheng.projections.models import Card


def wording(
    extract: CreditExtract, *, enterprise: str, reader: str, purpose: str, first: dt.date, last: dt.date
) -> tuple[str, str]:
    """What is agreed to, in both languages; raises Refused for a reader or a purpose that the book does not name."""
    bank = next((r for r in extract.readers if r.id == reader), None)
    if bank is None:
        raise Refused(refusals.institution_not_chosen())
    if purpose not in extract.purposes:
        raise Refused(refusals.purpose_not_chosen())
    what = extract.purposes[purpose]
    between = {"first": first.isoformat(), "last": last.isoformat()}
    return (
        extract.text.zh.format(enterprise=enterprise, reader=bank.name.zh, purpose=what.zh, **between),
        extract.text.en.format(enterprise=enterprise, reader=bank.name.en, purpose=what.en, **between),
    )


def latest_day(extract: CreditExtract, first: dt.date) -> dt.date:
    """The last day until which a consent from this day may hold."""
    return days.last_day_of(first, extract.longest_months)


def standing(subject: int, today: dt.date) -> dict[tuple[str, str], Consent]:
    """What an enterprise lets be read today, by institution and purpose: there is never more than one of each."""
    found = Consent.objects.filter(
        subject=subject, first_day__lte=today, last_day__gte=today, withdrawn_at=None, replaced_at=None
    )
    return {(one.reader, one.purpose): one for one in found}


def give(subject: int, *, extract: str, reader: str, purpose: str, last: dt.date, call: Call) -> Consent:
    """Record an enterprise's consent to one reader and purpose, word for word, from today on.

    Args:
        extract: the extract of the book that may be read.
        reader, purpose: an institution has at most one consent for a purpose: a new one replaces the one before,
            whether it is longer or shorter; the same given twice stands once.
        last: the last day.

    Returns:
        The consent.

    Raises:
        Refused: where extract or enterprise are absent, the last day is past or too far, or another consent was given
            meanwhile.
    """
    today = call.today
    access.require(call, "firm.consent", subject=subject)
    if extract not in call.book[CREDIT]:
        raise Refused(refusals.extract_absent())
    page = call.book[CREDIT][extract]
    if last < today:
        raise Refused(refusals.consent_ends_in_the_past())
    if last > (latest := latest_day(page, today)):
        raise Refused(refusals.consent_too_long(page.longest_months, latest))
    # The name that it bears today stands on its card; the spelling that came last may be a former one.
    name = (
        Card.objects.filter(subject=subject).values_list("name", flat=True).first()
        or Alias.objects.filter(subject_id=subject).order_by("-id").values_list("name", flat=True).first()
    )
    if name is None:
        raise Refused(refusals.enterprise_absent())
    zh, en = wording(page, enterprise=name, reader=reader, purpose=purpose, first=today, last=last)
    text = f"{zh}\n{en}"
    words = {
        "subject": subject,
        "reader": reader,
        "purpose": purpose,
        "first_day": today,
        "last_day": last,
        "text": text,
        "digest": sha256(text.encode()).hexdigest(),
        "given_by": str(call.actor),
        "at": call.now,
        "extract": extract,
    }
    try:
        return _written(words, call.actor, call.now)
    except IntegrityError:
        # Two that come at the same moment: the table itself lets only one stand (constraint consent_one).
        raise Refused(refusals.consent_given_meanwhile()) from None


def _written(words: dict[str, Any], actor: Actor, now: dt.datetime) -> Consent:
    key = {name: words[name] for name in ("subject", "reader", "purpose")}
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        before = Consent.objects.filter(**key, withdrawn_at=None, replaced_at=None).first()
        if before is not None and (before.first_day, before.last_day) == (words["first_day"], words["last_day"]):
            return before
        if before is not None:
            Consent.objects.filter(pk=before.pk).update(replaced_at=now)
        consent: Consent = Consent.objects.create(**words)
        detail = {"consent": consent.pk, "reader": consent.reader, "last_day": consent.last_day.isoformat()}
        if before is not None:
            detail["replaces"] = before.pk
        audit.write_as(actor, "consent.give", f"subject:{consent.subject}", now, purpose=consent.purpose, detail=detail)
    return consent
