"""Complaints and reports that came by telephone, by letter or in person: entered by an officer, sealed like those that
came over the portal, with a receipt for the sender.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from zhiheng.actions.submissions.submit import Submission, Submitted, submit
from zhiheng.desk.cases.acts import units
from zhiheng.desk.cases.forms import ReceivedForm
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.submissions import SUBMISSIONS, Submissions
from zhiheng.grammar.chapters.workflows import WORKFLOWS
from zhiheng.kernel.receipts import in_groups
from zhiheng.kernel.reporter import Reporter
from zhiheng.pages.access import book, call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.people import access


@never_cache
@door("case.open")
def received(request: PageRequest) -> HttpResponse:
    """The form; after it was sent, the receipt, which is shown this once."""
    page, call = book()[SUBMISSIONS], call_of(request)
    if page is None:
        raise Http404
    form = _form(request, page, call)
    if request.method == "POST" and form.is_valid():
        asked = {one: f"{form.cleaned_data['kind']}_{one}" for kind in page.kinds.values() for one in kind.asks}
        with form.refusals(asked):
            done = _submitted(form.cleaned_data, page, call)
            return render(
                request, "desk/cases/received_done.html", {"receipt": in_groups(done.receipt), "case": done.case}
            )
    more = {name: [form[f"{name}_{one}"] for one in kind.asks] for name, kind in page.kinds.items()}
    shown = {
        "form": form,
        "more": [field for fields in more.values() for field in fields],
        "kinds": [(name, label(kind.label), label(kind.says)) for name, kind in page.kinds.items()],
        "errors": form.problems,
    }
    return render(request, "desk/cases/received.html", shown, status=form.status)


def _form(request: PageRequest, page: Submissions, call: Call) -> ReceivedForm:
    form = ReceivedForm.of(request, once_key=secrets.token_urlsafe(18), happened=call.today)
    flows, district = book()[WORKFLOWS], book()[DISTRICT]
    form.ask_more({name: (kind, flows[kind.workflow].page) for name, kind in page.kinds.items()})
    allowed = {
        unit
        for kind in page.kinds.values()
        for unit in access.units(call, "case.open")
        if access.may(
            call,
            "case.open",
            unit=unit,
            quality=flows[kind.workflow].page.quality,
            workflow=kind.workflow,
        )
        is None
    }
    mine = [(unit, word) for unit, word in units() if unit in allowed]
    areas = [
        (code, " ".join(label(district.names[one]) for one in (*reversed(above[:-1]), code)))
        for code, above in district.areas_above.items()
        if above
    ]
    choose = [("", say("请选择", "Choose"))]
    form.offer(unit=mine if len(mine) == 1 else [*choose, *mine], area=[*choose, *areas])
    return form


def _submitted(typed: dict[str, Any], page: Submissions, call: Call) -> Submitted:
    kind = page.kinds.get(typed["kind"])
    said = Submission(
        kind=typed["kind"],
        text=typed["text"],
        area=typed["area"],
        place=typed["place"],
        about=typed["about"],
        given={one: typed[f"{typed['kind']}_{one}"] for one in (kind.asks if kind is not None else ())},
        reporter=Reporter(typed["name"], typed["phone"], typed["address"]),
    )
    once = f"{call.actor.id}:{typed['once_key']}"
    return submit(said, once=once, unit=typed["unit"], happened=typed["happened"].isoformat(), call=call)
