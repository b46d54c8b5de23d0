"""An enterprise objects to what is said of it: a recorded request with a receipt and a due day by law."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction

from zhiheng.actions import audit
from zhiheng.actions.intake.upload_delivery import clean_name
from zhiheng.actions.objections import refusals
from zhiheng.database.content_store import ATTACHMENTS, Accepted
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.calendars import CALENDAR
from zhiheng.grammar.chapters.corner import CORNER
from zhiheng.grammar.chapters.law import LAW
from zhiheng.kernel.days import Period, Sentence
from zhiheng.kernel.deadlines import Deadline, deadline, own_deadline
from zhiheng.kernel.law import LawKey
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.office.objections import Objection
from zhiheng.people import access
from zhiheng.projections.models import Card
from zhiheng.published.models import PublishedEntry
from zhiheng.queries.own_file import own_fact
from zhiheng.queries.refusals import receipt_absent

LONGEST = 5_000
FILES, FILE_BYTES = 5, 10 << 20
# Digits of the numbers that are drawn for a receipt, one after another while they are somebody else's.
_DRAWN = (6,) * 8 + (12,) * 4
# What may be attached, by the first bytes of the file: a name can say anything.
_KINDS = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


@dataclass(frozen=True)
class Attachment:
    """A file as it came from the form."""

    name: str
    pieces: Iterable[bytes]


def term_of(record: str, book: Book, today: dt.date) -> Deadline:
    """The due day of an objection that is raised today: by the law of its record, else by what the district has set
    itself.
    """
    corner = book[CORNER]
    if corner is None:
        raise Refused(refusals.no_enterprise_corner())
    named = corner.objections.by_record.get(record)
    if named is not None:
        return deadline(book[LAW], LawKey.parse(named), today, book[CALENDAR])
    own = corner.objections.otherwise
    return own_deadline(book[LAW], Period(own.value, own.unit), Sentence(own.by.zh, own.by.en), today, book[CALENDAR])


def raise_objection(
    subject: int, *, fact: int, ground: str, reason: str, files: Sequence[Attachment] = (), entry: str = "", call: Call
) -> Objection:
    """Object to a fact or to its published entry, on behalf of the enterprise.

    Args:
        fact: the fact.
        ground: a ground of the book.
        reason: what is wrong, in words.
        files: attachments.
        entry: the public id of the published entry, where the objection is to that.

    Returns:
        The objection with its receipt; an open one about the same fact is returned as it is.

    Raises:
        Refused: where the enterprise has no such fact, the ground is unknown, or an attachment can't be taken.
    """
    access.require(call, "firm.object", subject=subject)
    sheet = own_fact(fact, subject, call=call)
    corner = call.book[CORNER]
    reason = paragraphs(reason)
    wrong: list[Refusal] = []
    if sheet.replaced_by is not None:
        wrong.append(refusals.fact_replaced())
    if corner is None or ground not in corner.objections.grounds:
        wrong.append(refusals.ground_not_chosen())
    if not 10 <= len(reason) <= LONGEST:
        wrong.append(refusals.objection_needs_reason(LONGEST))
    if len(files) > FILES:
        wrong.append(refusals.too_many_attachments(FILES))
    if wrong:
        raise Refused(*wrong)
    if entry and not PublishedEntry.objects.filter(public_id=entry, fact=fact).exists():
        entry = ""
    # A second click, or a second thought: what is attached to it is not looked at, and not kept for nobody.
    standing = Objection.objects.filter(subject=subject, fact=fact, state=Objection.State.OPEN).first()
    if standing is not None:
        return standing
    names = [clean_name(file.name) for file in files]
    kept = ATTACHMENTS.keep_several((file.pieces, _accepted(name)) for file, name in zip(files, names, strict=True))
    term = term_of(sheet.record, call.book, call.today)
    area = Card.objects.filter(subject=subject).values_list("area", flat=True).first() or sheet.area
    told = {
        "entry": entry,
        "record": sheet.record,
        "unit": sheet.unit,
        "area": area,
        "ground": ground,
        "reason": reason,
        "files": [
            {"name": name, "digest": one.digest, "size": one.size, "kind": one.kind}
            for name, one in zip(names, kept, strict=True)
        ],
        "at": call.now,
        "by": str(call.actor),
        "by_name": call.actor.name,
        "due_on": term.day,
        "due_basis": term.basis(),
    }
    for digits in _DRAWN:
        receipt = f"YY{call.now:%Y%m%d}{secrets.randbelow(10**digits):0{digits}}"
        try:
            with transaction.atomic(using=settings.PEOPLE_DATABASE):
                found, new = Objection.objects.get_or_create(
                    subject=subject, fact=fact, state=Objection.State.OPEN, defaults={"receipt": receipt, **told}
                )
                if new:
                    detail = {"objection": found.pk, "ground": ground}
                    audit.write(call, "objection.raise", f"fact:{fact}", detail=detail)
                return found
        except IntegrityError:
            if not Objection.objects.filter(receipt=receipt).exists():
                raise
    raise Refused(refusals.no_receipt_number())


def _accepted(name: str) -> Accepted:
    """What is taken as an attachment: PDF and pictures only, and none that is too large."""
    return Accepted(
        FILE_BYTES,
        refusals.attachment_too_large(name, FILE_BYTES),
        kinds=_KINDS,
        wrong_kind=refusals.attachment_of_another_kind(name),
    )


def withdraw_objection(receipt: str, *, call: Call) -> Objection:
    """Withdraw an objection on behalf of the enterprise; withdrawing it again changes nothing.

    Returns:
        The objection.

    Raises:
        Refused: where the receipt is unknown, or the objection was answered.
    """
    found = Objection.objects.filter(receipt=receipt).first()
    # Somebody else's receipt is answered like one that does not exist: nobody learns by trying who objected to what.
    if found is None or access.may(call, "firm.object", subject=found.subject):
        access.require_somewhere(call, "firm.object")
        raise Refused(receipt_absent())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        changed = Objection.objects.filter(pk=found.pk, state=Objection.State.OPEN).update(
            state=Objection.State.WITHDRAWN, answered_at=call.now, answered_by=str(call.actor)
        )
        if changed:
            audit.write(call, "objection.withdraw", f"fact:{found.fact}", detail={"objection": found.pk})
        found.refresh_from_db()
    if found.state != Objection.State.WITHDRAWN:
        raise Refused(refusals.objection_answered())
    return found
