"""The cockpit (驾驶舱): the picture of a place on one screen, and the same on a wall.

What stands on it is said by the book (``book/cockpit``): at most nine things, each beside its target and a year ago,
each leading down from the area to those beneath it, the enterprise and the fact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from zhiheng.desk import refusals
from zhiheng.desk.overview.figures import PAGE, lines_of, unit_label
from zhiheng.desk.overview.indicators import area_options
from zhiheng.desk.overview.shown_figures import ShownFigure, day_of, day_said, figures_asked, said_of, show_all
from zhiheng.engines.outlines import Shape, shapes_of
from zhiheng.grammar.chapters.cockpit import Cockpit, CockpitCard, ShownIndicator, cockpit_at
from zhiheng.grammar.chapters.district import DISTRICT, Area
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.kernel.memo import Recent, Same
from zhiheng.kernel.parse_params import number_in
from zhiheng.kernel.reasons import Refused
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.http import PageRequest
from zhiheng.pages.navigation import beginning
from zhiheng.pages.words import chinese, label, say
from zhiheng.people import access
from zhiheng.queries.cases import counts_in
from zhiheng.queries.cockpit import YEAR, changes, overdue, recent_facts, together
from zhiheng.queries.figures import AreaFigures, Asked, RefreshState, lake_stamp, refresh_states

SCREENS = ("qualities", "key", "map", "work")
SECONDS = 20
# Of what is late so much fits on the wall, the longest first.
LATE_ON_WALL = 5


@door("account.begin")
def first(request: PageRequest) -> HttpResponse:
    """The address of the desk itself: to where the account begins; an old address of the cockpit keeps what it asks."""
    asked = request.GET.urlencode()
    if asked and access.scope(call_of(request), "cockpit.read").ways:
        return redirect(f"{reverse('desk:cockpit')}?{asked}")
    return redirect(beginning(request.actor).url)


@door("cockpit.read")
def cockpit(request: PageRequest) -> HttpResponse:
    """The cockpit of an area as of a day."""
    refreshed = refresh_states()
    place = _place(request, refreshed)
    return render(
        request,
        "desk/cockpit.html",
        place
        | {
            "picture": _picture(place["page"], place["figures"], asking.text(request, "map", 60), refreshed),
            "areas": area_options(place["reach"]),
            "cases": _cases(request, place["asked"].area),
            "wall_url": f"{reverse('desk:wall')}?{urlencode(said_of(place['asked']))}",
        },
    )


def _cases(request: PageRequest, area: str) -> dict[str, Any] | None:
    """The cases of the area that the reader may see, each count with its list; None for who reads none."""
    counts = counts_in(area, call=call_of(request))
    here = f"{reverse('desk:cases')}?area={area}"
    if counts is None:
        return None
    return {
        "counts": counts,
        "running_url": f"{here}&stands=open" if counts.running else "",
        "late_url": f"{here}&stands=late" if counts.late else "",
    }


_PICTURES: Recent[tuple[object, ...], SafeString] = Recent(128)


def _picture(page: Cockpit, figures: AreaFigures, map_wanted: str, refreshed: Mapping[str, RefreshState]) -> SafeString:
    """The nine things, drawn. They change when something was refreshed and when the day does, so the process keeps the
    drawing until then; it is the same for everybody who may see the area.
    """
    asked, shown = figures.asked, _map_shown(page, map_wanted)
    stamps = tuple(sorted(refreshed.items()))
    key = (lake_stamp(), stamps, Same(page), asked, shown, today(), chinese())
    return _PICTURES.get(key, lambda: _picture_drawn(page, figures, shown, refreshed))


def _picture_drawn(
    page: Cockpit, figures: AreaFigures, shown: ShownIndicator | None, refreshed: Mapping[str, RefreshState]
) -> SafeString:
    asked = figures.asked
    beneath = book()[DISTRICT].children(asked.area)
    here = [*_cards(page), *([shown] if shown and beneath else [])]
    found = show_all(figures.of_areas({asked.area: here, **{area.code: [shown] for area in beneath if shown}}))
    words = {
        "asked": asked,
        "today": today(),
        "qualities": [
            {"quality": quality, "card": _card(card, asked.area, found)} for quality, card in page.qualities.items()
        ],
        "key": [_card(card, asked.area, found) for card in page.key],
        "map": _map(page, shown, beneath, asked, found),
        "area": book()[DISTRICT].area(asked.area),
        "news": _news(page, figures),
        "overdue": _overdue(page, figures, refreshed),
    }
    return render_to_string("desk/_picture.html", words)


@door("cockpit.read")
def map_data(request: PageRequest) -> HttpResponse:
    """What the drawn map shows: the areas beneath one with their outlines and values."""
    place = _place(request, refresh_states())
    wanted = asking.text(request, "map", 60)
    shown = _map_shown(place["page"], wanted)
    if wanted in book()[INDICATORS] and (shown is None or shown.indicator != wanted):
        # The page of an indicator draws the map of any of them.
        shown = ShownIndicator(indicator=wanted)
    beneath = book()[DISTRICT].children(place["asked"].area)
    if shown is None:
        return JsonResponse({"name": "", "areas": []})
    found = show_all(place["figures"].of_areas({area.code: [shown] for area in beneath}))
    return JsonResponse(
        {
            "name": f"areas-{place['asked'].area}",
            "areas": [_drawn(shape, found[shape.code, shown]) for shape in _shapes(beneath)],
        }
    )


def _drawn(shape: Shape, number: ShownFigure) -> dict[str, Any]:
    """An area of the drawn map: its outlines, its value, and its tooltip."""
    lines = [number.told]
    if number.value is not None and number.above is not None:
        lines.append(number.above[1])
    if number.goal:
        lines.append(say("目标 {goal}", "target {goal}", goal=number.goal_text))
    if number.before is not None:
        lines.append(say("上年 {before}", "last year {before}", before=number.before_text))
    return {
        "code": shape.code,
        "title": label(number.area_name),
        "outlines": shape.rings,
        "value": None if number.value is None else float(number.value),
        "text": number.text,
        "lines": lines,
        "door": number.url,
    }


@door("cockpit.read")
def news(request: PageRequest) -> HttpResponse:
    """The facts behind what changed: learned within some days, all of them or those that failed, of all records or of
    some.
    """
    figures = figures_asked(request, "cockpit.read")
    asked = figures.asked
    until = day_said(request, "until", asked.as_of)
    after = day_said(request, "after", until - dt.timedelta(days=7))
    fails, records = asking.flag(request, "fails"), asking.several(request, "record", book()[RECORDS])
    start = paging.start_asked(request, "after_fact")
    found = recent_facts(figures, after=after, until=until, records=records, fails=fails, start=start, limit=PAGE)
    counted, every = found.counted, together(found.counted)
    total = every.fails if fails else every.facts
    here = {"area": asked.area, "after": after, "until": until, "record": records, **({"fails": 1} if fails else {})}
    more = {**here, "after_fact": found.next} if found.next else {}
    return render(
        request,
        "desk/news.html",
        {
            "rail": "cockpit",
            "area": book()[DISTRICT].area(asked.area),
            "after": after + dt.timedelta(days=1),
            "until": until,
            "fails": fails,
            "records": [book()[RECORDS][name].record.label for name in records],
            "lines": lines_of(found.rows),
            "hidden": found.hidden,
            "total": total,
            "total_text": f"{total:,}",
            "by_record": [
                {
                    "label": book()[RECORDS][name].record.label,
                    "n": one.fails if fails else one.facts,
                    "url": f"{reverse('desk:news')}?{urlencode({**here, 'record': [name]}, doseq=True)}",
                }
                for name, one in sorted(counted.items(), key=lambda item: -(item[1].fails if fails else item[1].facts))
                if (one.fails if fails else one.facts)
            ],
            "more": f"{reverse('desk:news')}?{urlencode(more, doseq=True)}" if more else "",
            "cockpit_url": f"{reverse('desk:cockpit')}?{urlencode(said_of(asked))}",
        },
    )


@door("cockpit.read")
def wall(request: PageRequest) -> HttpResponse:
    """The cockpit on a wall: one thing a screen, the areas one after the other; asked again every twenty seconds."""
    refreshed = refresh_states()
    place = _place(request, refreshed)
    stops = _stops(place["reach"], place["asked"].area)
    # Nobody stands before a wall to be asked again: what is no number is the first screen.
    at = (number_in(asking.text(request, "step", 9)) or 0) % len(stops)
    area, screen = stops[at]
    figures = place["figures"].at(area)
    page = _cockpit_of(area)
    beneath = book()[DISTRICT].children(area)
    shown = _map_shown(page, "")
    wanted: dict[str, list[ShownIndicator]] = {area: [*_cards(page)]}
    if screen == "map" and shown:
        wanted[area].append(shown)
        wanted |= {child.code: [shown] for child in beneath}
    found = show_all(figures.of_areas(wanted))
    context: dict[str, Any] = {
        "theme": "dark",
        "screen": screen,
        "area": book()[DISTRICT].area(area),
        "asked": figures.asked,
        "seconds": SECONDS,
        "next": f"{reverse('desk:wall')}?{urlencode({**said_of(place['asked']), 'step': (at + 1) % len(stops)})}",
        "stops": range(len(stops)),
        "at": at,
    }
    if screen == "qualities":
        context["cards"] = [{"quality": q, "card": _card(c, area, found)} for q, c in page.qualities.items()]
    elif screen == "key":
        context["cards"] = [{"quality": "", "card": _card(c, area, found)} for c in page.key]
    elif screen == "map":
        context["map"] = _map(page, shown, beneath, figures.asked, found)
    else:
        context |= {"news": _news(page, figures), "overdue": _overdue(page, figures, refreshed, oldest=LATE_ON_WALL)}
    return render(request, "desk/wall_screen.html" if request.htmx else "desk/wall.html", context)


def _place(request: PageRequest, refreshed: Mapping[str, RefreshState]) -> dict[str, Any]:
    """The area and the day that are asked, with the page of the book that says what is shown."""
    state = refreshed.get("figures")
    day = day_of(state)
    figures = figures_asked(request, "cockpit.read", default_day=day)
    asked, reach = figures.asked, figures.reach
    node = book()[DISTRICT].area(asked.area)
    return {
        "rail": "cockpit",
        "reach": reach,
        "figures": figures,
        "asked": asked,
        "area": node,
        "above": list(_above(reach, node)),
        "page": _cockpit_of(asked.area),
        "kept_day": day,
        "today": today(),
        "refreshed_at": state.at if state is not None else None,
    }


def _cockpit_of(area: str) -> Cockpit:
    found = cockpit_at(book(), area)
    if found is None:
        node = book()[DISTRICT].area(area)
        name = node.name if node is not None else None
        raise Refused(refusals.cockpit_absent(name, area))
    return found


def _above(reach: Collection[str], node: Area | None) -> Iterator[Area]:
    """The areas above one that are in reach, the highest first."""
    chain = []
    while node is not None and node.parent is not None:
        node = book()[DISTRICT].area(node.parent)
        if node is not None and node.code in reach:
            chain.append(node)
    yield from reversed(chain)


def _cards(page: Cockpit) -> Iterator[ShownIndicator]:
    for card in [*page.qualities.values(), *page.key]:
        yield from card.shown()


def _map_shown(page: Cockpit, wanted: str) -> ShownIndicator | None:
    return next((shown for shown in page.map if shown.indicator == wanted), page.map[0] if page.map else None)


def _card(card: CockpitCard, area: str, found: Mapping[tuple[str, ShownIndicator], ShownFigure]) -> dict[str, Any]:
    return {
        "title": card.title or found[area, card.headline].label,
        "own_title": card.title is not None,
        "headline": found[area, card.headline],
        "beside": [found[area, shown] for shown in card.beside],
    }


def _map(
    page: Cockpit,
    shown: ShownIndicator | None,
    beneath: Sequence[Area],
    asked: Asked,
    found: Mapping[tuple[str, ShownIndicator], ShownFigure],
) -> dict[str, Any] | None:
    """The map of the areas beneath: a drawing made here, and the same as a table."""
    if shown is None or not beneath:
        return None
    values = {area.code: found[area.code, shown] for area in beneath}
    known = sorted({number.value for number in values.values() if number.value is not None})
    said = said_of(asked)
    rows: list[dict[str, Any]] = [
        {
            "number": values[area.code],
            "area": area,
            "step": _step(values[area.code].value, known),
            "url": f"{reverse('desk:cockpit')}?{urlencode({**said, 'area': area.code})}",
        }
        for area in beneath
    ]
    shapes = {shape.code: shape for shape in _shapes(beneath)}
    return {
        "indicator": book()[INDICATORS][shown.indicator],
        "number": next(iter(values.values())),
        "whole": found.get((asked.area, shown)),
        "rows": rows,
        "drawn": [{**row, "shape": shapes[row["area"].code]} for row in rows if row["area"].code in shapes],
        "box": _box(list(shapes.values())),
        "font": _font(list(shapes.values())),
        "data_url": f"{reverse('desk:cockpit_map')}?{urlencode({**said, 'map': shown.indicator})}",
        "choices": [
            {
                "label": book()[INDICATORS][each.indicator].label,
                "here": each == shown,
                "url": f"?{urlencode({**said, 'map': each.indicator})}#map",
            }
            for each in page.map
        ],
    }


def _shapes(areas: Sequence[Area]) -> list[Shape]:
    return shapes_of(book()[DISTRICT], tuple(area.code for area in areas))


def _box(shapes: Sequence[Shape]) -> str:
    """The part of the sheet that the drawing shows, with a margin."""
    points = [point for shape in shapes for ring in shape.rings for point in ring]
    if not points:
        return "0 0 1000 1000"
    left, top = min(x for x, _ in points) - 6, min(y for _, y in points) - 6
    return f"{left} {top} {max(x for x, _ in points) + 6 - left} {max(y for _, y in points) + 6 - top}"


def _font(shapes: Sequence[Shape]) -> int:
    """Names stand in the drawing as large as its height allows: a wall as high as a man shows them at 24 pixels and
    more.
    """
    ys = [y for shape in shapes for ring in shape.rings for _, y in ring] or [0, 1000]
    return max(9, round((max(ys) - min(ys)) * 0.034))


def _step(value: Any, known: Sequence[Any]) -> int | None:
    """Which of five shades a value has among those of the map; None where there is no value."""
    if value is None:
        return None
    low, high = known[0], known[-1]
    return 2 if low == high else min(4, int((value - low) * 5 / (high - low)))


def _news(page: Cockpit, figures: AreaFigures) -> dict[str, Any] | None:
    """What changed in the last days; where nothing was handed in, in the last days with a delivery."""
    if page.changed is None:
        return None
    asked, found = figures.asked, changes(figures, page.changed.days)
    after, until, counted = found.after, found.until, found.facts
    if found.nothing:
        return {"nothing": True, "after": after + dt.timedelta(days=1), "until": until}
    total, total_before = found.total, found.total_before
    deliveries, deliveries_before = found.received
    said = {"area": asked.area, "after": after, "until": until}
    before = {"area": asked.area, "after": after - YEAR, "until": until - YEAR}
    failed = sorted(((one.fails, name) for name, one in counted.items() if one.fails), reverse=True)
    lists = [name for name in page.changed.lists if name in counted]
    return {
        "nothing": False,
        "stale": found.stale,
        "after": after + dt.timedelta(days=1),
        "until": until,
        "days": page.changed.days,
        "deliveries": deliveries,
        "facts": total.facts,
        "facts_before": total_before.facts if total_before else None,
        "facts_before_url": f"{reverse('desk:news')}?{urlencode(before)}",
        "facts_url": f"{reverse('desk:news')}?{urlencode(said)}",
        "deliveries_before": deliveries_before,
        "deliveries_before_url": _asked_of(
            "desk:deliveries",
            state="counted",
            area=asked.area,
            first=after - YEAR + dt.timedelta(days=1),
            last=until - YEAR,
        ),
        "deliveries_url": _asked_of(
            "desk:deliveries", state="counted", area=asked.area, first=after + dt.timedelta(days=1), last=until
        ),
        "fails": total.fails,
        "fails_before": total_before.fails if total_before else None,
        "fails_before_url": f"{reverse('desk:news')}?{urlencode({**before, 'fails': 1})}",
        "fails_url": f"{reverse('desk:news')}?{urlencode({**said, 'fails': 1})}",
        "failed": [
            {
                "label": book()[RECORDS][name].record.label,
                "quality": book()[RECORDS][name].record.quality,
                "n": n,
                "url": f"{reverse('desk:news')}?{urlencode({**said, 'fails': 1, 'record': name})}",
            }
            for n, name in failed[:3]
        ],
        "listed": together(counted, lists).facts,
        "lists": [
            {
                "label": book()[RECORDS][name].record.label,
                "n": counted[name].facts,
                "url": f"{reverse('desk:news')}?{urlencode({**said, 'record': name})}",
            }
            for name in lists
        ],
    }


def _overdue(
    page: Cockpit, figures: AreaFigures, refreshed: Mapping[str, RefreshState], *, oldest: int = 2
) -> dict[str, Any] | None:
    """What is late: deliveries owed, expiries past and near, unsettled problems."""
    if page.overdue is None:
        return None
    asked, found = figures.asked, overdue(figures, refreshed.get("cards"), oldest=oldest)
    owed = found.owed
    return {
        "owed": owed.deliveries,
        "units": owed.units,
        "owed_url": _asked_of("desk:exchange", state="late", area=asked.area),
        "oldest": [
            {
                "unit": unit_label(each.unit),
                "record": book()[RECORDS][each.record].record.label if each.record in book()[RECORDS] else each.record,
                "due": each.due_on,
                "url": _asked_of("desk:exchange", state="late", unit=each.unit),
                "days": each.days_late(today()),
            }
            for each in owed.oldest
            if each.record in book()[RECORDS]
        ],
        "standing": found.standing,
        "known": "cards" in refreshed,
        "expired_url": _enterprises(asked.area, expiry="past"),
        "soon_url": _enterprises(asked.area, expiry="30"),
        "problems_url": _enterprises(asked.area, problems="any"),
        "listed_url": _enterprises(asked.area, listed="any"),
    }


def _enterprises(area: str, **filters: str) -> str:
    return _asked_of("desk:enterprises", area=area, who="all", **filters)


def _asked_of(name: str, **said: Any) -> str:
    """An address of another part of the desk with what is asked of it; nothing where this installation does not have
    it.
    """
    address = _maybe(name)
    return f"{address}?{urlencode(said)}" if address else ""


def _maybe(name: str) -> str:
    """An address of another part of the desk; nothing where this installation does not have it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _stops(reach: Collection[str], area: str) -> list[tuple[str, str]]:
    """What the wall shows one after the other: every screen of the area, then of the districts beneath it."""
    district = book()[DISTRICT]
    with_statistics = set(district.with_statistics())
    beneath = [child for child in district.children(area) if child in with_statistics and child.code in reach]
    stops = []
    for code in [area, *(child.code for child in beneath)]:
        page = cockpit_at(book(), code)
        if page is None:
            continue
        has = {
            "qualities": True,
            "key": bool(page.key),
            "map": bool(page.map and book()[DISTRICT].children(code)),
            "work": page.changed is not None or page.overdue is not None,
        }
        stops += [(code, screen) for screen in SCREENS if has[screen]]
    return stops or [(area, "qualities")]
