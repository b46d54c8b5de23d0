"""Take back the facts that struck lines of cases had handed in, by the ledger's own withdrawal.

A line is struck in one transaction beside the queue; its fact lies in the ledger, which a page must not wait for. So
the line marks what is to be taken back, and this does it once the row was received. Run again, it finds it done.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.facts.correct_fact import withdraw
from zhiheng.grammar.call import Call
from zhiheng.ledger import standing
from zhiheng.ledger.models import Delivery
from zhiheng.office.cases import CaseHandIn
from zhiheng.office.uploads import Upload
from zhiheng.people import access


def facts_wait() -> bool:
    """Whether a struck line has a fact that was received and not yet taken back (two queries)."""
    return bool(_ready())


def _ready() -> list[tuple[CaseHandIn, Upload]]:
    waiting = list(CaseHandIn.objects.filter(struck_by__isnull=False, withdrawn_at=None).order_by("line"))
    done = Upload.objects.filter(pk__in=[each.upload for each in waiting], state=Upload.State.DONE)
    uploads = {upload.pk: upload for upload in done}
    return [(each, uploads[each.upload]) for each in waiting if each.upload in uploads]


def withdraw_struck_facts(*, call: Call) -> int:
    """Take back what waits to be taken back; returns how many facts were.

    What another line that still counts says as well stays: the same file was handed in once for both.
    """
    access.require(call, "fact.withdraw")
    count = 0
    for handed, upload in _ready():
        others = CaseHandIn.objects.filter(upload=handed.upload, struck_by=None)
        if not others.exists():
            for fact in _standing_facts(upload):
                withdraw(fact, reason=f"案件办理记录 {handed.line_id} 已撤销", call=call, unit=handed.unit)
                count += 1
        with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
            CaseHandIn.objects.filter(pk=handed.pk, withdrawn_at=None).update(withdrawn_at=call.now)
            detail = {"line": handed.line_id, "record": handed.record}
            audit.write(call, "case.withdraw_fact", f"upload:{upload.pk}", detail=detail)
    return count


def _standing_facts(upload: Upload) -> list[int]:
    """The facts of an upload as they hold now: the correction instead of what it corrects, nothing withdrawn."""
    deliveries = [number for table in upload.result for number in table.get("deliveries", ())]
    parts = Delivery.objects.filter(pk__in=deliveries, state=Delivery.State.ACCEPTED, first_fact__isnull=False)
    numbers = [
        number
        for first, count in parts.order_by("pk").values_list("first_fact", "fact_count")
        for number in range(first or 0, (first or 0) + count)
    ]
    return [last for last in standing.ends_of(numbers).values() if last is not None]
