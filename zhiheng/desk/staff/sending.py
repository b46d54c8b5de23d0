"""What could not be sent, at the desk: to whom, why, when it is tried again; and reminders that reach nobody."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.messages import retry as retrying
from zhiheng.actions.messages.channels import ready
from zhiheng.desk.staff import people
from zhiheng.grammar.chapters.messages import CHANNELS
from zhiheng.office.outbox import FAILURES
from zhiheng.pages import named
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import ReasonForm
from zhiheng.pages.paging import place_asked
from zhiheng.pages.refused import tried
from zhiheng.pages.words import label, say
from zhiheng.queries import messages as reading


@door("message.manage")
def sending(request: PageRequest) -> HttpResponse:
    """What is stuck, the latest first."""
    after = place_asked(request)
    page = reading.stuck_messages(after, call=call_of(request))
    rows: list[dict[str, Any]] = [
        {
            "one": one,
            "unit": named.unit(one.row.unit),
            "channel": label(CHANNELS[one.row.channel]),  # type: ignore[index]  # a channel of the table
            "why": say(*FAILURES[one.row.error]) if one.row.error in FAILURES else one.row.error,
        }
        for one in page.rows
    ]
    nobody = [] if after else reading.messages_to_nobody(call=call_of(request))
    words = {
        "rows": rows,
        "page": page,
        "nobody": [{"message": one, "unit": named.unit(one.unit)} for one in nobody],
        "channels": [{"label": label(CHANNELS[name]), "ready": ready(name)} for name in CHANNELS if name != "in_app"],
        "tabs": people.tabs(request, "sending"),
    }
    return render(request, "desk/sending.html", words)


@require_POST
@door("message.manage")
def retry(request: PageRequest, number: int) -> HttpResponse:
    """Try one again at once."""
    return tried(
        request,
        lambda: retrying.retry(number, call=call_of(request)),
        say("已放回待发，马上再试。", "It waits to be sent again."),
        reverse("desk:sending"),
    )


@require_POST
@door("message.manage")
def give_up(request: PageRequest, number: int) -> HttpResponse:
    """Try one no more."""
    form = ReasonForm.of(request)
    return tried(
        request,
        lambda: retrying.give_up(number, reason=form.cleaned_data["reason"], call=call_of(request)),
        say("不再发送；站内消息仍在。", "It is not sent any more; the in-app message stays."),
        reverse("desk:sending"),
        form,
    )
