"""Complaints and reports that came by telephone, by letter or in person: entered by an officer, sealed like those that
came over the portal, with a receipt for the sender.
"""

from __future__ import annotations

import secrets

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from zhiheng.actions.submissions.submit import Submission, Submitted, submit
from zhiheng.desk.cases.acts import units, units_that_open
from zhiheng.desk.cases.forms import ReceivedForm
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.submissions import SUBMISSIONS, Submissions
from zhiheng.kernel.receipts import in_groups
from zhiheng.kernel.reporter import Reporter
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.submission_form import areas
from zhiheng.pages.words import label, say


@never_cache
@door("case.open")
def received(request: PageRequest) -> HttpResponse:
    """The form; after it was sent, the receipt, which is shown this once."""
    page, call = book()[SUBMISSIONS], call_of(request)
    if page is None:
        raise Http404
    form = _form(request, page, call)
    if request.method == "POST" and form.is_valid():
        with form.refusals(form.places_of_refusals(page)):
            done = _submitted(form, page, call)
            return render(
                request, "desk/cases/received_done.html", {"receipt": in_groups(done.receipt), "case": done.case}
            )
    shown = {
        "form": form,
        "more": [field for fields in form.further(page).values() for field in fields],
        "kinds": [(name, label(kind.label), label(kind.says)) for name, kind in page.kinds.items()],
        "errors": form.problems,
    }
    return render(request, "desk/cases/received.html", shown, status=form.status)


def _form(request: PageRequest, page: Submissions, call: Call) -> ReceivedForm:
    form = ReceivedForm.of(request, once_key=secrets.token_urlsafe(18), happened=call.today)
    form.ask_more(page)
    allowed = {unit for kind in page.kinds.values() for unit, _ in units_that_open(kind.workflow, call)}
    mine = [(unit, word) for unit, word in units() if unit in allowed]
    choose = [("", say("请选择", "Choose"))]
    form.offer(unit=mine if len(mine) == 1 else [*choose, *mine], area=[*choose, *areas()])
    return form


def _submitted(form: ReceivedForm, page: Submissions, call: Call) -> Submitted:
    typed = form.cleaned_data
    said = Submission(
        kind=typed["kind"],
        text=typed["text"],
        area=typed["area"],
        place=typed["place"],
        about=typed["about"],
        given=form.given(page),
        reporter=Reporter(typed["name"], typed["phone"], typed["address"]),
    )
    once = f"{call.actor.id}:{typed['once_key']}"
    return submit(said, once=once, unit=typed["unit"], happened=typed["happened"].isoformat(), call=call)
