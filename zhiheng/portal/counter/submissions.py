"""Complaining and reporting without an account: what happened, where and whom; then what was worked out of it, and the
rest; then the receipt. A visitor who has signed in sends as everybody else: nothing of the account goes along.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from zhiheng.actions.submissions.submit import Submission, submit
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.submissions import SUBMISSIONS, Submissions
from zhiheng.kernel.actor import PUBLIC
from zhiheng.kernel.days import months_later
from zhiheng.kernel.receipts import in_groups
from zhiheng.kernel.reporter import Reporter
from zhiheng.pages import asking
from zhiheng.pages.access import book, call_at, call_by, door, now
from zhiheng.pages.http import PageRequest
from zhiheng.pages.proof_of_work import challenge, spend
from zhiheng.pages.submission_form import area_words, areas
from zhiheng.pages.words import label, say
from zhiheng.portal import names
from zhiheng.portal.counter import receipt_cookie
from zhiheng.portal.counter.forms import FollowForm, SubmissionForm
from zhiheng.published import reading
from zhiheng.published.ids import read_shop_code
from zhiheng.published.models import PublishedEnterprise
from zhiheng.queries.submissions import TOLD_FROM, alike, tallied, weigh

ONCE = signing.Signer(salt="zhiheng.portal.submission")
FOUND = 6
TALLIED_FOR = 600
_FIRST = ("text", "area", "place", "about")


def page() -> Submissions:
    """What the book takes in; without one there is no form."""
    found = book()[SUBMISSIONS]
    if found is None:
        raise Http404
    return found


def frame(**shown: Any) -> dict[str, Any]:
    """What every page about complaints shows, with what this one does."""
    return {"here": "complain", "portal": names.chapter().portal, **shown}


def worked() -> str:
    """What the script of a page has to solve, as JSON."""
    return json.dumps(challenge(now()))


@never_cache
@require_safe
@door("public")
def complain(request: PageRequest) -> HttpResponse:
    """Where complaints and reports go: the form, the receipt, the telephone."""
    shown = frame(
        page=book()[SUBMISSIONS],
        form=FollowForm(),
        work=worked(),
    )
    return render(request, "portal/complain.html", shown)


@require_safe
@door("public")
def complaint_statistics(request: PageRequest) -> HttpResponse:
    """How many complaints and reports came within a year, where, and how they went (Order 121, Art. 38)."""
    call, found = call_by(PUBLIC), page()
    last = call.today
    first = months_later(last.replace(day=1), -11)
    # Counted anew every ten minutes, however many look.
    tallies = cache.get_or_set(f"tallied:{first}:{last}", lambda: tallied(first, last, call=call), TALLIED_FOR)
    shown = frame(
        tallies=[
            {
                "one": one,
                "kind": label(one.kind),
                "areas": [(names.area(code), number) for code, number in one.areas.items()],
                "went": [(label(word), number) for word, number in one.went],
            }
            for one in tallies or ()
        ],
        first=first,
        last=last,
        least=TOLD_FROM,
        law=found.statistics_law,
    )
    return render(request, "portal/complaint_statistics.html", shown)


@never_cache
@door("public")
def new(request: PageRequest) -> HttpResponse:
    """Both pages of the form: the second is shown where the first was filled in."""
    call = call_by(PUBLIC)
    form = _form(request)
    step = str(form["step"].value() or "tell")
    if request.method != "POST" or not form.is_valid():
        if step == "send" and not any(name in form.errors for name in _FIRST):
            return _second(request, form, call)
        return _first(request, form)
    if step == "change":
        return _first(request, form)
    if step != "send":
        return _second(request, form, call)
    with form.refusals(form.places_of_refusals(page())):
        return _sent(request, form, call_at(request, PUBLIC))
    if any(name in form.errors for name in _FIRST):
        return _first(request, form)
    return _second(request, form, call)


def _form(request: PageRequest) -> SubmissionForm:
    begins: dict[str, Any] = {}
    if request.method != "POST" and (shop := _shop(request)) is not None:
        begins = {"about": shop.name, "area": shop.area}
    form = SubmissionForm.of(request, **begins)
    form.ask_more(page())
    form.offer(
        area=[("", say("请选择", "Choose")), *areas()],
        kind=[(name, label(kind.label)) for name, kind in page().kinds.items()],
    )
    return form


def _shop(request: PageRequest) -> PublishedEnterprise | None:
    """The enterprise whose code on the wall was scanned: ``?at=``."""
    code = read_shop_code(asking.text(request, "at", 40))
    found = reading.by_shop_code(code) if code else None
    return (found.merged_into or found) if found is not None else None


def _first(request: PageRequest, form: SubmissionForm) -> HttpResponse:
    shown = frame(
        form=form,
        errors=form.problems if form.is_bound else [],
    )
    return render(request, "portal/submission.html", shown, status=form.status if form.is_bound else 200)


def _second(request: PageRequest, form: SubmissionForm, call: Call) -> HttpResponse:
    typed = {name: str(form[name].value() or "") for name in (*_FIRST, "kind", "business", "once_key")}
    known = typed["area"] in book()[DISTRICT].areas_above
    weighed = weigh(typed["text"], area=typed["area"] if known else "", place=typed["place"], call=call)
    kinds = page().kinds
    chosen = typed["kind"] if typed["kind"] in kinds else weighed.kind or ""
    more = form.further(page())
    found = _businesses(typed["about"])
    same = [one for one in found if typed["about"] in (one.name, one.code)]
    shown = frame(
        form=form,
        carried=[(name, typed[name]) for name in _FIRST],
        typed=typed,
        area=area_words(typed["area"]) if known else "",
        weighed=weighed,
        unit=names.unit(weighed.unit) if weighed.unit else "",
        chosen=chosen,
        kinds=[(name, kind, more[name]) for name, kind in kinds.items()],
        proposed=bool(weighed.kind),
        found=[(one, names.area(one.area)) for one in found],
        business=typed["business"] or (same[0].public_id if len(same) == 1 else ""),
        alike=alike(typed["text"], unit=weighed.unit, call=call) if weighed.unit else (),
        once_key=typed["once_key"] if _once(typed["once_key"]) else ONCE.sign(secrets.token_urlsafe(18)),
        work=worked(),
        errors=form.problems,
        most=page().photographs,
    )
    return render(request, "portal/submission_check.html", shown, status=form.status)


def _businesses(typed: str) -> list[PublishedEnterprise]:
    """Enterprises of the public register that the typed name may mean."""
    if not typed or reading.too_short(typed):
        return []
    found = reading.search(typed, limit=FOUND)
    return list({one.pk: one for one in (*found.exact, *found.enterprises)}.values())[:FOUND]


def _once(signed: str) -> str:
    """The secret number of the form; '' where this site has not made it."""
    try:
        return ONCE.unsign(signed)
    except signing.BadSignature:
        return ""


def _sent(request: PageRequest, form: SubmissionForm, call: Call) -> HttpResponse:
    typed = form.cleaned_data
    said = Submission(
        kind=typed["kind"],
        text=typed["text"],
        area=typed["area"],
        place=typed["place"],
        business=typed["business"],
        about=typed["about"],
        given=form.given(page()),
        reporter=Reporter(typed["name"], typed["phone"], typed["address"]),
        photographs=[file.read() for file in typed["photographs"]],
    )
    once = _once(typed["once_key"])
    done = submit(said, once=once, call=call, admit=lambda: spend(typed["solution"], call.now))
    return receipt_cookie.remember(redirect("portal:receipt"), done.receipt, request)


@never_cache
@require_safe
@door("public")
def receipt(request: PageRequest) -> HttpResponse:
    """The receipt, to be written down or printed."""
    held = receipt_cookie.remembered(request)
    if not held:
        return redirect("portal:follow")
    shown = frame(
        receipt=in_groups(held),
        address=request.build_absolute_uri(reverse("portal:follow")),
    )
    return render(request, "portal/receipt.html", shown)
