"""An enterprise objects to what is said of it: a case with a receipt and a due day by law."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.cases.line_writer import KeptFile
from zhiheng.actions.intake.upload_delivery import clean_name
from zhiheng.actions.objections import refusals
from zhiheng.actions.objections.as_case import MATERIALS, act_in_objection, open_objection, term_of, workflow_of
from zhiheng.actions.objections.carry_over import case_of
from zhiheng.database.content_store import ATTACHMENTS, Accepted
from zhiheng.engines.workflow.forms import in_the_place
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.corner import TAKE_BACK
from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.kernel.text_input import paragraphs
from zhiheng.office import case_log
from zhiheng.office.objection_rows import ObjectionTold
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
    reason = paragraphs(reason)
    wrong: list[Refusal] = []
    if sheet.replaced_by is not None:
        wrong.append(refusals.fact_replaced())
    if ground not in workflow_of(call.book).page.fields["ground"].choices:
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
    area = Card.objects.filter(subject=subject).values_list("area", flat=True).first() or sheet.area
    now = in_the_place(call.now)
    term_of(sheet.record, call.book, now)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        case_log.lock()
        # Somebody else of the enterprise may have been faster.
        standing = Objection.objects.filter(subject=subject, fact=fact, state=Objection.State.OPEN).first()
        if standing is not None:
            return standing
        # Kept only now: what somebody attached who was not the first would be nobody's.
        kept = ATTACHMENTS.keep_several((file.pieces, _accepted(name)) for file, name in zip(files, names, strict=True))
        attached = [
            KeptFile(name, one.kind, one.size, one.digest, one.digest, field=MATERIALS)
            for name, one in zip(names, kept, strict=True)
        ]
        found = open_objection(
            told=ObjectionTold(_drawn(call.now), subject, fact, entry, sheet.record, area),
            unit=sheet.unit,
            ground=ground,
            reason=reason,
            files=attached,
            signer=(call.actor.id, call.actor.name, call.actor.acting_for),
            on=now,
            opened_at=call.now,
            call=call,
        )
        audit.write(call, "objection.raise", f"fact:{fact}", detail={"objection": found.pk, "ground": ground})
    return found


def _drawn(now: dt.datetime) -> str:
    """A number for the receipt that nobody has. Raises Refused where none was found."""
    for digits in _DRAWN:
        receipt = f"YY{now:%Y%m%d}{secrets.randbelow(10**digits):0{digits}}"
        if not Objection.objects.filter(receipt=receipt).exists():
            return receipt
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
    with case_of(found, "firm.object", call=call) as opened:
        standing = opened.standing()
        if standing.is_open and not standing.has_ended:
            act_in_objection(opened, TAKE_BACK, {}, in_the_place(call.now))
            audit.write(call, "objection.withdraw", f"fact:{found.fact}", detail={"objection": found.pk})
        found.refresh_from_db()
    if found.state != Objection.State.WITHDRAWN:
        raise Refused(refusals.objection_answered())
    return found
