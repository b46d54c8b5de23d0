"""Admit another custodian of the own unit: they get a box with the own side's share of every seal that is kept."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.custody import refusals
from zhiheng.actions.custody.custodians import unlocked, with_shares
from zhiheng.engines import sealing
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office.sealed import Custodian, SealShare
from zhiheng.people import access

# Boxes that are written at once.
PART = 500


def admit_custodian(number: int, passphrase: str, *, call: Call) -> int:
    """How many shares were handed on; one who was admitted before gets those that they lack."""
    giver = with_shares(call)
    access.require(call, "case.read_sealed", unit=giver.unit)
    taker = Custodian.objects.filter(pk=number, unit=giver.unit, ended_at=None).exclude(pk=giver.pk).first()
    if taker is None:
        raise Refused(refusals.other_absent())
    private = unlocked(giver, passphrase, call)
    given = 0
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        missing = SealShare.objects.filter(custodian=giver).exclude(
            seal__in=SealShare.objects.filter(custodian=taker).values("seal")
        )
        new = []
        for share in missing.order_by("pk").iterator(PART):
            plain = sealing.take_share(share.seal_id, _side(share), bytes(share.box), private)
            box = sealing.give_share(share.seal_id, _side(share), plain, bytes(taker.public))
            new.append(SealShare(seal_id=share.seal_id, side=share.side, custodian=taker, box=box))
        SealShare.objects.bulk_create(new, batch_size=PART)
        given = len(new)
        if taker.admitted_at is None:
            taker.admitted_at, taker.admitted_by = call.now, str(call.actor)[:160]
            taker.save(update_fields=["admitted_at", "admitted_by"])
        audit.write(call, "custody.admit", f"custodian:{taker.pk}", detail={"unit": giver.unit, "count": given})
    return given


def _side(share: SealShare) -> sealing.Side:
    return 1 if share.side == 1 else 2
