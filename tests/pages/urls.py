"""Addresses for these tests: the site's own ones, and a form that does something."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import include, path

from zhiheng.kernel.reasons import Refusal, Refused
from zhiheng.pages import forms
from zhiheng.pages.access import door

DONE: list[dict[str, str]] = []
FACT = {"name": "望井精密", "area": "铁砧街道"}

FORM = """{% extends "pages/desk.html" %}{% block title %}Form{% endblock %}{% block main %}
<form method="post" action="/form/send/">{% csrf_token %}{% once %}{% edition fact %}
<input type="text" name="name" value="{{ fact.name }}"><input type="password" name="password" value="">
<textarea name="reason">before</textarea>
<select name="area"><option value="">all</option><option value="铁砧街道" selected>T</option><option>望井街道</option></select>
<label><input type="checkbox" name="sure" value="yes"></label>
<label><input type="radio" name="quality" value="product" checked></label><label><input type="radio" name="quality" value="service"></label>
</form><form method="post" action="/elsewhere/"><input type="text" name="name" value="untouched"></form>{% endblock %}"""


@door("desk.open")
def form(request: HttpRequest) -> HttpResponse:
    """The form."""
    return HttpResponse(engines["django"].from_string(FORM).render({"fact": FACT}, request))


@door("desk.open")
def send(request: HttpRequest) -> HttpResponse:
    """What the form does: wrong (422), refused, stale, or done."""
    if request.POST.get("reason") == "wrong":
        return HttpResponse("wrong", status=422)
    if request.POST.get("reason") == "refused":
        raise Refused(Refusal("example.refused", "不行。", "No."))
    forms.unchanged(request, FACT, {"name": "名称", "area": "街道"})
    DONE.append(dict(request.POST.items()))
    return HttpResponseRedirect("/form/done/")


@door("public")
def trouble(request: HttpRequest, kind: str) -> HttpResponse:
    """What can go wrong below a page."""
    raise {
        "locked": OperationalError("database is locked"),
        "full": OperationalError("database or disk is full"),
        "disk": OSError(28, "No space left on device"),
        "large": RequestDataTooBig("too big"),
        "bug": RuntimeError("a bug"),
    }[kind]


@door("cockpit.read")
def inside(request: HttpRequest) -> HttpResponse:
    """A page that nobody without the act may see."""
    return HttpResponse("inside")


urlpatterns = [
    path("form/", form),
    path("form/send/", send),
    path("form/done/", inside),
    path("trouble/<slug:kind>/", trouble),
    path("inside/", inside),
    path("", include("zhiheng.pages.urls")),
    path("account/", include("allauth.urls")),
]
handler400 = "zhiheng.pages.errors.bad_request"
handler403 = "zhiheng.pages.errors.denied"
handler404 = "zhiheng.pages.errors.absent"
handler500 = "zhiheng.pages.errors.broken"
