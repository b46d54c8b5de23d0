"""The list of deliveries at the desk: what was received, by whom, with what result; above it what is under way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.grammar.chapters.district import DISTRICT
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.pages import asking, named, paging, states
from zhiheng.pages.access import book, call_of, door, now
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import opened
from zhiheng.pages.states import badge
from zhiheng.pages.words import label, say
from zhiheng.people import access
from zhiheng.quality_file.deliveries import COUNTED
from zhiheng.queries import deliveries as reading
from zhiheng.queries.deliveries import DeliveryFilters


@door("delivery.list")
def deliveries(request: PageRequest) -> HttpResponse:
    """Deliveries within reach, latest first; above them what is under way."""
    filters = DeliveryFilters(
        asking.choice(request, "state", (*states.DELIVERIES, COUNTED)),
        asking.text(request, "unit", 60),
        asking.text(request, "record", 60),
        asking.text(request, "name", 100),
        asking.day(request, "first"),
        asking.day(request, "last"),
        units_of(asking.text(request, "area", 40)),
    )
    listed = reading.list_deliveries(
        filters,
        paging.place_asked(request),
        call=call_of(request),
        area=_area_of(filters, asking.text(request, "area", 40)),
    )
    rows = [
        {
            "delivery": d,
            "badge": badge(states.DELIVERIES, d.state),
            "unit": named.unit(d.unit),
            "record": named.record(d.record),
            "sender": listed.senders.get(d.id),
        }
        for d in listed.page.rows
    ]
    waiting = [
        {
            "upload": w.upload,
            "progress": w.progress,
            "badge": badge(states.UPLOADS, w.upload.state),
            "unit": named.unit(w.upload.unit),
        }
        for w in listed.waiting
    ]
    mine = access.units(call_of(request), "delivery.receive")
    words: dict[str, Any] = {
        "rows": rows,
        "next": listed.page.next,
        "total": listed.page.total,
        "hidden": listed.page.hidden,
        "waiting": waiting,
        "filters": filters,
        "fields": _filter_fields(filters, access.units(call_of(request), "delivery.list")),
        "chips": _chips(request, filters),
        "clear": reverse("desk:deliveries"),
        "tabs": tabs(request, "deliveries"),
        "may_read": bool(access.areas(call_of(request), "fact.read")),
        "may_hand_in": mine,
        "owing": [
            {
                "unit": named.unit(unit),
                "count": count,
                "url": f"{reverse('desk:exchange')}?{urlencode({'state': 'late', 'unit': unit})}",
            }
            for unit, count in reading.overdue_of(mine, now=now()).items()
        ],
    }
    return render(request, "desk/deliveries.html", words)


def units_of(area: str) -> tuple[str, ...] | None:
    """The units of an area and of all beneath it; None where no area of the book is named."""
    inside = book()[DISTRICT].areas_below.get(area)
    return None if inside is None else tuple(unit.id for unit in book()[DISTRICT].units if unit.area in inside)


def _area_of(filters: DeliveryFilters, area: str) -> str:
    return area if filters.units is not None else ""


def area_name(code: str) -> str:
    area = book()[DISTRICT].area(code)
    return label(area.name) if area is not None else ""


def _states() -> dict[str, str]:
    """The results that deliveries can be looked for by, in words."""
    found = {key: say(zh, en) for key, (_, zh, en) in states.DELIVERIES.items() if key != "skipped"}
    return found | {COUNTED: say("已接收且有新增记录", "accepted, with something new")}


def tabs(request: PageRequest, here: str) -> list[dict[str, Any]]:
    """The pages of deliveries that the reader may open, for the tabs above each of them."""
    words = {
        "deliveries": say("报送清单", "Deliveries"),
        "exchange": say("交换目录", "Exchange catalogue"),
        "ledger": say("核验账本", "Verify the ledger"),
        "data_checks": say("数据核查", "Checks of the data"),
    }
    doors = ((name, opened(request.actor, f"desk:{name}")) for name in words)
    return [{"url": url, "label": words[name], "here": name == here} for name, url in doors if url is not None]


def _filter_fields(filters: DeliveryFilters, units: Iterable[str]) -> list[dict[str, Any]]:
    """What the list can be narrowed by; ``units``: whose deliveries the reader may see, so that no choice leads to an
    empty list.
    """
    everything = say("全部", "all")
    records = [(entry.id, label(entry.record.label)) for entry in book()[RECORDS].values()]
    return [
        {
            "name": "name",
            "label": say("文件名", "File name"),
            "value": filters.name,
            "type": "search",
            "placeholder": "",
        },
        {
            "name": "state",
            "label": say("结果", "Result"),
            "value": filters.state,
            "type": "select",
            "options": [("", everything), *_states().items()],
        },
        {
            "name": "unit",
            "label": say("报送单位", "Sender"),
            "value": filters.unit,
            "type": "select",
            "options": [
                ("", everything),
                *((unit, named.unit(unit)) for unit in dict.fromkeys((*units, filters.unit)) if unit),
            ],
        },
        {
            "name": "record",
            "label": say("记录类型", "Record"),
            "value": filters.record,
            "type": "select",
            "options": [("", everything), *records],
        },
        {"name": "first", "label": say("接收自", "Received from"), "value": filters.first or "", "type": "date"},
        {"name": "last", "label": say("至", "to"), "value": filters.last or "", "type": "date"},
    ]


def _chips(request: PageRequest, filters: DeliveryFilters) -> list[dict[str, str]]:
    told = {
        "name": filters.name,
        "state": _states().get(filters.state, filters.state),
        "unit": named.unit(filters.unit) if filters.unit else "",
        "record": named.record(filters.record) if filters.record else "",
        "first": say("{day} 起", "from {day}", day=filters.first) if filters.first else "",
        "last": say("到 {day}", "to {day}", day=filters.last) if filters.last else "",
        "area": area_name(asking.text(request, "area", 40)),
    }
    return [
        {"label": text, "url": f"?{paging.without(request.GET, name).urlencode()}"}
        for name, text in told.items()
        if text
    ]
