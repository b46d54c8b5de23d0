"""An enterprise notes what was found in the sample of a lot."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.measurements import refusals
from zhiheng.engines.lot_series import JudgedLot, Lot
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line
from zhiheng.office.models import LotSeries, SampledLot
from zhiheng.people import access
from zhiheng.queries.own_lots import judged_lots, own_series

MOST_LOTS = 2_000


def add_lot(
    series: int,
    *,
    name: str,
    day: dt.date,
    size: int | None,
    found: int | None,
    found_second: int | None,
    resumed: bool,
    call: Call,
) -> JudgedLot:
    """The lot with its verdict; it comes after all others of the series.

    Raises Refused without the right, for a series of somebody else, and for numbers that can't be.
    """
    here = own_series(series, call=call)
    access.require(call, "firm.measure", subject=here.subject)
    if not (said := one_line(name)):
        raise Refused(refusals.lot_name_missing())
    if day > call.today:
        raise Refused(refusals.day_of_lot_ahead())
    if size is None:
        raise Refused(refusals.number_missing("size", zh="批量", en="the number of items in the lot"))
    if found is None:
        raise Refused(refusals.number_missing("found", zh="不合格数", en="what was found in the sample"))
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        # Two that write at the same moment come one after the other.
        LotSeries.objects.select_for_update().get(pk=here.pk)
        before = list(here.lots.order_by("number"))
        if len(before) >= MOST_LOTS:
            raise Refused(refusals.too_many_lots(MOST_LOTS))
        judged = judged_lots(here, before, call=call, more=Lot(size, found, found_second, resumed))
        SampledLot.objects.create(
            series=here,
            number=before[-1].number + 1 if before else 1,
            name=said,
            day=day,
            size=size,
            found=found,
            found_second=found_second,
            resumed=resumed,
        )
        audit.write(call, "sampling.lot", f"subject:{here.subject}", detail={"number": here.pk})
    return judged[-1]
