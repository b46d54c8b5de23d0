"""The front page, search, and the pages that explain: what is published under which law, how to complain, about this
portal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhiheng.engines.naming import outcome_words
from zhiheng.engines.publication import Releaser, releasers
from zhiheng.grammar.chapters.publication_pages import DisplayPeriod
from zhiheng.kernel.fields.base import FieldType
from zhiheng.kernel.law import LawKey
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese, label, say
from zhiheng.portal import names, showing
from zhiheng.portal.caching import ShelvesRequest, kept
from zhiheng.published import reading
from zhiheng.published.ids import read_shop_code
from zhiheng.published.tokens import half_width

LONGEST_QUERY = 100
_NEWEST = 6


@require_safe
@door("public")
@kept
def home(request: ShelvesRequest) -> HttpResponse:
    """One search box, the newest recalls, and what is published."""
    portal = names.chapter().portal
    front = []
    for name in portal.front:
        page = reading.list_page(name, reading.EntryListFilters(), after="", today=today(), limit=_NEWEST)
        front.append({"name": name, "list": portal.lists[name], "rows": showing.rows(page.rows)})
    return render(request, "portal/home.html", {"portal": portal, "front": front, "groups": _groups(request)})


def _groups(request: ShelvesRequest) -> list[dict[str, Any]]:
    """The lists by group, each with how many entries it shows."""
    portal = names.chapter().portal
    shown = reading.on_display(request.shelves, today())

    def of(group: str) -> list[dict[str, Any]]:
        return [
            {"name": name, "list": one, "shown": shown[name]}
            for name, one in portal.lists.items()
            if one.group == group
        ]

    return [{"label": word, "lists": of(group)} for group, word in names.GROUPS.items() if of(group)]


@require_safe
@door("public")
@kept
def lists(request: ShelvesRequest) -> HttpResponse:
    """Every list, with what it holds."""
    return render(request, "portal/lists.html", {"groups": _groups(request), "here": "lists"})


@require_safe
@door("public")
@kept
def search(request: PageRequest) -> HttpResponse:
    """Enterprises by name or code, products by name; the code of a shop leads straight to it."""
    typed = half_width(asking.text(request, "q", LONGEST_QUERY))
    if code := read_shop_code(typed):
        shop = reading.by_shop_code(code)
        if shop is not None:
            return redirect("portal:shop", shop.shop_code)
    after = paging.place_asked(request)
    found = reading.search(typed, after=after) if typed else reading.EntrySearch()
    nothing = bool(typed) and not (found.exact or found.enterprises or found.products)
    short = nothing and reading.too_short(typed)
    return render(
        request,
        "portal/search.html",
        {
            "typed": typed,
            "found": found,
            "nothing": nothing and not short,
            "short": short,
            "first": not after,
        },
    )


@require_safe
@door("public")
@kept
def law(request: PageRequest) -> HttpResponse:
    """What is published, under which law, which fields, how long, and within which time it is taken back."""
    chapter = names.chapter()
    ready = releasers(book())
    groups = [
        {"name": name, "list": one, "records": [_record(ready[record]) for record in chapter.of_list(name)]}
        for name, one in chapter.portal.lists.items()
        if chapter.of_list(name)
    ]
    causes = [{"cause": cause, "within": _period(cause.within)} for cause in chapter.portal.causes.values()]
    return render(
        request, "portal/law.html", {"groups": groups, "causes": causes, "portal": chapter.portal, "here": "law"}
    )


def _record(releaser: Releaser) -> dict[str, Any]:
    record = releaser.entry.record
    rule = releaser.rule
    return {
        "id": releaser.entry.id,
        "label": record.label,
        "law": releaser.law(),
        "outcomes": _outcomes(releaser, record.publication.when),
        "shown": [column.label for column in releaser.columns if not column.masked],
        "masked": [column.label for column in releaser.columns if column.masked],
        "persons": rule.persons,
        "withheld": rule.withheld,
        "publish": _period(rule.publish_within),
        "withdraw": _period(rule.withdraw_within),
        "periods": [_described(releaser, period) for period in rule.periods],
        "while_valid": record.until is not None,
    }


def _outcomes(releaser: Releaser, outcomes: Iterable[str]) -> list[str]:
    """Outcomes in the record's own words: 罚款, 责令召回."""
    return [label(word) for word in outcome_words(outcomes, releaser.entry.record, releaser.types)]


def _period(said: str | None) -> dict[str, Any] | None:
    """A period of the law of today: how long, and which article."""
    if not said:
        return None
    key = LawKey.parse(said)
    try:
        parameter = names.chapter().law.of(key, today())
        length = parameter.period(key.row)
    except Refused:
        return None
    language = "zh" if chinese() else "en"
    return {"length": length.show(language), "law": parameter}


def _described(releaser: Releaser, period: DisplayPeriod) -> dict[str, Any]:
    """When a period applies, in the words of the record's own choices."""
    conditions = []
    for name, condition in period.where.items():
        wanted = condition.any_of or ((condition.equals,) if condition.equals is not None else ())
        kind = releaser.types[name]
        words = [kind.show(value, lang=names.side()) for value in wanted]
        conditions.append((releaser.entry.record.fields[name].label, words))
    for name, said in (*period.at_most.items(), *period.among.items()):
        conditions.append((releaser.entry.record.fields[name].label, _limits(releaser.types[name], said)))
    return {
        "conditions": conditions,
        "outcomes": _outcomes(releaser, period.outcome),
        "person": period.person,
        "period": _period(period.until),
    }


def _limits(kind: FieldType, said: str) -> list[str]:
    """What the law of today allows a field to be: at most a number, or one of a list."""
    key = LawKey.parse(said)
    try:
        parameter = names.chapter().law.of(key, today())
    except Refused:
        return []
    value = parameter.row(key.row) if key.row else parameter.value
    if isinstance(value, tuple):
        return [kind.show(each, lang=names.side()) for each in value]
    return [say("不超过 {most}", "at most {most}", most=kind.show(str(value), lang=names.side()))]


@require_safe
@door("public")
@kept
def about(request: PageRequest) -> HttpResponse:
    """Who runs it, how it can be used without a mouse, in which languages, what is kept of a visit."""
    return render(request, "portal/about.html", {"portal": names.chapter().portal, "here": "about"})


@require_safe
@door("public")
def robots(request: PageRequest) -> HttpResponse:
    """What programs that read the whole web may read: entries, but no searches, and no bulk files page by page."""
    lines = [
        "User-agent: *",
        "Disallow: /search/",
        "Disallow: /q/",
        "Disallow: /desk/",
        "Disallow: /firm/",
        "Disallow: /account/",
        "Disallow: /*?",
        f"Sitemap: {request.build_absolute_uri(reverse('portal:sitemap'))}",
        "",
    ]
    return HttpResponse(
        "\n".join(lines), content_type="text/plain; charset=utf-8", headers={"Cache-Control": "max-age=3600"}
    )
