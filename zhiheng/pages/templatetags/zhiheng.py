"""Words, numbers, days and parts of the design system in templates; always loaded (settings: builtins)."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

import segno
from django import template
from django.template.base import Parser, Token
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from zhiheng.engines.naming import QUALITIES_SHORT
from zhiheng.engines.plain_words import scrub
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.publication import PUBLICATION
from zhiheng.grammar.chapters.publication_pages import Portal
from zhiheng.pages import forms, laws, navigation, paging, words
from zhiheng.pages.access import book, call_by
from zhiheng.pages.input_form import PageField
from zhiheng.pages.second_factor import factor_of
from zhiheng.people import access

register = template.Library()

# The icon that stands beside the word and the hue of a quality, the same on every page.
QUALITY_ICONS = {
    "product": "package",
    "project": "building",
    "service": "heart-handshake",
    "environment": "leaf",
}
# What a state looks like besides its colour.
STATES = {
    "pass": "circle-check",
    "fail": "circle-x",
    "late": "alert-triangle",
    "soon": "clock",
    "neutral": "circle",
    "active": "circle-dot",
}


_LINES = re.compile(r"\s*\n\s*")


@register.simple_tag
def t(zh: str, en: str, **values: Any) -> SafeString:
    """``{% t "共 {n} 家" "{n} enterprises" n=count %}``: the text in the page's language; values are escaped.

    A text may be written over several lines: Chinese is joined as it stands, English with a space.
    """
    safe = {name: conditional_escape(value) for name, value in values.items()}
    # The two texts are written in the template, so they are the page's own; only the values come from elsewhere.
    return mark_safe(words.say(_LINES.sub("", zh), _LINES.sub(" ", en), **safe))  # noqa: S308


@register.filter
def tr(value: Any) -> str:
    """``{{ record.label|tr }}``: a label of the book in the page's language."""
    return words.label(value)


@register.filter
def at_most(number: int, most: int) -> str:
    """A count where there is little room: ``{{ 120|at_most:99 }}`` is 99+."""
    return f"{most}+" if number > most else str(number)


# Why a number may stand without a door. A reason added here holds for every number that names it.
BARE = {
    "total": "it is the length of the list on this page",
    "sum": "it is the sum of the numbers beside it, and each of those has its door",
    "within": "it stands within a link of its own, which says the number again and can be counted",
    "outside": "the list behind it is not the reader's to open",
    "unkept": "of what it counts only the number is kept: a row that was said before is not kept again",
    "then": "it was counted at another time, and the list has changed since",
    "planned": "it says what an act would do",
    "file": "it is the length of the file beside it",
    "measure": "it is a size, a bound or a share and counts no records",
    "wall": "nobody can touch the screen on the wall; the cockpit beneath has the doors",
    "sample": "the page of the design system shows what a number looks like",
}


@register.simple_tag
def number(value: Any, url: str = "", unit: str = "", *, bare: str = "", sheet: bool = True) -> SafeString:
    """A figure; with an address it is a link that opens the side sheet with its definition, law and facts (N1).

    A template gives an address or why there is none (``bare``: a reason of ``BARE``), else it is refused when it is
    read. Where an address turns out to be absent without a reason, the page says so (``data-doorless``), and the walk
    over all pages finds it. ``sheet``: whether it opens beside the page; a list that has no sheet opens as a page.
    """
    shown = "—" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
    doorless = bool(value) and not url and bare not in BARE
    inner = format_html(
        '<span class="figure"{}>{}</span>{}',
        mark_safe(" data-doorless") if doorless else "",
        shown,
        format_html('<span class="unit">{}</span>', unit) if unit else "",
    )
    if not url:
        return inner
    # How many the list behind it must hold stands beside it, so that a test can open every door and count.
    count = format_html(' data-count="{}"', value) if isinstance(value, int) else ""
    beside = format_html(' hx-get="{}" hx-target="#sheet" hx-swap="innerHTML"', url) if sheet else ""
    return format_html('<a class="door" href="{}"{}{}>{}</a>', url, beside, count, inner)


_number: Callable[[Parser, Token], Any] = register.tags["number"]


@register.tag("number")
def _number_with_door(parser: Parser, token: Token) -> template.Node:
    """Refuse a template that writes a number and neither its door nor a reason for having none."""
    node: Any = _number(parser, token)
    reason = node.kwargs.get("bare")
    if reason is not None and str(reason.token).strip("'\"") not in BARE:
        raise template.TemplateSyntaxError(f"number: {reason.token} is no reason; those are {', '.join(BARE)}.")
    if len(node.args) < 2 and "url" not in node.kwargs and reason is None:
        raise template.TemplateSyntaxError(
            f"{{% {token.contents} %}}: say which list the number opens, or why it has none: bare=..., one of "
            f"{', '.join(BARE)}."
        )
    made: template.Node = node
    return made


