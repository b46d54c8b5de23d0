"""The side sheet of a number: what it is, by which law, when it was computed, and the facts behind it (N1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from zhiheng.actions.exports.export_table import Cell, Export, ExportColumn, ExportTable, make_export
from zhiheng.desk.overview.forms import ExportForm
from zhiheng.desk.overview.shown_figures import ShownFigure, figures_asked, said_of, show
from zhiheng.desk.rulebook.chapters import shelf
from zhiheng.engines import definition
from zhiheng.engines.figure_words import unplaced_level, unplaced_name
from zhiheng.engines.indicator import PERIODS, counted_by, sides_of
from zhiheng.engines.places import level_asked
from zhiheng.grammar.book_index import freshness
from zhiheng.grammar.call import Call
from zhiheng.grammar.chapters.district import AREA, DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS
from zhiheng.grammar.chapters.records import RECORDS
from zhiheng.grammar.types import Label
from zhiheng.pages import asking, paging
from zhiheng.pages.access import book, door, now, today
from zhiheng.pages.downloads import download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese, label, say
from zhiheng.quality_file.fact_list import FactLine
from zhiheng.queries.figures import AreaFigures, Order

PAGE = 50
# So many areas beneath one are computed while somebody waits; of more, only those that the last refresh kept are shown.
MOST_COMPUTED = 12
ORDERS: Mapping[str, Order] = {"day": "day", "-day": "-day", "value": "value", "-value": "-value"}
MOST_AT_ONCE = 2_000


@dataclass(frozen=True)
class FactListing:
    """Which facts behind a number are listed, in what order, and which fields stand beside them: those that decide the
    number.
    """

    side: str
    order: Order
    fields: tuple[str, ...]
    outcome: bool


@door("indicator.read")
def figure(request: PageRequest, name: str) -> HttpResponse:
    """The side sheet, or with ``part=facts`` the next facts of its list."""
    found = book()
    if name not in found[INDICATORS]:
        raise Http404("the book has no such indicator")
    figures = figures_asked(request, "indicator.read")
    asked, area = figures.asked, found[DISTRICT].area(figures.asked.area)
    indicator = found[INDICATORS][name]
    listed = _listed(request, name)
    side, group = listed.side, group_in(name, request)
    start = paging.start_asked(request, "after")
    facts = figures.facts(
        name, start=start, limit=PAGE, fields=listed.fields, side=side, group=group, order=listed.order
    )
    here = {
        "area": asked.area,
        "as_of": asked.as_of,
        "known_on": asked.known_on,
        "side": side,
        "sort": "" if listed.order == "-day" else listed.order,
        **group_said(group),
    }
    more = _address(name, here, after=facts.next) if facts.next else ""
    context: dict[str, Any] = {
        "rail": "indicators",
        "name": name,
        "indicator": indicator,
        "asked": asked,
        "area": area,
        "facts": facts,
        "lines": [_line(each) for each in facts.rows],
        "listed": listed,
        "wide": 2 + len(listed.fields) + listed.outcome,
        "more": more,
    }
    if asking.choice(request, "part", ("facts",)):
        return render(request, "desk/figure_facts.html", {**context, "part": True})
    number = cell(figures, name, group) if group else show(figures.one(name))
    rest = None if group else told_of_none_beneath(figures, number)
    counts = figures.count_facts(name, group)
    total = number.unplaced_above if side == "above" else counts.get(side, counts[""])
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
            "total": total,
            "total_text": f"{total:,}",
            "around": side == "above",
            "all_url": _address(name, {**here, "side": ""}),
            "rest_side": {"facts": counts["rest"], "url": _address(name, {**here, "side": "rest"})}
            if "rest" in counts
            else None,
            "headings": _headings(name, listed, here),
            "export_url": _export_address(name, here) if figures.may_export else "",
            "law": [
                {"citation": c, "topic": shelf().topic_of(c), "fresh": freshness(c.checked, today())}
                for c in indicator.law
            ],
            "split": [] if group else beneath(figures, name),
            "rest": rest,
            "rest_label": rest_label(asked.area) if rest is not None else "",
            "above": found[DISTRICT].area((area.parent if area is not None else None) or ""),
            "group": [
                (definition.dimension_label(found, indicator, key), _group_label(name, key, value))
                for key, value in group.items()
            ],
            "indicators_url": f"{reverse('desk:indicators')}?{urlencode({'indicator': name, **said_of(asked)})}",
            "cockpit_url": f"{reverse('desk:cockpit')}?{urlencode(said_of(asked))}",
        },
    )


def _listed(request: PageRequest, name: str) -> FactListing:
    """What an address asks of the list, and what stands in it."""
    indicator = book()[INDICATORS][name]
    side = asking.choice(request, "side", (*sides_of(indicator), "above"))
    order = ORDERS[asking.choice(request, "sort", ORDERS, "-day")]
    columns = counted_by(indicator)
    record = book()[RECORDS][indicator.measures()[0].record].record
    fields: dict[str, None] = {}
    for column in columns:
        # A compound value has several columns, called after the field and its part.
        names = (column, *(column.rsplit("_", cut)[0] for cut in range(1, column.count("_") + 1)))
        fields |= dict.fromkeys([each for each in names if each in record.fields][:1])
    return FactListing(
        side,
        order,
        tuple(fields),
        not fields or "outcome" in columns,
    )


def _headings(name: str, listed: FactListing, here: Mapping[str, Any]) -> list[dict[str, str]]:
    """The headings of the list; by the day, and by what decides the number, it can be sorted."""
    record = book()[INDICATORS][name].measures()[0].record
    said = [("day", say("日期", "Day")), ("", say("当事主体及事项", "Who and what"))]
    said += [
        ("value" if at == 0 else "", label(definition.field_label(book(), record, each)))
        for at, each in enumerate(listed.fields)
    ]
    said += [("", say("结果", "Outcome"))] if listed.outcome else []
    found = []
    for key, word in said:
        other = f"-{key}" if listed.order == key or (listed.order != f"-{key}" and key == "day") else key
        found.append(
            {
                "word": word,
                "key": key,
                "url": _address(name, {**here, "sort": other}) if key else "",
                "now": {key: "ascending", f"-{key}": "descending"}.get(listed.order, "") if key else "",
            }
        )
    return found


@door("export.make")
def export(request: PageRequest, name: str) -> HttpResponse:
    """Asks what the list of facts behind a number is for, and hands it over as a file."""
    if name not in book()[INDICATORS]:
        raise Http404("the book has no such indicator")
    figures = figures_asked(request, "indicator.read")
    asked = figures.asked
    listed, group = _listed(request, name), group_in(name, request)
    said = {
        "area": asked.area,
        "as_of": asked.as_of,
        "known_on": asked.known_on,
        "side": listed.side,
        **group_said(group),
    }
    title = book()[INDICATORS][name].label
    form = ExportForm.of(request)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            made = _export(request, name, figures, listed, group, form)
            return download(made.content, made.name, made.content_type)
    return render(
        request,
        "desk/export.html",
        {
            "rail": "indicators",
            "title": say("{name}的明细记录", "the facts behind {name}", name=label(title)),
            "back": _address(name, said),
            "form": form,
            "errors": form.loose,
        },
        status=form.status,
    )


def _export(
    request: PageRequest,
    name: str,
    figures: AreaFigures,
    listed: FactListing,
    group: Mapping[str, Any],
    form: ExportForm,
) -> Export:
    found, indicator = book(), book()[INDICATORS][name]
    record = indicator.measures()[0].record
    columns = [
        ExportColumn("fact", Label(zh="记录编号", en="Fact")),
        ExportColumn("day", Label(zh="日期", en="Day")),
        ExportColumn("who", Label(zh="当事主体", en="Who")),
        ExportColumn("record", Label(zh="记录类型", en="Record")),
        *(ExportColumn(each, definition.field_label(found, record, each)) for each in listed.fields),
        ExportColumn("outcome", Label(zh="结果", en="Outcome")),
        ExportColumn("area", Label(zh="区域", en="Area")),
        ExportColumn("unit", Label(zh="报送单位", en="Unit")),
    ]
    asked = figures.asked
    ids = figures.listed_ids(name, side=listed.side, group=group, order=listed.order)
    zh = chinese()

    def rows() -> Iterator[list[Cell]]:
        for at in range(0, len(ids), MOST_AT_ONCE):
            for each in figures.fact_lines(ids[at : at + MOST_AT_ONCE], listed.fields):
                line = _line(each)
                values = [(one.zh if zh else one.en) if one is not None else None for one in each.shown]
                yield [
                    each.fact,
                    each.occurred_on,
                    each.who,
                    line["record"],
                    *values,
                    line["word"],
                    line["area"],
                    line["unit"],
                ]

    area = found[DISTRICT].area(asked.area)
    place = area.name if area is not None else Label(zh=asked.area, en=asked.area)
    known = figures.known
    notes = [
        Label(
            zh=f"截至 {asked.as_of}，按 {known} 已知的事实，共 {len(ids):,} 条；不在您查看范围内的没有列出",
            en=f"As of {asked.as_of}, as known on {known}: {len(ids):,} facts; those outside of what you may see are "
            "left out",
        )
    ]
    table = ExportTable(
        Label(zh=f"{place.zh}{indicator.label.zh}明细记录", en=f"Facts behind {indicator.label.en}, {place.en}"),
        f"figure:{name}",
        columns,
        rows(),
        notes,
    )
    return make_export(
        table,
        purpose=form.cleaned_data["purpose"],
        format=form.cleaned_data["format"] or "xlsx",
        call=Call(request.actor, found, now()),
        area=asked.area,
        language="zh" if zh else "en",
    )


def _export_address(name: str, here: Mapping[str, Any]) -> str:
    said = {key: value for key, value in here.items() if value is not None and (value != "" or key[:3] == "by.")}
    return f"{reverse('desk:figure_export', args=[name])}?{urlencode(said)}"


def beneath(figures: AreaFigures, name: str) -> list[ShownFigure]:
    """The same number for each area directly beneath, as far as it is kept or quickly computed."""
    if len(book()[DISTRICT].children(figures.asked.area)) > MOST_COMPUTED:
        return []
    some = [show(figure) for figure in figures.of_children(name)]
    return some if any(number.facts or number.unplaced_above for number in some) else []


def told_of_none_beneath(figures: AreaFigures, number: ShownFigure) -> ShownFigure | None:
    """The number of what no area beneath counts, so that the parts and the rest are the whole; None where all was
    placed.
    """
    if not number.unplaced_beneath:
        return None
    rest = figures.of_no_child(number.indicator)
    if rest is None:
        raise Http404("nothing was counted in this cell")
    return show(rest, number.beneath[2] if number.beneath is not None else "")


def rest_label(area: str) -> str:
    """What the line of that is called: 未分到街道."""
    children = book()[DISTRICT].children(area)
    return say(*unplaced_name(book(), children[0].code if children else area))


def cell(figures: AreaFigures, name: str, group: Mapping[str, Any]) -> ShownFigure:
    """The number of one cell of a split."""
    found = figures.cell(name, group)
    if found is None:
        raise Http404("nothing was counted in this cell")
    return show(found)


def group_in(name: str, request: PageRequest) -> dict[str, Any]:
    """The cell of a split that an address names: ``by.unit=…``; a value that is empty is the group that says
    nothing. Raises Refused where the indicator is not split by that.
    """
    indicator = book()[INDICATORS][name]
    district = book()[DISTRICT]
    known = {"unit", AREA, *district.level_dimensions, *PERIODS, *indicator.per}
    found = asking.beginning_with(request, "by.", known)
    return {district.dimension(key): value or None for key, value in found.items()}


def group_said(group: Mapping[str, Any]) -> dict[str, Any]:
    """A cell as it stands in an address."""
    return {f"by.{key}": "" if value is None else value for key, value in group.items()}


def _address(name: str, here: Mapping[str, Any], **more: Any) -> str:
    said = {
        key: value for key, value in {**here, **more}.items() if value is not None and (value != "" or key[:3] == "by.")
    }
    return f"{reverse('desk:figure', args=[name])}?{urlencode(said)}"


def _side(
    side: definition.SideInWords,
    counts: Mapping[str, int],
    name: str,
    here: Mapping[str, Any],
    number: ShownFigure,
) -> dict[str, Any]:
    value = number.numerator if side.side == "numerator" else number.denominator
    measure = next(m for m in book()[INDICATORS][name].measures() if m.record == side.record)
    return {
        "words": side,
        "facts": counts.get(side.side, 0),
        "facts_text": f"{counts.get(side.side, 0):,}",
        "value": written(value),
        # A number that counts each sample or each enterprise once says so where it has more facts than that.
        "once": measure.count not in (None, "facts") and value is not None and counts.get(side.side, 0) != value,
        "url": _address(name, {**here, "side": side.side}),
    }


def written(value: int | Decimal | None) -> str:
    """A numerator or denominator as people read it: no places that say nothing."""
    if value is None:
        return "—"
    exact = Decimal(value)
    return f"{exact:,.0f}" if exact == exact.to_integral_value() else f"{exact.normalize():,f}"


def _line(line: FactLine) -> dict[str, Any]:
    found = book()
    entry = found[RECORDS].get(line.record)
    area = found[DISTRICT].area(line.area)
    return {
        "fact": line.fact,
        "url": reverse("desk:fact", args=[line.fact]),
        "record": label(entry.record.label) if entry is not None else line.record,
        "quality": entry.record.quality if entry is not None else "",
        "day": line.occurred_on,
        "outcome": line.outcome,
        "word": label(line.verdict) if line.verdict is not None else "",
        "who": line.who,
        "shown": [label(each) if each is not None else "—" for each in line.shown],
        "unit": label(unit_label(line.unit)),
        "area": label(area.name) if area is not None else line.area,
    }


def unit_label(unit: str) -> Label:
    """The name of a unit of the book."""
    return next((each.name for each in book()[DISTRICT].units if each.id == unit), Label(zh=unit, en=unit or "—"))


def _group_label(name: str, dimension: str, value: Any) -> str:
    if value is None and (level := level_asked(dimension)):
        return say(*unplaced_level(book(), level))
    if value is None:
        return say("（未填写）", "(not stated)")
    record = book()[INDICATORS][name].measures()[0].record
    return label(definition.value_label(book(), record, dimension, value))


def lines_of(found: Iterable[FactLine]) -> list[dict[str, Any]]:
    """Facts as a list of a page shows them."""
    return [_line(each) for each in found]
