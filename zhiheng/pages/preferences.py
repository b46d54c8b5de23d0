"""Language and theme of the pages: a choice of the reader, kept in a cookie of the browser and nowhere else."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from zhiheng.pages.access import door
from zhiheng.pages.context import THEMES
from zhiheng.pages.http import PageRequest
from zhiheng.pages.input_form import CarriedField, InputForm, OneOfField

YEAR = 365 * 24 * 3600


class LanguageForm(InputForm):
    """A language, and the page to come back to."""

    next = CarriedField(most=4_000)
    language = OneOfField("语言", "Language", of=[code for code, _ in settings.LANGUAGES])


class ThemeForm(InputForm):
    """A look, and the page to come back to."""

    next = CarriedField(most=4_000)
    theme = OneOfField("外观", "Look", of=THEMES)


def back(request: PageRequest, target: str) -> str:
    """The page the reader came from, where it is one of ours."""
    fine = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if fine else "/"


def remember(request: PageRequest, form: InputForm, name: str, value: str) -> HttpResponse:
    """Back to the page, with the choice kept for a year."""
    response = HttpResponseRedirect(back(request, form["next"].shown))
    response.set_cookie(name, value, max_age=YEAR, samesite="Lax", secure=settings.HTTPS, httponly=True)
    return response


# Without a token on purpose: public pages stay the same for every reader and can be cached, and nothing but the look of
# the reader's own pages could be changed by a stranger.
@csrf_exempt
@require_POST
@door("public")
def language(request: PageRequest) -> HttpResponse:
    """Chinese or English from now on."""
    form = LanguageForm.of(request)
    chosen = form.cleaned_data["language"] if form.is_valid() else ""
    return remember(request, form, settings.LANGUAGE_COOKIE_NAME, chosen or settings.LANGUAGE_CODE)


@csrf_exempt
@require_POST
@door("public")
def theme(request: PageRequest) -> HttpResponse:
    """Light, dark, or as the system has it."""
    form = ThemeForm.of(request)
    chosen = form.cleaned_data["theme"] if form.is_valid() else ""
    return remember(request, form, settings.THEME_COOKIE_NAME, chosen or "auto")


@require_safe
@door("public")
def icon(request: PageRequest) -> HttpResponse:
    """The icon at the address where browsers look for it by default: the one that every page names."""
    return HttpResponseRedirect(static("pages/zhiheng.svg"))
