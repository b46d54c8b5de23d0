"""An enterprise says how its measurements are charted: kind of chart, baseline, specification."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from zhiheng.actions import audit
from zhiheng.actions.measurements import refusals
from zhiheng.engines import measured
from zhiheng.engines.control_charts import Chart
from zhiheng.engines.measured import ChartQuestion
from zhiheng.engines.refusals import chart_does_not_fit
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import MeasurementSet
from zhiheng.people import access
from zhiheng.queries.own_measurements import of_kept, own_measurements


def change_chart(
    number: int, *, chart: str, baseline: int, laney: bool, lower: str, upper: str, call: Call
) -> MeasurementSet:
    """The measurements as they are charted now. Raises Refused for a chart, baseline or specification that is none."""
    found = own_measurements(number, call=call)
    access.require(call, "firm.measure", subject=found.subject)
    if chart not in set(Chart):
        raise Refused(chart_does_not_fit())
    question = ChartQuestion(Chart(chart), baseline, laney, _limit("lower", lower), _limit("upper", upper))
    measured.answer(of_kept(found.rows), question)
    with transaction.atomic(using=settings.PEOPLE_DATABASE):
        MeasurementSet.objects.filter(pk=found.pk).update(
            chart=question.chart.value,
            baseline=question.baseline,
            laney=question.laney,
            lower=question.lower,
            upper=question.upper,
        )
        audit.write(call, "measurement.change", f"subject:{found.subject}", detail={"number": found.pk})
    found.refresh_from_db()
    return found


def _limit(field: str, text: str) -> float | None:
    """A limit as it was typed; None where it was left out."""
    if not text.strip():
        return None
    number = measured.number_in_cell(text)
    if number is None:
        raise Refused(refusals.specification_no_number(field))
    return number
