"""End a custody: one's own, or that of somebody of the own unit who has left or forgotten the passphrase."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.custody import refusals
from zhiheng.actions.custody.custodians import in_office, present
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line
from zhiheng.office.sealed import Custodian, SealShare
from zhiheng.people import access


def end_custody(number: int, *, reason: str, sure: bool = False, call: Call) -> Custodian:
    """The custodian, ended: their boxes are taken away with their key.

    Raises Refused without a reason; and, unless ``sure``, where nobody else of the unit in office holds every share
    that they hold: what nobody else holds could never be opened again.
    """
    own = present(call)
    access.require(call, "case.read_sealed", unit=own.unit)
    custodian = Custodian.objects.filter(pk=number, unit=own.unit, ended_at=None).first()
    if custodian is None:
        raise Refused(refusals.other_absent())
    said = one_line(reason)[:500]
    if not said:
        raise Refused(refusals.ending_custody_needs_reason())
    others = [other.pk for other in in_office((own.unit,), call) if other.pk != custodian.pk]
    held = SealShare.objects.filter(custodian=custodian)
    alone = held.exclude(seal__in=SealShare.objects.filter(custodian__in=others).values("seal")).count()
    if alone and not sure:
        raise Refused(refusals.last_holder(alone))
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        held.delete()
        custodian.ended_at, custodian.ended_by, custodian.ended_why = call.now, str(call.actor)[:160], said
        custodian.locked = b""
        custodian.save(update_fields=["ended_at", "ended_by", "ended_why", "locked"])
        audit.write(
            call,
            "custody.end",
            f"custodian:{custodian.pk}",
            purpose=said,
            detail={"unit": own.unit, "count": alone},
        )
    return custodian
