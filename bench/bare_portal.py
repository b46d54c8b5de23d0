"""The page that the portal is measured against: its own base template and one query by primary key, nothing else, kept
nowhere.

It stands in the addresses of the benchmark only; production has no such page.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from zhiheng.pages.access import door
from zhiheng.published.models import PublishedEnterprise

_TEMPLATE = '{% extends "portal/base.html" %}{% block title %}{{ one.name }}{% endblock %}{% block main %}<p>{{ one.code }}</p>{% endblock %}'


@door("public")
def bare(request: HttpRequest, number: int) -> HttpResponse:
    """One enterprise by its key in the portal's frame."""
    return HttpResponse(_compiled().render({"one": PublishedEnterprise.objects.get(pk=number)}, request))


def _compiled(kept: list[object] = []) -> object:  # noqa: B006 - compiled once, as the loader does with every template
    if not kept:
        kept.append(engines["django"].from_string(_TEMPLATE))
    return kept[0]


urlpatterns = [path("bare/<int:number>/", bare), path("", include("zhiheng.site.urls"))]
