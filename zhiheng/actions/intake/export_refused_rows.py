"""Report refused rows back to their sender: a file in their own layout with a reason column, to be mended and sent
again.
"""

from __future__ import annotations

from pathlib import Path

import orjson
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.intake import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.ledger.models import Delivery, RefusedRow
from zhiheng.people import access
from zhiheng.queries.refused_rows import require_clear
from zhiheng.reading.layouts import SheetLayout
from zhiheng.reading.writing import write_refusals


def report_refusals(delivery_id: int, out: Path, *, call: Call, purpose: str = "", language: str = "zh") -> int:
    """Write the refused rows of a delivery (and of the further parts of its table) as they were handed in.

    Args:
        out: the file to write.
        purpose: what for; needed where the rows have columns that are masked on pages.
        language: ``zh`` or ``en``, of the reasons.

    Returns:
        How many rows.

    Raises:
        Refused: where there is no such delivery, it was refused as a whole, or a purpose is missing.
    """
    delivery = Delivery.objects.filter(id=delivery_id).first()
    access.require_somewhere(call, "delivery.report")
    if delivery is None:
        raise Refused(refusals.refused_rows_of_no_delivery(delivery_id))
    access.require(call, "delivery.report", unit=delivery.unit, record=delivery.record)
    if delivery.state == Delivery.State.REFUSED:
        told = orjson.loads(delivery.notes)[0]
        raise Refused(refusals.refused_as_a_whole(delivery_id, zh=told[1], en=told[2]))
    parts = Delivery.objects.filter(
        file_digest=delivery.file_digest,
        table_name=delivery.table_name,
        file_name=delivery.file_name,
        unit=delivery.unit,
        edition=delivery.edition,
        state=delivery.state,
        subject=delivery.subject,
    )
    rows = RefusedRow.objects.filter(delivery__in=parts).order_by("id")
    require_clear(delivery, purpose=purpose, call=call, detail={"rows": rows.count()})
    with transaction.atomic():
        found = list(rows.values_list("row_number", "cells", "reasons"))
        write_refusals(
            SheetLayout(header_rows=(1,), headings=tuple(orjson.loads(delivery.headings)), first_row=2),
            [orjson.loads(cells) for _, cells, _ in found],
            ["；".join(r[language] for r in orjson.loads(reasons)) for _, _, reasons in found],
            out,
        )
        audit.write(call, "refusals.report", f"delivery:{delivery_id}", detail={"rows": len(found)})
    return len(found)
