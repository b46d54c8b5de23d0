"""Integrity checks of the data: what the last run found, each with what to do; the rows of one check; the lanes of the
queue.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from zhiheng.actions.facts.request_data_check import ask_data_check
from zhiheng.database.paging import Page
from zhiheng.desk.intake import deliveries
from zhiheng.office.lanes import LANE_NAMES
from zhiheng.pages import paging
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import opened
from zhiheng.pages.words import label, say
from zhiheng.queries import data_checks as reading

# How a badge shows what a check found.
TONES = {"critical": "fail", "serious": "fail", "hint": "soon"}


@door("ledger.verify")
def checks(request: PageRequest) -> HttpResponse:
    """What the last run of all checks found; a form that was sent has them run again."""
    if request.method == "POST":
        if ask_data_check(call=call_of(request)):
            messages.success(
                request,
                say(
                    "已开始核查，完成后结果列在本页。", "The checks have begun; what they find will stand on this page."
                ),
            )
        else:
            messages.warning(
                request, say("已有一次核查正在进行，请等它完成。", "A run is under way already; wait for it.")
            )
        return redirect("desk:data_checks")
    last = reading.last_run(call=call_of(request))
    report = last.report
    words: dict[str, Any] = _frame(request) | {
        "last": last,
        "found": [_told(one) for one in report.found] if report else [],
        "silent": [
            (label(heading), [_told(one) for one in chosen])
            for heading, chosen in reading.by_section([one for one in report.results if not one.count])
        ]
        if report
        else [],
        "checked": len(report.results) if report else 0,
        "at": report.at if report else None,
        "lanes": [{"state": one, "name": say(*LANE_NAMES[one.lane])} for one in last.lanes],
    }
    return render(request, "desk/data_checks.html", words)


@door("ledger.verify")
def check(request: PageRequest, check: str) -> HttpResponse:
    """One check: what it looks at, and the rows that it finds now."""
    one = reading.one_check(check)
    may_see = reading.may_run(call_of(request))
    page: Page[reading.FoundRow] = (
        reading.rows_found(check, call=call_of(request), after=paging.place_asked(request)) if may_see else Page()
    )
    words = _frame(request) | {
        "id": check,
        "check": one,
        "title": label(one),
        "severity": label(reading.GRAVITIES[one.severity]),
        "tone": TONES[one.severity],
        "section": label(reading.SECTIONS[one.section]),
        "what": label(reading.ROWS[one.rows]),
        "todo": label(one.do),
        "may_see": may_see,
        "rows": page.rows,
        "page": page,
    }
    return render(request, "desk/data_check.html", words)


def _frame(request: PageRequest) -> dict[str, Any]:
    audited = opened(request.actor, "desk:audit") is not None
    return {
        "rail": "audit" if audited else "deliveries",
        "tabs": [] if audited else deliveries.tabs(request, "data_checks"),
    }


def _told(one: reading.CheckResult) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": label(one.check),
        "count": one.count,
        "severity": label(reading.GRAVITIES[one.check.severity]),
        "tone": TONES[one.check.severity],
        "section": label(reading.SECTIONS[one.check.section]),
        "todo": label(one.check.do),
    }
