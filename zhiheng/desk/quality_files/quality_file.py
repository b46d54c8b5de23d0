"""The quality file of an enterprise (一企一档): who it is, what is wrong, what expires, who is responsible, what
happened.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from zhiheng.desk.cases import words
from zhiheng.desk.quality_files.enterprises import names
from zhiheng.engines.naming import BEFORE, FAILS, LATELY, OPEN, OUTCOMES, ROLES
from zhiheng.engines.plain_words import plain_words
from zhiheng.grammar.chapters.ratings import RATINGS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import QUALITIES
from zhiheng.kernel.parse_params import day_in
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, call_of, door, now, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.restrictions import shown_listings
from zhiheng.pages.words import chinese, label, say
from zhiheng.people import access
from zhiheng.quality_file.conflicts import Conflict
from zhiheng.quality_file.fact_lines import FileLine, ShownField
from zhiheng.quality_file.file_view import FileView, InQuality, LinesQuestion, TimelineFilters
from zhiheng.queries.cases import cases_of
from zhiheng.queries.quality_files import FileQuestion, FileRead, read_conflicts, read_file, read_timeline

SOON = 90
PEOPLE, LISTS = "people", "lists"


@door("file.read")
def file(request: PageRequest, subject: int) -> HttpResponse:
    """The whole page."""
    return _page(request, subject, "desk/file.html", limit=20)


@door("file.read")
def printed(request: PageRequest, subject: int) -> HttpResponse:
    """The same on paper: no rail, no filters, a longer timeline."""
    return _page(request, subject, "desk/file_print.html", limit=100, paper=True)


def _page(request: PageRequest, subject: int, template: str, *, limit: int, paper: bool = False) -> HttpResponse:
    try:
        # Paper loads nothing afterwards.
        read = read_file(
            _question(request, subject, limit), call=call_of(request), with_conflicts=paper, with_listings=True
        )
    except Refused as refused:
        if refused.refusals[0].code == "file.merged":
            return redirect("desk:file", int(refused.refusals[0].text))
        raise
    context = {
        **_context(request, read),
        "cases": None if paper else _cases(request, read),
        "listings": shown_listings(read.listings, lambda fact: reverse("desk:fact", args=[fact])),
        "ratings": [
            {"label": label(rating.label), "url": reverse("desk:rating", args=[name, subject])}
            for name, rating in book()[RATINGS].items()
        ],
    }
    return render(request, template, context)


def _cases(request: PageRequest, read: FileRead) -> dict[str, Any] | None:
    """The latest cases of the enterprise that the reader may see, and how many; None for who reads none, and where the
    file is shown as of another day: cases are shown as they stand.
    """
    view, call = read.view, call_of(request)
    if access.scope(call, "case.read").nothing or view.as_of < today() or view.known_on is not None:
        return None
    page = cases_of(view.subject, call=call, count=True)
    return {
        "rows": [words.row(each, today()) for each in page.rows[:5]],
        "total": page.total,
        "url": f"{reverse('desk:cases')}?stands=all&subject={view.subject}",
    }


@door("file.read")
def more(request: PageRequest, subject: int) -> HttpResponse:
    """Further lines of the timeline, for the place where the last one ended."""
    view, timeline = read_timeline(_question(request, subject), call=call_of(request))
    whose = _whose_deliveries(request)
    return render(
        request,
        "desk/file/_lines.html",
        {
            "lines": [line_of(line, view, whose) for line in timeline.rows],
            **_next(request, subject, timeline.next),
            "file": subject,
            "part": True,
            "year": asking.number(request, "year"),
        },
    )


@door("file.read")
def conflicts(request: PageRequest, subject: int) -> HttpResponse:
    """What departments state differently, side by side; a part of the page, and a page by itself."""
    view, found = read_conflicts(_question(request, subject), call=call_of(request))
    return render(
        request,
        "desk/file/_conflicts.html" if request.htmx else "desk/file_conflicts.html",
        {
            "rail": "enterprises",
            "subject": subject,
            "conflicts": [_conflict(one, view) for one in found],
        },
    )


def _question(request: PageRequest, subject: int, limit: int = 20) -> FileQuestion:
    """What an address asks of a file; raises Refused where a filter is none of the choices."""
    return FileQuestion(
        subject,
        day_of(asking.text(request, "as_of", 40)),
        day_of(asking.text(request, "known_on", 40)),
        LinesQuestion(filters_of(request), paging.place_asked(request, **_timeline_of(subject)), limit),
    )


def filters_of(request: PageRequest) -> TimelineFilters:
    """The filters of the timeline that a query string asks for; raises Refused where one is none of the choices."""
    return TimelineFilters(
        quality=asking.text(request, "quality", 20),
        role=asking.choice(request, "role", ROLES),
        outcome=asking.choice(request, "outcome", OUTCOMES),
        unit=asking.text(request, "unit", 60),
        record=asking.text(request, "record", 60),
        fails=asking.choice(request, "fails", FAILS),
    )


def day_of(text: str) -> dt.date | None:
    """A day from an address, which the door has understood already; a form's is asked of it alone."""
    day = day_in(text)
    return day if day is not None and day <= today() else None


