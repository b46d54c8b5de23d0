"""Cases at the desk: the list, and one case with its standing, periods, acts (with the reasons why not) and log."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe

from zhiheng.desk.cases import words
from zhiheng.desk.cases.attaching import TAKEN
from zhiheng.desk.cases.forms import CommentForm
from zhiheng.engines.workflow.drawing import draw
from zhiheng.engines.workflow.of_book import case_book
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.parse_params import number_in
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese, label, say
from zhiheng.people import access
from zhiheng.queries import cases as reading
from zhiheng.queries.case_people import officers_of

STANDS = ("open", "late", "irregular", "ended", "all")


@door("case.read")
def cases(request: PageRequest) -> HttpResponse:
    """Cases within reach: those that run, those that are late, those with an irregular line, those that have ended."""
    stands = asking.choice(request, "stands", STANDS, "open")
    known = book()[WORKFLOWS]
    workflow = asking.choice(request, "workflow", known)
    text = request.GET.get("q", "").strip()[:80]
    subject = number_in(request.GET.get("subject", ""))
    area = asking.choice(request, "area", book()[DISTRICT].areas_below)
    filters = reading.CaseFilters(
        workflow=workflow,
        text=text,
        ended={"open": False, "late": False, "ended": True}.get(stands),
        late=stands == "late",
        irregular=stands == "irregular",
        subject=subject,
        area=area,
    )
    page = reading.cases(filters, after=paging.place_asked(request), call=call_of(request), count=True)
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
            "asked": bool(text or workflow or narrowed),
            "of_one": subject is not None,
            "area": label(of_area.name) if (of_area := book()[DISTRICT].area(area)) is not None else "",
            "all_url": f"{reverse('desk:cases')}?stands={stands}",
        },
    )


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
    shown = {
        "sheet": sheet,
        "states": [label(each) for each in sheet.states],
        "final": sheet.row.final,
        "clocks": [words.clock(each, sheet.workflow, call.today) for each in sheet.clocks],
        "can": sorted(
            (words.act(each, number, due) for each in sheet.acts if each.possible), key=lambda one: not one["due"]
        ),
        "can_not": [words.act(each, number) for each in sheet.acts if not each.possible],
        "lines": [words.line(each) for each in sheet.lines],
        "irregular": [words.line(each) for each in sheet.irregular],
        "parties": [words.party(word, row, opens=opens) for word, row in sheet.parties],
        "hidden_parties": [label(each) for each in sheet.hidden_parties],
        "values": [{"label": label(each.label), "text": label(each.text)} for each in sheet.values],
        "relatives": [words.relative(each) for each in sheet.relatives],
        "proposals": [words.proposal(each) for each in sheet.proposals],
        "people": officers_of(sheet.row.unit),
        "commenting": CommentForm(),
        "takes": TAKEN,
        # What is drawn is made of the book's own texts, each escaped.
        "picture": mark_safe(picture),  # noqa: S308
        "workflow_url": reverse("desk:book_workflow", args=[sheet.case.workflow]),
    }
    return render(request, "desk/cases/case.html", shown)
