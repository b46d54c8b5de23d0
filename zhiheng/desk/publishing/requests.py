"""Requests to publish at the desk: what waits, what would be shown, decided one by one or together."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.publication.approve import Decided, approve, approve_all, reject
from zhiheng.actions.publication.propose_publication import propose_fact
from zhiheng.desk.actor_names import told
from zhiheng.desk.publishing.forms import DecisionForm, ProposalForm, SeveralDecisionsForm
from zhiheng.engines.publication import releasers
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.grammar.chapters.publication_pages import CauseName
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.kernel.deadlines import left_of
from zhiheng.kernel.reasons import Refused
from zhiheng.office.models import PublicationRequest
from zhiheng.pages import asking, named, paging
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.deadlines import due_words
from zhiheng.pages.http import PageRequest
from zhiheng.pages.states import REQUESTS, badge
from zhiheng.pages.words import chinese, label, say
from zhiheng.published.entry_text import Side, lines
from zhiheng.queries.objection_holds import Against
from zhiheng.queries.publications import RequestFilters, queue, sheet, without_doubts

VERBS = {
    "publish": ("公示", "Publish"),
    "replace": ("更新", "Replace"),
    "correct": ("更正", "Correct"),
    "withdraw": ("撤下", "Take down"),
}


# What one click approves; the rest waits for the next.
BATCH = 2000

# What the action calls the notice stands in two fields.
NOTICE = {"notice": "notice_zh"}

PILES = ("open", "blocked", "done")


def _asked(asked: asking.Address) -> RequestFilters:
    """The filters of an address. Raises Refused where a word is none of the choices."""
    return RequestFilters(
        pile=asking.choice(asked, "pile", PILES, "open"),
        record=asking.choice(asked, "record", book()[RECORDS]),
        verb=asking.choice(asked, "verb", VERBS),
        area=asking.choice(asked, "area", {area.code for area in book()[DISTRICT].areas}),
        late=asking.flag(asked, "late"),
        doubtful=asking.flag(asked, "doubts"),
        text=asking.text(asked, "q", 100),
    )


@door("publication.read")
def publication(request: PageRequest) -> HttpResponse:
    """What waits to be decided, by record, each with what the public would see."""
    asked = _asked(request)
    found = queue(asked, after=paging.place_asked(request), call=call_of(request))
    records = [
        (name, label(book()[RECORDS][name].record.label), number)
        for name, number in found.counts.items()
        if name in book()[RECORDS]
    ]
    return render(
        request,
        "desk/publication.html",
        {
            "rail": "publication",
            "tabs": publication_tabs(asked.pile, found.piles),
            "pile": asked.pile,
            "next": found.next,
            "total": found.total,
            "asked": asked,
            "rows": [
                request_row(each, found.against.get(each.fact)) | {"may": found.may_decide[each.pk]}
                for each in found.rows
            ],
            "records": sorted(records, key=lambda each: -each[2]),
            "fields": _fields(asked),
            "chips": _chips(request, asked),
            "clear": f"{reverse('desk:publication')}?pile={asked.pile}",
            "keep": [("pile", asked.pile)],
            "query": request.GET.urlencode(),
            "batch": BATCH,
            "may_decide": any(found.may_decide.values()),
            "matching": found.counts.get(asked.record)
            if asked.record and not (asked.text or asked.area or asked.late or asked.verb)
            else None,
        },
    )


def publication_tabs(here: str, piles: dict[str, int]) -> list[dict[str, Any]]:
    words = {
        "open": (say("待审核", "Waiting"), reverse("desk:publication"), piles.get("open")),
        "blocked": (
            say("不能公示", "Can't be published"),
            f"{reverse('desk:publication')}?pile=blocked",
            piles.get("blocked"),
        ),
        "shown": (say("在公示", "Being shown"), reverse("desk:publication_shown"), None),
        "done": (say("已办结", "Decided"), f"{reverse('desk:publication')}?pile=done", None),
    }
    return [
        {"label": word, "url": url, "count": count, "here": key == here} for key, (word, url, count) in words.items()
    ]


def named_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with the names of who proposed and who decided."""
    names = told(who for row in rows for who in (row["request"].proposed_by, row["request"].decided_by))
    for row in rows:
        row["proposed_by"], row["decided_by"] = (
            names[who] for who in (row["request"].proposed_by, row["request"].decided_by)
        )
    return rows


def request_row(each: PublicationRequest, against: Against | None = None) -> dict[str, Any]:
    state = badge(REQUESTS, each.state)
    return {
        "request": each,
        "verb": say(*VERBS[each.verb]),
        "state": state["word"],
        "look": state["look"],
        "record": named.record(each.record),
        "area": named.area(each.area),
        "unit": named.unit(each.unit),
        "clock": _clock(each),
        "doubts": [label(doubt) for doubt in each.doubts],
        "cause": cause_word(each.cause),
        "against": against,
    }


