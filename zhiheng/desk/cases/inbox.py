"""What is to be done (待办): late, due soon, later, to be signed, waiting for others, sent back; and the calendar."""

from __future__ import annotations

import calendar as months
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.desk.actor_names import told
from zhiheng.desk.cases import words
from zhiheng.grammar.call import Call
from zhiheng.pages import asking, paging
from zhiheng.pages.access import call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import opened
from zhiheng.pages.words import label, say
from zhiheng.queries import case_facts, talks
from zhiheng.queries import inbox as reading

TABS = (*reading.PARTS, "refused", "unclocked")


def _words(part: str) -> tuple[str, str]:
    """What a part is called, and what it says where it is empty."""
    return {
        "late": (say("已逾期", "Late"), say("没有逾期的事项。", "Nothing is late.")),
        "soon": (
            say("7 日内到期", "Due within 7 days"),
            say("7 日内没有到期的事项。", "Nothing is due within 7 days."),
        ),
        "later": (say("以后到期", "Due later"), say("以后也没有到期的事项。", "Nothing is due later.")),
        "sign": (
            say("待我签署", "To be signed"),
            say("没有等您签署的事项。", "Nothing waits for your signature."),
        ),
        "waiting": (
            say("等待他人", "Waiting for others"),
            say("没有等待他人的事项。", "Nothing waits for a party, a laboratory, another unit."),
        ),
        "refused": (
            say("被退回的", "Sent back"),
            say("近 30 日没有被退回的事项。", "Nothing of yours was sent back within 30 days."),
        ),
        "unclocked": (
            say("没有期限的", "Without a period"),
            say("在办的案件都有期限。", "A period runs in every open case."),
        ),
    }[part]


@door("case.read")
def inbox(request: PageRequest) -> HttpResponse:
    """The officer's list of things to be done, by the day on which they are due."""
    call = call_of(request)
    counts = reading.counts(call=call)
    first = next((part for part in ("late", "soon", "sign", "later") if getattr(counts, part)), "soon")
    part = asking.choice(request, "part", TABS, first)
    after = paging.place_asked(request)
    shown: dict[str, Any] = {}
    if part == "refused":
        declined = reading.refused(after=after, call=call)
        who = told(each.proposal.decided_by for each in declined.rows)
        shown = {
            "declined": [_declined(each, who) for each in declined.rows],
            "next": declined.next,
            "total": declined.total,
        }
    elif part == "unclocked":
        open_cases = reading.unclocked(after=after, call=call)
        shown = {
            "cases": [words.row(each, today()) for each in open_cases.rows],
            "next": open_cases.next,
            "total": open_cases.total,
        }
    else:
        of_duties = next(each for each in reading.PARTS if each == part)
        page = reading.inbox(of_duties, after=after, call=call, total=getattr(counts, part))
        shown = {"rows": words.duties(page.rows), "next": page.next, "total": page.total}
    tabs = [
        {
            "url": f"{reverse('desk:inbox')}?part={each}",
            "label": _words(each)[0],
            "here": each == part,
            "count": getattr(counts, each),
        }
        for each in TABS
    ]
    shown |= {
        "query": f"part={part}",
        "source": "inbox",
        "tabs": tabs,
        "part": part,
        "empty": _words(part)[1],
        "others": _other_work(request),
        "facts": _facts(call),
        "talks": talks.unread(call=call),
    }
    return render(request, "desk/cases/inbox.html", shown)


def _facts(call: Call) -> dict[str, Any]:
    """How many facts and hotline submissions wait for a case, where the officer opens cases."""
    counts = case_facts.counts(call=call)
    here = reverse("desk:case_facts")
    return {
        "waiting": counts.waiting,
        "submissions": counts.submissions,
        "late": counts.late,
        "waiting_url": f"{here}?part=waiting",
        "submissions_url": f"{here}?part=submissions",
    }


def _other_work(request: PageRequest) -> list[dict[str, Any]]:
    """The way on to what is worked on elsewhere: those pages that the officer may enter."""
    pages = (
        ("desk:deliveries", "inbox", say("数据报送", "Deliveries")),
        ("desk:publication", "speakerphone", say("信息发布", "Publication")),
        ("desk:objections", "message", say("企业异议", "Objections")),
        ("desk:cockpit", "gauge", say("驾驶舱", "Cockpit")),
    )
    found = ((opened(request.actor, route), icon, word) for route, icon, word in pages)
    return [{"url": url, "icon": icon, "label": word} for url, icon, word in found if url is not None]


def _declined(each: reading.DeclinedProposal, who: Mapping[str, str]) -> dict[str, Any]:
    return {
        "url": reverse("desk:case", args=[each.case.pk]),
        "number": each.case.number,
        "workflow": label(each.workflow),
        "act": label(each.act),
        "reason": each.proposal.reason,
        "who": who.get(each.proposal.decided_by, ""),
        "at": each.proposal.decided_at,
    }


@door("case.read")
def calendar(request: PageRequest) -> HttpResponse:
    """A month: how many things are due on each day; and what is due on one of them."""
    call, now = call_of(request), today()
    first = asking.month(request, "month", now)
    last = first.replace(day=months.monthrange(first.year, first.month)[1])
    found = {each.day: each.count for each in reading.calendar(first, last, call=call)}
    here = reverse("desk:case_calendar")
    weeks = [
        [
            {
                "day": day,
                "inside": day.month == first.month,
                "today": day == now,
                "count": found.get(day, 0) if day.month == first.month else 0,
                "late": day < now,
                "url": f"{here}?month={first:%Y-%m}&on={day.isoformat()}",
            }
            for day in week
        ]
        for week in months.Calendar().monthdatescalendar(first.year, first.month)
    ]
    day = asking.day(request, "on")
    page = reading.on_day(day, after=paging.place_asked(request), call=call) if day is not None else None
    shown = {
        "first": first,
        "weeks": weeks,
        "days": [say(*pair) for pair in zip("一二三四五六日", ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"), strict=True)],
        "before": f"{here}?month={first - dt.timedelta(days=1):%Y-%m}",
        "after": f"{here}?month={last + dt.timedelta(days=1):%Y-%m}",
        "day": day,
        "rows": words.duties(page.rows) if page is not None else [],
        "total": page.total if page is not None else None,
        "next": page.next if page is not None else "",
    }
    return render(request, "desk/cases/calendar.html", shown)
