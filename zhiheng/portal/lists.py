"""Lists of what is published, the public file of an enterprise, a single entry, and the code on a shop's wall."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

import segno
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhiheng.database.paging import Page
from zhiheng.engines.naming import OUTCOMES, outcome_words
from zhiheng.engines.transparency.spoken import spoken
from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.parse_params import day_in
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import label, say
from zhiheng.portal import names, showing
from zhiheng.portal.caching import ShelvesRequest, kept
from zhiheng.published import log_files, reading
from zhiheng.published.entry_text import lines
from zhiheng.published.ids import read_shop_code
from zhiheng.published.models import Product, PublishedEnterprise, PublishedEntry

LONGEST = 100
# Read on a phone: fewer than at the desk.
PAGE = 20


@require_safe
@door("public")
@kept
def one_list(request: ShelvesRequest, name: str) -> HttpResponse:
    """A list, narrowed and page by page."""
    of = names.list_of(name)
    asked = _Asked(request, name)
    filters, after = asked.filters(), paging.place_asked(request)
    page = reading.list_page(name, filters, after=after, today=today(), limit=PAGE)
    total = _total(request, asked, name, filters, page) if not after else None
    return render(
        request,
        "portal/list.html",
        {
            "name": name,
            "list": of,
            "rows": showing.rows(page.rows),
            "next": page.next,
            "fields": asked.fields(),
            "chips": asked.chips(),
            "clear": reverse("portal:list", args=[name]),
            "here": "lists",
            "total": total,
            "impossible": asked.impossible,
            "single": len(asked.records) == 1,
        },
    )


def _total(
    request: ShelvesRequest, asked: _Asked, name: str, filters: reading.EntryListFilters, page: Page[PublishedEntry]
) -> int | None:
    """How many entries a list holds as it is asked for; at most one query. Of a long list of one enterprise nobody
    counts: finding the enterprise has taken that query.
    """
    if not page.next:
        return len(page.rows)
    if not asked.narrowed:
        return reading.on_display(request.shelves, today())[name]
    return None if asked.q else reading.list_totals({name: (name, filters)}, today())[name]


class _Asked:
    """What a reader asks of a list, cleaned: a choice that is none is refused, a day that can't be is said beside its
    field.
    """

    def __init__(self, request: PageRequest, name: str) -> None:
        self.request = request
        self.name = name
        self.impossible: list[str] = []
        chapter = names.chapter()
        self.records = chapter.of_list(name)
        self.areas = book()[DISTRICT].listed()
        self.area = self._one_of("area", {area.code for area in self.areas})
        self.record = self._one_of("record", set(self.records))
        self.outcome = self._one_of("outcome", set(OUTCOMES))
        self.kinds = self._kinds()
        self.kind = self._one_of("kind", {value for value, _ in self.kinds})
        self.first, self.last = self._day("from"), self._day("to")
        self.q = asking.text(request, "q", LONGEST)
        self.product: Product | None = None
        if (number := asking.number(request, "product")) is not None:
            self.product = reading.product(number)

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked besides the list itself."""
        return any((self.area, self.record, self.outcome, self.kind, self.first, self.last, self.q, self.product))

    def _one_of(self, key: str, known: set[str]) -> str:
        return asking.choice(self.request, key, known)

    def _day(self, key: str) -> dt.date | None:
        if not (text := asking.text(self.request, key, LONGEST)):
            return None
        if (day := day_in(text)) is None:
            self.impossible.append(key)
        return day

    def _kinds(self) -> list[tuple[str, str]]:
        rules = names.chapter().rules
        records = [self.record] if self.record else self.records
        found: dict[str, str] = {}
        for record in records:
            if (kind := rules[record].kind) is not None:
                found |= dict(names.choices(record, kind))
        return list(found.items())

    def filters(self) -> reading.EntryListFilters:
        """As the reading takes them."""
        enterprises = reading.enterprises_named(self.q) if self.q else None
        areas = book()[DISTRICT].below(self.area) if self.area else ()
        return reading.EntryListFilters(
            areas if len(areas) < len(book()[DISTRICT].areas) else (),
            self.kind,
            self.outcome,
            self.record,
            self.first,
            self.last,
            self.product.pk if self.product else None,
            enterprises,
        )

    def fields(self) -> list[dict[str, Any]]:
        """The form of filters."""
        above = book()[DISTRICT].areas_above
        fields: list[dict[str, Any]] = [
            {
                "name": "q",
                "type": "search",
                "label": say("企业名称或代码", "Enterprise or code"),
                "value": self.q,
                "placeholder": "",
            },
            {
                "name": "area",
                "type": "select",
                "label": say("地区", "Area"),
                "value": self.area,
                "options": [
                    ("", say("全部", "All")),
                    *((a.code, "　" * len(above[a.code]) + label(a.name)) for a in self.areas),
                ],
            },
        ]
        if len(self.records) > 1:
            options = [(record, label(book()[RECORDS][record].record.label)) for record in self.records]
            fields.append(
                {
                    "name": "record",
                    "type": "select",
                    "label": say("信息种类", "Kind of information"),
                    "value": self.record,
                    "options": [("", say("全部", "All")), *options],
                }
            )
        if len(self.kinds) > 1:
            fields.append(
                {
                    "name": "kind",
                    "type": "select",
                    "label": say("类别", "Category"),
                    "value": self.kind,
                    "options": [("", say("全部", "All")), *self.kinds],
                }
            )
        fields += [
            {
                "name": "from",
                "type": "date",
                "label": say("自", "From"),
                "value": asking.text(self.request, "from", LONGEST),
            },
            {"name": "to", "type": "date", "label": say("至", "To"), "value": asking.text(self.request, "to", LONGEST)},
        ]
        return fields

    def _outcome(self) -> str:
        """The outcome asked for, in the words of the records that the list holds."""
        words: dict[str, None] = {}
        for name in [self.record] if self.record else self.records:
            entry = book()[RECORDS][name]
            if self.outcome in entry.record.publication.when:
                found = outcome_words([self.outcome], entry.record, next(iter(entry.types.values())))
                words |= dict.fromkeys(label(word) for word in found)
        return say("、", ", ").join(words) or label(OUTCOMES[self.outcome])

    def chips(self) -> list[dict[str, str]]:
        """The filters in force, each with the address of the list without it."""
        words = {
            "q": self.q,
            "area": names.area(self.area) if self.area else "",
            "record": label(book()[RECORDS][self.record].record.label) if self.record else "",
            "kind": dict(self.kinds).get(self.kind, ""),
            "outcome": self._outcome() if self.outcome else "",
            "from": say("自 {d}", "from {d}", d=self.first) if self.first else "",
            "to": say("至 {d}", "to {d}", d=self.last) if self.last else "",
            "product": self.product.name if self.product else "",
        }
        chips = []
        for key, word in words.items():
            if word:
                rest = paging.without(self.request.GET, key).urlencode()
                chips.append({"label": word, "url": f"?{rest}" if rest else reverse("portal:list", args=[self.name])})
        return chips


