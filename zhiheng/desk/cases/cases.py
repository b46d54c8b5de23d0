"""Cases at the desk: the list, and one case with its standing, periods, acts (with the reasons why not) and log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe

from zhiheng.desk.cases import words
from zhiheng.desk.cases.forms import CommentForm
from zhiheng.engines.workflow.drawing import draw
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT, Unit
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.parse_params import number_in
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.attaching import TAKEN
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese, label, say
from zhiheng.people import access
from zhiheng.queries import cases as reading
from zhiheng.queries.case_facts import offered_in
from zhiheng.queries.case_people import officers_of

STANDS = ("open", "late", "irregular", "ended", "all")


# Whose cases: the reader's own, those of nobody yet, or those of an officer of the reader's units.
OWN, NOBODY = "own", "nobody"


def filters_of(asked: asking.Address, call: Call) -> reading.CaseFilters:
    """What a list of cases is asked for. Raises Refused where a word is none of the choices."""
    stands = asking.choice(asked, "stands", STANDS, "open")
    handler = asking.text(asked, "handler", 20)
    account = call.actor.acting_for or call.actor.id
    return reading.CaseFilters(
        workflow=asking.choice(asked, "workflow", book()[WORKFLOWS]),
        text=asking.text(asked, "q", 80),
        ended={"open": False, "late": False, "ended": True}.get(stands),
        late=stands == "late",
        irregular=stands == "irregular",
        subject=asking.number(asked, "subject"),
        area=asking.choice(asked, "area", book()[DISTRICT].areas_below),
        unit=asking.choice(asked, "unit", book()[DISTRICT].names),
        handler=account if handler == OWN else f"account:{number}" if (number := number_in(handler)) else "",
        unassigned=handler == NOBODY,
    )


def _handlers(call: Call) -> list[tuple[str, str]]:
    """Whose cases can be asked for: one's own, nobody's, those of the officers of one's units."""
    units = dict.fromkeys(holding.unit for holding in call.actor.holdings if holding.unit)
    officers = [one for unit in units for one in officers_of(unit)] if units else []
    return [
        ("", say("全部承办人", "Everybody")),
        (OWN, say("我承办的", "Mine")),
        (NOBODY, say("还没有指派的", "Assigned to nobody")),
        *((str(number), name) for number, name in officers if number != call.actor.account),
    ]


@door("case.read")
def cases(request: PageRequest) -> HttpResponse:
    """Cases within reach: those that run, those that are late, those with an irregular line, those that have ended."""
    call = call_of(request)
    stands = asking.choice(request, "stands", STANDS, "open")
    known = book()[WORKFLOWS]
    handlers = _handlers(call)
    handler = asking.choice(request, "handler", {value for value, _ in handlers})
    filters = filters_of(request, call)
    workflow, text, subject, area = filters.workflow, filters.text, filters.subject, filters.area
    page = reading.cases(filters, after=paging.place_asked(request), call=call, count=True)
    narrowed = {name: value for name, value in (("subject", subject), ("area", area)) if value}
    tabs = [
        {
            "url": f"{reverse('desk:cases')}?{urlencode({'stands': key, **narrowed})}",
            "label": word,
            "here": stands == key,
        }
        for key, word in (
            ("open", say("办理中", "Running")),
            ("late", say("已逾期", "Late")),
            ("irregular", say("待核实的记录", "Irregular lines")),
            ("ended", say("已办结", "Ended")),
            ("all", say("全部", "All")),
        )
    ]
    fields = [
        {"name": "q", "label": say("案号", "Number"), "value": text, "type": "search"},
        {
            "name": "workflow",
            "label": say("事项", "Procedure"),
            "value": workflow,
            "type": "select",
            "options": [
                ("", say("全部事项", "All")),
                *((name, label(entry.page.label)) for name, entry in known.items()),
            ],
        },
        {
            "name": "unit",
            "label": say("承办单位", "Unit"),
            "value": filters.unit,
            "type": "select",
            "options": [("", say("全部单位", "All units")), *((one.id, label(one.name)) for one in _units())],
        },
        {
            "name": "handler",
            "label": say("承办人", "Handled by"),
            "value": handler,
            "type": "select",
            "options": handlers,
        },
    ]
    return render(
        request,
        "desk/cases/cases.html",
        {
            "rows": [words.row(each, today()) for each in page.rows],
            "next": page.next,
            "total": page.total,
            "tabs": tabs,
            "fields": fields,
            "keep": [("stands", stands), *narrowed.items()],
            "asked": bool(text or workflow or narrowed or filters.unit or handler),
            "query": request.GET.urlencode(),
            "source": "cases",
            "of_one": subject is not None,
            "area": label(of_area.name) if (of_area := book()[DISTRICT].area(area)) is not None else "",
            "all_url": f"{reverse('desk:cases')}?stands={stands}",
        },
    )


