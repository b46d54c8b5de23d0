"""Indicators at the desk: any of them, by area, unit, industry or another field, along years, quarters or months; as a
table, a picture and a map, with the facts behind every cell, on any day and as known on any day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from zhiheng.actions.exports.export_table import Cell, Export, ExportTable, make_export
from zhiheng.actions.exports.export_table import ExportColumn as ExportColumn
from zhiheng.desk.overview.figures import rest_label, written
from zhiheng.desk.overview.forms import ExportForm
from zhiheng.desk.overview.shown_figures import ShownFigure, day_of, figures_asked, said_of, sheet, show
from zhiheng.desk.rulebook.chapters import SYSTEMS
from zhiheng.engines import definition
from zhiheng.engines.figure_words import unplaced_level
from zhiheng.engines.naming import Names
from zhiheng.engines.places import level_asked
from zhiheng.grammar.chapters.cockpit import ShownIndicator
from zhiheng.grammar.chapters.district import AREA, DISTRICT
from zhiheng.grammar.chapters.indicators import INDICATORS, Indicator
from zhiheng.grammar.types import QUALITIES, Label
from zhiheng.kernel.memo import Recent
from zhiheng.pages import asking
from zhiheng.pages.access import book, call_of, door, today
from zhiheng.pages.control_picture import control_picture
from zhiheng.pages.downloads import download
from zhiheng.pages.http import PageRequest
from zhiheng.pages.words import chinese, label, say
from zhiheng.people import access
from zhiheng.queries.figures import (
    AreaFigures,
    Asked,
    Figure,
    Period,
    RefreshState,
    Split,
    SplitColumn,
    SplitRow,
    figures_refreshed,
    lake_stamp,
    periods_of,
)

PERIODS: dict[Period, dict[str, str]] = {
    "": {"zh": "不分时期", "en": "the whole"},
    "year": {"zh": "五年", "en": "five years"},
    "quarter": {"zh": "各季度", "en": "quarters"},
    "month": {"zh": "各月", "en": "months"},
}
# More lines than this are no picture of lines any more.
MOST_LINES = 6
MOST_BARS = 30


@dataclass(frozen=True)
class IndicatorQuestion:
    """What is asked of an indicator; ``splits``: what it can be split by, with its name."""

    name: str
    indicator: Indicator
    figures: AreaFigures
    by: str
    period: Period
    splits: Mapping[str, str]

    @property
    def asked(self) -> Asked:
        """Where and when."""
        return self.figures.asked

    @property
    def said(self) -> dict[str, Any]:
        """The question as it stands in an address."""
        said = {
            "indicator": self.name,
            "area": self.asked.area,
            "by": self.by or "none",
            "period": self.period,
            "as_of": self.asked.as_of,
            "known_on": self.asked.known_on,
        }
        return {key: value for key, value in said.items() if value not in ("", None)}

    def split(self) -> Split:
        """The answer."""
        return self.figures.split(self.name, self.by, self.period)


@door("indicator.read")
def indicators(request: PageRequest) -> HttpResponse:
    """All indicators of an area with their values; or one of them, taken apart."""
    if asking.text(request, "indicator", 100):
        return _one(request)
    refreshed = figures_refreshed()
    figures = figures_asked(request, "indicator.read", default_day=day_of(refreshed))
    asked = figures.asked
    wanted, quality = asking.text(request, "q", 100), asking.text(request, "quality", 20)
    return render(
        request,
        "desk/indicators.html",
        {
            "rail": "indicators",
            "asked": asked,
            "area": book()[DISTRICT].area(asked.area),
            "catalogue": _catalogue(figures, wanted, quality, refreshed),
            "q": wanted,
            "quality": quality,
            "qualities": QUALITIES,
            "areas": area_options(figures.reach),
            "today": today(),
        },
    )


_CATALOGUES: Recent[tuple[object, ...], SafeString] = Recent(128)


def _catalogue(figures: AreaFigures, wanted: str, quality: str, refreshed: RefreshState | None) -> SafeString:
    """The table of the indicators that fit, with their numbers; kept by the process until something is refreshed."""
    stamp = refreshed and (refreshed.fact, refreshed.at)
    key = (lake_stamp(), stamp, book().root, figures.asked, wanted, quality, today(), chinese())
    return _CATALOGUES.get(key, lambda: _listed(figures, wanted, quality))


def _listed(figures: AreaFigures, wanted: str, quality: str) -> SafeString:
    found = {
        name: indicator for name, indicator in book()[INDICATORS].items() if _fits(name, indicator, wanted, quality)
    }
    groups: dict[str, list[ShownFigure]] = {}
    for each, figure in figures.many([ShownIndicator(indicator=name) for name in found]).items():
        groups.setdefault(found[each.indicator].systems[0][0], []).append(show(figure))
    words = {
        "asked": figures.asked,
        "total": len(found),
        "groups": [(SYSTEMS[letter], groups[letter]) for letter in SYSTEMS if letter in groups],
    }
    return render_to_string("desk/_catalogue.html", words)


@door("indicator.read")
def data(request: PageRequest) -> JsonResponse:
    """What the picture of a question shows; ``chart=control``: its control chart."""
    question = _question(request)
    if not asking.choice(request, "chart", ("control",)):
        return JsonResponse(_picture(question))
    found = question.split()
    control = question.figures.control(question.name, found) if question.period == "month" else None
    if control is None or control.track is None:
        raise Http404("the indicator has no control chart")
    keys = [_column_name(column, question) for column in found.columns]
    flagged = {one.at: one for one in control.signals}
    return JsonResponse(control_picture(control.track, keys, flagged, name=label(question.indicator.label), unit="%"))


@door("export.make")
def export(request: PageRequest) -> HttpResponse:
    """Asks what the table is for, and hands it over as a file."""
    question = _question(request)
    # Nobody fills in a form that will be refused.
    access.require(call_of(request), "export.make", area=question.asked.area)
    form = ExportForm.of(request)
    if request.method == "POST" and form.is_valid():
        with form.refusals():
            made = _export(request, question, form)
            return download(made.content, made.name, made.content_type)
    return render(
        request,
        "desk/export.html",
        {
            "rail": "indicators",
            "title": label(question.indicator.label),
            "said": question.said,
            "back": f"{reverse('desk:indicators')}?{urlencode(question.said)}",
            "form": form,
            "errors": form.loose,
        },
        status=form.status,
    )


def _one(request: PageRequest) -> HttpResponse:
    question = _question(request)
    asked, name = question.asked, question.name
    found = question.split()
    said = urlencode(question.said)
    rows = [_row(question, found, row) for row in found.rows]
    known = any(cell["known"] for row in rows for cell in row["cells"])
    return render(
        request,
        "desk/indicator.html",
        {
            "rail": "indicators",
            "question": question,
            "indicator": question.indicator,
            "name": name,
            "asked": asked,
            "area": book()[DISTRICT].area(asked.area),
            "number": show(question.figures.one(name)),
            "columns": [_column_name(column, question) for column in found.columns],
            "rows": rows,
            "whole": _cells(question, found.columns, found.whole, None),
            "more": found.more,
            "by_label": question.splits.get(question.by, ""),
            "areas": area_options(question.figures.reach),
            "splits": list(question.splits.items()),
            "periods": [(key, label(PERIODS[key])) for key in periods_of(question.indicator)],
            "today": today(),
            # Without a single number there is nothing to draw: the table says so of every row.
            "data_url": f"{reverse('desk:indicator_data')}?{said}"
            if known and (question.by or question.period)
            else "",
            "map_url": _map_url(question) if known else "",
            "export_url": f"{reverse('desk:indicator_export')}?{said}" if question.figures.may_export else "",
            "control": _control(question, found),
            "all_url": f"{reverse('desk:indicators')}?{urlencode(said_of(asked))}",
        },
    )


def _control(question: IndicatorQuestion, found: Split) -> dict[str, Any] | None:
    """The control chart of a share by month: its limits beside each number, and what lies beyond them."""
    control = question.figures.control(question.name, found) if question.period == "month" else None
    if control is None:
        return None
    if control.track is None:
        return {"lacking": label(control.lacking)}
    beyond = {one.at for one in control.signals}
    track, keys = control.track, [_column_name(column, question) for column in found.columns]
    rows = [
        {
            "label": key,
            "cell": cell,
            "lower": f"{track.lower[at]:.1f}%" if cell["known"] else "—",
            "upper": f"{track.upper[at]:.1f}%" if cell["known"] else "—",
            "beyond": at in beyond,
        }
        for at, (key, cell) in enumerate(zip(keys, _cells(question, found.columns, found.whole, None), strict=True))
    ]
    return {
        "url": f"{reverse('desk:indicator_data')}?{urlencode({**question.said, 'chart': 'control'})}",
        "rows": rows,
        "centre": f"{track.centre:.1f}%",
        "beyond": [row["label"] for row in rows if row["beyond"]],
    }


def _question(request: PageRequest) -> IndicatorQuestion:
    name = asking.text(request, "indicator", 100)
    if name not in book()[INDICATORS]:
        raise Http404("the book has no such indicator")
    indicator = book()[INDICATORS][name]
    figures = figures_asked(request, "indicator.read")
    splits = _splits(indicator, figures.asked.area)
    # A page of the catalogue may ask for the areas beneath one that has none.
    district = book()[DISTRICT]
    known = {*splits, *district.level_dimensions, "area"}
    by = district.dimension(asking.choice(request, "by", known, "area" if "area" in splits else "none"))
    period = asking.choice(request, "period", periods_of(indicator))
    return IndicatorQuestion(
        name, indicator, figures, by if by in splits and by != "none" else "", cast(Period, period), splits
    )


def _splits(indicator: Indicator, area: str) -> dict[str, str]:
    """What an indicator can be split by, with its name."""
    found = {"none": say("不分组", "no split")}
    if book()[DISTRICT].children(area):
        found["area"] = say("下级区域", "areas beneath")
    for level in book()[DISTRICT].splits(area):
        found[f"{AREA}:{level.id}"] = label(level.several)
    found["unit"] = say("报送单位", "unit")
    return found | {each: label(definition.dimension_label(book(), indicator, each)) for each in indicator.per}


def _fits(name: str, indicator: Indicator, wanted: str, quality: str) -> bool:
    words = f"{name} {indicator.label.zh} {indicator.label.en} {' '.join(indicator.systems)}".casefold()
    return quality in ("", indicator.quality) and all(word in words for word in wanted.casefold().split())


def area_options(reach: Collection[str]) -> list[dict[str, Any]]:
    """The areas in reach as the choices of a form, each as deep as it lies."""
    depth: dict[str, int] = {}
    found = []
    for area in book()[DISTRICT].areas:
        depth[area.code] = depth.get(area.parent or "", -1) + 1
        if area.code in reach:
            found.append({"code": area.code, "name": area.name, "indent": "　" * depth[area.code]})
    return found


def _column_name(column: SplitColumn, question: IndicatorQuestion) -> str:
    if not column.key:
        return label(question.indicator.label)
    year, _, part = column.key.partition("-")
    if not part:
        running = column.as_of == question.asked.as_of and (column.as_of.month, column.as_of.day) != (12, 31)
        return say("{year}（至今）", "{year} so far", year=year) if running else year
    if part.startswith("Q"):
        return say(
            "{year} 年{n}季度",
            "{n}/{year}",
            year=year,
            n={"1": "一", "2": "二", "3": "三", "4": "四"}[part[1]] if chinese() else part,
        )
    return say("{n}月", "{year}-{n:02d}", n=int(part), year=year)


def _row(question: IndicatorQuestion, found: Split, row: SplitRow) -> dict[str, Any]:
    area = row.value if question.by == "area" else None
    return {
        "label": row_label(question, row.value),
        "cells": _cells(question, found.columns, row.cells, row),
        "url": f"{reverse('desk:indicators')}?{urlencode({**question.said, 'area': area})}"
        if area and area != question.asked.area and book()[DISTRICT].children(area)
        else "",
    }


def row_label(question: IndicatorQuestion, value: Any) -> str:
    """What a group of the split is called."""
    if value is None and (level := level_asked(question.by)):
        return say(*unplaced_level(book(), level))
    if value is None or value == "":
        return say("（未填写）", "(not stated)")
    if question.by == "area" and value == question.asked.area:
        return rest_label(value)
    if question.by == "industry":
        return Names(book(), "zh" if chinese() else "en").industry(str(value))
    record = question.indicator.measures()[0].record
    return label(definition.value_label(book(), record, question.by, value))


def _cells(
    question: IndicatorQuestion, columns: Sequence[SplitColumn], figures: Sequence[Figure | None], row: SplitRow | None
) -> list[dict[str, Any]]:
    cells = []
    for column, figure in zip(columns, figures, strict=True):
        cells.append(
            {
                "text": "" if figure is None else figure.zh if chinese() else figure.en,
                "known": figure is not None and figure.value is not None,
                "nothing": figure is None,
                "url": door_of(question, column, row),
                "numerator": written(figure.numerator) if figure is not None else "",
                "denominator": written(figure.denominator)
                if figure is not None and figure.denominator is not None
                else "",
            }
        )
    return cells


def door_of(question: IndicatorQuestion, column: SplitColumn, row: SplitRow | None) -> str:
    """The side sheet of a cell."""
    asked = question.asked
    area, group = asked.area, {f"by.{key}": value for key, value in column.group.items()}
    if row is not None and question.by == "area":
        area = str(row.value)
        if area == asked.area:
            group["by.area"] = area
    elif row is not None:
        group[f"by.{question.by}"] = "" if row.value is None else row.value
    address = sheet(question.name, area, column.as_of, asked.known_on)
    return f"{address}&{urlencode(group)}" if group else address


def _number(figure: Figure | None) -> float | None:
    return None if figure is None or figure.value is None else float(figure.value)


def _picture(question: IndicatorQuestion) -> dict[str, Any]:
    """The data of the picture: lines along a period, bars of a split, a heat map of both."""
    found, indicator = question.split(), question.indicator
    number = show(question.figures.one(question.name))
    keys = [_column_name(column, question) for column in found.columns]
    common: dict[str, Any] = {"unit": number.unit_text}
    if number.goal and len(number.goal.split()) == 2:
        common["target"] = {
            "value": float(number.goal.split()[1]),
            "label": say("目标 {goal}", "target {goal}", goal=number.goal_text),
        }
    if question.by and question.period and len(found.rows) > MOST_LINES:
        rows = found.rows[:MOST_BARS]
        marks = [(x, y, figure) for y, row in enumerate(rows) for x, figure in enumerate(row.cells)]
        return {
            "kind": "heatmap",
            "unit": number.unit_text,
            "columns": keys,
            "rows": [row_label(question, row.value) for row in rows],
            "worse": "high" if indicator.direction == "down" else "low",
            "cells": [[x, y, _number(figure)] for x, y, figure in marks],
            "doors": [door_of(question, found.columns[x], rows[y]) for x, y, _ in marks],
        }
    if question.period:
        rows = found.rows or (SplitRow(None, found.whole),)
        return {
            "kind": "line" if indicator.kind != "number" or question.period == "year" else "bar",
            "categories": keys,
            **common,
            "series": [
                {
                    "name": row_label(question, row.value) if found.rows else label(indicator.label),
                    "data": [_number(figure) for figure in row.cells],
                    "doors": [door_of(question, column, row if found.rows else None) for column in found.columns],
                    **({} if found.rows else {"hue": indicator.quality}),
                }
                for row in rows
            ],
        }
    rows = found.rows[:MOST_BARS]
    return {
        "kind": "bars",
        "categories": [row_label(question, row.value) for row in rows],
        **common,
        "series": [
            {"name": label(indicator.label), "hue": indicator.quality, "data": [_number(row.cells[0]) for row in rows]}
        ],
        "doors": [door_of(question, found.columns[0], row) for row in rows],
    }


def _map_url(question: IndicatorQuestion) -> str:
    """The map of the areas beneath, where they have outlines and the split is theirs."""
    if question.by != "area" or question.period or not book()[DISTRICT].outlines(question.asked.area):
        return ""
    said = {"map": question.name, "area": question.asked.area, "as_of": question.asked.as_of}
    known = {"known_on": question.asked.known_on} if question.asked.known_on else {}
    return f"{reverse('desk:cockpit_map')}?{urlencode({**said, **known})}"


def _export(request: PageRequest, question: IndicatorQuestion, form: ExportForm) -> Export:
    found = question.split()
    by = question.by or ""
    first = ExportColumn("group", Label(zh="分组", en="Group") if by else Label(zh="范围", en="Of"))
    columns = [first]
    for column in found.columns:
        name = column.key or "value"
        title = _column_name(column, question)
        columns.append(ExportColumn(name, Label(zh=title, en=title)))
        columns.append(ExportColumn(f"{name}_numerator", Label(zh=f"{title} 分子", en=f"{title}: numerator")))
        if question.indicator.kind != "number":
            columns.append(ExportColumn(f"{name}_denominator", Label(zh=f"{title} 分母", en=f"{title}: denominator")))
    asked = question.asked
    area = book()[DISTRICT].area(asked.area)
    known = question.figures.known
    notes = [
        Label(zh=f"截至 {asked.as_of}，按 {known} 已知的事实计算", en=f"As of {asked.as_of}, as known on {known}"),
        Label(
            zh=f"定义版本 {book()[INDICATORS][question.name].edition}",
            en=f"Edition {book()[INDICATORS][question.name].edition}",
        ),
    ]
    if question.indicator.plan is not None:
        notes.insert(0, Label(zh=f"口径：{question.indicator.plan.zh}", en=f"Plan: {question.indicator.plan.en}"))
    place = area.name if area is not None else Label(zh=asked.area, en=asked.area)
    table = ExportTable(
        Label(zh=f"{place.zh}{question.indicator.label.zh}", en=f"{question.indicator.label.en}, {place.en}"),
        f"indicator:{question.name}",
        columns,
        list(_export_rows(question, found)),
        notes,
    )
    return make_export(
        table,
        purpose=form.cleaned_data["purpose"],
        format=form.cleaned_data["format"] or "xlsx",
        call=call_of(request),
        area=asked.area,
        language="zh" if chinese() else "en",
    )


def _export_rows(question: IndicatorQuestion, found: Split) -> Iterator[list[Cell]]:
    def cells(figures: Sequence[Figure | None]) -> Iterator[Cell]:
        for figure in figures:
            yield (None if figure is None else say(figure.zh, figure.en) if figure.value is None else figure.value)
            yield None if figure is None else figure.numerator
            if question.indicator.kind != "number":
                yield None if figure is None else figure.denominator

    for row in found.rows:
        yield [row_label(question, row.value), *cells(row.cells)]
    yield [say("合计", "Whole"), *cells(found.whole)]