@require_safe
@door("public")
@kept
def product(request: PageRequest, number: int) -> HttpResponse:
    """Everything that is published of a product's name, the newest event first."""
    found = reading.product(number)
    if found is None:
        raise Http404
    page = reading.product_page(found, after=paging.place_asked(request), today=today(), limit=PAGE)
    return render(
        request,
        "portal/product.html",
        {"product": found, "rows": showing.rows(page.rows), "next": page.next, "here": "search"},
    )


@require_safe
@door("public")
@kept
def enterprise(request: PageRequest, public_id: str) -> HttpResponse:
    """The public file of an enterprise: who it is, and everything that is published about it."""
    found = reading.enterprise(public_id)
    if found is None:
        raise Http404
    if found.merged_into is not None:
        return redirect("portal:enterprise", found.merged_into.public_id, permanent=False)
    chapter = names.chapter()
    counts = reading.file_counts(found, today())
    wanted = asking.choice(request, "list", chapter.portal.lists)
    registered = reading.registration(found, today())
    page = reading.file_page(found, name=wanted, after=paging.place_asked(request), today=today(), limit=PAGE)
    tabs = [
        {"name": name, "label": one.label, "count": counts[name]}
        for name, one in chapter.portal.lists.items()
        if counts.get(name)
    ]
    return render(
        request,
        "portal/enterprise.html",
        {
            "enterprise": found,
            "area": names.area(found.area) if found.area else "",
            "tabs": tabs,
            "wanted": wanted,
            "registered": lines(registered.form.columns, registered.values, names.side()) if registered else [],
            "register_entry": registered,
            "rows": showing.rows(page.rows, found.name),
            "next": page.next,
            "total": sum(counts.values()),
            "here_total": counts.get(wanted, 0) if wanted else sum(counts.values()),
            "address": request.build_absolute_uri(reverse("portal:enterprise", args=[found.public_id])),
        },
    )


