"""Headings that units want the book to know, before the quality office: what each would be read as, accept or
reject.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.headings.decide_heading import accept_heading, reject_heading
from zhiheng.actions.headings.propose_heading import targets_of
from zhiheng.actions.headings.take_back_heading import take_back_heading
from zhiheng.desk.actor_names import told
from zhiheng.desk.page_registry import PageTab, page, tabs_of
from zhiheng.desk.rulebook.forms import HeadingForm
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.office.models import HeadingProposal
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.states import PROPOSALS, word
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.queries.headings import STATES, list_headings

VERBS: Mapping[str, Callable[..., HeadingProposal]] = MappingProxyType(
    {"accept": accept_heading, "reject": reject_heading, "take_back": take_back_heading}
)
DONE = {
    "accept": ("已采用。", "Accepted."),
    "reject": ("已记录为不采用；报送单位会看到理由。", "Rejected; the unit reads why."),
    "take_back": (
        "已收回；这个表头从现在起不再认识，报送单位会看到理由。",
        "Taken back: the heading is not known from now on, and the unit reads why.",
    ),
}
NOTHING_TYPED: Mapping[str, str] = MappingProxyType({})


def _decides(request: PageRequest) -> bool:
    return bool(access.units(call_of(request), "heading.decide"))


@page("book/headings/", "book_headings", tab=PageTab("book", 100, "headings", "表头建议", "Headings", _decides))
@door("heading.decide")
def headings(request: PageRequest) -> HttpResponse:
    """The proposals of a state, latest first."""
    return _page(request, asking.choice(request, "state", STATES, "open"))


@page("book/headings/<number:number>/decide/", "heading_decide")
@require_POST
@door("heading.decide")
def decide(request: PageRequest, number: int) -> HttpResponse:
    """Accept or reject one; what is wrong is said beside it."""
    form = HeadingForm.of(request)
    if form.is_valid():
        decision = form.cleaned_data["decision"]
        with form.refusals():
            VERBS[decision](number, reason=form.cleaned_data["reason"], call=call_of(request))
            messages.success(request, say(*DONE[decision]))
            return redirect("desk:book_headings")
    typed = {"number": str(number), "reason": form["reason"].shown, "error": form.problems[0]["text"]}
    return _page(request, "accepted" if form["decision"].shown == "take_back" else "open", typed, status=422)


def _page(
    request: PageRequest, state: str, typed: Mapping[str, str] = NOTHING_TYPED, *, status: int = 200
) -> HttpResponse:
    listed = list_headings(state, paging.place_asked(request), call=call_of(request))
    names = told(who for line in listed.rows for who in (line.proposal.proposed_by, line.proposal.decided_by))
    units = {unit.id: unit.name for unit in book()[DISTRICT].units}
    rows = []
    for line in listed.rows:
        found = line.proposal
        entry = book()[RECORDS].get(found.record)
        meant = targets_of(entry).get(found.target) if entry else None
        source = entry.sources.get(found.source) if entry else None
        rows.append(
            {
                "proposal": found,
                "page": line.page,
                "line": line.line,
                "unit": label(units[found.unit]) if found.unit in units else found.unit,
                "record": label(entry.record.label) if entry else found.record,
                "known": entry is not None,
                "source": label(source.label) if source else found.source,
                "meant": label(meant) if meant else found.target,
                "proposed_by": names[found.proposed_by],
                "decided_by": names[found.decided_by],
                "typed": typed if typed.get("number") == str(found.pk) else {},
            }
        )
    words = {
        "rail": "book",
        "tabs": tabs_of(request, "book"),
        "rows": rows,
        "state": state,
        "next": listed.next,
        "total": listed.total,
        # What was said of one that is decided meanwhile, and stands on this page no more.
        "error": typed.get("error", "") if not any(row["typed"] for row in rows) else "",
        "states": [
            {
                "url": f"{reverse('desk:book_headings')}?state={name}",
                "label": word(PROPOSALS, name),
                "here": name == state,
            }
            for name in STATES
        ],
    }
    return render(request, "desk/book/headings.html", words, status=status)
