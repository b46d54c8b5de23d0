"""One custodian asks that a seal be opened, gives the reason, and hands the own side's share to the other side."""

from __future__ import annotations

import datetime as dt
from base64 import b64encode

from django.conf import settings
from django.db import IntegrityError, transaction

from zhiheng.actions import audit
from zhiheng.actions.custody import refusals
from zhiheng.actions.custody.custodians import custody_page, in_office, unlocked, with_shares
from zhiheng.actions.custody.lapse_openings import lapse_openings
from zhiheng.engines import sealing
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line
from zhiheng.office.sealed import CaseSeal, SealOpening, SealShare
from zhiheng.people import access


def ask_to_open(number: str, passphrase: str, *, reason: str, call: Call) -> SealOpening:
    """The request, which waits for a custodian of the other unit. Nobody has read anything yet: the share is in boxes
    that only the other side opens.
    """
    own = with_shares(call)
    access.require(call, "case.read_sealed", unit=own.unit)
    seal = CaseSeal.objects.filter(pk=number).first()
    if seal is None or own.unit not in (seal.first_unit, seal.second_unit):
        raise Refused(refusals.no_seal())
    share = SealShare.objects.filter(seal=seal, custodian=own).first()
    if share is None:
        raise Refused(refusals.no_share())
    said = one_line(reason)
    least, most = refusals.REASON
    if not least <= len(said) <= most:
        raise Refused(refusals.reason_needed())
    other_unit = seal.second_unit if own.unit == seal.first_unit else seal.first_unit
    holders = set(SealShare.objects.filter(seal=seal).exclude(side=share.side).values_list("custodian", flat=True))
    others = [one for one in in_office((other_unit,), call) if one.pk in holders]
    if not others:
        raise Refused(refusals.kept_by_nobody())
    lapse_openings(call=call)
    private = unlocked(own, passphrase, call)
    side: sealing.Side = 1 if share.side == 1 else 2
    plain = sealing.take_share(number, side, bytes(share.box), private)
    boxes = {
        str(one.pk): b64encode(sealing.give_share(number, side, plain, bytes(one.public))).decode() for one in others
    }
    lapses = call.now + dt.timedelta(days=custody_page(call).lapses_after.days)
    try:
        with transaction.atomic(using=settings.PEOPLE_DATABASE):
            opening = SealOpening.objects.create(
                seal=number,
                side=side,
                asked_by=own,
                asking_unit=own.unit,
                other_unit=other_unit,
                reason=said,
                asked_at=call.now,
                expires_at=lapses,
                boxes=boxes,
            )
            audit.write(call, "seal.ask", f"seal:{number}", purpose=said, detail={"unit": own.unit})
    except IntegrityError as cause:
        raise Refused(refusals.waiting_already()) from cause
    return opening
