"""An enterprise begins a series of lots: what it inspects, by which level and AQL."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.measurements import refusals
from zhiheng.engines import acceptance
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.acceptance import ACCEPTANCE, SampleKind
from zhiheng.kernel.reasons import Refused
from zhiheng.kernel.text_input import one_line
from zhiheng.office.models import LotSeries
from zhiheng.people import access

MOST_SERIES = 100
# A lot of any size, to hear whether level and AQL are ones of the standard.
_SOME_LOT = 1_000


def begin_series(
    subject: int, *, name: str, standard: str, level: str, aql: str, kind: SampleKind, may_reduce: bool, call: Call
) -> LotSeries:
    """The series, without lots.

    Raises Refused without the right, without a name, for a standard, level or AQL that is none, and beyond so many
    series. A cell that the book refuses is refused only where a lot meets it.
    """
    access.require(call, "firm.measure", subject=subject)
    said = one_line(name)
    if not said:
        raise Refused(refusals.name_missing())
    page = call.book[ACCEPTANCE].get(standard)
    if page is None or not page.holds(call.today):
        raise Refused(refusals.standard_unknown())
    acceptance.code_letter(page, lot=_SOME_LOT, level=level)
    acceptance.require_aql(page, aql)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        if LotSeries.objects.filter(subject=subject).count() >= MOST_SERIES:
            raise Refused(refusals.too_many_series(MOST_SERIES))
        series: LotSeries = LotSeries.objects.create(
            subject=subject,
            name=said,
            standard=standard,
            level=level,
            aql=aql,
            kind=kind.value,
            may_reduce=may_reduce,
            made_by=str(call.actor)[:160],
            at=call.now,
        )
        audit.write(call, "sampling.begin", f"subject:{subject}", detail={"number": series.pk})
    return series
