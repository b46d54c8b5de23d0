"""The exchange catalogue at the desk: which unit owes what by when, and the reminders of what is overdue."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from zhiheng.desk.intake.deliveries import area_name, tabs, units_of
from zhiheng.engines.naming import CADENCES
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.formulas import as_text
from zhiheng.pages import asking, named, paging, states
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.deadlines import DueWords, due_words
from zhiheng.pages.downloads import CSV, download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.states import badge
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.queries import deliveries as reading
from zhiheng.queries import people
from zhiheng.queries.deliveries import STATES
from zhiheng.queries.messages import reminders_of


@door("delivery.list")
def exchange(request: PageRequest) -> HttpResponse:
    """Who owes what in a month: handed in, due, late."""
    month = asking.month(request, "month", today())
    state = asking.choice(request, "state", STATES)
    area, unit = asking.text(request, "area", 40), asking.text(request, "unit", 60)
    narrowed = {name: value for name, value in (("area", area), ("unit", unit)) if value}
    wanted = (unit,) if unit else units_of(area)
    of_area = "" if unit or wanted is None else area
    shown = reading.exchange(month, state, units=wanted, call=call_of(request), area=of_area)
    mine = access.units(call_of(request), "delivery.receive")
    groups = [
        {
            "unit": named.unit(unit),
            "id": unit,
            "may": unit in mine,
            "rows": [
                {
                    "due": d,
                    "record": named.record(d.owed.record),
                    "known": d.owed.record in book()[RECORDS],
                    "cadence": label(CADENCES[d.owed.cadence]),
                    "badge": badge(states.OWED, d.state),
                    "counted": _counted(d.owed.due_basis),
                }
                for d in rows
            ],
        }
        for unit, rows in shown.units
    ]
    summed = [
        {
            "state": name,
            "count": shown.counts[name],
            "badge": badge(states.OWED, name),
            "here": name == state,
            "url": "?"
            + urlencode({"month": f"{shown.first:%Y-%m}", **narrowed, **({} if name == state else {"state": name})}),
        }
        for name in STATES
    ]
    wider = f"?{paging.without(request.GET, 'area', 'unit').urlencode()}"
    words = {
        "groups": groups,
        "states": summed,
        "state": state,
        "month": shown.first,
        "tabs": tabs(request, "exchange"),
        "narrowed_unit": unit,
        "before": f"{shown.first - dt.timedelta(days=1):%Y-%m}",
        "later": f"{shown.last + dt.timedelta(days=1):%Y-%m}" if shown.reaches and shown.last < shown.reaches else "",
        # A month that the catalogue does not reach: that nothing falls due in it would be saying too much.
        "reaches": f"{shown.reaches:%Y-%m}" if shown.reaches and shown.reaches < shown.first else "",
        "all": sum(shown.counts.values()),
        "total": sum(len(rows) for _, rows in shown.units) + shown.hidden,
        "hidden": shown.hidden,
        "narrowed": [{"label": named.unit(unit) if unit else area_name(area), "url": wider}] if narrowed else [],
        "kept": "".join(
            f"&{urlencode({name: value})}" for name, value in {**narrowed, "state": state}.items() if value
        ),
    }
    return render(request, "desk/deliveries_exchange.html", words)


@door("delivery.remind")
def reminders(request: PageRequest) -> HttpResponse:
    """Reminders of what is overdue, a sheet for each unit, to be printed and sent; and whom the system has reminded."""
    groups = _overdue(request)
    reminded = reminders_of(call=call_of(request), unit=asking.text(request, "unit", 60))
    for group in groups:
        group["reminded"] = reminded.get(group["id"], ())
    return render(
        request,
        "desk/deliveries_reminders.html",
        {"groups": groups, "today": today(), "office": people.unit_of(request.actor, book())},
    )


@door("delivery.remind")
def reminders_export(request: PageRequest) -> HttpResponse:
    """What is overdue as a table."""
    headings = (
        say("单位", "Unit"),
        say("记录类型", "Record"),
        say("频次", "How often"),
        say("所属期起", "Period from"),
        say("所属期止", "Period to"),
        say("应报日", "Due"),
        say("逾期天数", "Days late"),
    )
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(map(as_text, headings))
    for group in _overdue(request):
        for row in group["rows"]:
            owed = row["due"].owed
            table.writerow(
                [
                    *map(as_text, (group["unit"], row["record"], row["cadence"])),
                    owed.first,
                    owed.last,
                    owed.due_on,
                    row["due"].days,
                ]
            )
    return download(
        out.getvalue().encode("utf-8-sig"), say("逾期未报-{day}.csv", "overdue-{day}.csv", day=today()), CSV
    )


def _overdue(request: PageRequest) -> list[dict[str, Any]]:
    found = reading.reminders(call=call_of(request), unit=asking.text(request, "unit", 60))
    return [
        {
            "id": unit,
            "unit": named.unit(unit),
            "rows": [
                {
                    "due": d,
                    "record": named.record(d.owed.record),
                    "cadence": label(CADENCES[d.owed.cadence]),
                    "counted": _counted(d.owed.due_basis),
                }
                for d in rows
            ],
        }
        for unit, rows in found
    ]


def _counted(basis: Mapping[str, Any]) -> DueWords:
    """How a due day was counted, where that says more than the days themselves: it moved on, or may still move."""
    words = due_words(basis)
    return words if words.provisional or len(words.why) > 1 else DueWords()
