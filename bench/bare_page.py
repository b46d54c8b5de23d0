"""The pages that others are measured against: the desk's own base template and one query by primary key, or one row
inserted by a form, nothing else.

They stand in the addresses of the benchmark only; production has no such pages.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import include, path
from django.utils import timezone

from zhiheng.office.cases import Case, CaseDraft
from zhiheng.pages.access import door
from zhiheng.projections.models import Card

_TEMPLATE = '{% extends "pages/desk.html" %}{% block title %}{{ name }}{% endblock %}{% block main %}<p>{{ text }}</p>{% endblock %}'


@door("desk.open")
def bare(request: HttpRequest, subject: int) -> HttpResponse:
    """One card by its key in the desk's frame."""
    card = Card.objects.get(pk=subject)
    return HttpResponse(_compiled().render({"name": card.name, "text": card.code, "rail": "enterprises"}, request))


@door("case.read")
def bare_case(request: HttpRequest, number: int) -> HttpResponse:
    """One case by its key in the desk's frame."""
    case = Case.objects.get(pk=number)
    return HttpResponse(_compiled().render({"name": case.number, "text": case.unit, "rail": "inbox"}, request))


@door("case.read")
def bare_insert(request: HttpRequest) -> HttpResponse:
    """One row from a form, in a transaction, and back to another page."""
    with transaction.atomic(using=str(settings.PEOPLE_DATABASE)):
        CaseDraft.objects.create(
            workflow="bare",
            act=f"bare.{CaseDraft.objects.count()}",
            account=request.user.pk,
            typed={"text": request.POST["text"]},
            at=timezone.now(),
        )
    return redirect("desk:inbox")


def _compiled(kept: list[object] = []) -> object:  # noqa: B006 - compiled once, as the loader does with every template
    if not kept:
        kept.append(engines["django"].from_string(_TEMPLATE))
    return kept[0]


urlpatterns = [
    path("bare/<int:subject>/", bare),
    path("bare/case/<int:number>/", bare_case),
    path("bare/insert/", bare_insert),
    path("", include("zhiheng.site.urls")),
]
