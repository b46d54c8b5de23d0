"""Compute the stored figures again from a lake that was just made, and name those that say something else.

A stored figure is what pages show without computing; nothing but its own row says what it was.
"""

from __future__ import annotations

from collections.abc import Iterator

from zhiheng.analytics.lake import Lake
from zhiheng.engines.naming import Names
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.ledger.verify import VerifyFinding
from zhiheng.projections.figures import days_kept
from zhiheng.projections.models import Refresh, StoredFigure
from zhiheng.quality_file import bulk_statements
from zhiheng.queries.figures import Figure, open_figures


def differing_figures(call: Call, lake: Lake) -> Iterator[VerifyFinding]:
    """Figures that are stored otherwise than the lake gives them. Nothing is compared while the next refresh is to make
    them anew: facts or acts have come in since the last one, or the day is another.
    """
    state = Refresh.objects.filter(part="figures").first()
    if state is None or state.day != call.today or state.fact != lake.manifest().watermark:
        return
    if state.act != bulk_statements.last_act():
        return
    names = Names(call.book)
    for day in days_kept():
        stored = StoredFigure.objects.filter(as_of=day)
        rows = {(row.area, row.indicator): row for row in stored if row.indicator in call.book[INDICATORS]}
        figures = open_figures(None, as_of=day, act="ledger.verify", call=call, lake=lake)
        for area, found in figures.of_every_area(None):
            for figure in found:
                row = rows.get((area, figure.indicator))
                if row is None or row.edition != figure.edition or _same(row, figure):
                    continue
                label = call.book[INDICATORS][figure.indicator].label
                yield VerifyFinding(
                    "figure",
                    0,
                    None,
                    f"{names.area(area)} {day} 的“{label.zh}”存为 {row.zh}，由台账算出的是 {figure.zh}；"
                    "请运行 zhiheng refresh --whole 重做。",
                    f"{label.en!r} of {area} as of {day} is stored as {row.en}, the ledger gives {figure.en}; run "
                    "zhiheng refresh --whole.",
                )


def _same(row: StoredFigure, figure: Figure) -> bool:
    numbers = ((row.value, figure.value), (row.numerator, figure.numerator), (row.denominator, figure.denominator))
    if any((stored is None) != (computed is None) for stored, computed in numbers):
        return False
    if any(
        abs(float(stored) - float(computed)) > 0.0001
        for stored, computed in numbers
        if stored is not None and computed is not None
    ):
        return False
    return (row.zh, row.en, row.facts) == (figure.zh, figure.en, figure.facts)