@register.simple_tag
def door(url: str, text: str, known: bool = True) -> SafeString:
    """A number as it is written, and the way to what it is made of; ``known``: whether it is a number, or why there is
    none.

    What the text says stands in ``data-shown`` a second time, so that a test can open every door and find the same
    number behind it.
    """
    return format_html(
        '<a class="door {}" href="{}" hx-get="{}" hx-target="#sheet" data-shown="{}">{}</a>',
        "figure" if known else "quiet",
        url,
        url,
        text,
        text,
    )


@register.simple_tag
def figure(value: Any) -> SafeString:
    """``{% figure number %}``: the number of an indicator with its door; where it has no value, why, with the same
    door.
    """
    return door(value.url, value.told, value.value is not None)


@register.simple_tag
def before(value: Any) -> SafeString:
    """``{% before number %}``: the same number a year before, with its door."""
    return door(value.before_url, value.before_told, value.before is not None)


@register.simple_tag
def unplaced(value: tuple[int, str, str]) -> SafeString:
    """``{% unplaced number.above %}``: how many facts could not be placed in an area, in words, with the way to
    them.
    """
    count, text, url = value
    return format_html(
        '<a class="door" href="{}" hx-get="{}" hx-target="#sheet" data-count="{}">{}</a>', url, url, count, text
    )


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """``{% icon "search" %}``: an icon of the sprite, silent for a screen reader unless a label says what it means."""
    return _icon(name, label) if label else _silent_icon(name)


def _icon(name: str, label: str = "") -> SafeString:
    told = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" {} focusable="false"><use href="{}#{}"/></svg>', told, static("pages/built/icons.svg"), name
    )


# A page of the desk shows some thirty, of the few hundred that there are: each is written once in a process.
_silent_icon = functools.cache(_icon)


@register.inclusion_tag("pages/parts/field.html")
def field(bound: PageField, **other: Any) -> dict[str, Any]:
    """``{% field form.reason %}``: a field of an ``InputForm`` with its label, hint and error. ``other``: what this
    page says of it alone (``hint``, ``placeholder``, ``class``).
    """
    return {**bound.parts, **other}


@register.simple_tag
def problem(bound: PageField) -> SafeString | str:
    """``{% problem form.scopes %}``: what is wrong with a field that its page writes itself."""
    if not bound.problem:
        return ""
    return format_html(
        '<p class="error mb-0" id="{}_error">{}<span>{}</span></p>',
        bound.auto_id,
        icon("alert-circle"),
        bound.problem,
    )


@register.inclusion_tag("pages/parts/cite.html")
def cite(said: Any, day: dt.date | None = None) -> dict[str, Any]:
    """``{% cite citation day %}``: text and article with the official page, and the words of the article where they are
    at hand.
    """
    return {"cited": laws.cited(said, day), "chinese": words.chinese()}


@register.simple_tag
def quality(name: str) -> SafeString:
    """``{% quality "product" %}``: hue, icon and word of one of the four qualities."""
    word = words.label(QUALITIES_SHORT[name])
    return format_html('<span class="quality q-{}">{}{}</span>', name, icon(QUALITY_ICONS[name]), word)


@register.simple_tag
def badge(state: str, word: str) -> SafeString:
    """``{% badge "pass" "合格"|... %}``: a state with its icon and a word; states: pass, fail, late, soon, neutral,
    active.
    """
    return format_html('<span class="badge is-{}">{}{}</span>', state, icon(STATES[state]), word)


@register.simple_tag(takes_context=True)
def crumb(context: template.Context, route: str, zh: str, en: str, *about: Any, **values: Any) -> SafeString:
    """``{% crumb "desk:people" "人员" "People" %}``: where a page lies; a way there only where the reader may open
    it.
    """
    word = t(zh, en, **values)
    url = navigation.opened(context["request"].actor, route, *about)
    return format_html("<li>{}</li>", word) if url is None else format_html('<li><a href="{}">{}</a></li>', url, word)


@register.simple_tag(takes_context=True)
def may(context: template.Context, act: str) -> bool:
    """``{% may "delivery.list" as may_list %}``: whether the reader may do an act anywhere; what they may not is not
    offered.
    """
    return bool(access.scope(call_by(context["request"].actor), act).ways)


@register.simple_tag(takes_context=True)
def second_factor(context: template.Context) -> str:
    """``{% second_factor as factor %}``: how the reader stands to the second factor: ``missing``, ``exempt`` (an
    account of the demo), ``there`` or ``not_asked``.
    """
    request = context["request"]
    return factor_of(request, call_by(request.actor)).value


@register.simple_tag
def portal_run_by() -> Portal | None:
    """The operator of the portal for its footer: name, registration, telephone. Missing lines are left out."""
    found = book()[PUBLICATION]
    return found.portal if found is not None else None


@register.simple_tag
def place_name() -> str:
    """The name of the place whose book this is."""
    return words.label(book()[DISTRICT].name)


