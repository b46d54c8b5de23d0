"""The side sheet of a number: what it is, by which law, when it was computed, and the facts behind it (N1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.analytics import query
from zhiheng.desk import numbers
from zhiheng.desk.book import shelf
from zhiheng.engines import definition
from zhiheng.engines.indicator import PERIODS
from zhiheng.grammar.cockpit import Shown
from zhiheng.grammar.library import freshness
from zhiheng.grammar.words import Label
from zhiheng.kernel.asked import number_in
from zhiheng.ledger.fact_lines import FactLine, fact_lines
from zhiheng.pages.doors import book, door, today
from zhiheng.pages.words import label, say
from zhiheng.people import access

PAGE = 50
# So many areas beneath one are computed while somebody waits; of more, only those that the last refresh kept are shown.
MOST_COMPUTED = 12
SIDES = ("numerator", "denominator")


@dataclass(frozen=True)
class Facts:
    """A page of the facts behind a number; ``hidden`` are those of the page that the reader may not see."""

    lines: list[FactLine]
    next: int | None
    hidden: int


@door("indicator.read")
def figure(request: HttpRequest, name: str) -> HttpResponse:
    """The side sheet, or with ``part=facts`` the next facts of its list."""
    found = book()
    if name not in found.indicators:
        raise Http404("the book has no such indicator")
    said = request.GET
    asked = numbers.asked(request.actor, "indicator.read", said, default_day=today())
    indicator = found.indicators[name]
    side = said.get("side", "") if said.get("side", "") in SIDES else ""
    group = group_in(name, said)
    facts = facts_of(request, name, asked, side, group)
    here = {"area": asked.area, "as_of": asked.as_of, "known_on": asked.known_on, "side": side, **group_said(group)}
    more = _address(name, here, after=facts.next) if facts.next else ""
    context: dict[str, Any] = {
        "rail": "indicators",
        "name": name,
        "indicator": indicator,
        "asked": asked,
        "area": found.district.area(asked.area),
        "facts": facts,
        "lines": [_line(each) for each in facts.lines],
        "more": more,
    }
    if said.get("part") == "facts":
        return render(request, "desk/figure_facts.html", context)
    number = (
        cell(name, asked, group)
        if group
        else numbers.number(name, asked.area, as_of=asked.as_of, known_on=asked.known_on)
    )
    rest = None if group else told_of_none_beneath(number, asked)
    counts = query.count_behind(
        numbers.lake(), found, name, area=asked.area, as_of=asked.as_of, known_on=asked.known_on or today(), group=group
    )
    return render(
        request,
        "desk/figure.html",
        context
        | {
            "number": number,
            "sides": [
                _side(each, counts, name, here, number) for each in definition.in_words(found, name, asked.as_of)
            ],
            "side": side,
            "counts": counts,
            "law": [
                {"citation": c, "topic": shelf().topic_of(c), "fresh": freshness(c.checked, today())}
                for c in indicator.law
            ],
            "split": [] if group else beneath(name, asked),
            "rest": rest,
            "rest_label": rest_label(asked.area) if rest is not None else "",
            "above": found.district.area(next(iter(query.frame_of(found, asked.area, asked.as_of, today()).above), "")),
            "group": [
                (definition.dimension_label(found, indicator, key), _group_label(name, key, value))
                for key, value in group.items()
            ],
            "indicators_url": f"{reverse('desk:indicators')}?{urlencode({'indicator': name, **numbers.said_of(asked)})}",
            "cockpit_url": f"{reverse('desk:cockpit')}?{urlencode(numbers.said_of(asked))}",
        },
    )


def facts_of(
    request: HttpRequest, name: str, asked: numbers.Asked, side: str, group: Mapping[str, Any] | None = None
) -> Facts:
    """A page of the facts behind a figure, narrowed to what the actor may read."""
    ids = list(
        query.facts_behind(
            numbers.lake(), book(), name, area=asked.area, as_of=asked.as_of, known_on=asked.known_on or today(),
            side=side or None, group=group, after=number_in(request.GET.get("after", "")) or 0, limit=PAGE + 1,
        )
    )  # fmt: skip
    page = ids[:PAGE]
    scope = access.scope(request.actor, "fact.read", book=book(), today=today())
    lines = fact_lines(page, book=book(), scope=scope)
    return Facts(lines, page[-1] if len(ids) > PAGE else None, len(page) - len(lines))


def beneath(name: str, asked: numbers.Asked) -> list[numbers.Number]:
    """The same number for each area directly beneath, as far as it is kept or quickly computed."""
    codes = [area.code for area in book().district.children(asked.area)]
    if not codes or len(codes) > MOST_COMPUTED:
        return []
    shown = Shown(indicator=name)
    found = numbers.numbers(codes, [shown], as_of=asked.as_of, known_on=asked.known_on)
    some = [found[code, shown] for code in codes]
    return some if any(number.facts or number.unplaced_above for number in some) else []


def told_of_none_beneath(number: numbers.Number, asked: numbers.Asked) -> numbers.Number | None:
    """The number of what no area beneath counts, so that the parts and the rest are the whole; None where all was placed."""
    if not number.unplaced_beneath:
        return None
    return replace(
        cell(number.indicator, asked, {"area": asked.area}),
        door=number.beneath[2] if number.beneath is not None else "",
    )


def rest_label(area: str) -> str:
    """What the line of that is called: 未分到街道."""
    children = book().district.children(area)
    return say(*query.unplaced_name(book(), children[0].code if children else area))


def cell(name: str, asked: numbers.Asked, group: Mapping[str, Any]) -> numbers.Number:
    """The number of one cell of a split."""
    found = query.figures(
        numbers.lake(), book(), area=asked.area, as_of=asked.as_of, known_on=asked.known_on or today(), names=[name],
        by=tuple(group),
    )  # fmt: skip
    for figure_ in found:
        if dict(figure_.group) == dict(group):
            return numbers.of_cell(figure_, asked)
    raise Http404("nothing was counted in this cell")


def group_in(name: str, said: Mapping[str, str]) -> dict[str, Any]:
    """The cell of a split that an address names: ``by.unit=…``; a value that is empty is the group that says nothing."""
    indicator = book().indicators[name]
    known = {"unit", "area:6", "area:9", "area", *PERIODS, *indicator.per}
    return {key[3:]: said[key] or None for key in said if key.startswith("by.") and key[3:] in known}


def group_said(group: Mapping[str, Any]) -> dict[str, Any]:
    """A cell as it stands in an address."""
    return {f"by.{key}": "" if value is None else value for key, value in group.items()}


def _address(name: str, here: Mapping[str, Any], **more: Any) -> str:
    said = {
        key: value for key, value in {**here, **more}.items() if value is not None and (value != "" or key[:3] == "by.")
    }
    return f"{reverse('desk:figure', args=[name])}?{urlencode(said)}"


def _side(
    side: definition.SideInWords, counts: Mapping[str, int], name: str, here: Mapping[str, Any], number: numbers.Number
) -> dict[str, Any]:
    return {
        "words": side,
        "facts": counts.get(side.side, 0),
        "value": written(number.numerator if side.side == "numerator" else number.denominator),
        "url": _address(name, {**here, "side": side.side}),
    }


def written(value: Decimal | None) -> str:
    """A numerator or denominator as people read it: no places that say nothing."""
    if value is None:
        return "—"
    return f"{value:,.0f}" if value == value.to_integral_value() else f"{value.normalize():,f}"


def _line(line: FactLine) -> dict[str, Any]:
    found = book()
    entry = found.records.get(line.record)
    area = found.district.area(line.area)
    return {
        "fact": line.fact,
        "url": reverse("desk:fact", args=[line.fact]),
        "record": label(entry.record.label) if entry is not None else line.record,
        "quality": entry.record.quality if entry is not None else "",
        "day": line.occurred_on,
        "outcome": line.outcome,
        "word": {
            "pass": say("合格", "pass"),
            "fail": say("不合格", "fail"),
            "neutral": say("不作判定", "neutral"),
        }.get(line.outcome or "", ""),
        "who": line.who,
        "unit": label(unit_label(line.unit)),
        "area": label(area.name) if area is not None else line.area,
    }


def unit_label(unit: str) -> Label:
    """The name of a unit of the book."""
    return next((each.name for each in book().district.units if each.id == unit), Label(zh=unit, en=unit or "—"))


def _group_label(name: str, dimension: str, value: Any) -> str:
    if value is None:
        return say("（未填写）", "(not stated)")
    record = book().indicators[name].measures()[0].record
    return label(definition.value_label(book(), record, dimension, value))


def lines_of(found: list[FactLine]) -> list[dict[str, Any]]:
    """Facts as a list of a page shows them."""
    return [_line(each) for each in found]
