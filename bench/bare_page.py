"""The page that others are measured against: the desk's own base template and one query by primary key, nothing else.

It stands in the addresses of the benchmark only; production has no such page.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from zhiheng.pages.access import door
from zhiheng.projections.models import Card

_TEMPLATE = '{% extends "pages/desk.html" %}{% block title %}{{ card.name }}{% endblock %}{% block main %}<p>{{ card.code }}</p>{% endblock %}'


@door("desk.open")
def bare(request: HttpRequest, subject: int) -> HttpResponse:
    """One card by its key in the desk's frame."""
    return HttpResponse(_compiled().render({"card": Card.objects.get(pk=subject), "rail": "enterprises"}, request))


def _compiled(kept: list[object] = []) -> object:  # noqa: B006 - compiled once, as the loader does with every template
    if not kept:
        kept.append(engines["django"].from_string(_TEMPLATE))
    return kept[0]


urlpatterns = [path("bare/<int:subject>/", bare), path("", include("zhiheng.site.urls"))]
