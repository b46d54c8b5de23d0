"""A custodian of the other unit does not agree that a seal is opened; the reporter reads that too."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.custody import refusals
from zhiheng.actions.custody.custodians import with_shares
from zhiheng.actions.custody.openings import decide, waiting
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line
from zhiheng.office.sealed import SealOpening
from zhiheng.people import access


def decline_opening(opening: int, *, reason: str, call: Call) -> SealOpening:
    """The request, declined with a reason; the share that waited is taken away."""
    own = with_shares(call)
    access.require(call, "case.read_sealed", unit=own.unit)
    asked = waiting(opening, own, call)
    said = one_line(reason)
    least, most = refusals.REASON
    if not least <= len(said) <= most:
        raise Refused(refusals.decline_reason())
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        decide(asked, SealOpening.State.DECLINED, own, said, call)
        audit.write(call, "seal.decline", f"seal:{asked.seal}", purpose=said, detail={"unit": own.unit})
    return asked
