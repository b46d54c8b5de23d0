"""The lots of an enterprise, judged from the first to the last, for the enterprise alone."""

from __future__ import annotations

from collections.abc import Sequence

from zhiheng.engines import lot_series
from zhiheng.engines.acceptance import LotPlan
from zhiheng.engines.lot_series import JudgedLot, Lot, Series
from zhiheng.grammar.book import Book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.acceptance import ACCEPTANCE, AcceptanceStandard, SampleKind
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import LotSeries, SampledLot
from zhiheng.people import access
from zhiheng.queries import refusals
from zhiheng.queries.own_file import subject_of

ACT = "firm.measure"


def own_series(number: int, *, call: Call) -> LotSeries:
    """A series of the actor's own enterprise; one of somebody else is answered like one that does not exist."""
    found = LotSeries.objects.filter(pk=number).first()
    if found is None or access.may(call, ACT, subject=found.subject):
        access.require_somewhere(call, ACT)
        raise Refused(refusals.series_absent(number))
    return found


def series_of(*, call: Call) -> list[LotSeries]:
    """The series of the actor's enterprise, the latest first (one query)."""
    subject = subject_of(call.actor)
    access.require(call, ACT, subject=subject)
    return list(LotSeries.objects.filter(subject=subject).order_by("-id")[:100])


def standard_of(series: LotSeries, book: Book) -> AcceptanceStandard:
    """The standard by which a series is inspected. Raises Refused where the book has it no more."""
    found = book[ACCEPTANCE].get(series.standard)
    if found is None:
        raise Refused(refusals.standard_absent(series.standard))
    return found


def judged_lots(
    series: LotSeries, lots: Sequence[SampledLot], *, call: Call, more: Lot | None = None
) -> list[JudgedLot]:
    """The lots of a series in their order with plan and verdict; ``more``: one that is to come after them.

    Raises Refused for numbers that can't be. Access is asked for the series.
    """
    access.require(call, ACT, subject=series.subject)
    asked = [Lot(one.size, one.found, one.found_second, one.resumed) for one in lots]
    return lot_series.judge(standard_of(series, call.book), _plain(series), [*asked, *([more] if more else [])])


def next_plan(series: LotSeries, judged: Sequence[JudgedLot], size: int, *, call: Call) -> LotPlan:
    """The plan for the next lot of a size. Raises Refused where there is none.

    Args:
        series: the series in which the lot is the next.
        judged: its lots so far with their judgements, the oldest first.
        size: how many items the lot has.
    """
    access.require(call, ACT, subject=series.subject)
    state = lot_series.state_after(judged)
    return lot_series.plan_for(standard_of(series, call.book), _plain(series), size, state.severity)


def _plain(series: LotSeries) -> Series:
    return Series(series.level, series.aql, SampleKind(series.kind), series.may_reduce)
