"""A financial institution reads the quality-credit extract of an enterprise: only under a live consent, and the enterprise sees it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from zhiheng.grammar.loader import Book
from zhiheng.kernel.actor import Actor, Reach, Scope
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.ledger.models import Alias
from zhiheng.ledger.quality_file import Line, timeline
from zhiheng.office.consents import Consent, CreditRead
from zhiheng.people import access, trail
from zhiheng.projections.models import Card


@dataclass(frozen=True)
class CreditFile:
    """Some facts of the extract, the latest first, and what they may be used for until when."""

    subject: int
    name: str
    consent: int
    purpose: str
    until: dt.date
    lines: tuple[Line, ...]
    next: str


def live(subject: int, reader: str, purpose: str, today: dt.date) -> Consent | None:
    """The consent under which an institution may read for a purpose today, if there is one (one query)."""
    found = Consent.objects.filter(
        subject=subject, reader=reader, purpose=purpose, first_day__lte=today, last_day__gte=today, withdrawn_at=None
    )
    return found.order_by("-last_day", "-pk").first()


def read(code: str, *, purpose: str, after: str, limit: int, actor: Actor, book: Book, now: dt.datetime) -> CreditFile:
    """The extract of the enterprise with a credit code. Raises Refused without a live consent; whether there is such an
    enterprise at all is not told to somebody without one.
    """
    access.require_somewhere(actor, "credit.read", book=book, today=now.date())
    reader = actor.holdings[0].unit if actor.holdings else ""
    subject = Alias.objects.filter(code=code.upper()).values_list("subject_id", flat=True).order_by("id").first()
    consent = live(subject, reader, purpose, now.date()) if subject is not None else None
    if consent is None:
        raise Refused(
            Refusal(
                "access.no_consent", "没有这家企业为此用途给贵机构的有效授权；请企业在“企业之窗”授权后再查。",
                "There is no live consent of this enterprise to you for this purpose; ask it to give one in its corner.",
            )
        )  # fmt: skip
    assert subject is not None
    access.require(actor, "credit.read", book=book, today=now.date(), subject=subject, consent=True)
    # What is read is what the consent says, whatever records the role would otherwise show.
    scope = Scope((Reach(records=frozenset(book.credit[consent.extract].records), subjects=frozenset({subject})),))
    found = timeline(subject, book=book, scope=scope, as_of=now.date(), after=after, limit=limit)
    live_lines = tuple(line for line in found.lines if line.replaced_by is None and not line.withdrawn)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        CreditRead.objects.create(consent=consent, actor=str(actor), purpose=purpose, entries=len(live_lines), at=now)
        trail.note(actor, "credit.read", f"subject:{subject}", now, purpose=purpose, detail={"consent": consent.pk})
    name = Card.objects.filter(subject=subject).values_list("name", flat=True).first() or code
    return CreditFile(subject, name, consent.pk, purpose, consent.last_day, live_lines, found.next)