def _context(request: PageRequest, read: FileRead) -> dict[str, Any]:
    asked, view, card, page = _asked(request), read.view, read.card, read.page
    replay = view.as_of < today() or view.known_on is not None
    whose = _whose_deliveries(request)
    lines = {standing.id: [line_of(line, view, whose) for line in standing.lines] for standing in page.current}
    groups = [
        {
            "id": s.id,
            "label": label(s.label),
            "lines": lines[s.id],
            "total": s.total,
            "ended": [line_of(e, view, whose) for e in s.ended],
        }
        for s in page.current
    ]
    of_group = {group["id"]: group for group in groups}
    name = card.name if card is not None else read.head.names[0] if read.head.names else say("（未具名）", "(no name)")
    others = [other for other in read.head.names if other != name]
    chips = _chips(asked, view)
    return {
        "rail": "enterprises",
        "read": read,
        "urgent": page.urgent,
        "conflicts": [_conflict(one, view) for one in read.conflicts],
        "view": view,
        "card": card,
        "subject": view.subject,
        "name": name,
        "others": others,
        "replay": replay,
        "standing": _standing(read, _days(asked)),
        "total": page.timeline.total,
        "groups": groups,
        "people": of_group.get(PEOPLE),
        "lists": of_group.get(LISTS),
        "things": [g for g in groups if g["id"] not in (PEOPLE, LISTS) and (g["lines"] or g["ended"])],
        "without": [g["label"] for g in groups if g["id"] not in (PEOPLE, LISTS) and not g["lines"] and not g["ended"]],
        "expiring": _expiring(read, whose),
        "more_ending": page.urgent.ending_in_all - len(page.urgent.ending),
        "about": _about(read),
        "status": names().card_value("status", card.status) if card is not None else "",
        "lines": [line_of(line, view, whose) for line in page.timeline.rows],
        **_next(request, view.subject, page.timeline.next),
        "fields": _fields(asked, read),
        "chips": chips,
        "clear": _address(view, asked, *FILTERS) if len(chips) > 1 else "",
        "keep": [(n, asked[n]) for n in (*DAYS, "fails") if asked[n]],
        "problems_url": _address(view, asked, *FILTERS, fails=OPEN),
        "conflicts_url": _with(reverse("desk:file_conflicts", args=[view.subject]), _days(asked)),
        "print_url": _with(reverse("desk:file_print", args=[view.subject]), _days(asked)),
        "extract_url": _with(reverse("desk:file_extract", args=[view.subject]), _days(asked))
        if "extract.make" in read.may
        else "",
        "invite_url": _with(reverse("desk:invitations"), {"subject": str(view.subject)})
        if "enterprise.invite" in read.may
        else "",
        "here": request.build_absolute_uri(reverse("desk:file", args=[view.subject])),
        "file": view.subject,
        "problems": [line_of(line, view, whose) for line in page.urgent.problems],
        "print_lines": [
            " · ".join(filter(None, [*read.head.codes[:1], say("质量档案", "Quality file")])),
            say("{at} 打印，{who}", "printed {at} by {who}", at=f"{now():%Y-%m-%d %H:%M}", who=request.actor.name),
        ],
    }


FILTERS, DAYS = ("quality", "role", "outcome", "unit", "record", "fails"), ("as_of", "known_on")


def _asked(request: PageRequest) -> dict[str, str]:
    """What the file is asked by, for the links and fields that bring it along."""
    return asking.as_typed(request, *FILTERS, *DAYS)


def _days(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: asked[name] for name in DAYS if asked[name]}


def _with(path: str, values: Mapping[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in values.items() if value})
    return f"{path}?{query.urlencode()}" if query else path