def _clock(each: PublicationRequest) -> dict[str, Any] | None:
    """What is left of the statutory time, in its own unit."""
    if each.due_on is None or each.state not in PublicationRequest.UNDECIDED:
        return None
    chapter = book()[PUBLICATION]
    assert chapter is not None
    rest = left_of(each.due_basis, each.due_on, today(), chapter.calendar, unknown="wd")
    state = "late" if rest.overdue else "soon" if rest.amount <= 3 else ""
    return {
        "due": each.due_on,
        "left": rest.zh if chinese() else rest.en,
        "state": state,
        "counted": due_words(each.due_basis),
    }


def cause_word(name: str) -> str:
    chapter = book()[PUBLICATION]
    causes = chapter.portal.causes if chapter else {}
    return label(causes[name].label) if name in causes else ""


def _fields(asked: RequestFilters) -> list[dict[str, Any]]:
    everything = ("", say("全部", "All"))
    records = [(name, label(book()[RECORDS][name].record.label)) for name in releasers(book())]
    return [
        {"name": "q", "type": "search", "label": say("标题", "Title"), "value": asked.text},
        {
            "name": "record",
            "type": "select",
            "label": say("记录", "Record"),
            "value": asked.record,
            "options": [everything, *records],
        },
        {
            "name": "verb",
            "type": "select",
            "label": say("事项", "Act"),
            "value": asked.verb,
            "options": [everything, *((key, say(*words)) for key, words in VERBS.items())],
        },
        {
            "name": "area",
            "type": "select",
            "label": say("地区", "Area"),
            "value": asked.area,
            "options": [everything, *((area.code, label(area.name)) for area in book()[DISTRICT].areas)],
        },
        {
            "name": "late",
            "type": "select",
            "label": say("期限", "Time"),
            "value": "1" if asked.late else "",
            "options": [everything, ("1", say("已超期", "Overdue"))],
        },
        {
            "name": "doubts",
            "type": "select",
            "label": say("疑点", "Doubts"),
            "value": "1" if asked.doubtful else "",
            "options": [everything, ("1", say("有疑点", "With doubts"))],
        },
    ]


def _chips(request: PageRequest, asked: RequestFilters) -> list[dict[str, str]]:
    words = {
        "q": asked.text,
        "record": label(book()[RECORDS][asked.record].record.label) if asked.record else "",
        "verb": say(*VERBS[asked.verb]) if asked.verb else "",
        "area": named.area(asked.area) if asked.area else "",
        "late": say("已超期", "Overdue") if asked.late else "",
        "doubts": say("有疑点", "With doubts") if asked.doubtful else "",
    }
    chips = []
    for key, word in words.items():
        if word:
            rest = paging.without(request.GET, key).urlencode()
            chips.append({"label": word, "url": f"{reverse('desk:publication')}?{rest}"})
    return chips


@door("publication.read")
def request_sheet(request: PageRequest, number: int) -> HttpResponse:
    """What the public would see, exactly; why, until when; and the decision."""
    return _request_page(request, number)


def _request_page(request: PageRequest, number: int, form: DecisionForm | None = None) -> HttpResponse:
    found = sheet(number, call=call_of(request))
    notice = cause_notice("corrected")
    form = form or DecisionForm(initial={"notice_zh": notice.zh, "notice_en": notice.en} if notice else {})
    shown = _would_show(found.request)
    row, *history = named_rows(
        [request_row(found.request, found.against), *(request_row(each) for each in found.history)]
    )
    return render(
        request,
        "desk/publication_request.html",
        {
            "rail": "publication",
            "row": row,
            "asked": found.request,
            "would": shown,
            "may_decide": found.may_decide,
            "why_not": found.why_not,
            "against": found.against,
            "held": label(found.against.refusal()) if found.against else "",
            "objection_url": reverse("desk:objection", args=[found.against.objection.pk]) if found.against else "",
            "before": found.before,
            "history": history,
            "before_lines": lines(found.before.form.columns, found.before.values, side_read()) if found.before else [],
            "law": releasers(book())[found.request.record].law() if found.request.record in releasers(book()) else [],
            "fact_url": fact_url(found.request.fact),
            "form": form,
            "errors": form.problems,
            "may_approve": found.request.state == PublicationRequest.State.OPEN
            and (found.against is None or found.against.overruled),
        },
        status=form.status,
    )


def cause_notice(name: CauseName) -> Label | None:
    chapter = book()[PUBLICATION]
    return chapter.portal.causes[name].notice if chapter else None


def side_read() -> Side:
    return "zh" if chinese() else "en"


def fact_url(fact: int) -> str:
    return reverse("desk:fact", args=[fact])


