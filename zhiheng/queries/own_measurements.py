"""The measurements of an enterprise and their charts, for the enterprise alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from zhiheng.engines import measured
from zhiheng.engines.control_charts import Chart
from zhiheng.engines.measured import ChartAnswer, ChartQuestion, Measured, TableShape, Tuning
from zhiheng.grammar.call import Call
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import MeasurementSet
from zhiheng.people import access
from zhiheng.queries import refusals
from zhiheng.queries.own_file import subject_of

ACT = "firm.measure"


def own_measurements(number: int, *, call: Call) -> MeasurementSet:
    """A table of the actor's own enterprise; one of somebody else is answered like one that does not exist."""
    found = MeasurementSet.objects.filter(pk=number).first()
    if found is None or access.may(call, ACT, subject=found.subject):
        access.require_somewhere(call, ACT)
        raise Refused(refusals.measurements_absent(number))
    return found


def measurements_of(*, call: Call) -> list[MeasurementSet]:
    """The tables of the actor's enterprise without their numbers, the latest first (one query)."""
    subject = subject_of(call.actor)
    access.require(call, ACT, subject=subject)
    return list(MeasurementSet.objects.filter(subject=subject).defer("rows").order_by("-id")[:100])


def kept(table: Measured) -> dict[str, Any]:
    """A table as its row keeps it."""
    return {
        "shape": table.shape.value,
        "labels": list(table.labels),
        "values": [list(row) for row in table.values],
        "columns": list(table.columns),
    }


def of_kept(rows: Mapping[str, Any]) -> Measured:
    """What a row keeps as a table."""
    values = tuple(tuple(float(one) for one in row) for row in rows["values"])
    return Measured(TableShape(rows["shape"]), tuple(rows["labels"]), values, tuple(rows["columns"]))


def question_of(found: MeasurementSet) -> ChartQuestion:
    """How a table is to be charted."""
    said = {one.name: getattr(found, one.name) for one in fields(Tuning)}
    tuning = Tuning(**{name: value for name, value in said.items() if value is not None})
    return ChartQuestion(Chart(found.chart), found.baseline, found.laney, found.lower, found.upper, tuning)


def charted(found: MeasurementSet, *, call: Call) -> tuple[Measured, ChartAnswer]:
    """A table and its chart. Access is asked."""
    access.require(call, ACT, subject=found.subject)
    table = of_kept(found.rows)
    return table, measured.answer(table, question_of(found))