def _address(view: FileView, asked: Mapping[str, str], *without: str, **more_: str) -> str:
    """The address of the file with the filters in force, less some, with others; it leads to the timeline."""
    left = {name: value for name, value in asked.items() if value and name not in without}
    return f"{_with(reverse('desk:file', args=[view.subject]), left | more_)}#timeline"


def _timeline_of(subject: int) -> dict[str, Any]:
    """The one list that the page, the paper and the part of the page show, and the words that it is asked for by."""
    return {"of": f"timeline:{subject}", "among": (*FILTERS, *DAYS)}


def _next(request: PageRequest, subject: int, place: str) -> dict[str, str]:
    """Where the next lines are: for a page without a script, and as a part."""
    if not place:
        return {"next_url": "", "next_part": ""}
    after = paging.next_place(request, place, **_timeline_of(subject))
    left = {name: value for name, value in _asked(request).items() if value} | {"after": after}
    return {
        "next_url": f"{_with(reverse('desk:file', args=[subject]), left)}#timeline",
        "next_part": _with(reverse("desk:file_timeline", args=[subject]), left),
    }


def said(shown: ShownField) -> str:
    """A value in the language of the page."""
    return shown.zh if chinese() else shown.en


def _whose_deliveries(request: PageRequest) -> Container[str]:
    """The units whose deliveries the reader may open; no page links to those of others."""
    return frozenset(access.units(call_of(request), "delivery.list"))


def line_of(line: FileLine, view: FileView | None, whose: Container[str]) -> dict[str, Any]:
    """A fact as a line: what, in which role, how it came out, what became of it, where it is from.

    ``whose``: the units whose deliveries may be opened.
    """
    day = view.as_of if view is not None else today()
    n = names()
    state = ""
    if line.withdrawn:
        state = "withdrawn"
    elif line.replaced_by:
        state = "corrected"
    elif line.outdated_by:
        state = "outdated"
    return {
        "fact": line.fact,
        "url": fact_url(line.fact, view),
        "what": label(line.label),
        "quality": line.quality,
        "roles": "、".join(n.role(r) for r in line.roles) if chinese() else ", ".join(n.role(r) for r in line.roles),
        "on": line.occurred_on,
        "until": line.valid_until,
        "ended": line.ended(day),
        "days_left": (line.valid_until - day).days if line.valid_until else None,
        "outcome": line.outcome or "",
        "verdict": said(line.verdict) if line.verdict is not None else "",
        "badge": line.outcome or ("neutral" if line.verdict is not None else ""),
        "severity": line.severity,
        "unit": n.unit(line.unit),
        "received": line.learned_on,
        "delivery": line.delivery,
        "delivery_url": delivery_url(line.delivery) if line.unit in whose else "",
        "row": line.row_number,
        "doubtful": bool(line.flags),
        "kind": line.kind,
        "state": state,
        "later_url": fact_url(line.replaced_by or line.outdated_by, view)
        if line.replaced_by or line.outdated_by
        else "",
        "gist": [{"label": label(g.label), "value": said(g)} for g in line.gist],
        "title": said(line.gist[0]) if line.gist else "",
        "second": said(line.gist[1]) if len(line.gist) > 1 else "",
    }


def fact_url(fact: int | None, view: FileView | None) -> str:
    """The address of a fact's sheet, opened through a file (a reader of the file sees its facts)."""
    if fact is None:
        return ""
    return _with(reverse("desk:fact", args=[fact]), {"file": str(view.subject)} if view is not None else {})


def delivery_url(delivery: int) -> str:
    """The page of a delivery, where the desk has one."""
    try:
        return reverse("desk:delivery", args=[delivery])
    except NoReverseMatch:
        return ""


def _standing(read: FileRead, days: Mapping[str, str]) -> list[dict[str, Any]]:
    """A line per quality with its trend; of today from the card, of another day counted."""
    told = read.card.standing_of if read.card is not None else {}

    def address(**filters: str) -> str:
        return f"{_with(reverse('desk:file', args=[read.view.subject]), {**days, **filters})}#timeline"

    found = []
    for quality in QUALITIES:
        if read.page.counts is not None:
            counted = read.page.counts.get(quality, InQuality())
            facts, fails, before, last = counted.facts, counted.fails, counted.fails_before, counted.last_on
        else:
            part = told.get(quality) or {}
            facts, fails, before = part.get("facts", 0), part.get("fails", 0), part.get("fails_before", 0)
            last = part.get("last_on")
        open_ = sum(
            many
            for record, many in read.page.urgent.open_of.items()
            if book()[RECORDS][record].record.quality == quality
        )
        found.append(
            {
                "quality": quality,
                "word": names().quality(quality),
                "facts": facts,
                "fails": fails,
                "before": before,
                "last": last,
                "open": open_,
                "trend": "" if not facts or fails == before else "down" if fails < before else "up",
                "url": address(quality=quality),
                "fails_url": address(quality=quality, fails=LATELY),
                "open_url": address(quality=quality, fails=OPEN),
                "before_url": address(quality=quality, fails=BEFORE),
            }
        )
    return found


