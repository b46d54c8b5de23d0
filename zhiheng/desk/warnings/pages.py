"""The pages of early warnings: the list of signals, one signal, and what is watched with how it did."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from zhiheng.actions.warnings.set_aside_signal import set_aside_signal
from zhiheng.actions.warnings.take_up_signal import take_up_signal
from zhiheng.desk.overview.figures import lines_of
from zhiheng.desk.page_registry import PageTab, page, tabs_of
from zhiheng.desk.warnings.forms import SetAsideForm, TakeUpForm
from zhiheng.engines.early_warning.words import method_words, watched_words
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.early_warning import WARNINGS, WarningLevel
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.states import SIGNALS, WARNING_LEVELS, WARNING_OUTCOMES, badge, word
from zhiheng.pages.words import label, say
from zhiheng.queries import warnings as reading

_STATES = {
    "open": ("待处理", "Open"),
    "decided": ("已处理", "Decided"),
    "gone": ("数据不再支持", "No longer reached"),
    "all": ("全部", "All"),
}


@page("warnings/", "warnings", tab=PageTab("warnings", 10, "signals", "预警线索", "Signals"))
@door("warning.read")
def warnings(request: PageRequest) -> HttpResponse:
    """The signals within reach, the gravest and newest first."""
    kinds = book()[WARNINGS]
    names = {name: label(each.label) for name, each in kinds.kinds.items()} if kinds is not None else {}
    state = asking.choice(request, "state", _STATES, "open")
    level = asking.choice(request, "level", [each.value for each in WarningLevel])
    warning = asking.choice(request, "warning", names)
    found = reading.signals(
        state=state, level=level, warning=warning, after=paging.place_asked(request), call=call_of(request)
    )
    return render(
        request,
        "desk/warnings/signals.html",
        {
            "tabs": _tabs(request, "signals"),
            "rows": [_row(one) for one in found.rows],
            "next": found.next,
            "total": found.total,
            "state": state,
            "level": level,
            "warning": warning,
            "states": [(key, say(*words)) for key, words in _STATES.items()],
            "levels": [(each.value, word(WARNING_LEVELS, each.value)) for each in WarningLevel],
            "warnings": names,
        },
    )


@page("warnings/watched/", "warnings_watched", tab=PageTab("warnings", 20, "watched", "规则与效果", "What is watched"))
@door("warning.read")
def watched(request: PageRequest) -> HttpResponse:
    """What the book watches, and how often what it found was right."""
    kinds = book()[WARNINGS]
    rows = [
        {"record": each, "page": kinds.kinds[each.warning], "watched": watched_words(book(), kinds.kinds[each.warning])}
        for each in reading.track_records(call=call_of(request))
        if kinds is not None
    ]
    return render(
        request,
        "desk/warnings/watched.html",
        {"tabs": _tabs(request, "watched"), "rows": rows},
    )


@page("warnings/<number:number>/", "warning_signal")
@door("warning.read")
def signal(request: PageRequest, number: int) -> HttpResponse:
    """One signal with its series, its facts, and what can be done about it."""
    return _signal(request, number)


def _signal(
    request: PageRequest, number: int, *, take_up: TakeUpForm | None = None, aside: SetAsideForm | None = None
) -> HttpResponse:
    sheet = reading.signal(number, call=call_of(request))
    take_up, aside = take_up or TakeUpForm(), aside or SetAsideForm()
    units = book()[DISTRICT].names
    take_up.offer(unit=[(unit, label(units[unit]) if unit in units else unit) for unit in sheet.units])
    words = {
        "rail": "warnings",
        "row": _row(sheet.row),
        "sheet": sheet,
        "one": sheet.row.signal,
        "points": sheet.points[-26:],
        "lines": [
            {
                **line,
                "file_url": reverse("desk:file", args=[sheet.files[each.fact]]) if each.fact in sheet.files else "",
            }
            for line, each in zip(lines_of(sheet.facts), sheet.facts, strict=True)
        ],
        "about": [{"name": name, "url": _file_url(subject)} for subject, name in sheet.about.items()],
        "before": [_row(each) for each in sheet.before],
        "nearby": [_row(each) for each in sheet.nearby],
        "beneath": [_row(each) for each in sheet.beneath],
        "above": [_row(each) for each in sheet.above],
        "outcome": badge(WARNING_OUTCOMES, sheet.outcome) if sheet.outcome else None,
        "readings": [
            {**each, "word": badge(WARNING_LEVELS, str(each["level"]))} for each in reversed(sheet.row.signal.readings)
        ],
        "method": method_words(sheet.method) if sheet.method else None,
        "watched": watched_words(book(), sheet.page),
        "take_up": take_up,
        "aside": aside,
        "errors": take_up.problems + aside.problems,
        "data_url": reverse("desk:warning_signal_data", args=[number]) if sheet.points else "",
    }
    return render(request, "desk/warnings/signal.html", words, status=max(take_up.status, aside.status))


@page("warnings/<number:number>/data/", "warning_signal_data")
@door("warning.read")
def data(request: PageRequest, number: int) -> JsonResponse:
    """What the picture of a series shows: what was counted, what was expected, from what on it is unusual."""
    points = reading.series(number, call=call_of(request))
    lines = (
        (say("实际", "observed"), "observed"),
        (say("预期", "expected"), "expected"),
        (say("统计上限", "bound"), "bound"),
    )
    return JsonResponse(
        {
            "kind": "line",
            "unit": say("件", "facts"),
            "min": 0,
            "categories": [f"{point.first}" for point in points],
            "series": [{"name": name, "data": [getattr(point, column) for point in points]} for name, column in lines],
        }
    )


@page("warnings/<number:number>/take-up/", "warning_take_up")
@door("warning.decide")
def take_up(request: PageRequest, number: int) -> HttpResponse:
    """Open a case of a signal."""
    if request.method != "POST":
        return redirect("desk:warning_signal", number)
    form = TakeUpForm.of(request)
    form.offer(unit=[(unit, unit) for unit in reading.units_to_take_up(number, call=call_of(request))])
    if form.is_valid():
        with form.refusals(absent=True):
            opened = take_up_signal(number, unit=form.cleaned_data["unit"], call=call_of(request))
            messages.success(
                request,
                say(
                    "已立案 {number}，由负责人核实。",
                    "Case {number} is open; the head confirms it.",
                    number=opened.case.number,
                ),
            )
            return redirect("desk:case", opened.case.pk)
    return _signal(request, number, take_up=form)


@page("warnings/<number:number>/set-aside/", "warning_set_aside")
@door("warning.decide")
def set_aside(request: PageRequest, number: int) -> HttpResponse:
    """Say why no case is opened of a signal."""
    if request.method != "POST":
        return redirect("desk:warning_signal", number)
    form = SetAsideForm.of(request)
    if form.is_valid():
        with form.refusals(absent=True):
            set_aside_signal(number, form.cleaned_data["reason"], call=call_of(request))
            messages.success(request, say("已登记不立案。", "It is set aside."))
            return redirect("desk:warning_signal", number)
    return _signal(request, number, aside=form)


def _file_url(subject: int | None) -> str:
    return reverse("desk:file", args=[subject]) if subject is not None else ""


def _row(row: reading.SignalRow) -> dict[str, Any]:
    """A signal in words of the page."""
    one = row.signal
    return {
        "one": one,
        "label": label(row.label),
        "about": label(row.about),
        "said": label(row.said),
        "incomplete": row.incomplete,
        "explained": row.explained,
        "level": badge(WARNING_LEVELS, one.level),
        "state": badge(SIGNALS, row.state),
        "url": reverse("desk:warning_signal", args=[one.pk]),
    }


def _tabs(request: PageRequest, here: str) -> list[dict[str, Any]]:
    return [{**tab, "here": tab["key"] == here} for tab in tabs_of(request, "warnings")]
