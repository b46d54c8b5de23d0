"""Consents of an enterprise: which financial institution may read what, for what, until when; given and withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from zhiheng.actions.enterprises import give_consent as consenting
from zhiheng.actions.enterprises import withdraw_consent as withdrawing
from zhiheng.firm.firm_page import firm_page
from zhiheng.firm.forms import ConsentForm
from zhiheng.grammar.chapters.credit import CREDIT, CreditExtract
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.queries import own_file as reading


@door("firm.consent")
def consents(request: PageRequest) -> HttpResponse:
    """Which banks may read what, for what, until when; and each reading."""
    return _consents(request)


def _consents(request: PageRequest, form: ConsentForm | None = None) -> HttpResponse:
    given, reads = reading.consents(call=call_of(request))
    extracts = book()[CREDIT]
    readers = {r.id: label(r.name) for page in extracts.values() for r in page.readers}
    purposes = {name: label(word) for page in extracts.values() for name, word in page.purposes.items()}
    first = next(iter(extracts.items()), None)
    form = form or ConsentForm()
    choose = ("", say("请选择", "Choose"))
    form.offer(reader=[choose, *readers.items()], purpose=[choose, *purposes.items()])
    words = {
        "rows": [
            {
                "one": one,
                "reader": readers.get(one.reader, one.reader),
                "purpose": purposes.get(one.purpose, one.purpose),
                "live": one.withdrawn_at is None and one.replaced_at is None and one.last_day >= today(),
            }
            for one in given
        ],
        "reads": [
            {
                "one": one,
                "reader": readers.get(one.consent.reader, one.consent.reader),
                "purpose": purposes.get(one.purpose, one.purpose),
            }
            for one in reads
        ],
        "latest": consenting.latest_day(first[1], today()).isoformat() if first else "",
        "records": [label(book()[RECORDS][r].record.label) for r in (first[1].records if first else ())],
        "form": form,
        "errors": form.problems,
        "agreed": _consent_to_read(first[1], reading.name_of(request.actor)) if first else "",
    }
    return firm_page(request, "consents", words, form.status)


def _consent_to_read(extract: CreditExtract, name: str) -> str:
    """What a consent will say, to be read before it is given: what is chosen below stands as a blank."""
    return label(extract.text).format(
        enterprise=name,
        reader=say("（所选金融机构）", "(the institution chosen)"),
        purpose=say("（所选用途）", "(the purpose chosen)"),
        first=today().isoformat(),
        last=say("（所选截止日期）", "(the last day chosen)"),
    )


@require_POST
@door("firm.consent")
def give_consent(request: PageRequest) -> HttpResponse:
    """Let a bank read for a purpose until a day."""
    form = ConsentForm.of(request)
    if not form.is_valid():
        return _consents(request, form)
    typed = form.cleaned_data
    extract = next(iter(book()[CREDIT]), "")
    subject = reading.subject_of(request.actor)
    before = consenting.standing(subject, today()).get((typed["reader"], typed["purpose"]))
    with form.refusals():
        given = consenting.give(
            subject,
            extract=extract,
            reader=typed["reader"],
            purpose=typed["purpose"],
            last=typed["last"],
            call=call_of(request),
        )
        told = say("已授权；随时可以撤回。", "Consent given; you may withdraw it at any time.")
        if before is not None and before.pk != given.pk:
            told += say(
                "原来至 {day} 的授权由这一份替代。", " It takes the place of the one until {day}.", day=before.last_day
            )
        messages.success(request, told)
        return redirect("firm:consents")
    return _consents(request, form)


@require_POST
@door("firm.consent")
def withdraw_consent(request: PageRequest, number: int) -> HttpResponse:
    """From now on nothing is read under it."""
    ended = withdrawing.withdraw(number, call=call_of(request))
    if ended.withdrawn_at is None:
        told = say(
            "这份授权早已由新的一份替代，没有改变什么。",
            "A newer consent had taken its place before; nothing was changed.",
        )
    else:
        told = say("已撤回授权，立即生效。", "The consent was withdrawn and ended at once.")
    others = [one for (reader, _), one in consenting.standing(ended.subject, today()).items() if reader == ended.reader]
    purposes = {name: label(word) for page in book()[CREDIT].values() for name, word in page.purposes.items()}
    for one in others:
        told += say(
            "该机构仍有另一份授权有效：用途“{purpose}”，至 {day}；不想让它再查，请一并撤回。",
            " The institution still has another consent, for {purpose}, until {day}; withdraw that as well if it "
            "should read no more.",
            purpose=purposes.get(one.purpose, one.purpose),
            day=one.last_day,
        )
    if others:
        messages.warning(request, told)
    else:
        messages.success(request, told)
    return redirect("firm:consents")
