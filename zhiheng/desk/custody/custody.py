"""The page of a custodian: a key under a passphrase, those of the same unit, and what is to be opened."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from zhiheng.actions.custody import admit_custodian as admitting
from zhiheng.actions.custody import ask_to_open as asking
from zhiheng.actions.custody import change_passphrase as changing
from zhiheng.actions.custody import decline_opening as declining
from zhiheng.actions.custody import end_custody as ending
from zhiheng.actions.custody import make_custody_key as making
from zhiheng.actions.custody import open_seal as opening
from zhiheng.desk.custody.forms import (
    AskToOpenForm,
    ChangePassphraseForm,
    CustodyKeyForm,
    EndCustodyForm,
    OwnPassphraseForm,
)
from zhiheng.kernel.reporter import Reporter
from zhiheng.pages import named
from zhiheng.pages.access import call_of, door
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import InputForm, ReasonForm
from zhiheng.pages.refused import tried
from zhiheng.pages.words import label, say
from zhiheng.queries.custody import custody_desk


@never_cache
@door("case.read_sealed")
def custody(request: PageRequest) -> HttpResponse:
    """What a custodian finds; before they have a key, how to make one."""
    return _page(request)


def _page(request: PageRequest, *sent: InputForm, opened: Reporter | None = None) -> HttpResponse:
    desk = custody_desk(call=call_of(request))
    forms: dict[str, InputForm] = {
        "key_form": CustodyKeyForm(),
        "ask_form": AskToOpenForm(),
        "change_form": ChangePassphraseForm(),
    }
    for form in sent:
        forms |= {name: form for name, blank in forms.items() if type(form) is type(blank)}
    forms["key_form"].offer(unit=[(unit, label(name)) for unit, name in desk.units])
    words: dict[str, Any] = {
        "desk": desk,
        "own_unit": named.unit(desk.own.unit) if desk.own is not None else "",
        "to_decide": [{"one": one, "unit": named.unit(one.asking_unit)} for one in desk.to_decide],
        "asked": [{"one": one, "unit": named.unit(one.other_unit)} for one in desk.asked],
        "opened": opened,
        "errors": [problem for form in sent for problem in form.problems],
        **forms,
    }
    status = next((form.status for form in sent if form.errors), 200)
    return render(request, "desk/custody.html", words, status=status)


@require_POST
@never_cache
@door("case.read_sealed")
def make_key(request: PageRequest) -> HttpResponse:
    """Become a custodian."""
    form = CustodyKeyForm.of(request)
    if form.is_valid():
        with form.refusals():
            typed = form.cleaned_data
            making.make_custody_key(typed["unit"], typed["passphrase"], call=call_of(request))
            return redirect("desk:custody")
    return _page(request, form)


@require_POST
@never_cache
@door("case.read_sealed")
def change_passphrase(request: PageRequest) -> HttpResponse:
    """Another passphrase for the own key."""
    form = ChangePassphraseForm.of(request)
    return tried(
        request,
        lambda: changing.change_passphrase(
            form.cleaned_data["old_passphrase"], form.cleaned_data["new_passphrase"], call=call_of(request)
        ),
        say("保管口令已更换。", "The passphrase was changed."),
        reverse("desk:custody"),
        form,
    )


@require_POST
@never_cache
@door("case.read_sealed")
def admit(request: PageRequest, number: int) -> HttpResponse:
    """Hand the shares of the own side to a colleague."""
    form = OwnPassphraseForm.of(request)
    return tried(
        request,
        lambda: admitting.admit_custodian(number, form.cleaned_data["passphrase"], call=call_of(request)),
        say("已接纳，份额已交给这位保管人。", "Admitted: this custodian now holds the shares."),
        reverse("desk:custody"),
        form,
    )


@require_POST
@never_cache
@door("case.read_sealed")
def end(request: PageRequest, number: int) -> HttpResponse:
    """End the custody of somebody of the own unit, or one's own."""
    form = EndCustodyForm.of(request)
    return tried(
        request,
        lambda: ending.end_custody(
            number,
            reason=form.cleaned_data["reason"],
            sure=form.cleaned_data["sure"] == "on",
            call=call_of(request),
        ),
        say("已终止保管。", "The custody was ended."),
        reverse("desk:custody"),
        form,
    )


@require_POST
@never_cache
@door("case.read_sealed")
def ask(request: PageRequest) -> HttpResponse:
    """Ask the other unit to open a seal."""
    form = AskToOpenForm.of(request)
    if form.is_valid():
        with form.refusals({"passphrase": "asking_passphrase"}, absent=True):
            typed = form.cleaned_data
            asking.ask_to_open(typed["seal"], typed["asking_passphrase"], reason=typed["reason"], call=call_of(request))
            return redirect("desk:custody")
    return _page(request, form)


@require_POST
@never_cache
@door("case.read_sealed")
def open_one(request: PageRequest, number: int) -> HttpResponse:
    """Open what the other unit asked for: shown on the page that answers, and nowhere else."""
    form = OwnPassphraseForm.of(request)
    if form.is_valid():
        with form.refusals():
            reporter = opening.open_seal(number, form.cleaned_data["passphrase"], call=call_of(request))
            return _page(request, opened=reporter)
    return _page(request, form)


@require_POST
@never_cache
@door("case.read_sealed")
def decline(request: PageRequest, number: int) -> HttpResponse:
    """Do not agree that a seal is opened."""
    form = ReasonForm.of(request)
    return tried(
        request,
        lambda: declining.decline_opening(number, reason=form.cleaned_data["reason"], call=call_of(request)),
        say("已写明不同意。", "It was declined."),
        reverse("desk:custody"),
        form,
    )
