"""A custodian of the other unit opens what the first asked for; the reporter reads that it was opened, and why."""

from __future__ import annotations

from base64 import b64decode

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.custody import refusals
from zhiheng.actions.custody.custodians import unlocked, with_shares
from zhiheng.actions.custody.openings import decide, waiting
from zhiheng.engines import sealing
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.reporter import Reporter
from zhiheng.office.sealed import CaseSeal, SealOpening, SealShare
from zhiheng.people import access


def open_seal(opening: int, passphrase: str, *, call: Call) -> Reporter:
    """Who it is, shown this once and written nowhere. The line of the trail and the opened request stand before it is
    shown.
    """
    own = with_shares(call)
    access.require(call, "case.read_sealed", unit=own.unit)
    asked = waiting(opening, own, call)
    seal = CaseSeal.objects.filter(pk=asked.seal).first()
    share = SealShare.objects.filter(seal=asked.seal, custodian=own).first()
    if seal is None:
        raise Refused(refusals.no_seal())
    if share is None or str(own.pk) not in asked.boxes:
        raise Refused(refusals.no_share())
    private = unlocked(own, passphrase, call)
    side: sealing.Side = 1 if share.side == 1 else 2
    theirs: sealing.Side = 2 if side == 1 else 1
    mine = sealing.take_share(seal.pk, side, bytes(share.box), private)
    given = sealing.take_share(seal.pk, theirs, b64decode(asked.boxes[str(own.pk)]), private)
    reporter = Reporter.read(sealing.open_sealed(seal.pk, bytes(seal.text), mine, given))
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        decide(asked, SealOpening.State.OPENED, own, "", call)
        audit.write(call, "seal.open", f"seal:{seal.pk}", purpose=asked.reason, detail={"unit": own.unit})
    return reporter