def _expiring(read: FileRead, whose: Container[str]) -> list[dict[str, Any]]:
    """Recent expiries without a renewal, then coming ones, the next first."""
    ended = [line_of(line, read.view, whose) | {"state": "late"} for line in read.page.urgent.ended]
    ending = [line_of(line, read.view, whose) for line in read.page.urgent.ending]
    return ended + [one | {"state": "soon" if one["days_left"] <= SOON else ""} for one in ending]


def _about(read: FileRead) -> list[dict[str, Any]]:
    n, card = names(), read.card
    rows: list[tuple[str, Any]] = []
    if card is not None:
        rows += [
            (say("行业", "Industry"), n.industry(card.industry) if card.industry else ""),
            (say("产业类别", "Sector"), n.card_value("kind", card.kind)),
            (say("所在地区", "Area"), n.area(card.area) if card.area else ""),
            (say("成立日期", "Established on"), str(card.established_on or "")),
            (say("法定代表人", "Legal representative"), plain_words(card.legal_representative)),
            (say("地址", "Address"), plain_words(card.address)),
        ]
    else:
        rows += [(say("地址", "Address"), "；".join(read.head.addresses[:3]))]
    return [{"label": name, "value": value} for name, value in rows]


def _fields(asked: Mapping[str, str], read: FileRead) -> list[dict[str, Any]]:
    """The filters of the timeline: what the file has, where that is known, else everything there is."""
    n, has, card = names(), read.page.has, read.card
    units: Iterable[str] = has.units if has is not None else card.units_heard if card is not None else n.units
    roles: Iterable[str] = has.roles if has is not None else ROLES
    records: Iterable[str] = has.records if has is not None else book()[RECORDS]
    anything = ("", say("不限", "any"))

    def chosen(name: str, found: Iterable[str]) -> Iterable[str]:
        """What is filtered by now stays among the choices."""
        return dict.fromkeys((*found, *filter(None, [asked[name]])))

    options: dict[str, tuple[str, list[tuple[str, str]]]] = {
        "quality": (say("质量", "Quality"), [(q, n.quality(q)) for q in QUALITIES]),
        "role": (say("角色", "Role"), [(r, n.role(r)) for r in chosen("role", roles)]),
        "outcome": (say("结果", "Outcome"), [(o, n.outcome(o)) for o in OUTCOMES]),
        "unit": (say("部门", "Department"), [(u, n.unit(u)) for u in chosen("unit", units)]),
        "record": (say("记录", "Record"), [(r, n.record(r)) for r in chosen("record", records)]),
    }
    return [
        {"name": name, "label": word, "value": asked[name], "type": "select", "options": [anything, *choices]}
        for name, (word, choices) in options.items()
    ]


def _chips(asked: Mapping[str, str], view: FileView) -> list[dict[str, str]]:
    n = names()
    shown: dict[str, Callable[[str], str]] = {
        "quality": n.quality,
        "role": n.role,
        "outcome": n.outcome,
        "unit": n.unit,
        "record": n.record,
        "fails": lambda fails: label(FAILS[fails]),
    }
    return [
        {"label": show(value), "url": _address(view, asked, name)}
        for name, show in shown.items()
        if (value := asked[name])
    ]


def _conflict(one: Conflict, view: FileView) -> dict[str, Any]:
    n = names()
    return {
        "heading": say("{thing}：{what}", "{thing}: {what}", thing=one.thing, what=label(one.label))
        if one.thing
        else label(one.label),
        "sides": [
            {
                "value": side.zh if chinese() else side.en,
                "unit": f"{n.unit(side.unit)} · {label(side.label)}",
                "received": side.occurred_on,
                "url": fact_url(side.fact, view),
                "delivery": "",
                "delivery_url": "",
            }
            for side in one.said
        ],
    }
