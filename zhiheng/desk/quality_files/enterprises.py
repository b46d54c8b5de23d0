"""The list of enterprises: found by any name they ever had, by Pinyin, code, licence, product or equipment; filtered,
saved, exported.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from zhiheng.actions.enterprises.delete_search import forget_search
from zhiheng.actions.enterprises.save_search import save_search
from zhiheng.actions.exports.export_enterprises import export_enterprises
from zhiheng.actions.exports.export_table import Format
from zhiheng.desk.quality_files.forms import ListExportForm, SearchForm
from zhiheng.engines.naming import QUALITIES as QUALITY_WORDS
from zhiheng.engines.naming import Names
from zhiheng.grammar.chapters.cards import CARDS
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.ratings import RATINGS
from zhiheng.grammar.types import QUALITIES
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.downloads import download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese, label, say
from zhiheng.people import access
from zhiheng.queries.enterprises import Hit, Match, Order, Saved, SearchFilters, find_enterprises

# Days within which something ends, as an officer asks for it.
SOON = {"30": 30, "90": 90, "180": 180}
ORDERS: dict[str, Order] = {"recent": "recent", "problems": "problems", "expiry": "expiry"}
FILTERS = ("who", "area", "industry", "problems", "expiry", "listed", "status", "kind", "order")


@cache
def _names(_root: Path, language: str) -> Names:
    return Names(book(), language)


def names() -> Names:
    """The names of the book in the language of the page."""
    return _names(book().root, "zh" if chinese() else "en")


@door("enterprise.list")
def enterprises(request: PageRequest) -> HttpResponse:
    """A page of cards that a text and filters find."""
    text = asking.text(request, "q", 200)
    found = find_enterprises(
        text, filters_of(request), order=_order_of(request), after=paging.place_asked(request), call=call_of(request)
    )
    rows = [_row(hit, today()) for hit in found.page.rows]
    chips = _chips(request)
    return render(
        request,
        "desk/enterprises.html",
        {
            "rail": "enterprises",
            "rows": rows,
            "next": found.page.next,
            "q": text,
            "fields": _fields(request),
            "chips": chips,
            "clear": reverse("desk:enterprises") if len(chips) > 1 else "",
            "saved": [_saved(one, request) for one in found.saved],
            "narrowed": bool(_chips(request, own=True)),
            "total": found.total,
            "total_text": f"{found.total:,}" if found.total is not None else "",
            "query": paging.without(request.GET).urlencode(),
            "qualities": QUALITIES,
            "words": {
                "where": say("地区与行业", "Area and industry"),
                "expiry": say("最近到期", "Next to end"),
                "latest": say("最近记录", "Latest fact"),
            },
            "may_export": _may_export(request),
            "risk_lists": [
                {"label": label(rating.label), "url": f"{reverse('desk:ratings')}?{urlencode({'rating': name})}"}
                for name, rating in book()[RATINGS].items()
                if (edition := rating.on(today())) is not None and edition.matrix is not None
            ],
        },
    )


def _may_export(request: PageRequest) -> bool:
    """Whether there is an area from which the actor may take data away."""
    return bool(access.areas(call_of(request), "export.make"))


@door("export.make")
def export(request: PageRequest) -> HttpResponse:
    """The form that asks what the export is for; a form that was sent gives the file."""
    if not _may_export(request):
        # Nobody fills in a form that will be refused.
        access.require(call_of(request), "export.make", area=book()[DISTRICT].areas[0].code)
    query = paging.without(request.GET).urlencode()
    form = ListExportForm.of(request, format="xlsx")
    form.offer(format=[("xlsx", say("XLSX 工作簿", "XLSX workbook")), ("csv", say("CSV 文本", "CSV text"))])
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        kind: Format = typed["format"] or "xlsx"
        with form.refusals(absent=True):
            made = export_enterprises(
                asking.text(request, "q", 200),
                filters_of(request),
                order=_order_of(request),
                purpose=typed["purpose"],
                format=kind,
                call=call_of(request),
                language="zh" if chinese() else "en",
            )
            return download(made.content, made.name, made.content_type)
    context = {
        "rail": "enterprises",
        "chips": _chips(request),
        "form": form,
        "errors": form.loose,
        "back": f"{reverse('desk:enterprises')}{'?' if query else ''}{query}",
    }
    return render(request, "desk/enterprises_export.html", context, status=form.status)


@door("search.save")
def save(request: PageRequest) -> HttpResponse:
    """Keep the conditions of the list under a name."""
    if request.method != "POST":
        return redirect("desk:enterprises")
    form = SearchForm.of(request)
    if form.is_valid():
        typed = form.cleaned_data
        with form.refusals(absent=True):
            saved = save_search(typed["name"], typed["query"], call=call_of(request))
            messages.success(request, say("已保存查询“{name}”。", "The search “{name}” is saved.", name=saved.name))
    for problem in form.problems:
        messages.error(request, problem["text"])
    query = form.cleaned_data["query"]
    return redirect(f"{reverse('desk:enterprises')}?{query}" if query else reverse("desk:enterprises"))


@door("search.save")
def forget(request: PageRequest, number: int) -> HttpResponse:
    """Remove one of the own saved searches."""
    if request.method == "POST":
        name = forget_search(number, call=call_of(request))
        messages.success(request, say("已删去查询“{name}”。", "The search “{name}” is removed.", name=name))
    return redirect("desk:enterprises")


def filters_of(request: PageRequest) -> SearchFilters:
    """The filters of a query string; raises Refused where one is none of the choices.

    A search by name finds registered and unregistered enterprises; a list without a name shows the registered ones
    unless asked otherwise.
    """
    said, area = names(), asking.text(request, "area", 40)
    expiry = asking.choice(request, "expiry", (*SOON, "past"))
    asking.choice(request, "who", _REGISTERED)
    return SearchFilters(
        registered=_REGISTERED[who_of(_asked(request))],
        areas=tuple(sorted(book()[DISTRICT].areas_below.get(area, ()))),
        industry=asking.choice(request, "industry", said.industries),
        problems=asking.choice(request, "problems", (*QUALITIES, "any")),
        expiring_before=today() + dt.timedelta(days=SOON[expiry]) if expiry in SOON else None,
        expired=expiry == "past",
        listed=asking.choice(request, "listed", ("any", "none", *_lists())),
        kind=asking.choice(request, "kind", said.card_choices("kind")),
        status=asking.choice(request, "status", said.card_choices("status")),
    )


def _order_of(request: PageRequest) -> Order:
    return ORDERS[asking.choice(request, "order", ORDERS, "recent")]


def _asked(request: PageRequest) -> dict[str, str]:
    """What the list is asked by, for the links and fields that bring it along."""
    return asking.as_typed(request, "q", "order", *_words())


_REGISTERED = {"all": None, "registered": True, "unregistered": False}


def who_of(asked: Mapping[str, str]) -> str:
    """Which enterprises a list shows: the ``registered``, the ``unregistered`` or ``all``."""
    page = book()[CARDS].get("enterprise")
    if page is None or not page.registered:
        return "all"
    return asked["who"] or ("all" if asked["q"] else "registered")


def _lists() -> tuple[str, ...]:
    page = book()[CARDS].get("enterprise")
    return tuple(source.record for source in page.lists) if page is not None else ()


def _options(request: PageRequest) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen in each filter; areas only those in which the actor may look."""
    said = names()
    reach = access.scope(call_of(request), "enterprise.list")
    inside: set[str] = set().union(*(way.areas or () for way in reach.ways)) if not reach.everything else set()
    open_to_all = any(way.areas is None for way in reach.ways)
    above = book()[DISTRICT].areas_above
    areas = [
        (area.code, "　" * len(above[area.code]) + label(area.name))
        for area in book()[DISTRICT].areas
        if open_to_all or area.code in inside
    ]
    page = book()[CARDS].get("enterprise")
    who = [
        ("all", say("全部", "all")),
        ("registered", say("已登记的企业", "registered enterprises")),
        (
            "unregistered",
            say("未见登记的（检验机构、供货者、未归并名称）", "not registered (laboratories, suppliers, loose names)"),
        ),
    ]
    return {
        "who": who if page is not None and page.registered else [],
        "area": areas,
        "industry": [(code, said.industry(code)) for code in said.industries if len(code) == 2],
        "problems": [("any", say("任一质量", "any quality")), *((q, said.quality(q)) for q in QUALITIES)],
        "expiry": [
            *((key, say("{n} 天内到期", "within {n} days", n=days)) for key, days in SOON.items()),
            ("past", say("已过期未续", "ended, not renewed")),
        ],
        "listed": [
            ("any", say("在任一名单", "on any list")),
            *((r, said.record(r)) for r in _lists()),
            ("none", say("不在名单", "on none")),
        ],
        "status": list(said.card_choices("status").items()),
        "kind": list(said.card_choices("kind").items()),
    }