def _units() -> Sequence[Unit]:
    return book()[DISTRICT].units


@door("case.read")
def case(request: PageRequest, number: int) -> HttpResponse:
    """One case."""
    call = call_of(request)
    sheet = reading.case_sheet(number, call=call)
    picture = draw(
        sheet.workflow,
        case_book(call.book).time,
        call.today,
        stands=sheet.row.states,
        language="zh" if chinese() else "en",
    )
    opens = not access.scope(call, "file.read").nothing
    due = {name for each in sheet.clocks for name in sheet.workflow.page.periods[each.period].duty}
    others, later = words.for_others(each for each in sheet.acts if each.for_others and not each.possible)
    waits = [each for each in sheet.waits if not (each.mine or words.is_waited_out(each.clock, sheet.workflow))]
    shown = {
        "sheet": sheet,
        "states": [label(each) for each in sheet.states],
        "final": sheet.row.final,
        "clocks": [
            words.clock(each, sheet.workflow, call.today)
            for each in sheet.clocks
            if not words.is_waited_out(each, sheet.workflow)
        ],
        "can": sorted(
            (words.act(each, number, due) for each in sheet.acts if each.possible), key=lambda one: not one["due"]
        ),
        "can_not": [words.act(each, number) for each in sheet.acts if not (each.possible or each.for_others)],
        "waits": [words.waited_for(each, sheet.workflow, call.today) for each in waits],
        "others": others,
        "later": later,
        "offers": _offers(number, call),
        "lines": words.lines(sheet.lines, sheet.row.unit),
        "irregular": words.lines(sheet.irregular, sheet.row.unit),
        "parties": [words.party(word, row, opens=opens) for word, row in sheet.parties],
        "hidden_parties": [label(each) for each in sheet.hidden_parties],
        "values": [{"label": label(each.label), "text": label(each.text)} for each in sheet.values],
        "relatives": [words.relative(each) for each in sheet.relatives],
        "proposals": [words.proposal(each) for each in sheet.proposals],
        "people": [("", say("请选择", "Choose")), *officers] if (officers := officers_of(sheet.row.unit)) else [],
        "commenting": CommentForm(),
        "takes": TAKEN,
        # What is drawn is made of the book's own texts, each escaped.
        "picture": mark_safe(picture),  # noqa: S308
        "workflow_url": reverse("desk:book_workflow", args=[sheet.case.workflow]),
    }
    return render(request, "desk/cases/case.html", shown)


def _offers(number: int, call: Call) -> list[dict[str, Any]]:
    """What later facts propose to do in the case; nothing is done by itself."""
    return [
        {
            "text": say(
                "新的事实 {n}（{record}），可以据此办理：{act}",
                "A new fact {n} ({record}) proposes: {act}",
                n=one.row.now,
                record=label(one.record),
                act=label(one.label),
            )
            if one.act
            else say(
                "同一事项又有事实 {n}（{record}），可以并入本案",
                "Another fact of the same, {n} ({record}), belongs into this case",
                n=one.row.now,
                record=label(one.record),
            ),
            "url": reverse("desk:case_fact", args=[one.row.pk]) if not one.act else "",
        }
        for one in offered_in(number, call=call)
    ]
