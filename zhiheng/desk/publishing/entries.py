"""What is published, at the desk: what is out and until when, taken down, corrected."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.publication.correct_publication import correct as correct_entry
from zhiheng.actions.publication.withdraw_publication import withdraw as withdraw_entries
from zhiheng.desk.actor_names import told
from zhiheng.desk.publishing.forms import CorrectionForm, WithdrawalForm
from zhiheng.desk.publishing.requests import (
    NOTICE,
    cause_word,
    fact_url,
    named_rows,
    publication_tabs,
    request_row,
    side_read,
)
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.pages import asking, named, paging
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese, label, say
from zhiheng.published.entry_text import lines
from zhiheng.published.models import PublishedEntry
from zhiheng.published.reading import contested
from zhiheng.queries.publications import one_shown
from zhiheng.queries.publications import shown as find_shown


@door("publication.read")
def shown(request: PageRequest) -> HttpResponse:
    """What is being shown, with its last day."""
    chapter = book()[PUBLICATION]
    lists = chapter.portal.lists if chapter else {}
    name = asking.choice(request, "list", lists)
    ending = int(asking.choice(request, "ending", ("7", "30", "90"), "0"))
    text = asking.text(request, "q", 100)
    page = find_shown(
        name=name, record="", text=text, ending=ending, after=paging.place_asked(request), call=call_of(request)
    )
    fields = [
        {"name": "q", "type": "search", "label": say("标题或编号", "Title or number"), "value": text},
        {
            "name": "list",
            "type": "select",
            "label": say("栏目", "List"),
            "value": name,
            "options": [("", say("全部", "All")), *((key, label(one.label)) for key, one in lists.items())],
        },
        {
            "name": "ending",
            "type": "select",
            "label": say("即将期满", "Ends within"),
            "value": str(ending or ""),
            "options": [
                ("", say("不限", "Any time")),
                *((str(d), say("{d} 天内", "{d} days", d=d)) for d in (7, 30, 90)),
            ],
        },
    ]
    return render(
        request,
        "desk/publication_shown.html",
        {
            "rail": "publication",
            "tabs": publication_tabs("shown", {}),
            "fields": fields,
            "next": page.next,
            "rows": [
                {"entry": each, "title": _title(each), "record": label(each.form.label), "area": named.area(each.area)}
                for each in page.rows
            ],
        },
    )


def _title(entry: PublishedEntry) -> str:
    return str(entry.title_zh if chinese() else entry.title_en)


@door("publication.read")
def entry(request: PageRequest, public_id: str) -> HttpResponse:
    """One entry: what is shown, how it came there, and the ways to take it down or correct it."""
    return _entry_page(request, public_id)


def _entry_page(
    request: PageRequest, public_id: str, down: WithdrawalForm | None = None, anew: CorrectionForm | None = None
) -> HttpResponse:
    found = one_shown(public_id, call=call_of(request))
    chapter = book()[PUBLICATION]
    causes = [(name, label(cause.label)) for name, cause in chapter.portal.causes.items()] if chapter else []
    one = found.entry
    down = down or WithdrawalForm(initial={"cause": asking.text(request, "cause", 40)})
    down.offer(cause=[("", say("请选择", "Choose")), *(c for c in causes if c[0] not in ("corrected", "superseded"))])
    anew = anew or CorrectionForm()
    return render(
        request,
        "desk/publication_entry.html",
        {
            "rail": "publication",
            "entry": one,
            "title": _title(one),
            "lines": lines(one.form.columns, one.values, side_read()),
            "basis": one.basis_zh if chinese() else one.basis_en,
            "unit": named.unit(one.unit),
            "area": named.area(one.area),
            "history": named_rows([request_row(each) for each in found.requests]),
            "tombstone": found.tombstone,
            "taken_by": told([found.tombstone.by])[found.tombstone.by] if found.tombstone else "",
            "cause": cause_word(found.tombstone.cause) if found.tombstone else "",
            "fact_url": fact_url(one.fact),
            "may_withdraw": found.may_withdraw and one.state == PublishedEntry.State.SHOWN,
            "may_correct": found.may_correct and one.state == PublishedEntry.State.SHOWN,
            "down": down,
            "anew": anew,
            "errors": down.problems + anew.problems,
            "contested": contested(one),
            "public_url": reverse("portal:entry", args=[one.public_id]),
        },
        status=max(down.status, anew.status),
    )


@require_POST
@door("publication.withdraw")
def withdraw(request: PageRequest, public_id: str) -> HttpResponse:
    """Take one entry down, at once."""
    form = WithdrawalForm.of(request)
    if form.is_valid():
        typed = form.cleaned_data
        with form.refusals():
            withdraw_entries([public_id], cause=typed["cause"], reason=typed["reason"], call=call_of(request))
            messages.success(
                request,
                say(
                    "已撤下：门户、列表、订阅和批量文件都不再有它。",
                    "Taken down from the portal, its lists, feeds and bulk files.",
                ),
            )
            return redirect("desk:publication_entry", public_id)
    return _entry_page(request, public_id, down=form)


@require_POST
@door("publication.correct")
def correct(request: PageRequest, public_id: str) -> HttpResponse:
    """Show an entry anew by the rule of today, with a notice."""
    form = CorrectionForm.of(request)
    if form.is_valid():
        typed = form.cleaned_data
        with form.refusals(NOTICE):
            new = correct_entry(
                public_id,
                notice={"zh": typed["notice_zh"], "en": typed["notice_en"]},
                reason=typed["reason"],
                call=call_of(request),
            )
            messages.success(
                request, say("已更正，旧条目指向新条目。", "Corrected; the old entry leads to the new one.")
            )
            return redirect("desk:publication_entry", new)
    return _entry_page(request, public_id, anew=form)
