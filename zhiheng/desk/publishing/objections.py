"""Objections at the desk: which are due, one of them beside the fact, and the answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from zhiheng.actions.objections import answer_objection as answering
from zhiheng.actions.objections import request_withdrawal as requesting
from zhiheng.desk.publishing.forms import AnswerForm, TakeDownForm
from zhiheng.engines.naming import REMEDIES
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.media_types import MEDIA_TYPES, UNKNOWN
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.deadlines import due_words
from zhiheng.pages.downloads import download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.states import OBJECTIONS, badge
from zhiheng.pages.words import chinese, label, say
from zhiheng.published.models import PublishedEntry
from zhiheng.queries import objections as reading


def _words(row: reading.ObjectionRow) -> dict[str, Any]:
    """A row in words of the page."""
    one = row.objection
    units = {unit.id: unit.name for unit in book()[DISTRICT].units}
    records = book()[RECORDS]
    return {
        "one": one,
        "name": row.name or str(one.subject),
        "left": row.left,
        "badge": badge(OBJECTIONS, one.state),
        "ground": label(reading.ground_of(book(), one.ground)),
        "unit": label(units[one.unit]) if one.unit in units else one.unit,
        "record": label(records[one.record].record.label) if one.record in records else one.record,
        "basis": due_words(one.due_basis),
        "remedy": label(REMEDIES[one.remedy]) if one.remedy in REMEDIES else "",
    }


@door("objection.read")
def objections(request: PageRequest) -> HttpResponse:
    """Those that wait, the most urgent first; or those that are closed."""
    closed = asking.choice(request, "state", ("open", "closed"), "open") == "closed"
    page = reading.objections(closed=closed, after=paging.place_asked(request), call=call_of(request))
    tabs = [
        {"url": reverse("desk:objections"), "label": say("待答复", "To be answered"), "here": not closed},
        {
            "url": reverse("desk:objections") + "?state=closed",
            "label": say("已办结", "Closed"),
            "here": closed,
        },
    ]
    return render(
        request, "desk/objections.html", {"rows": [_words(row) for row in page.rows], "next": page.next, "tabs": tabs}
    )


@door("objection.read")
def objection(request: PageRequest, number: int) -> HttpResponse:
    """One objection beside what it is about."""
    return _objection(request, number)


def _objection(
    request: PageRequest, number: int, *, down: TakeDownForm | None = None, answer: AnswerForm | None = None
) -> HttpResponse:
    down, answer = down or TakeDownForm(), answer or AnswerForm()
    down.offer(cause=[("", say("请选择", "Choose")), *_causes()])
    answer.offer(remedy=[("", say("请选择", "Choose")), *((name, label(word)) for name, word in REMEDIES.items())])
    sheet = reading.objection(number, call=call_of(request))
    fields = [
        {"label": label(f.label), "value": say(f.zh, f.en), "masked": f.masked}
        for f in (sheet.fact.fields if sheet.fact else ())
    ]
    words = {
        "row": _words(sheet.row),
        "sheet": sheet,
        "fields": fields,
        "down": down,
        "answer": answer,
        "errors": down.problems + answer.problems,
        "law": sheet.fact.law if sheet.fact else (),
        "may_correct": "fact.correct" in sheet.acts,
        "may_withdraw_fact": "fact.withdraw" in sheet.acts,
        "published": [_published(each) for each in sheet.entries],
    }
    status = 409 if answer.has_code("objection.decided") else max(down.status, answer.status)
    return render(request, "desk/objection.html", words, status=status)


def _published(each: reading.ObjectedEntry) -> dict[str, Any]:
    """An entry of the fact: its state in words, and where something is done about it."""
    one = each.entry
    shown = one.state == PublishedEntry.State.SHOWN
    return {
        "entry": one,
        "title": one.title_zh if chinese() else one.title_en,
        "url": reverse("portal:entry", args=[one.public_id]),
        "desk_url": reverse("desk:publication_entry", args=[one.public_id]),
        "look": "active" if shown else "neutral",
        "state": say("公示中", "shown") if shown else say("已不公示", "not shown any more"),
        "waiting": each.waiting,
        "due_on": each.due_on,
        "due": due_words(each.due_basis),
        "waiting_url": reverse("desk:publication_request", args=[each.waiting.pk]) if each.waiting else "",
        "may_withdraw": each.may_withdraw,
        "may_ask": each.may_ask,
    }


def _causes() -> list[tuple[str, str]]:
    """Why something may be taken down, in words."""
    chapter = book()[PUBLICATION]
    causes = chapter.portal.causes if chapter else {}
    return [(name, label(cause.label)) for name, cause in causes.items() if name not in ("corrected", "superseded")]


@door("publication.propose")
def take_down(request: PageRequest, number: int) -> HttpResponse:
    """Request that a published entry be taken down because the objection stands; another officer decides."""
    if request.method != "POST":
        return redirect("desk:objection", number)
    form = TakeDownForm.of(request)
    if form.is_valid():
        typed = form.cleaned_data
        with form.refusals(absent=True):
            requesting.ask_withdrawal(
                number, typed["entry"], cause=typed["cause"], reason=typed["reason"], call=call_of(request)
            )
            messages.success(
                request,
                say(
                    "已提请撤下，由另一人批准；条目上已经注明异议成立。",
                    "Asked for; somebody else approves it, and the entry says so.",
                ),
            )
            return redirect("desk:objection", number)
    return _objection(request, number, down=form)


@door("objection.answer")
def answer(request: PageRequest, number: int) -> HttpResponse:
    """Close an objection. If another officer closed it meanwhile, the page says so and keeps what was typed."""
    if request.method != "POST":
        return redirect("desk:objection", number)
    form = AnswerForm.of(request)
    if form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            answering.answer(
                number,
                upheld=typed["verdict"] == "upheld",
                remedy=typed["remedy"],
                text=typed["text"],
                call=call_of(request),
            )
            messages.success(
                request,
                say("异议已办结，企业可以看到答复。", "The objection is closed; the enterprise sees the answer."),
            )
            return redirect("desk:objections")
    return _objection(request, number, answer=form)


@door("objection.read")
def attachment(request: PageRequest, number: int, digest: str) -> HttpResponse:
    """A paper that came with an objection, as a download."""
    name, kind, data = reading.attachment(number, digest, call=call_of(request))
    return download(data, name, MEDIA_TYPES.get(kind, UNKNOWN))