def _words() -> dict[str, str]:
    return {
        "who": say("范围", "Whom"),
        "area": say("地区", "Area"),
        "industry": say("行业", "Industry"),
        "problems": say("未办结问题", "Open problems"),
        "expiry": say("到期", "Expiry"),
        "listed": say("名单", "Lists"),
        "status": say("登记状态", "Status"),
        "kind": say("产业类别", "Sector"),
    }


def _fields(request: PageRequest) -> list[dict[str, Any]]:
    asked, options, words = _asked(request), _options(request), _words()
    anything = ("", say("不限", "any"))
    first = {
        "name": "q",
        "label": say("查找", "Find"),
        "value": asked["q"],
        "type": "search",
        "placeholder": say(
            "名称、曾用名、拼音首字母、代码、证书号、产品、设备",
            "Name, former name, Pinyin, code, licence, product, equipment",
        ),
    }
    rest = [
        {"name": n, "label": w, "value": who_of(asked), "type": "select", "options": options[n]}
        if n == "who"
        else {"name": n, "label": w, "value": asked[n], "type": "select", "options": [anything, *options[n]]}
        for n, w in words.items()
        if options[n]
    ]
    order = {
        "name": "order",
        "label": say("排序", "Order"),
        "value": asked["order"],
        "type": "select",
        "options": [
            ("", say("最近有记录", "latest facts")),
            ("problems", say("问题最多", "most problems")),
            ("expiry", say("最先到期", "first to expire")),
        ],
    }
    return [first, *rest, order]


