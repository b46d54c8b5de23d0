"""An enterprise deletes a series of lots for good."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.grammar.call import Call
from zhiheng.people import access
from zhiheng.queries.own_lots import own_series


def delete_series(series: int, *, call: Call) -> None:
    """Delete a series with its lots; nothing of them is kept. Raises Refused for one of somebody else."""
    here = own_series(series, call=call)
    access.require(call, "firm.measure", subject=here.subject)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        audit.write(call, "sampling.delete", f"subject:{here.subject}", detail={"number": here.pk})
        here.delete()
