"""One's own messages, and where else one wants to be told: the same pages for every kind of account."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as said
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhiheng.actions.messages import contacts, mark_read
from zhiheng.actions.messages.channels import ready
from zhiheng.grammar.chapters.messages import CHANNELS
from zhiheng.office.outbox import Message
from zhiheng.pages import asking
from zhiheng.pages.access import call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import CarriedField, InputForm, LineField
from zhiheng.pages.navigation import beginning, opened
from zhiheng.pages.paging import place_asked
from zhiheng.pages.refused import tried
from zhiheng.pages.words import label, say, say_later
from zhiheng.queries import messages as reading

OUTSIDE = ("email", "sms")


class ContactForm(InputForm):
    """An address or number of one's own."""

    address = LineField("", "", most=254, needed=True)


class MessageForm(InputForm):
    """Whether reading a message leads on to what it is about."""

    go = CarriedField(most=1)


class ContactChoiceForm(InputForm):
    """Whether messages go to an address."""

    wanted = CarriedField(most=1)


class ContactCodeForm(InputForm):
    """The code that came there."""

    typed = LineField(
        "确认码",
        "Code",
        most=20,
        needed=True,
        autocomplete="one-time-code",
        hint=say_later("收到的六位数字，30 分钟内有效", "The six digits that came; valid for 30 minutes"),
    )


def _frame(request: PageRequest) -> dict[str, Any]:
    desk = request.actor.kind == "officer"
    return {
        "frame": "pages/desk.html" if desk else "pages/messages/alone.html",
        "on_desk": desk,
        "back": beginning(request.actor),
    }


@door("message.own")
def messages(request: PageRequest) -> HttpResponse:
    """The messages, the latest first; or only those that were not read."""
    unread = asking.flag(request, "unread")
    page = reading.own_messages(place_asked(request), call=call_of(request), unread=unread)
    url, count = reverse("pages:messages"), request.user.unread if request.user.is_authenticated else 0
    words = {
        **_frame(request),
        "page": page,
        "rows": [{"one": one, "url": _leads_to(request, one.message)} for one in page.rows],
        "unread": count,
        "only_unread": unread,
        "tabs": [
            {"url": url, "label": say("全部", "All"), "here": not unread, "count": None},
            {"url": f"{url}?unread=1", "label": say("未读", "Unread"), "here": unread, "count": count},
        ],
        "today": today(),
    }
    return render(request, "pages/messages/list.html", words)


def _leads_to(request: PageRequest, message: Message) -> str:
    """Where what a message is about is done; empty where its reader may not go there."""
    if not message.key.startswith("owed:") or opened(request.actor, "desk:exchange") is None:
        return ""
    late = message.due_on < today()
    month = {} if late else {"month": f"{message.due_on:%Y-%m}"}
    return f"{reverse('desk:exchange')}?{urlencode({'unit': message.unit, **month})}"


@require_POST
@door("message.own")
def read(request: PageRequest, number: int) -> HttpResponse:
    """Mark one as read, and go on to where it is done where that was asked."""
    message = mark_read.mark_read(number, call=call_of(request))
    onwards = _leads_to(request, message) if MessageForm.of(request)["go"].shown else ""
    return redirect(onwards or reverse("pages:messages"))


@require_POST
@door("message.own")
def read_all(request: PageRequest) -> HttpResponse:
    """Mark all as read."""
    mark_read.mark_all_read(call=call_of(request))
    return redirect("pages:messages")


@door("message.own")
def channels(request: PageRequest) -> HttpResponse:
    """Where else one wants to be told."""
    return _channels(request)


def _channels(request: PageRequest, **forms: InputForm) -> HttpResponse:
    given = reading.own_contacts(call=call_of(request))
    rows = []
    for channel in OUTSIDE:
        form = forms.get(channel) or ContactForm()
        field = form.fields.get("address")
        if field is not None:
            field.label = say("邮箱地址", "E-mail address") if channel == "email" else say("手机号", "Mobile number")
        rows.append(
            {
                "channel": channel,
                "label": label(CHANNELS[channel]),  # type: ignore[index]  # one of the two
                "ready": ready(channel),
                "contact": given.get(channel),
                "give": form if isinstance(form, ContactForm) else ContactForm(),
                "code": form if isinstance(form, ContactCodeForm) else ContactCodeForm(),
            }
        )
    wrong = [form for form in forms.values() if form.problems]
    words = {**_frame(request), "rows": rows, "errors": [one for form in wrong for one in form.problems]}
    return render(request, "pages/messages/channels.html", words, status=wrong[0].status if wrong else 200)


@require_POST
@door("message.own")
def give(request: PageRequest, channel: str) -> HttpResponse:
    """Give an address; a code goes there."""
    form = ContactForm.of(request)
    if form.is_valid():
        with form.refusals():
            contacts.give_contact(_known(channel), form.cleaned_data["address"], call=call_of(request))
            said.success(
                request, say("确认码已发出，请查收后填在下面。", "The code was sent; type it below when it has come.")
            )
            return redirect("pages:channels")
    return _channels(request, **{channel: form})


@require_POST
@door("message.own")
def confirm(request: PageRequest, channel: str) -> HttpResponse:
    """Confirm an address by its code."""
    form = ContactCodeForm.of(request)
    if form.is_valid():
        with form.refusals():
            contacts.confirm_contact(_known(channel), form.cleaned_data["typed"], call=call_of(request))
            said.success(
                request, say("已确认，今后的消息也发到这里。", "Confirmed: messages go there too from now on.")
            )
            return redirect("pages:channels")
    return _channels(request, **{channel: form})


@require_POST
@door("message.own")
def choose(request: PageRequest, channel: str) -> HttpResponse:
    """Pause a channel, or take it up again."""
    wanted = ContactChoiceForm.of(request)["wanted"].shown == "1"
    return tried(
        request,
        lambda: contacts.choose_contact(_known(channel), wanted, call=call_of(request)),
        say("已恢复发送。", "Messages go there again.") if wanted else say("已暂停发送。", "No messages go there now."),
        reverse("pages:channels"),
    )


@require_POST
@door("message.own")
def remove(request: PageRequest, channel: str) -> HttpResponse:
    """Remove an address."""
    return tried(
        request,
        lambda: contacts.remove_contact(_known(channel), call=call_of(request)),
        say("已删去。", "It was removed."),
        reverse("pages:channels"),
    )


def _known(channel: str) -> str:
    if channel not in OUTSIDE:
        raise Http404
    return channel
