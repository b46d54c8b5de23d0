"""A financial institution reads the quality-credit extract of an enterprise: only under a live consent, and the
enterprise sees it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet

from zhiheng.database.paging import Keyset, Page
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.cards import CARDS, registers
from zhiheng.grammar.chapters.credit import CREDIT
from zhiheng.kernel.actor import Actor, Reach, Scope
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.aliases import contested
from zhiheng.ledger.models import Alias
from zhiheng.office.consents import Consent, CreditRead
from zhiheng.people import access, trail
from zhiheng.projections.models import Card
from zhiheng.published.reading import on_show
from zhiheng.quality_file.fact_lines import FileLine
from zhiheng.quality_file.file_pages import timeline
from zhiheng.quality_file.file_view import FileView, LinesQuestion
from zhiheng.queries import refusals


@dataclass(frozen=True, kw_only=True)
class CreditFile(Page[FileLine]):
    """Some facts of the extract, the latest first, and what they may be used for until when. ``only_published``: the
    records of which only what is on public show today is told.
    """

    subject: int
    name: str
    code: str
    consent: int
    purpose: str
    until: dt.date
    only_published: tuple[str, ...]


@dataclass(frozen=True)
class Consenting:
    """An enterprise that consents today, as the institution sees it; ``reads`` counts the institution's readings under
    it.
    """

    consent: int
    name: str
    code: str
    purpose: str
    first: dt.date
    until: dt.date
    reads: int


PAGE = 50


def live(subject: int, reader: str, purpose: str, today: dt.date) -> Consent | None:
    """The consent under which an institution may read for a purpose today, if there is one (one query).

    Args:
        reader: the account of the institution.
    """
    found = _live(today).filter(subject=subject, reader=reader, purpose=purpose)
    return found.order_by("-last_day", "-pk").first()


def _live(today: dt.date) -> QuerySet[Consent]:
    return Consent.objects.filter(first_day__lte=today, last_day__gte=today, withdrawn_at=None, replaced_at=None)


def institution(actor: Actor) -> str:
    """The institution that the actor reads for."""
    return actor.holdings[0].unit if actor.holdings else ""


def consenting(*, after: str, call: Call) -> Page[Consenting]:
    """The enterprises that let the institution read today, the latest consent first.

    Three queries. Nothing of the enterprises is read but how they are called: no line of the extract is opened by
    looking at this.
    """
    access.require_somewhere(call, "credit.read")
    rows = _live(call.today).filter(reader=institution(call.actor)).annotate(told=Count("reads"))
    page = Keyset("-id").page(rows, after, PAGE)
    cards = {card.subject: card for card in Card.objects.filter(subject__in=[one.subject for one in page.rows])}
    made = []
    for one in page.rows:
        card = cards.get(one.subject)
        name, code = (card.name, card.code) if card is not None else (f"{one.subject}", "")
        made.append(Consenting(one.pk, name, code, one.purpose, one.first_day, one.last_day, one.told))
    return page.made(made)


def read(code: str, *, purpose: str, after: str, limit: int, call: Call) -> CreditFile:
    """The extract of the enterprise with a credit code, for an institution that it consents to.

    Of several enterprises delivered with the code (a row had the code of another) it is the one that consents, and none
    where it is doubtful whether the code is that one's.

    Args:
        purpose: one of the consents.
        after: the ``next`` of the page before.

    Returns:
        A page of the extract, noted in the trail.

    Raises:
        Refused: without a live consent; it does not reveal whether there is such an enterprise.
    """
    return _read(*opened_for(code, purpose=purpose, call=call), code, after=after, limit=limit, call=call)


def opened_for(code: str, *, purpose: str, call: Call) -> tuple[Consent, Scope]:
    """The consent by which the enterprise with a credit code lets the own institution read today for a purpose, and
    what it shows. Raises Refused as ``read``.
    """
    access.require_somewhere(call, "credit.read")
    bearers = set(Alias.objects.filter(code=code.upper()).values_list("subject_id", flat=True)) if code else set()
    found = _live(call.today).filter(subject__in=bearers, reader=institution(call.actor), purpose=purpose)
    consents = {one.subject: one for one in found.order_by("last_day", "pk")}
    if len(bearers) > 1 and consents:
        doubtful = contested(registers(call.book[CARDS]))
        sure = {subject: one for subject, one in consents.items() if subject not in doubtful}
        if len(sure) != 1:
            raise Refused(refusals.code_of_several_enterprises())
        consents = sure
    return _opened(next(iter(consents.values()), None), call)


def read_under(number: int, *, after: str, limit: int, call: Call) -> CreditFile:
    """The extract that a consent opens to the own institution; raises Refused where it does not hold today."""
    return _read(*opened_under(number, call=call), "", after=after, limit=limit, call=call)


def opened_under(number: int, *, call: Call) -> tuple[Consent, Scope]:
    """The consent with a number that holds for the own institution today, and what it shows.

    Raises Refused where there is none; whether there is such an enterprise is not told.
    """
    access.require_somewhere(call, "credit.read")
    consent = _live(call.today).filter(pk=number, reader=institution(call.actor)).first()
    return _opened(consent, call)


def _opened(consent: Consent | None, call: Call) -> tuple[Consent, Scope]:
    """A consent with what is read under it: what it says, whatever records the role would otherwise show."""
    if consent is None:
        raise Refused(refusals.no_consent())
    access.require(call, "credit.read", subject=consent.subject, consent=True)
    records = frozenset(call.book[CREDIT][consent.extract].records)
    return consent, Scope((Reach(records=records, subjects=frozenset({consent.subject})),))


def _read(consent: Consent, scope: Scope, code: str, *, after: str, limit: int, call: Call) -> CreditFile:
    subject, purpose = consent.subject, consent.purpose
    found = timeline(FileView(subject, scope, call.today), LinesQuestion(after=after, limit=limit), book=call.book)
    live_lines = tuple(line for line in found.rows if line.replaced_by is None and not line.withdrawn)
    guarded = call.book[CREDIT][consent.extract].only_published
    asked = [line.fact for line in live_lines if line.record in guarded]
    shown = set(on_show(call.today).filter(fact__in=asked).values_list("fact", flat=True)) if asked else set()
    live_lines = tuple(line for line in live_lines if line.record not in guarded or line.fact in shown)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        CreditRead.note(consent, call.actor, len(live_lines), call.now)
        trail.note(call, "credit.read", f"subject:{subject}", purpose=purpose, detail={"consent": consent.pk})
    card = Card.objects.filter(subject=subject).only("name", "code").first()
    name, told = (card.name, card.code) if card is not None else (code, code)
    return CreditFile(
        live_lines,
        found.next,
        subject=subject,
        name=name,
        code=told,
        consent=consent.pk,
        purpose=purpose,
        until=consent.last_day,
        only_published=guarded,
    )
