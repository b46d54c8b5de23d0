"""The answers to the hotlines, taken away as a file."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from zhiheng.actions.submissions.export_answers import export_answers
from zhiheng.desk.cases.forms import AnswersForm
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.downloads import download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese, label
from zhiheng.queries.delivered import feeds_of


@never_cache
@door("export.make")
def answers(request: PageRequest) -> HttpResponse:
    """The form with the days and the purpose; then the file."""
    feed = next((each for each in feeds_of(book()) if each.spec.answers), None)
    if feed is None:
        raise Http404
    first = today().replace(day=1)
    form = AnswersForm.of(request, first=first, last=today(), format="xlsx")
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        unit = request.actor.holdings[0].unit if request.actor.holdings else ""
        with form.refusals():
            made = export_answers(
                feed.id,
                typed["first"],
                typed["last"],
                unit=unit,
                purpose=typed["purpose"],
                format=typed["format"] or "xlsx",
                call=call_of(request),
                language="zh" if chinese() else "en",
            )
            return download(made.content, made.name, made.content_type)
    shown = {
        "form": form,
        "feed": label(feed.spec.label),
        "columns": [each.heading for each in feed.spec.answers],
        "errors": form.problems,
    }
    return render(request, "desk/cases/answers.html", shown, status=form.status)
