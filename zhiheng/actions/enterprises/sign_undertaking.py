"""An enterprise signs a text of the corner; the signature enters the ledger by the same receiving as everything
else.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import secrets
from collections.abc import Mapping
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.enterprises import refusals
from zhiheng.actions.intake.upload_delivery import upload_delivery
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.corner import CORNER, Undertaking
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.kernel import days
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line
from zhiheng.ledger.models import Alias
from zhiheng.office.undertakings import Signature
from zhiheng.people import access
from zhiheng.projections.models import Card
from zhiheng.queries.subject_areas import areas_of

LONGEST = 1_000


def wording(page: Undertaking, blanks: Mapping[str, str]) -> tuple[str, str]:
    """The text with its blanks filled in, in both languages."""
    return page.text.zh.format(**blanks), page.text.en.format(**blanks)


def blanks_of(
    subject: int, page: Undertaking, *, signer: str, filled: Mapping[str, str], today: dt.date
) -> dict[str, str]:
    """What the blanks of a text are filled with; a word that was not filled in yet stands as a line."""
    card = Card.objects.filter(subject=subject).first()
    name, code = (card.name, card.code) if card else ("", "")
    if not name or not code:
        for alias in Alias.objects.filter(subject_id=subject).order_by("-id"):
            name, code = name or alias.name, code or alias.code
    until = days.last_day_of(today, page.months)
    return {
        "enterprise": name,
        "code": code,
        "signer": signer or "______",
        "day": today.isoformat(),
        "until": until.isoformat(),
        **{ask: filled.get(ask, "").strip() or ("" if ask in page.optional else "______") for ask in page.asks},
    }


def sign(
    subject: int, undertaking: str, *, signer: str, filled: Mapping[str, str], agreed: str, call: Call
) -> Signature:
    """Sign an undertaking of the book for an enterprise.

    Args:
        signer: the name typed as a signature; it must be the account's own.
        filled: what was typed into the blanks of the text.
        agreed: the digest of the text that was shown.

    Returns:
        The signature. The same text signed twice on a day stands once.

    Raises:
        Refused: where the text has changed since it was shown, the name is not the account's own, or a blank is
            missing.
    """
    today = call.today
    access.require(call, "firm.commit", subject=subject)
    corner = call.book[CORNER]
    if corner is None or undertaking not in corner.undertakings:
        raise Refused(refusals.undertaking_absent())
    page = corner.undertakings[undertaking]
    signer, filled = one_line(signer), {ask: one_line(text) for ask, text in filled.items() if ask in page.asks}
    wrong = [
        refusals.answer_missing(label, LONGEST, ask)
        for ask, label in page.asks.items()
        if (not filled.get(ask) and ask not in page.optional) or len(filled.get(ask, "")) > LONGEST
    ]
    if not signer or signer != one_line(call.actor.name):
        wrong.append(refusals.signature_not_own_name(call.actor.name))
    if wrong:
        raise Refused(*wrong)
    blanks = blanks_of(subject, page, signer=signer, filled=filled, today=today)
    zh, en = wording(page, blanks)
    if agreed != text_digest(page):
        raise Refused(refusals.undertaking_changed())
    text = f"{zh}\n{en}"
    unit = unit_of(subject, call.book)
    if unit is None:
        raise Refused(refusals.place_of_enterprise_unknown())
    digest = sha256(text.encode()).hexdigest()
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        signature, new = Signature.objects.get_or_create(
            subject=subject,
            undertaking=undertaking,
            digest=digest,
            ended_at=None,
            defaults={
                "number": f"{call.now:%Y%m%d}-{secrets.token_hex(4)}",
                "filled": dict(filled),
                "text": text,
                "signer": signer,
                "by": str(call.actor),
                "at": call.now,
                "first_day": today,
                "last_day": days.last_day_of(today, page.months),
            },
        )
        if new:
            signature.upload = _hand_in(
                page, page.row, {**blanks, "number": signature.number, "text": zh}, unit, subject, call
            )
            signature.save(update_fields=["upload"])
            audit.write(
                call,
                "undertaking.sign",
                f"subject:{subject}",
                detail={"undertaking": undertaking, "signature": signature.pk},
            )
    return signature


def unit_of(subject: int, book: Book) -> str | None:
    """The unit in whose name an enterprise speaks of itself; None where it is not known where it lies."""
    corner = book[CORNER]
    if corner is None:
        return None
    found = (corner.unit_for(area, book[DISTRICT]) for area in sorted(areas_of([subject])[subject]))
    return next((unit for unit in found if unit is not None), None)


def text_digest(page: Undertaking) -> str:
    """The edition of a text before it is filled in: what the form showed is what is signed."""
    return sha256(f"{page.text.zh}\n{page.text.en}\n{page.months}".encode()).hexdigest()


def end(signature_id: int, *, call: Call) -> Signature:
    """End an undertaking before its last day, where the book says how (an officer who leaves the post).

    Returns:
        The ended signature.

    Raises:
        Refused: where it is absent, over already, or can't be ended early.
    """
    signature = Signature.objects.filter(pk=signature_id).first()
    # Somebody else's is answered like one that does not exist.
    if signature is None or access.may(call, "firm.commit", subject=signature.subject):
        access.require_somewhere(call, "firm.commit")
        raise Refused(refusals.signature_absent())
    corner = call.book[CORNER]
    page = corner.undertakings.get(signature.undertaking) if corner else None
    if page is None or not page.end:
        raise Refused(refusals.undertaking_without_early_end())
    if signature.ended_at is None and signature.last_day < call.today:
        raise Refused(refusals.undertaking_expired())
    unit = unit_of(signature.subject, call.book)
    if unit is None:
        raise Refused(refusals.place_of_enterprise_unknown())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        changed = Signature.objects.filter(pk=signature_id, ended_at=None).update(
            ended_at=call.now, ended_by=str(call.actor)
        )
        if changed:
            blanks = blanks_of(
                signature.subject, page, signer=signature.signer, filled=signature.filled, today=call.today
            )
            row = {**page.row, **page.end}
            _hand_in(
                page,
                row,
                {**blanks, "number": signature.number, "text": signature.text.partition("\n")[0]},
                unit,
                signature.subject,
                call,
            )
            audit.write(call, "undertaking.end", f"subject:{signature.subject}", detail={"signature": signature_id})
        signature.refresh_from_db()
    return signature


def _hand_in(
    page: Undertaking, row: Mapping[str, str], blanks: Mapping[str, str], unit: str, subject: int, call: Call
) -> int:
    """The row of a signature, handed in as a file of one line."""
    out = io.StringIO()
    csv.writer(out).writerows([list(row), [text.format(**blanks) for text in row.values()]])
    taken = upload_delivery(
        [out.getvalue().encode()],
        name=f"{page.label.zh}-{blanks['number']}.csv",
        unit=unit,
        subject=subject,
        call=call,
        door="firm",
        record=page.record,
        source=page.source,
    )
    return int(taken.upload.pk)
