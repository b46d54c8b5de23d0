"""An enterprise says how its measurements are charted: kind of chart, baseline, specification, tuning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.measurements import refusals
from zhiheng.engines import measured
from zhiheng.engines.control_charts import Chart
from zhiheng.engines.measured import TUNED_BY, USUAL, ChartQuestion
from zhiheng.engines.refusals import chart_does_not_fit
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import MeasurementSet
from zhiheng.people import access
from zhiheng.queries.own_measurements import of_kept, own_measurements, question_of


def change_chart(
    number: int,
    *,
    chart: str,
    baseline: int,
    laney: bool,
    lower: str,
    upper: str,
    tuning: Mapping[str, str],
    call: Call,
) -> MeasurementSet:
    """The measurements as they are charted now. ``tuning``: what was typed of ``measured.Tuning``; an empty text stands
    for the usual value, and what is not in it, or of another chart, stays as it was.

    Raises Refused for a chart, baseline, specification or tuning that is none.
    """
    found = own_measurements(number, call=call)
    access.require(call, "firm.measure", subject=found.subject)
    if chart not in set(Chart):
        raise Refused(chart_does_not_fit())
    before, kind = question_of(found).tuning, Chart(chart)
    typed: dict[str, Any] = {name: _setting(name, tuning[name]) for name in TUNED_BY.get(kind, ()) if name in tuning}
    question = ChartQuestion(
        kind, baseline, laney, _limit("lower", lower), _limit("upper", upper), replace(before, **typed)
    )
    measured.answer(of_kept(found.rows), question)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        MeasurementSet.objects.filter(pk=found.pk).update(
            chart=question.chart.value,
            baseline=question.baseline,
            laney=question.laney,
            lower=question.lower,
            upper=question.upper,
            **asdict(question.tuning),
        )
        audit.write(call, "measurement.change", f"subject:{found.subject}", detail={"number": found.pk})
    found.refresh_from_db()
    return found


def _setting(name: str, text: str) -> float | None:
    """A value that a chart is tuned by, as it was typed."""
    if not text.strip():
        usual: float | None = getattr(USUAL, name)
        return usual
    number = measured.number_in_cell(text)
    if number is None:
        raise Refused(refusals.tuning_no_number(name))
    return number


def _limit(field: str, text: str) -> float | None:
    """A limit as it was typed; None where it was left out."""
    if not text.strip():
        return None
    number = measured.number_in_cell(text)
    if number is None:
        raise Refused(refusals.specification_no_number(field))
    return number