def _would_show(asked: PublicationRequest) -> dict[str, Any] | None:
    """The proposed entry in the language of the page, with the portal's own parts."""
    ready = releasers(book())
    if not asked.shown or asked.record not in ready:
        return None
    said = orjson.loads(asked.shown)
    columns = [
        {"target": c.target, "zh": c.label.zh, "en": c.label.en, "listed": c.listed}
        for c in ready[asked.record].columns
    ]
    if len(columns) != len(said["values"]):
        # The rule has changed since; approving asks anew, with the new text.
        return None
    return {
        "title": said["title"][0 if chinese() else 1],
        "lines": lines(columns, orjson.dumps(said["values"]).decode(), side_read()),
        # Who made and sold it stands on one public file.
        "enterprises": list(dict.fromkeys((name, code) for _, name, code in said["enterprises"])),
        "person": said["person"],
    }


@require_POST
@door("publication.approve")
def decide(request: PageRequest, number: int) -> HttpResponse:
    """Approve or reject one request."""
    form = DecisionForm.of(request)
    done = _decided(form, number, call_of(request)) if form.is_valid() else None
    if done is None:
        return _request_page(request, number, form)
    if any(refusal.code.startswith("publication.objection") for refusal in done.left.values()):
        # What is missing is asked for where it was typed, and nothing typed is lost.
        form.take(list(done.left.values()), NOTICE)
        return _request_page(request, number, form)
    for refusal in done.left.values():
        messages.warning(request, label(refusal))
    if done.approved:
        messages.success(request, say("已办理，公众即时可见。", "Done; the public sees it from now on."))
    if done.rejected:
        messages.success(request, say("已决定不予公示。", "It was decided not to publish it."))
    return (
        redirect("desk:publication") if done.approved or done.rejected else redirect("desk:publication_request", number)
    )


def _decided(form: DecisionForm, number: int, call: Call) -> Decided | None:
    """What was done by a form; None where it was refused."""
    typed = form.cleaned_data
    with form.refusals(NOTICE):
        if typed["decision"] == "reject":
            return reject([number], reason=typed["reason"], call=call)
        notice = {"zh": typed["notice_zh"], "en": typed["notice_en"]} if typed["notice_zh"] else None
        return approve(
            [number], call=call, reason=typed["reason"], notice=notice, until=typed["until"], despite=typed["despite"]
        )
    return None


@require_POST
@door("publication.approve")
def decide_several(request: PageRequest) -> HttpResponse:
    """Approve what was ticked, or everything without doubts that the filters find (so many at a time)."""
    form = SeveralDecisionsForm.of(request)
    valid, typed = form.is_valid(), form.cleaned_data
    back = f"{reverse('desk:publication')}?{typed['query']}"
    if not valid:
        for problem in form.problems:
            messages.error(request, problem["text"])
        return redirect(back)
    numbers, reason = typed["request"], typed["reason"]
    try:
        if typed["decision"] == "all":
            asked = _asked(QueryDict(typed["query"]))
            batch = without_doubts(asked, call=call_of(request), at_most=BATCH)
            count = approve_all(batch, call=call_of(request), reason=reason)
            messages.success(request, say("已公示 {n} 条。", "{n} entries were published.", n=count))
            return redirect(back)
        if not numbers:
            messages.warning(
                request, say("没有勾选；请先勾选要办理的条目。", "Nothing was ticked; tick what you want to decide.")
            )
            return redirect(back)
        if typed["decision"] == "reject":
            done = reject(numbers, reason=reason, call=call_of(request))
        else:
            done = approve(numbers, call=call_of(request), reason=reason)
    except Refused as refused:
        if refused.refusals[0].code.startswith("access."):
            raise
        for refusal in refused.refusals:
            messages.error(request, label(refusal))
        return redirect(back)
    if done.approved or done.rejected:
        messages.success(
            request, say("已办理 {n} 条。", "{n} were decided.", n=len(done.approved) + len(done.rejected))
        )
    for refusal in list(done.left.values())[:5]:
        messages.warning(request, label(refusal))
    return redirect(back)


@door("publication.propose")
def propose(request: PageRequest, fact: int) -> HttpResponse:
    """Propose a fact by hand, with a reason; another officer approves it."""
    form = ProposalForm.of(request)
    if request.method == "POST" and form.is_valid():
        with form.refusals(absent=True):
            number = propose_fact(fact, reason=form.cleaned_data["reason"], call=call_of(request))
            messages.success(request, say("已提出，由另一人审核。", "Proposed; somebody else will decide."))
            return redirect("desk:publication_request", number)
    context = {
        "rail": "publication",
        "fact": fact,
        "fact_url": fact_url(fact),
        "form": form,
        "errors": form.problems,
    }
    return render(request, "desk/publication_propose.html", context, status=form.status)