def _chips(request: PageRequest, *, own: bool = False) -> list[dict[str, str]]:
    """The conditions in force, each with the address of the list without it; ``own``: only those of the query
    string.
    """
    asked, said, chips = _asked(request), names(), []
    if (who := who_of(asked)) != "all" and not (own and who == "registered"):
        everybody = paging.without(request.GET, "who")
        everybody["who"] = "all"
        word = (
            say("已登记的企业", "registered enterprises")
            if who == "registered"
            else say("未见登记的", "not registered")
        )
        chips.append({"label": word, "url": f"{reverse('desk:enterprises')}?{everybody.urlencode()}"})
    shown: dict[str, Callable[[str], str]] = {
        "q": lambda v: f"“{v}”",
        "area": said.area,
        "industry": said.industry,
        "problems": lambda v: say("任一质量有问题", "problems in any quality") if v == "any" else said.quality(v),
        "expiry": lambda v: (
            say("已过期未续", "ended, not renewed") if v == "past" else say("{n} 天内到期", "ends within {n} days", n=v)
        ),
        "listed": lambda v: (
            {"any": say("在任一名单", "on any list"), "none": say("不在名单", "on no list")}.get(v) or said.record(v)
        ),
        "status": lambda v: said.card_value("status", v),
        "kind": lambda v: said.card_value("kind", v),
    }
    for name, show in shown.items():
        if value := asked[name]:
            rest = paging.without(request.GET, name).urlencode()
            chips.append({"label": show(value), "url": f"{reverse('desk:enterprises')}{'?' if rest else ''}{rest}"})
    return chips


def _saved(one: Saved, request: PageRequest) -> dict[str, Any]:
    here = paging.without(request.GET).urlencode()
    return {
        "number": one.number,
        "name": one.name,
        "url": f"{reverse('desk:enterprises')}?{one.query}",
        "here": QueryDict(one.query).dict() == QueryDict(here).dict(),
    }