# A correction or a withdrawal at the desk has no file; this is what the ledger keeps in its place.
_NO_FILE = re.compile(r"(correction of fact|withdrawal of fact|withdrawal of delivery) (\d+)\Z")
_ACTS = {
    "correction of fact": ("更正事实 {n}", "Correction of fact {n}"),
    "withdrawal of fact": ("撤回事实 {n}", "Withdrawal of fact {n}"),
    "withdrawal of delivery": ("撤回报送 {n}", "Withdrawal of delivery {n}"),
}


@register.filter
def file_called(name: str) -> str:
    """``{{ delivery.file_name|file_called }}``: what was handed in, by its name; an act at the desk in words."""
    if (act := _NO_FILE.match(name)) is None:
        return scrub(name, ())
    return words.say(*_ACTS[act[1]], n=act[2])


@register.filter
def scrubbed(text: object) -> str:
    """``{{ delivery.table_name|scrubbed }}``: a typed text without telephones, identity numbers and e-mail
    addresses.
    """
    return scrub(str(text or ""), ())


@register.filter
def count(value: object) -> str:
    """``{{ total|count }}``: 10,031; how many there are, in a sentence or on a tab. What is no whole number stands as
    it is.
    """
    return f"{value:,}" if isinstance(value, int) else str(value)


@register.filter
def day(value: dt.date | dt.datetime | str | None) -> str:
    """``{{ fact.on|day }}``: 2026-03-31, as days stand in tables; the time of a moment is left out."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return "—" if value is None else value.isoformat() if isinstance(value, dt.date) else str(value)


@register.filter
def moment(value: dt.datetime | None) -> str:
    """``{{ line.at|moment }}``: 2026-03-31 14:05, the office's own time."""
    if value is None:
        return "—"
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return local.strftime("%Y-%m-%d %H:%M")


@register.filter
def letter_day(value: dt.date) -> str:
    """``{{ today|letter_day }}``: 2026年3月31日, under a letter, which is kept for longer than its year."""
    return f"{value.year}年{value.month}月{value.day}日" if words.chinese() else f"{value.day} {value:%B} {value.year}"


@register.simple_tag(takes_context=True)
def next_place(context: template.Context, place: str, name: str = "after") -> str:
    """``{% next_place page.next as following %}``: the place of the next page as the address of this list says it."""
    return paging.next_place(context["request"], place, name) if place else ""


@register.simple_tag(takes_context=True)
def sort(context: template.Context, key: str, word: str) -> SafeString:
    """``{% sort "name" "名称" %}`` in a heading of a table: a link that sorts by it, the other way round the second
    time.
    """
    query = paging.without(context["request"].GET)
    now = query.get("sort", "")
    query["sort"] = f"-{key}" if now == key else key
    way = icon("chevron-up") if now == key else icon("chevron-down") if now == f"-{key}" else ""
    return format_html('<a href="?{}">{}{}</a>', query.urlencode(), word, way)


@register.simple_tag(takes_context=True)
def sorted_by(context: template.Context, key: str) -> SafeString | str:
    """``<th {% sorted_by "name" %}>``: tells a screen reader how the table is sorted."""
    now = context["request"].GET.get("sort", "")
    way = "ascending" if now == key else "descending" if now == f"-{key}" else ""
    return format_html('aria-sort="{}"', way) if way else ""


@register.simple_tag
def qr(address: str) -> SafeString:
    """A QR code with the address, drawn inside the page."""
    code = segno.make(address, error="m")
    # The drawing is made by the library from modules that are dark or light; the address is not in its text.
    return mark_safe(code.svg_inline(scale=2, border=2, omitsize=True, svgclass="qr", lineclass=None))  # noqa: S308


@register.simple_tag(takes_context=True)
def once(context: template.Context) -> SafeString:
    """``{% once %}`` inside a form that does something: it is taken once, and kept where the session had ended."""
    return forms.once(context["request"])


@register.simple_tag
def edition(values: Mapping[str, Any]) -> SafeString:
    """``{% edition shown %}`` inside a form that changes something: what it showed, to be compared when it is sent."""
    return format_html('<input type="hidden" name="{}" value="{}">', forms.EDITION, forms.edition(values))


@register.simple_tag
def choices(options: Any, value: Any = "") -> SafeString:
    """``{% choices options value %}`` inside a select: its options, the chosen one marked. Written at one go: a list of
    areas, industries or record types has a hundred, and a page has several such lists.
    """
    chosen = "" if value is None else str(value)
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((key, mark_safe(" selected") if str(key) == chosen else "", word) for key, word in options),
    )


class _Again(template.Node):
    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, context: template.Context) -> str:
        """The block as the most derived template wrote it."""
        blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
        found = blocks.get_block(self.name) if blocks else None
        with context.push():
            return found.nodelist.render(context) if found else ""


@register.tag
def again(parser: template.base.Parser, token: template.base.Token) -> template.Node:
    """``{% again "title" %}``: a block that was already shown elsewhere on the page, once more (title of tab and
    heading).
    """
    return _Again(token.split_contents()[1].strip("\"'"))
