"""Control charts in the enterprise corner, of its own measurements. What is kept is the enterprise's alone."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.measurements.add_measurements import add_measurements
from zhiheng.actions.measurements.change_chart import change_chart
from zhiheng.actions.measurements.delete_measurements import delete_measurements as deleting_measurements
from zhiheng.engines import measured
from zhiheng.engines.chart_words import CHARTS, RULES, TRACKS
from zhiheng.engines.control_charts import Capability, Chart
from zhiheng.engines.measured import ChartAnswer, Measured, TableShape, Tuning
from zhiheng.firm.firm_page import firm_page
from zhiheng.firm.forms import ChartForm, MeasurementsForm
from zhiheng.firm.sampling import LISTED
from zhiheng.kernel.formulas import as_text
from zhiheng.office.models import MeasurementSet
from zhiheng.pages.access import call_of, door
from zhiheng.pages.control_picture import control_picture
from zhiheng.pages.downloads import CSV, download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.queries import own_measurements
from zhiheng.queries.own_file import subject_of

# From so many points on a run length is no number that anybody plans by.
_MANY = 1_000_000


def _shape_words() -> list[dict[str, str]]:
    """The layouts that are understood."""
    said = {
        TableShape.VALUES: say(
            "测量值：第一列写时间或组号，后面每列一个测量值；每行一组，各组一样多。",
            "Values: the first column names the subgroup, each further one holds a value; all subgroups of one size.",
        ),
        TableShape.SHARES: say(
            "合格与否：“检验数”和“不合格数”两列，检验数可以各行不同。",
            "Shares: a column of items inspected and one of those nonconforming; sizes may differ.",
        ),
        TableShape.COUNTS: say(
            "缺陷数：“缺陷数”一列，各次检验的单位数相同。", "Counts: a column of nonconformities, of one size."
        ),
        TableShape.COUNTS_PER_ITEM: say(
            "单位缺陷数：“单位数”和“缺陷数”两列。", "Counts per item: a column of items and one of nonconformities."
        ),
    }
    return [
        {"says": word, "url": reverse("firm:blank_measurements", args=[shape.value])} for shape, word in said.items()
    ]


@door("firm.measure")
def measurements(request: PageRequest) -> HttpResponse:
    """The measurements that are kept, and the form for more."""
    form = MeasurementsForm.of(request)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        file = next(iter(typed["files"]), None)
        with form.refusals():
            made = add_measurements(
                subject_of(request.actor),
                name=typed["name"],
                unit=typed["unit"],
                file_name=file.name or "" if file else "",
                pieces=file.chunks() if file else None,
                call=call_of(request),
            )
            return redirect("firm:measured_chart", made.pk)
    found = own_measurements.measurements_of(call=call_of(request))
    words = {
        "rows": [{"one": one, "chart": label(CHARTS[Chart(one.chart)])} for one in found],
        "form": form,
        "errors": form.problems,
        "shapes": _shape_words(),
    }
    return firm_page(request, "measurements", words, form.status)


@door("firm.measure")
def blank_measurements(request: PageRequest, shape: str) -> HttpResponse:
    """A template, as a text file that Excel opens."""
    if shape not in set(TableShape):
        raise Http404("there is no such template")
    headings, rows = measured.TEMPLATES[TableShape(shape)]
    out = io.StringIO()
    csv.writer(out).writerows([[as_text(str(cell)) for cell in line] for line in (headings, *rows)])
    return download(out.getvalue().encode("utf-8-sig"), f"measurements-{shape.replace('_', '-')}.csv", CSV)


@door("firm.measure")
def measured_chart(request: PageRequest, number: int) -> HttpResponse:
    """The control chart of measurements, its signals in words, and the capability or why there is none."""
    call = call_of(request)
    here = own_measurements.own_measurements(number, call=call)
    question = own_measurements.question_of(here)
    # The page asks for what its chart is tuned by; after a change of the chart it asks for that one's.
    tuned = measured.TUNED_BY.get(question.chart, ())
    form = ChartForm.of(
        request,
        chart=here.chart,
        baseline=here.baseline,
        lower=_plain(here.lower),
        upper=_plain(here.upper),
        **{name: _plain(getattr(question.tuning, name)) for name in tuned},
    )
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            change_chart(
                number,
                chart=typed["chart"],
                baseline=typed["baseline"] or 0,
                laney=bool(typed["laney"]),
                lower=typed["lower"],
                upper=typed["upper"],
                tuning={name: typed[name] for name in tuned},
                call=call,
            )
            return redirect("firm:measured_chart", number)
    table, answer = own_measurements.charted(here, call=call)
    proposed, why = measured.propose(table)
    form.offer(
        chart=[(one.value, label(CHARTS[one])) for one in measured.CHARTS[table.shape] if measured.fitting(table, one)]
    )
    words = {
        "one": here,
        "form": form,
        "errors": form.problems,
        "chart": label(CHARTS[answer.limits.chart]),
        "proposed": label(CHARTS[proposed]),
        "differs": proposed is not answer.limits.chart,
        "why": label(why),
        "columns": "、".join(table.columns),
        "tracks": _tracks(here, table, answer),
        "tuned": [form[name] for name in tuned],
        "shifts": _shift_words(here.unit, question.tuning, answer),
        "baseline": answer.baseline,
        "capability": _capability(answer.capability) if answer.capability else None,
        "lacking": [label(one) for one in answer.lacking],
        "values": table.shape is TableShape.VALUES,
        "laney_fits": answer.limits.chart in (Chart.P, Chart.U),
        "inflation": f"{answer.limits.inflation:.2f}" if answer.limits.inflation else "",
    }
    return firm_page(request, "measured_chart", words, form.status)


def _shift_words(measured_in: str, tuning: Tuning, answer: ChartAnswer) -> list[str]:
    """What a chart of small shifts looks for, from which values, and how long it takes, in whole sentences."""
    seen = answer.shifts
    if seen is None:
        return []
    unit = f" {measured_in}" if measured_in else ""
    said = {"target": _shown(seen.target) + unit, "error": _shown(seen.error) + unit}
    if answer.limits.chart is Chart.CUSUM:
        first = say(
            "把各点对目标值 {target} 的偏离累加起来，偏得不多但一直偏的，也查得出。偏离不超过 {k} 倍标准差"
            "（每点标准差 {error}）的不计，累积超过 {h} 倍为信号，之后从零重新累积。",
            "What lies off the target {target} is summed, which finds a shift that is small and lasts. Up to {k} "
            "standard deviations ({error} for a point) do not count; beyond {h} the sum is a signal, and begins again.",
            k=f"{tuning.reference:g}",
            h=f"{tuning.decision:g}",
            **said,
        )
    else:
        first = say(
            "各点加权平均，最近一点占 {weight}，以前的逐点减少，偏得不多但一直偏的，也查得出。目标值 {target}，"
            "每点标准差 {error}，界限为 {width} 倍标准差。",
            "Points are averaged, the latest with a weight of {weight} and earlier ones with ever less, which finds a "
            "shift that is small and lasts. The target is {target}, the standard deviation of a point {error}; the "
            "limits lie {width} standard deviations away.",
            weight=f"{tuning.weight:g}",
            width=f"{tuning.width:g}",
            **said,
        )
    second = say(
        "过程没有偏移时，平均{none}误报一次；均值偏移 1 倍标准差时，平均{one}发现（各点独立、正态分布时的理论值）。",
        "Without a shift there is a false signal every {none} on average; a shift of one standard deviation is found "
        "after {one} (in theory, for independent and normal points).",
        none=_points(seen.in_control),
        one=_points(seen.shifted),
    )
    return [first, second]


def _points(run_length: float) -> str:
    """An average number of points; so many that nobody waits for them are not told to the digit."""
    if not 1 <= run_length < _MANY:
        return say("百万点以上", "million points or more")
    return say("约 {n} 点", "{n} points or so", n=f"{run_length:.3g}" if run_length < 100 else f"{run_length:.0f}")


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:.10g}"


def _shown(number: float) -> str:
    return "—" if math.isnan(number) else f"{number:.5g}"


def _tracks(here: MeasurementSet, table: Measured, answer: ChartAnswer) -> list[dict[str, Any]]:
    """Each line of points with its signals and its table, the latest points first."""
    found = []
    for at, (track, signals) in enumerate(zip(answer.limits.tracks, answer.signals, strict=True)):
        flagged = measured.flagged(track, signals)
        rows = [
            {
                "label": table.labels[point],
                "value": _shown(track.points[point]),
                "lower": _shown(track.lower[point]),
                "upper": _shown(track.upper[point]),
                "rules": [label(RULES[rule]) for rule in flagged.get(point, ())],
                "base": point < answer.baseline,
            }
            for point in range(len(track.points))
        ]
        found.append(
            {
                "label": label(TRACKS[track.name]),
                "url": reverse("firm:track_data", args=[here.pk, at]),
                "centre": _shown(track.centre),
                "rows": rows[::-1][:LISTED],
                "more": max(0, len(rows) - LISTED),
                "signals": [
                    {
                        "rule": label(RULES[one.rule]),
                        "at": table.labels[one.at],
                        "until": table.labels[last] if last != one.at else "",
                        "first": table.labels[one.first] if one.first != one.at else "",
                    }
                    for one, last in measured.runs(signals)[:LISTED]
                ],
                "count": len(measured.runs(signals)),
            }
        )
    return found


def _capability(found: Capability) -> list[dict[str, str]]:
    said = (
        ("Cp", found.cp, say("组内波动，不管偏移", "spread within, wherever the mean")),
        ("Cpk", found.cpk, say("组内波动，计入偏移", "spread within, with the mean")),
        ("Pp", found.pp, say("总波动，不管偏移", "all spread, wherever the mean")),
        ("Ppk", found.ppk, say("总波动，计入偏移", "all spread, with the mean")),
    )
    return [
        {
            "name": name,
            "says": word,
            "value": f"{one.value:.2f}",
            "between": say("{a} 至 {b}", "{a} to {b}", a=f"{one.lower:.2f}", b=f"{one.upper:.2f}"),
        }
        for name, one, word in said
        if one is not None
    ]


@door("firm.measure")
def track_data(request: PageRequest, number: int, track: int) -> JsonResponse:
    """A line of points with its limits, for its picture."""
    call = call_of(request)
    here = own_measurements.own_measurements(number, call=call)
    table, answer = own_measurements.charted(here, call=call)
    if track >= len(answer.limits.tracks):
        raise Http404("there is no such line of points")
    line = answer.limits.tracks[track]
    flagged = measured.flagged(line, answer.signals[track])
    return JsonResponse(
        control_picture(
            line, table.labels, flagged, name=label(TRACKS[line.name]), unit=f" {here.unit}" if here.unit else ""
        )
    )


@require_POST
@door("firm.measure")
def delete_measurements(request: PageRequest, number: int) -> HttpResponse:
    """Delete measurements for good."""
    deleting_measurements(number, call=call_of(request))
    messages.success(request, say("已删除，不再保留。", "Deleted; nothing of it is kept."))
    return redirect("firm:measurements")
