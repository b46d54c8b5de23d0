"""An enterprise deletes a lot that was noted wrongly; those after it are judged anew."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.measurements import refusals
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import LotSeries
from zhiheng.people import access
from zhiheng.queries.own_lots import judged_lots, own_series


def drop_lot(series: int, lot: int, *, call: Call) -> None:
    """Delete a lot for good. Raises Refused where it is absent, and where the lots after it would not fit any more."""
    here = own_series(series, call=call)
    access.require(call, "firm.measure", subject=here.subject)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        LotSeries.objects.select_for_update().get(pk=here.pk)
        lots = list(here.lots.order_by("number"))
        if all(one.pk != lot for one in lots):
            raise Refused(refusals.lot_absent())
        try:
            judged_lots(here, [one for one in lots if one.pk != lot], call=call)
        except Refused:
            raise Refused(refusals.lot_is_leaned_on()) from None
        here.lots.filter(pk=lot).delete()
        audit.write(call, "sampling.drop", f"subject:{here.subject}", detail={"number": here.pk})