@require_safe
@door("public")
@kept
def entry(request: PageRequest, public_id: str) -> HttpResponse:
    """An entry; of one that is not shown any more only that, since when and why."""
    found = reading.entry(public_id)
    if found is None:
        raise Http404
    over = found.state == PublishedEntry.State.SHOWN and found.show_until is not None and found.show_until < today()
    if found.state != PublishedEntry.State.SHOWN or over:
        return _gone(request, found, over=over)
    successor_of = getattr(found, "predecessor", None)
    return render(request, "portal/entry.html", {**shown(found), "predecessor": successor_of, "here": "lists"})


def shown(found: PublishedEntry) -> dict[str, Any]:
    """What the page of an entry shows."""
    return {
        "entry": found,
        "title": showing.title(found),
        "lines": lines(found.form.columns, found.values, names.side()),
        "of": names.list_of(found.list),
        "unit": names.unit(found.unit),
        "area": names.area(found.area),
        "basis": found.basis_zh if names.side() == "zh" else found.basis_en,
        "enterprises": [(showing.role(found, role), each) for role, each in found.enterprises],
        "objection": showing.objection(found),
    }


def _gone(request: PageRequest, found: PublishedEntry, *, over: bool) -> HttpResponse:
    tombstone = reading.tombstone(found.public_id)
    causes = names.chapter().portal.causes
    cause = "ended" if over or tombstone is None else tombstone.cause
    context = {
        "public_id": found.public_id,
        "of": names.list_of(found.list),
        "name": found.list,
        "at": found.show_until + dt.timedelta(days=1) if over and found.show_until else found.state_at,
        "cause": causes[cause] if cause in causes else causes["ended"],
        "successor": found.successor
        if found.successor is not None and found.successor.state == PublishedEntry.State.SHOWN
        else None,
    }
    return render(request, "portal/gone.html", context, status=410)


# -- the code on the wall ----------------------------------------------------------------------------------------------


@require_safe
@door("public")
@kept
def shops(request: PageRequest) -> HttpResponse:
    """Type the code that stands under the square on a shop's wall."""
    typed = asking.text(request, "code", 40)
    if not typed:
        return render(request, "portal/shop.html", {"typed": ""})
    code = read_shop_code(typed)
    found = reading.by_shop_code(code) if code else None
    if found is None:
        return render(request, "portal/shop.html", {"typed": typed, "readable": code is not None}, status=404)
    return redirect("portal:enterprise", (found.merged_into or found).public_id)


@require_safe
@door("public")
@kept
def shop(request: PageRequest, code: str) -> HttpResponse:
    """Where the square on a shop's wall leads."""
    read = read_shop_code(code)
    found = reading.by_shop_code(read) if read else None
    if found is None:
        return render(request, "portal/shop.html", {"typed": code[:40], "readable": read is not None}, status=404)
    return redirect("portal:enterprise", (found.merged_into or found).public_id)


@require_safe
@door("public")
@kept
def square(request: PageRequest, public_id: str) -> HttpResponse:
    """The square for the wall: a QR code with the address of the shop's code, as a drawing that prints at any size."""
    found = reading.enterprise(public_id)
    if found is None:
        raise Http404
    address = request.build_absolute_uri(reverse("portal:shop", args=[found.shop_code]))
    drawing = BytesIO()
    segno.make(address, error="m").save(drawing, kind="svg", scale=8, border=4, xmldecl=False)
    return HttpResponse(drawing.getvalue(), content_type="image/svg+xml")


@require_safe
@door("public")
@kept
def wall(request: PageRequest, public_id: str) -> HttpResponse:
    """The sheet for the wall: name, square and code, to be printed."""
    found = reading.enterprise(public_id)
    if found is None:
        raise Http404
    parts, head = _grouped(found), log_files.head()
    return render(
        request,
        "portal/wall.html",
        {
            "enterprise": found,
            "code": parts,
            "address": request.build_absolute_uri(reverse("portal:shop", args=[found.shop_code])),
            "log_size": 0 if head is None else head.size,
            "log_words": "" if head is None else spoken(head),
        },
    )


def _grouped(found: PublishedEnterprise) -> str:
    """The code in groups that can be read out."""
    code = found.shop_code
    return " ".join(code[i : i + 5] for i in range(0, len(code), 5))
