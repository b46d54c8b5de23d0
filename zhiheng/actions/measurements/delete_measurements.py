"""An enterprise deletes measurements for good."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.grammar.call import Call
from zhiheng.people import access
from zhiheng.queries.own_measurements import own_measurements


def delete_measurements(number: int, *, call: Call) -> None:
    """Delete a table; nothing of it is kept. Raises Refused for one of somebody else."""
    found = own_measurements(number, call=call)
    access.require(call, "firm.measure", subject=found.subject)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        audit.write(call, "measurement.delete", f"subject:{found.subject}", detail={"number": found.pk})
        found.delete()
