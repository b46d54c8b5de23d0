"""Requests to open that the other side did not act on in time lapse; the share that waited is taken away."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.grammar.call import Call
from zhiheng.kernel.actor import SYSTEM
from zhiheng.office.sealed import SealOpening
from zhiheng.people import access


def lapse_openings(*, call: Call) -> int:
    """How many lapsed."""
    access.require_somewhere(call, "case.read_sealed")
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        late = SealOpening.objects.filter(state=SealOpening.State.WAITING, expires_at__lte=call.now)
        found = list(late.select_for_update().values_list("pk", "seal"))
        SealOpening.objects.filter(pk__in=[pk for pk, _ in found]).update(
            state=SealOpening.State.LAPSED, boxes={}, done_at=call.now
        )
        for _, seal in found:
            audit.write(call.by(SYSTEM), "seal.lapse", f"seal:{seal}")
    return len(found)