def _row(hit: Hit, day: dt.date) -> dict[str, Any]:
    card, said, told = hit.card, names(), hit.card.standing_of
    zh, url = chinese(), reverse("desk:file", args=[card.subject])
    standing = []
    if not hit.counted:
        return {
            "card": card,
            "url": url,
            "area": said.area(card.area) if card.area else "",
            "industry": said.industry(card.industry) if card.industry else "",
            "status": said.card_value("status", card.status),
            "standing": [_untold(quality, zh, url) for quality in QUALITIES],
            "why": [_why(match) for match in hit.why if match.kind != "name"],
            "last_on": "—",
        }
    for quality in QUALITIES:
        part = told.get(quality) or {}
        standing.append(_cell(quality, part.get("facts", 0), part.get("open", 0), part.get("fails", 0), zh, url))
    return {
        "card": card,
        "listed": card.listed,
        "url": url,
        "area": said.area(card.area) if card.area else "",
        "industry": said.industry(card.industry) if card.industry else "",
        "status": said.card_value("status", card.status),
        "standing": standing,
        "why": [_why(match) for match in hit.why if match.kind != "name"],
        "lists": [said.record(name) for name in card.on_lists],
        "until": str(card.next_expiry or ""),
        "soon": card.next_expiry is not None and (card.next_expiry - day).days <= 30,
        "expired": _expired(hit, day),
        "last_on": str(card.last_counted_on or "—"),
        "expiry_what": said.record(card.expiry_record) if card.expiry_record else "",
    }


def _expired(hit: Hit, day: dt.date) -> str:
    """What ended longest ago and was not renewed, for how long, and how many such things there are."""
    card = hit.card
    if not card.expired or card.expired_on is None:
        return ""
    what = names().record(card.expired_record) if card.expired_record else ""
    called = card.expired_what if not card.expired_what.isdecimal() or len(card.expired_what) > 12 else ""
    told = say(
        "{what}{called} {on} 到期，已超 {n} 天",
        "{what}{called} ended {on}, {n} days ago",
        what=what,
        called=f" {called}" if called else "",
        on=card.expired_on,
        n=(day - card.expired_on).days,
    )
    return told if card.expired == 1 else say("{told}；共 {n} 项超期", "{told}; {n} in all", told=told, n=card.expired)


def _untold(quality: str, zh: bool, url: str) -> SafeString:
    """The cell where the reader may open only a part of what is counted: the file says how much."""
    word = QUALITY_WORDS[quality].zh if zh else QUALITY_WORDS[quality].en
    return format_html(
        '<td class="num" data-label="{}"><div><a class="small" href="{}">{}</a></div></td>',
        word,
        url,
        "见档案" if zh else "see file",
    )


@lru_cache(maxsize=8192)
def _cell(quality: str, facts: int, open_: int, fails: int, zh: bool, url: str) -> SafeString:
    """An enterprise's standing in a quality, as a cell of the list; cached, since a page has two hundred and most are
    alike.
    """
    word = QUALITY_WORDS[quality].zh if zh else QUALITY_WORDS[quality].en
    if not facts:
        nothing = "没有部门报送" if zh else "nothing handed in"
        return format_html(
            '<td class="num" data-label="{}"><div><span class="quiet">—<span '
            'class="visually-hidden">{}</span></span></div></td>',
            word,
            nothing,
        )
    note: str | SafeString = ""
    if open_:
        note = format_html(
            '<div class="small"><a class="is-text-fail" href="{}?quality={}&amp;fails=open#timeline" '
            'data-count="{}">{}</a></div>',
            url,
            quality,
            open_,
            f"{open_} 项未办结" if zh else f"open: {open_}",
        )
    elif fails:
        note = format_html(
            '<div class="small"><a class="quiet" href="{}?quality={}&amp;fails=year#timeline" '
            'data-count="{}">{}</a></div>',
            url,
            quality,
            fails,
            f"近年 {fails} 次不合格" if zh else f"lately failed: {fails}",
        )
    return format_html(
        '<td class="num" data-label="{}"><div><a class="figure" href="{}?quality={}#timeline" '
        'data-count="{}">{}</a>{}</div></td>',
        word,
        url,
        quality,
        facts,
        f"{facts:,}",
        note,
    )


def _why(match: Match) -> str:
    """Why a card was found, in words: '曾用名 …', '许可证号 …'."""
    page = book()[CARDS].get("enterprise")
    fixed = {"name": ("名称", "name"), "former": ("曾用名或其他写法", "another name"), "code": ("代码", "code")}
    if match.kind in fixed:
        what = say(*fixed[match.kind])
    else:
        search = page.search.get(match.kind) if page is not None else None
        what = label(search.label) if search is not None else match.kind
    how = {"pinyin": say("（拼音）", " (Pinyin)")}.get(match.how, "")
    return say("{what}{how}：{shown}", "{what}{how}: {shown}", what=what, how=how, shown=match.shown)
